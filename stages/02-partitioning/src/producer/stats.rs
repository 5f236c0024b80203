//! What a producer has done, in numbers.

use std::time::Duration;

use super::accumulator::ProducerBatch;
use crate::api::TopicPartition;

/// Counted since the producer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProducerStats {
    /// Records that `send` took.
    pub records: u64,
    /// Records that are in the log; or were sent, where nothing more is waited for.
    pub acknowledged: u64,
    /// Records that failed.
    pub failed: u64,
    /// Those of them that failed because `delivery.timeout.ms` was over (stage 04).
    pub expired: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Batches in those requests.
    pub batches: u64,
    /// Records in those batches.
    pub sent: u64,
    /// How often a batch came back to be sent again (stage 04).
    pub retries: u64,
    /// Bytes of those batches before compression.
    pub plain_bytes: u64,
    /// Bytes of those batches as they were sent.
    pub sent_bytes: u64,
    /// How often `send` had to wait for memory.
    pub waits: u64,
    /// How long `send` has waited for memory, all calls together.
    pub waited: Duration,
}

/// A batch that waits, as seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedBatch {
    /// Where it goes.
    pub at: TopicPartition,
    /// How many records it has.
    pub records: usize,
    /// Its bytes before compression.
    pub bytes: usize,
    /// Whether it takes more records.
    pub is_open: bool,
}

impl QueuedBatch {
    pub(super) fn of<T>(batch: &ProducerBatch<T>) -> Self {
        let (records, bytes) = (batch.tickets().len(), batch.bytes());
        QueuedBatch { at: batch.at().clone(), records, bytes, is_open: batch.is_open() }
    }
}
