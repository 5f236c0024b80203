//! What a transaction coordinator decides, as records of `__transaction_state`.
//!
//! ```text
//!   key                 value
//!   transaction pay-1   producer id and epoch, state, partitions, times        null: the id is forgotten
//! ```
//!
//! Each record says all that is known of its transactional id, so only the last one of each key counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use partitioning::TopicPartition;
use replication::machine::Decision;
use segment_log::{Timestamp, codec};
use serde::{Deserialize, Serialize};

use crate::state::TransactionState;

const VERSION: u8 = 1;

/// The longest transactional id, in bytes. Kafka has no limit but that of a string.
pub const MAX_ID: usize = 249;

/// Who a producer is: its id, and how often somebody has taken it over, or ended a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The producer id.
    pub id: i64,
    /// The epoch.
    pub epoch: i16,
}

/// A transactional id, as it is from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRecord {
    /// Who may write in its name. While markers are written, they say this too.
    pub producer: Identity,
    /// Who could before the epoch was raised last. One that asks again what it has asked as that one is answered, and not refused.
    pub previous: Option<Identity>,
    /// The producer id that comes when the markers are written, as there are no more epochs for this one.
    pub next_id: Option<i64>,
    /// `transaction.timeout.ms`: how long a transaction may be open.
    pub timeout_ms: u32,
    /// Where the transaction stands.
    pub state: TransactionState,
    /// The partitions that it has; those that are still to get a marker, once it is decided.
    pub partitions: BTreeSet<TopicPartition>,
    /// When the transaction began: its first partition was added. -1 if there is none.
    pub began: Timestamp,
    /// When this was decided.
    pub updated: Timestamp,
}

/// One decision: a transactional id is so from now on, or is forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionDecision {
    /// The transactional id.
    pub id: Arc<str>,
    /// What is so.
    pub record: Option<TransactionRecord>,
}

impl Decision for TransactionDecision {
    fn to_parts(&self) -> (Bytes, Option<Bytes>) {
        let key = format!("transaction {}", self.id).into_bytes().into();
        (key, self.record.as_ref().map(|record| codec::encode(VERSION, record).into()))
    }

    fn from_parts(key: &[u8], value: Option<&[u8]>) -> Result<Self, String> {
        let key = std::str::from_utf8(key).map_err(|_| "its key is not text".to_owned())?;
        let id = key.strip_prefix("transaction ").ok_or_else(|| format!("`{key}` is no key of this log"))?;
        let record = value.map(|value| codec::decode(VERSION, value)).transpose().map_err(|error| error.to_string())?;
        Ok(TransactionDecision { id: id.into(), record })
    }
}
