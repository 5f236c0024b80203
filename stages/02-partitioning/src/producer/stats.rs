//! What a producer has done, in numbers.

use std::time::Duration;

/// Counted since the producer was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ProducerStats {
    /// Records that `send` took.
    pub records: u64,
    /// Records that are in the log.
    pub acknowledged: u64,
    /// Records that failed.
    pub failed: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Batches in those requests.
    pub batches: u64,
    /// Records in those batches.
    pub sent: u64,
    /// Bytes of those batches before compression.
    pub plain_bytes: u64,
    /// Bytes of those batches as they were sent.
    pub sent_bytes: u64,
    /// How often `send` had to wait for memory.
    pub waits: u64,
    /// How long `send` has waited for memory, all calls together.
    pub waited: Duration,
}
