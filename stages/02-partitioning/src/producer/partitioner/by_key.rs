//! Same key, same partition.

use super::murmur2::murmur2;
use super::{Candidate, Partitioner, Topic};

/// By the key's hash. A record without a key goes where an empty key does: all of them to one partition. That is seldom
/// wanted, and [`DefaultPartitioner`](super::DefaultPartitioner) does better.
#[derive(Debug, Clone, Copy)]
pub struct ByKey;

impl Partitioner for ByKey {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        partition_for_key(record.key.unwrap_or_default(), topic.partitions())
    }
}

/// The partition of a key among `partitions` of them: the hash without its sign, and what is left of it after a division
/// (`BuiltInPartitioner.partitionForKey`).
///
/// Who has a leader does not matter. A key has one partition and waits for it, as records that went elsewhere meanwhile
/// would be out of order. But the count does matter: when a topic grows, most keys move.
///
/// # Panics
///
/// If there are no partitions.
pub fn partition_for_key(key: &[u8], partitions: u32) -> u32 {
    // Kafka's `toPositive`. The absolute value would not do: that of the lowest number is itself.
    let positive = murmur2(key) & i32::MAX;
    positive as u32 % partitions
}
