//! How long each of many things took: half of them less than this, and all but one in a hundred less than that.
//!
//! A mean hides what hurts. So the whole distribution is kept, in buckets that are wider the longer the time: 32 for each
//! doubling, so that a time is known within three per cent. That is a few kilobytes, however many times are noted, and
//! noting one is one addition, from any thread.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets for each doubling, as a power of two.
const BITS: u32 = 5;
/// Up to this many microseconds each has a bucket of its own.
const EXACT: u64 = 1 << BITS;
const BUCKETS: usize = ((u64::BITS - BITS + 1) * EXACT as u32) as usize;

/// Times that were noted.
pub struct Latencies {
    /// Counts, by bucket.
    buckets: Box<[AtomicU64]>,
}

impl Default for Latencies {
    fn default() -> Self {
        Latencies { buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Latencies {
    /// Notes one.
    pub fn note(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// How many were noted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// The time that so large a share did not exceed: 0.5 gives the median, 0.99 what all but one in a hundred kept to. `None`
    /// if none was noted.
    pub fn percentile(&self, share: f64) -> Option<Duration> {
        let rank = ((self.count() as f64 * share).ceil() as u64).max(1);
        let mut below = 0;
        let reaches = |count: &AtomicU64| {
            below += count.load(Ordering::Relaxed);
            below >= rank
        };
        let bucket = self.buckets.iter().position(reaches)?;
        Some(Duration::from_micros(longest(bucket)))
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [half, most] = [0.5, 0.99].map(|share| self.percentile(share));
        write!(f, "Latencies({} noted, p50 {half:?}, p99 {most:?})", self.count())
    }
}

/// The bucket of a time: its highest bit, and the five bits behind that.
fn bucket(micros: u64) -> usize {
    if micros < EXACT {
        return micros as usize;
    }
    let shift = micros.ilog2() - BITS;
    (u64::from(shift) * EXACT + (micros >> shift)) as usize
}

/// The longest time of a bucket, in microseconds.
fn longest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return bucket;
    }
    let shift = bucket / EXACT - 1;
    let first = (EXACT + bucket % EXACT) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_in_the_bucket_that_ends_at_or_behind_it_within_three_per_cent() {
        let edges = (0..64).flat_map(|bit| [1u64 << bit, (1 << bit) - 1, (1 << bit) + 1]);
        for micros in (0..5_000).chain(edges).chain([u64::MAX]) {
            let longest = longest(bucket(micros));
            assert!(longest >= micros && longest - micros <= micros / 32, "{micros} is in the bucket to {longest}");
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_the_times() {
        let latencies = Latencies::default();
        assert_eq!(latencies.percentile(0.5), None);
        (1..=1000).for_each(|millis| latencies.note(Duration::from_millis(millis)));
        assert_eq!(latencies.count(), 1000);
        for (share, millis) in [(0.0, 1.0), (0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let found = latencies.percentile(share).expect("some were noted").as_secs_f64() * 1000.0;
            assert!((millis..=millis * 1.04).contains(&found), "share {share} is {found} ms, and {millis} ms is right");
        }
    }
}
