//! The accumulator: records wait here until they leave in batches (Kafka's `RecordAccumulator`).
//!
//! A request costs about the same whether it carries one record or a thousand, and a codec that sees a thousand records
//! at once finds more to save. So a producer lets records wait for company. For how long is a bargain: `linger.ms` bounds
//! the wait, `batch.size` ends it early.
//!
//! ```text
//!                 ┌ first                       last ┐
//!    orders-0     ▐████████████▌ ▐████████████▌ ▐███░░░░░▌ ◀── append
//!    orders-1     ▐██░░░░░░░░░▌
//!    payments-0   ▐████████████▌
//!                   │              │              │
//!                   full: ready    full: waits    open: ready when it has lingered
//!                                  for its turn
//! ```
//!
//! Each partition has a queue of batches. Records go into the last one, requests take the first one. So a partition's
//! records leave in the order in which they came.
//!
//! A batch whose request failed may come back, to be sent again ([`put_back`](Accumulator::put_back)). It takes no more records,
//! and goes to the front of its queue. There it rests until its time to wait is over, and nothing behind it leaves before:
//! otherwise what stands behind it would be in the log first.
//!
//! ```text
//!    orders-0     ▐███ resting ███▌ ▐████████████▌ ▐███░░░░░▌
//!                   ▲ its time is not over          all of these wait for it
//! ```
//!
//! ## Invariants
//!
//! - Only the last batch of a queue is open. All before it are closed or were sent before, and take no more records.
//! - In a queue the numbers of the batches ascend.
//! - No batch is empty, and no queue is.
//! - A batch is at most [`batch_size`](AccumulatorConfig::batch_size) long before compression, unless it holds one record
//!   alone that is longer.
//! - Batches are numbered in the order in which they were begun, so "all records until now" is "all batches below this
//!   number", once the open ones are closed.
//!
//! No I/O happens here, and no clock is read: `now` is an argument. What rides along with each record, its ticket, is the
//! caller's.
//!
//! ## Left out
//!
//! Kafka counts compressed bytes against `batch.size`, as it estimates them from earlier batches. Here the bytes before
//! compression count, so a compressed batch is smaller than `batch.size`. If a broker refuses a batch of several records as
//! `MESSAGE_TOO_LARGE`, Kafka splits it and sends the parts (KIP-126); here all its records fail. Kafka sends a batch that has
//! come back at once if its partition has another leader by then (KIP-951); here it rests all the same.

mod batch;
mod past;
mod rules;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use segment_log::{Compression, Record};
use tokio::time::Instant;

use crate::api::{MAX_ENTRIES, TopicPartition};

pub use batch::{Closed, ProducerBatch};
pub use past::{Past, Tries};
pub use rules::{Placement, ReadyQuestion, ReadyReason, is_full, placement, why_ready};

/// How records wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccumulatorConfig {
    /// `batch.size`: bytes of a batch before compression.
    pub batch_size: usize,
    /// `linger.ms`: how long a batch waits for more records, from its first one on.
    pub linger: Duration,
    /// `compression.type`.
    pub compression: Compression,
}

/// Records that wait, in batches, by partition. `T` is a ticket: whatever the caller wants back with each record.
#[derive(Debug)]
pub struct Accumulator<T> {
    config: AccumulatorConfig,
    queues: BTreeMap<TopicPartition, VecDeque<ProducerBatch<T>>>,
    next_number: u64,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The number of the record's batch.
    pub batch: u64,
    /// Bytes that were added, before compression. A new batch's header is among them.
    pub bytes: usize,
    /// The record began the batch.
    pub is_new: bool,
    /// A batch is full now that was not before: the record's own, or the one that had no room for it.
    pub has_filled: bool,
}

impl<T> Accumulator<T> {
    /// Without records.
    pub fn new(config: AccumulatorConfig) -> Self {
        Accumulator { config, queues: BTreeMap::new(), next_number: 0 }
    }

