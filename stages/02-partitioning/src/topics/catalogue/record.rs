//! One decision, as a record: the topic's name is its key, and what is to be known of the topic its value.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use segment_log::codec::{self, CodecError};
use segment_log::{Batch, BatchBuilder, Compression, Record, RecordRef, Timestamp};
use serde::{Deserialize, Serialize};

use super::judge_partitions;
use crate::api::TopicId;
use crate::topics::name::judge_name;

/// The version byte before each value.
const RECORD_VERSION: u8 = 1;

/// What the catalogue says of a topic: the value of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicRecord {
    /// It tells the topic from others that had or will have its name.
    pub id: TopicId,
    /// How many partitions it has.
    pub partitions: u32,
    /// How many brokers keep a copy of each.
    pub replication_factor: u16,
    /// What was set for this topic alone, by Kafka's names.
    pub configs: BTreeMap<String, String>,
    /// It is gone, and its folders may not be, yet.
    pub deleted: bool,
}

impl TopicRecord {
    /// As a record's value.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(RECORD_VERSION, self)
    }

    /// From a record's value.
    ///
    /// # Errors
    ///
    /// [`CodecError::Version`] if another version of this program wrote it; the others if it is damaged.
    pub fn decode(value: &[u8]) -> Result<Self, CodecError> {
        codec::decode(RECORD_VERSION, value)
    }
}

/// One decision, as a batch for the catalogue's log. `None` frees the name of a deleted topic.
pub fn decision(name: &str, record: Option<&TopicRecord>, now: Timestamp) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    let (key, value) = (Bytes::copy_from_slice(name.as_bytes()), record.map(|record| record.encode().into()));
    batch.push(&Record { timestamp: now, key: Some(key), value, headers: Vec::new() });
    batch.build().expect("nothing is compressed")
}

/// Name and value of a record, if both can be.
pub(super) fn read(record: &RecordRef<'_>) -> Result<(Arc<str>, Option<TopicRecord>), String> {
    let broken = |what: String| format!("the record at offset {}: {what}", record.offset);
    let key = record.key.ok_or_else(|| broken("it has no key, which is the topic's name".to_owned()))?;
    let name = std::str::from_utf8(key).map_err(|_| broken("its key is not text".to_owned()))?;
    judge_name(name).map_err(|error| broken(error.to_string()))?;
    let Some(value) = record.value else { return Ok((name.into(), None)) };
    let value = TopicRecord::decode(value).map_err(|error| broken(format!("the topic `{name}`: {error}")))?;
    judge_partitions(name, value.partitions).map_err(|refusal| broken(refusal.message))?;
    Ok((name.into(), Some(value)))
}
