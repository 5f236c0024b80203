//! Partitioners: which partition a record goes to.
//!
//! Two wishes pull in different directions. Records about the same thing must stay in order, so they must go to the same
//! partition: that is what the key is for. And the work must be spread over all partitions, or a topic is no faster than
//! one log. A partitioner is a choice between the two.
//!
//! ```text
//!    record.partition?  ──yes──▶  that one                                    the caller knows best
//!          │ no
//!    record.key?        ──yes──▶  murmur2(key) mod n           ByKey          same key, same partition
//!          │ no
//!          └────────────────────▶ one partition for a while    StickyByBytes  few large batches, spread over time
//! ```
//!
//! That is [`DefaultPartitioner`], and Kafka's default since 3.3. The parts can be had alone, and two older ones with them:
//! [`RoundRobin`], which spreads best and batches worst, and [`Sticky`], which came between (KIP-480).
//!
//! A key can be too much for one partition. [`Salted`] spreads each key over a few, and gives its order up for that.
//!
//! The hash is part of the protocol, though no byte of it is on the wire. Two programs that write the same key must find
//! the same partition, in whatever language they are written. So it is the one of Kafka's Java client, bit for bit
//! ([`murmur2`](fn@murmur2)). Not all clients have it by default: librdkafka's is a CRC-32 (`partitioner=consistent_random`), and there
//! `murmur2_random` is the one that agrees with Java.
//!
//! ## What a partitioner may look at
//!
//! It is asked once for each record that names no partition itself, when there is memory for the record. It sees the record
//! ([`Candidate`]) and the topic ([`Topic`]): how many partitions there are, which have a leader, how many batches wait for
//! each, and whether the batch that is open takes one more record. It may keep a state of its own. There is one partitioner
//! for each topic, so that state is about one topic. Randomness is handed in when it is made.
//!
//! ## Left out
//!
//! `partitioner.availability.timeout.ms`, by which Kafka leaves out brokers that have not taken anything for a while.

mod by_key;
mod kind;
mod murmur2;
mod round_robin;
mod salted;
mod sticky;
mod sticky_by_bytes;

use std::fmt;

pub use by_key::{ByKey, partition_for_key};
pub use kind::PartitionerKind;
pub use murmur2::murmur2;
pub use round_robin::RoundRobin;
pub use salted::Salted;
pub use sticky::Sticky;
pub use sticky_by_bytes::{StickyByBytes, cumulative_weights, drawn_index};

use crate::error::{Error, Result};

/// Chooses a partition for each record of one topic.
///
/// What the producer owes: it asks once for each record that names no partition, in the order in which it appends them,
/// appends the record to the answer, and says how many bytes that took. What the partitioner owes: a partition below
/// [`Topic::partitions`]; anything else fails the record.
///
/// ```
/// use partitioning::producer::partitioner::{Candidate, Partitioner, Topic};
///
/// /// Short records to partition 0, so that long ones do not hold them up.
/// #[derive(Debug)]
/// struct BySize;
///
/// impl Partitioner for BySize {
///     fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
///         if record.size < 1_000 { 0 } else { topic.partitions() - 1 }
///     }
/// }
/// ```
pub trait Partitioner: fmt::Debug + Send + 'static {
    /// The partition that `record` goes to.
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32;

    /// The record is in a batch for `partition`, where this partitioner sent it, and took so many bytes there.
    fn appended(&mut self, _record: &Candidate<'_>, _partition: u32, _bytes: usize) {}
}

/// A record that needs a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// What it is about.
    pub key: Option<&'a [u8]>,
    /// Its data.
    pub value: Option<&'a [u8]>,
    /// The most bytes that it adds to a batch, before compression.
    pub size: usize,
}

/// What a partitioner sees of its topic. The partitions that it asks about are below [`partitions`](Self::partitions).
pub trait Topic {
    /// How many partitions there are; never 0. They can grow in number, and never shrink: a topic that was deleted and made
    /// anew gets a new partitioner.
    fn partitions(&self) -> u32;

    /// Whether some broker leads the partition. A record for a partition that nobody leads waits, or fails.
    fn has_leader(&self, partition: u32) -> bool;

    /// How many batches of this producer wait for the partition, the open one included.
    fn waiting(&self, partition: u32) -> usize;

    /// Offers a record of at most so many bytes to the batch that is open for the partition, and says whether it would
    /// take it. A batch that would not is full: it closes and leaves, and no batch is open there. Then a partitioner is
    /// free to go elsewhere without leaving a batch behind that is half full.
    fn offer(&mut self, partition: u32, bytes: usize) -> bool;
}

/// The partitions with a leader, or all of them if none has one: then it does not matter.
fn available(topic: &dyn Topic) -> Vec<u32> {
    let all = 0..topic.partitions();
    let led: Vec<u32> = all.clone().filter(|&partition| topic.has_leader(partition)).collect();
    if led.is_empty() { all.collect() } else { led }
}

/// Kafka's default since 3.3: by key if there is one, else sticky by bytes.
#[derive(Debug)]
pub struct DefaultPartitioner {
    keyed: ByKey,
    unkeyed: StickyByBytes,
}

impl DefaultPartitioner {
    /// For records without a key, `unkeyed` decides.
    pub fn new(unkeyed: StickyByBytes) -> Self {
        DefaultPartitioner { keyed: ByKey, unkeyed }
    }
}

impl Partitioner for DefaultPartitioner {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        match record.key {
            Some(_) => self.keyed.partition(record, topic),
            None => self.unkeyed.partition(record, topic),
        }
    }

    fn appended(&mut self, record: &Candidate<'_>, partition: u32, bytes: usize) {
        if record.key.is_none() {
            self.unkeyed.appended(record, partition, bytes);
        }
    }
}

/// `partition`, if the topic `name` has it.
///
/// # Errors
///
/// [`Error::NoPartition`].
pub fn existing(partition: u32, name: &str, count: u32) -> Result<u32> {
    if partition < count { Ok(partition) } else { Err(Error::NoPartition { topic: name.to_owned(), partition, count }) }
}