    /// Adds a record behind all others of its partition.
    pub fn append(&mut self, at: &TopicPartition, record: &Record, ticket: T, now: Instant) -> Appended {
        let AccumulatorConfig { batch_size, compression, .. } = self.config;
        let mut has_filled = false;
        let is_new = self.open(at).is_none_or(|batch| {
            has_filled = placement(Some(batch.bytes()), batch.growth(record), batch_size) == Placement::New;
            if has_filled {
                batch.close(Closed::Full);
            }
            has_filled
        });
        // Not `entry`, which would want a partition's name of its own for each record.
        if !self.queues.contains_key(at) {
            self.queues.insert(at.clone(), VecDeque::new());
        }
        let queue = self.queues.get_mut(at).expect("it is there");
        if is_new {
            queue.push_back(ProducerBatch::new(self.next_number, at.clone(), compression, now));
            self.next_number += 1;
        }
        let batch = queue.back_mut().expect("an open batch is there");
        let bytes = batch.push(record, ticket);
        if is_full(batch.bytes(), batch_size) {
            batch.close(Closed::Full);
            has_filled = true;
        }
        Appended { batch: batch.number(), bytes, is_new, has_filled }
    }

    /// Whether the batch that is open for the partition takes a record of at most `bytes` bytes. If it does not, it is
    /// full, and closes.
    pub fn offer(&mut self, at: &TopicPartition, bytes: usize) -> bool {
        let batch_size = self.config.batch_size;
        self.open(at).is_some_and(|batch| {
            let takes = placement(Some(batch.bytes()), bytes, batch_size) == Placement::Open;
            if !takes {
                batch.close(Closed::Full);
            }
            takes
        })
    }

    /// The batches that wait, by partition, each queue from its first batch on.
    pub fn batches(&self) -> impl Iterator<Item = &ProducerBatch<T>> {
        self.queues.values().flatten()
    }

    /// The first batch of each partition: those that may leave next.
    pub fn firsts(&self) -> impl Iterator<Item = &ProducerBatch<T>> {
        self.queues.values().map(|queue| &queue[0])
    }

    /// The first batch of the partition.
    pub fn first(&self, at: &TopicPartition) -> Option<&ProducerBatch<T>> {
        Some(&self.queues.get(at)?[0])
    }

