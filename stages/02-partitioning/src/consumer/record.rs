//! What the application gets.

use bytes::Bytes;
use segment_log::batch::{SharedHeaders, SharedRecord};
use segment_log::{Offset, Timestamp};

use crate::api::TopicPartition;

/// A record, and where it is from.
///
/// Key, value and headers are pieces of what was fetched, and keep all of it in memory: the batch, if it was compressed; else
/// all that came of the partition in that answer. Whoever keeps few of many records for long copies them
/// ([`Bytes::copy_from_slice`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRecord {
    /// The partition.
    pub at: TopicPartition,
    /// Its place there.
    pub offset: Offset,
    /// Milliseconds since 1970: the producer's time, or the log's if the topic says so.
    pub timestamp: Timestamp,
    /// What the record is about.
    pub key: Option<Bytes>,
    /// The data; null is a tombstone.
    pub value: Option<Bytes>,
    /// Names and values, in order.
    pub headers: SharedHeaders,
}

impl ConsumerRecord {
    /// A record of partition `at`.
    pub(super) fn new(at: TopicPartition, record: SharedRecord) -> Self {
        let SharedRecord { offset, timestamp, key, value, headers } = record;
        ConsumerRecord { at, offset, timestamp, key, value, headers }
    }
}
