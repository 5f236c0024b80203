//! The accumulator's decisions: which batch a record goes into, when a batch is full, when it may leave.

use std::time::Duration;

use super::Closed;

/// Which batch a record goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Into the batch that is open.
    Open,
    /// Into a new one. If one is open, it is full.
    New,
}

/// Where a record goes that takes at most `incoming` bytes, if the batch that is open has `open` bytes.
///
/// A batch is not carried past `batch_size`. A new batch takes any record: one that is longer than `batch_size` gets a
/// batch of its own, as it cannot be cut.
pub fn placement(open: Option<usize>, incoming: usize, batch_size: usize) -> Placement {
    match open {
        Some(bytes) if bytes.saturating_add(incoming) <= batch_size => Placement::Open,
        _ => Placement::New,
    }
}

/// Whether a batch of so many bytes need not wait for more.
pub fn is_full(bytes: usize, batch_size: usize) -> bool {
    bytes >= batch_size
}

/// What the decision looks at: the first batch of a partition's queue, and the producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadyQuestion {
    /// Why the batch takes no more records, if it does not.
    pub closed: Option<Closed>,
    /// How long ago its first record came.
    pub waited: Duration,
    /// Whether somebody waits for memory (`buffer.memory`).
    pub is_exhausted: bool,
}

/// Why a batch may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadyReason {
    /// It has `batch.size` bytes, or had no room for a record.
    Full,
    /// Somebody flushes or closes the producer.
    Flushed,
    /// Its first record has waited for `linger.ms`.
    Lingered,
    /// No memory is left, so nothing is gained by waiting: no record could join.
    MemoryExhausted,
    /// It was sent before, and has rested.
    Rested,
}

/// Whether the batch may leave, and why. Kafka's rules (`RecordAccumulator.batchReady`):
///
/// - it is closed, because it is full or because somebody flushes;
/// - its first record has waited for `linger.ms`, or longer;
/// - the producer's memory is exhausted, and somebody waits for it.
///
/// If several hold, the first is named.
pub fn why_ready(question: &ReadyQuestion, linger: Duration) -> Option<ReadyReason> {
    match question.closed {
        Some(Closed::Full) => Some(ReadyReason::Full),
        Some(Closed::Flushed) => Some(ReadyReason::Flushed),
        None if question.waited >= linger => Some(ReadyReason::Lingered),
        None => question.is_exhausted.then_some(ReadyReason::MemoryExhausted),
    }
}