    /// Takes that batch.
    pub fn take(&mut self, at: &TopicPartition) -> Option<ProducerBatch<T>> {
        let queue = self.queues.get_mut(at)?;
        let first = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(at);
        }
        first
    }

    /// How many batches wait for the partition.
    pub fn waiting(&self, at: &TopicPartition) -> usize {
        self.queues.get(at).map_or(0, VecDeque::len)
    }

    /// Whether a batch waits for a partition of the topic.
    pub fn waits_for(&self, topic: &str) -> bool {
        self.queues.keys().any(|at| &*at.topic == topic)
    }

    /// Whether no record waits.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }

    /// The number that the next batch will have.
    pub fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Closes all open batches, so that all records until now leave without lingering. They are in batches whose numbers
    /// are below the one that this gives, and later records are not.
    pub fn flush(&mut self) -> u64 {
        for batch in self.queues.values_mut().filter_map(VecDeque::back_mut).filter(|batch| batch.is_open()) {
            batch.close(Closed::Flushed);
        }
        self.next_number
    }

    /// Takes a batch back that was under way: before all that were begun after it. Kafka puts it before *all* others, unless
    /// the producer is idempotent, so that batches that were lost together come back in the wrong order
    /// (`RecordAccumulator.reenqueue`, `insertInSequenceOrder`).
    pub fn put_back(&mut self, batch: ProducerBatch<T>) {
        let queue = self.queues.entry(batch.at().clone()).or_default();
        let place = queue.partition_point(|other| other.number() < batch.number());
        queue.insert(place, batch);
    }

    /// The partitions whose first batch rests, as it has come back. They are not for [`drain`](Self::drain).
    pub fn resting(&self, now: Instant) -> impl Iterator<Item = &TopicPartition> {
        self.queues
            .iter()
            .filter(move |(_, queue)| rests_until(&queue[0]).is_some_and(|until| until > now))
            .map(|(at, _)| at)
    }

    /// The partitions whose first batch may leave, and why. `is_exhausted`: somebody waits for the memory that the records
    /// here take.
    pub fn ready(&self, now: Instant, is_exhausted: bool) -> impl Iterator<Item = (&TopicPartition, ReadyReason)> {
        self.queues.iter().filter_map(move |(at, queue)| {
            if let Some(until) = rests_until(&queue[0]) {
                return (until <= now).then_some((at, ReadyReason::Rested));
            }
            let waited = now.saturating_duration_since(queue[0].begun());
            let question = ReadyQuestion { closed: queue[0].closed(), waited, is_exhausted };
            Some((at, why_ready(&question, self.config.linger)?))
        })
    }

    /// When more will be ready than is now, if nothing happens until then: the next time that a batch has lingered, or rested.
    pub fn next_deadline(&self, now: Instant) -> Option<Instant> {
        let deadline = |batch: &ProducerBatch<T>| {
            rests_until(batch).or_else(|| batch.is_open().then(|| batch.begun() + self.config.linger))
        };
        let deadlines = self.queues.values().filter_map(|queue| deadline(&queue[0]));
        deadlines.filter(|&deadline| deadline > now).min()
    }

    /// When the first record came of those that wait, those under way not counted.
    pub fn oldest(&self) -> Option<Instant> {
        self.queues.values().map(|queue| queue[0].begun()).min()
    }

    /// Takes all batches that were begun `after` ago or earlier, whether they rest or not, those of one partition in their
    /// order.
    pub fn take_overdue(&mut self, now: Instant, after: Duration) -> Vec<ProducerBatch<T>> {
        let mut taken = Vec::new();
        self.queues.retain(|_, queue| {
            let count = queue.iter().take_while(|batch| batch.begun() + after <= now).count();
            taken.extend(queue.drain(..count));
            !queue.is_empty()
        });
        taken
    }

    /// Takes the batches of one request: the first batch of each partition that `serves` names, as long as they have no
    /// more than `max_bytes` bytes together, before compression. The first of them is taken whatever its size.
    ///
    /// Partitions take turns. The walk begins after the partition `after`, the last one of the request before, so that those
    /// for which there was no room then come first now. Batches that are not ready leave with those that are, as in Kafka:
    /// the request is on its way anyway.
    pub fn drain(
        &mut self,
        after: Option<&TopicPartition>,
        max_bytes: usize,
        mut serves: impl FnMut(&TopicPartition) -> bool,
    ) -> Vec<ProducerBatch<T>> {
        let mut bytes = 0;
        let served = self.in_turn(after).filter(|(at, _)| serves(at));
        let fitting = served.take_while(|(_, first)| {
            let is_first = bytes == 0;
            bytes += first.bytes();
            is_first || bytes <= max_bytes
        });
        let taken: Vec<TopicPartition> = fitting.take(MAX_ENTRIES).map(|(at, _)| at.clone()).collect();
        taken.iter().filter_map(|at| self.take(at)).collect()
    }

    /// Takes all batches of the partitions for which `takes` holds, those of one partition in their order.
    pub fn take_where(&mut self, mut takes: impl FnMut(&TopicPartition) -> bool) -> Vec<ProducerBatch<T>> {
        let mut taken = Vec::new();
        self.queues.retain(|at, queue| {
            let stays = !takes(at);
            if !stays {
                taken.extend(queue.drain(..));
            }
            stays
        });
        taken
    }

    /// Partitions and their first batches: those behind `after`, then the others.
    fn in_turn(&self, after: Option<&TopicPartition>) -> impl Iterator<Item = (&TopicPartition, &ProducerBatch<T>)> {
        let split = after.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = self.queues.range::<TopicPartition, _>((split, Bound::Unbounded));
        let others = after.map(|after| self.queues.range::<TopicPartition, _>(..=after));
        behind.chain(others.into_iter().flatten()).map(|(at, queue)| (at, &queue[0]))
    }

    /// The batch that is open for the partition.
    fn open(&mut self, at: &TopicPartition) -> Option<&mut ProducerBatch<T>> {
        self.queues.get_mut(at)?.back_mut().filter(|batch| batch.is_open())
    }
}

/// Until when a batch rests that has come back.
fn rests_until<T>(batch: &ProducerBatch<T>) -> Option<Instant> {
    batch.past().map(|past| past.rests_until)
}
