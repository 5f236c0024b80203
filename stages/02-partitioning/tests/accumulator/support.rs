//! Accumulators with small numbers. A ticket is the record's own number.

use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::producer::accumulator::{Accumulator, AccumulatorConfig, Appended, ProducerBatch};
use segment_log::batch::HEADER_LEN;
use segment_log::{BatchBuilder, Compression, Record};
use tokio::time::Instant;

/// Batches of 200 bytes that linger for 10 ms.
pub(crate) const CONFIG: AccumulatorConfig =
    AccumulatorConfig { batch_size: 200, linger: Duration::from_millis(10), compression: Compression::None };

/// A batch's header.
pub(crate) const HEADER: usize = HEADER_LEN;

/// An accumulator, a clock, and a number for the next record.
pub(crate) struct Desk {
    pub(crate) accumulator: Accumulator<u64>,
    pub(crate) now: Instant,
    next: u64,
}

impl Desk {
    pub(crate) fn new(config: AccumulatorConfig) -> Self {
        Desk { accumulator: Accumulator::new(config), now: Instant::now(), next: 0 }
    }

    /// Adds a record that takes `bytes` bytes in its batch.
    pub(crate) fn append(&mut self, at: &TopicPartition, bytes: usize) -> Appended {
        self.next += 1;
        self.accumulator.append(at, &record(bytes), self.next - 1, self.now)
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    /// Which partitions are ready, and why.
    pub(crate) fn ready(&self) -> Vec<String> {
        told(self.accumulator.ready(self.now, false))
    }

    /// Milliseconds until the next deadline.
    pub(crate) fn deadline(&self) -> Option<u128> {
        self.accumulator.next_deadline(self.now).map(|deadline| (deadline - self.now).as_millis())
    }

    /// What one request takes, with room for `max_bytes`.
    pub(crate) fn drain(&mut self, after: Option<&TopicPartition>, max_bytes: usize) -> Vec<ProducerBatch<u64>> {
        self.accumulator.drain(after, max_bytes, |_| true)
    }

    /// The tickets of what one request takes.
    pub(crate) fn drained(&mut self) -> Vec<Vec<u64>> {
        self.drain(None, usize::MAX).iter().map(|batch| batch.tickets().to_vec()).collect()
    }
}

/// A record that takes `bytes` bytes in a batch, or a byte or two less where no value has such a length.
pub(crate) fn record(bytes: usize) -> Record {
    let with_value = |length: usize| Record::new(0, None, vec![b'v'; length]);
    let taken = |record: &Record| {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.push(record);
        builder.size() - HEADER
    };
    let fitting = (0..bytes).rev().map(with_value).find(|record| taken(record) <= bytes);
    fitting.unwrap_or_else(|| panic!("no record takes {bytes} bytes"))
}

/// The most bytes that a record may take, wherever it stands.
pub(crate) fn most(record: &Record) -> usize {
    BatchBuilder::new(Compression::None).size_with(record) - HEADER
}

pub(crate) fn told<'a, R: std::fmt::Debug>(ready: impl Iterator<Item = (&'a TopicPartition, R)>) -> Vec<String> {
    ready.map(|(at, why)| format!("{at} {why:?}")).collect()
}

/// Partition `partition` of `orders`.
pub(crate) fn at(partition: u32) -> TopicPartition {
    TopicPartition::new("orders", partition)
}
