//! When appended bytes are forced to the disk.
//!
//! A write lands in the operating system's page cache. If the *process* dies, the cache survives, and so does the record.
//! If the *machine* loses power, what was not flushed is gone. Flushing (`fsync`) closes that gap and costs a disk's
//! whole latency each time. Kafka's default is to flush when a segment is closed and when the broker stops, and otherwise
//! to keep copies on several machines, which seldom lose power together; stages 03 and 04 look at that bargain closely. A
//! single log has no copies, so here the choice is yours: the chapter measures it.

use std::any::Any;
use std::fmt;

use crate::Timestamp;

/// Decides after each append whether to flush now.
///
/// A policy has no state and no clock: all that it may look at is handed to it. So two logs can share one.
pub trait FlushPolicy: Any + fmt::Debug + Send + Sync {
    /// Whether `unflushed` should go to the disk before the append is answered.
    fn is_due(&self, unflushed: &Unflushed) -> bool;
}

/// What was appended since the last flush. Never empty when a policy sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unflushed {
    /// Offsets that the batches take, gaps inside them included.
    pub messages: u64,
    /// Bytes that were written.
    pub bytes: u64,
    /// When the oldest of it was appended, in milliseconds since 1970.
    pub since: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

impl Unflushed {
    /// Nothing waits.
    pub(crate) fn none() -> Self {
        Unflushed { messages: 0, bytes: 0, since: Timestamp::MAX, now: Timestamp::MIN }
    }
}

/// Kafka's default: leave it to the operating system, which writes its cache out within half a minute or so. A segment is
/// flushed when it is closed, under every policy.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageCache;

/// Flush before each append is answered: an answer means that the record survives a power failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct EveryAppend;

/// `flush.messages`: flush once so many records wait.
#[derive(Debug, Clone, Copy)]
pub struct EveryMessages(pub u64);

/// `flush.ms`: flush once a record has waited so many milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct EveryMillis(pub i64);

/// Both of Kafka's settings: flush when the first of them asks for it. [`LogConfig::set`](crate::LogConfig::set) makes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FlushLimits {
    /// `flush.messages`: as [`EveryMessages`]; `None` counts nothing.
    pub messages: Option<u64>,
    /// `flush.ms`: as [`EveryMillis`]; `None` measures no time.
    pub ms: Option<i64>,
}

impl FlushPolicy for PageCache {
    fn is_due(&self, _unflushed: &Unflushed) -> bool {
        false
    }
}

impl FlushPolicy for EveryAppend {
    fn is_due(&self, _unflushed: &Unflushed) -> bool {
        true
    }
}

impl FlushPolicy for EveryMessages {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        unflushed.messages >= self.0
    }
}

impl FlushPolicy for EveryMillis {
    /// A clock that was set back makes the wait look negative. Then nobody knows how long it was, and a flush is safe.
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        let waited = unflushed.now.saturating_sub(unflushed.since);
        waited >= self.0 || waited < 0
    }
}

impl FlushPolicy for FlushLimits {
    fn is_due(&self, unflushed: &Unflushed) -> bool {
        self.messages.is_some_and(|messages| EveryMessages(messages).is_due(unflushed))
            || self.ms.is_some_and(|ms| EveryMillis(ms).is_due(unflushed))
    }
}
