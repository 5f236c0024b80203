//! Topics to choose among: one whose state a test sets, and one whose batches fill up as records come.

use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::producer::accumulator::{Accumulator, AccumulatorConfig};
use partitioning::producer::partitioner::{Candidate, Partitioner, Topic};
use segment_log::{Compression, Record};
use tokio::time::Instant;

/// A topic in a state that the test sets, with notes of what it was offered.
#[derive(Debug, Clone)]
pub(crate) struct Still {
    pub(crate) partitions: Vec<Place>,
    /// The partitions that were offered a record, in order.
    pub(crate) offers: Vec<u32>,
}

/// A partition of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) has_leader: bool,
    pub(crate) waiting: usize,
    /// Bytes left in the open batch.
    pub(crate) room: Option<usize>,
}

/// Led, with nothing in it.
pub(crate) const EMPTY: Place = Place { has_leader: true, waiting: 0, room: None };
/// Nobody leads it.
pub(crate) const NOT_LED: Place = Place { has_leader: false, ..EMPTY };
/// A batch is open.
pub(crate) const OPEN: Place = Place { waiting: 1, room: Some(1_000), ..EMPTY };

impl Still {
    pub(crate) fn new(partitions: impl Into<Vec<Place>>) -> Self {
        Still { partitions: partitions.into(), offers: Vec::new() }
    }
}

impl Topic for Still {
    fn partitions(&self) -> u32 {
        self.partitions.len() as u32
    }

    fn has_leader(&self, partition: u32) -> bool {
        self.partitions[partition as usize].has_leader
    }

    fn waiting(&self, partition: u32) -> usize {
        self.partitions[partition as usize].waiting
    }

    fn offer(&mut self, partition: u32, bytes: usize) -> bool {
        self.offers.push(partition);
        let room = &mut self.partitions[partition as usize].room;
        let takes = room.is_some_and(|room| bytes <= room);
        if !takes {
            *room = None;
        }
        takes
    }
}

/// A record of 100 bytes without a key.
pub(crate) const PLAIN: Candidate<'static> = Candidate { key: None, value: Some(b"v"), size: 100 };

/// The same with a key.
pub(crate) fn keyed(key: &[u8]) -> Candidate<'_> {
    Candidate { key: Some(key), ..PLAIN }
}

/// So many choices in a row, in a topic whose state stays as it is.
pub(crate) fn choices(partitioner: &mut dyn Partitioner, topic: &mut Still, count: usize) -> Vec<u32> {
    (0..count).map(|_| partitioner.partition(&PLAIN, topic)).collect()
}

/// A topic over a real accumulator.
pub(crate) struct Filling {
    partitions: u32,
    pub(crate) accumulator: Accumulator<()>,
    pub(crate) now: Instant,
    /// Bytes that each partition got.
    pub(crate) bytes: Vec<usize>,
    /// The sizes of the batches that left.
    pub(crate) sent: Vec<usize>,
}

/// The batches of [`Filling`].
pub(crate) const BATCH_SIZE: usize = 1_000;

impl Filling {
    pub(crate) fn new(partitions: u32) -> Self {
        let linger = Duration::from_millis(100);
        let config = AccumulatorConfig { batch_size: BATCH_SIZE, linger, compression: Compression::None };
        Filling {
            partitions,
            accumulator: Accumulator::new(config),
            now: Instant::now(),
            bytes: vec![0; partitions as usize],
            sent: Vec::new(),
        }
    }

    /// Lets `partitioner` choose for a record with a value of so many bytes, and appends it.
    pub(crate) fn append(&mut self, partitioner: &mut dyn Partitioner, key: Option<&str>, length: usize) -> u32 {
        let record = Record::new(0, key, vec![b'v'; length]);
        let record_key = record.key.clone();
        // Ten bytes more than it can take with any key that is used here.
        let size = length + key.map_or(0, str::len) + 30;
        let candidate = Candidate { key: record_key.as_deref(), value: record.value.as_deref(), size };
        let partition = partitioner.partition(&candidate, self);
        let appended = self.accumulator.append(&at(partition), &record, (), self.now);
        partitioner.appended(&candidate, partition, appended.bytes);
        self.bytes[partition as usize] += appended.bytes;
        partition
    }

    /// Sends what is ready at partitions that `serves` names.
    pub(crate) fn send(&mut self, serves: impl Fn(u32) -> bool) {
        let ready: Vec<u32> = self.accumulator.ready(self.now, false).map(|(at, _)| at.partition).collect();
        let is_sent = |at: &TopicPartition| ready.contains(&at.partition) && serves(at.partition);
        let batches = self.accumulator.drain(None, usize::MAX, is_sent);
        self.sent.extend(batches.iter().map(|batch| batch.bytes()));
    }
}

impl Topic for Filling {
    fn partitions(&self) -> u32 {
        self.partitions
    }

    fn has_leader(&self, _partition: u32) -> bool {
        true
    }

    fn waiting(&self, partition: u32) -> usize {
        self.accumulator.waiting(&at(partition))
    }

    fn offer(&mut self, partition: u32, bytes: usize) -> bool {
        self.accumulator.offer(&at(partition), bytes)
    }
}

fn at(partition: u32) -> TopicPartition {
    TopicPartition::new("orders", partition)
}

/// Whether counts are as equal as chance makes them: the sum of squared deviations over the expected count is below
/// the value that a fair lot passes once in a thousand times (chi-square, for up to 11 partitions).
#[track_caller]
pub(crate) fn assert_balanced(counts: &[usize], weights: &[usize]) {
    const ONCE_IN_A_THOUSAND: [f64; 11] = [0.0, 10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12, 27.88, 29.59];
    let total: usize = counts.iter().sum();
    let all: usize = weights.iter().sum();
    let deviation = |(&count, &weight): (&usize, &usize)| {
        let expected = total as f64 * weight as f64 / all as f64;
        (count as f64 - expected).powi(2) / expected
    };
    let chi_square: f64 = counts.iter().zip(weights).map(deviation).sum();
    let bound = ONCE_IN_A_THOUSAND[counts.len() - 1];
    assert!(chi_square < bound, "{counts:?} for weights {weights:?}: chi-square {chi_square:.1}, and {bound} is rare");
}

/// How often each partition was chosen.
pub(crate) fn counts(choices: &[u32], partitions: usize) -> Vec<usize> {
    let mut counts = vec![0; partitions];
    for &choice in choices {
        counts[choice as usize] += 1;
    }
    counts
}
