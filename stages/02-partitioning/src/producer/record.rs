//! Records as a program sends them, and what it learns of them.

use std::sync::Arc;

use bytes::Bytes;
use segment_log::{Header, Offset, Record, Timestamp};

use crate::api::TopicPartition;
use crate::host::Clock;

/// A record, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerRecord {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition; if there is none, the partitioner chooses.
    pub partition: Option<u32>,
    /// Milliseconds since 1970; if there is none, the time at which it is sent.
    pub timestamp: Option<Timestamp>,
    /// What it is about.
    pub key: Option<Bytes>,
    /// The data; null is a tombstone.
    pub value: Option<Bytes>,
    /// Annotations, in order.
    pub headers: Vec<Header>,
}

impl ProducerRecord {
    /// A record with a value, and a key or none.
    pub fn new<'k>(topic: impl Into<Arc<str>>, key: impl Into<Option<&'k str>>, value: impl Into<Bytes>) -> Self {
        ProducerRecord {
            topic: topic.into(),
            partition: None,
            timestamp: None,
            key: key.into().map(|key| Bytes::copy_from_slice(key.as_bytes())),
            value: Some(value.into()),
            headers: Vec::new(),
        }
    }

    /// The same for this partition.
    pub fn to_partition(mut self, partition: u32) -> Self {
        self.partition = Some(partition);
        self
    }

    /// The same with a time of its own, in milliseconds since 1970.
    pub fn at_time(mut self, timestamp: Timestamp) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// The topic, and the record as it is stored.
    pub(super) fn stamped(self, clock: &Clock) -> (Arc<str>, Record) {
        let ProducerRecord { topic, partition: _, timestamp, key, value, headers } = self;
        (topic, Record { timestamp: timestamp.unwrap_or_else(|| clock.now()), key, value, headers })
    }
}

/// The offset of a record of which nobody says where it is (`acks=0`, stage 04).
pub const NO_OFFSET: Offset = -1;

/// Where a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordMetadata {
    /// Its partition.
    pub at: TopicPartition,
    /// Its offset there, or [`NO_OFFSET`].
    pub offset: Offset,
    /// Its timestamp there, which is the log's own if the log sets it (`message.timestamp.type=LogAppendTime`).
    pub timestamp: Timestamp,
    /// How often its batch had to be sent again (stage 04).
    pub retries: u32,
}
