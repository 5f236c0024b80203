//! State behind a log of decisions.
//!
//! A controller, a transaction coordinator (stage 06) and a group coordinator (07) have the same problem. Each takes requests,
//! decides, and must never forget or take back what it has told somebody. So none of them keeps its state on a disk. Each keeps
//! a log of its decisions, and the state is a fold over that log.
//!
//! ```text
//!   request ──▶ [ the machine: judges, decides ] ──▶ records ──▶ log ──▶ committed ──▶ reply
//!                        ▲                             │
//!                        └────────── replay ◀──────────┘      the only thing that changes what is decided
//! ```
//!
//! A [`Machine`] is pure: no I/O, no clock, no randomness but what it was given. The [`Runner`] does the rest.
//!
//! **Two times.** A record is learned at once, so that the next request is judged with it in mind, and *replied to* only when
//! it is committed: when the log's high watermark has passed it. So it is with what a new leader finds in the log. If the log is lost meanwhile, the reply never leaves, the runner
//! ends, and what was learned too early is thrown away with the machine: the next one is made from what the log holds. On a local log the two
//! times are the same. On a replicated log (06, 07) and on a Raft log (08) they are not, and the runner does not notice.
//!
//! **One at a time.** A runner is one task. A decision sees all decisions before it. What must not wait for others belongs to
//! another machine.

mod runner;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use segment_log::Timestamp;

pub use runner::{Runner, RunnerConfig, decisions};

/// When something happens. A machine is told; it has no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time of day, for what goes into records: a replay may be years later, on another machine.
    pub wall: Timestamp,
    /// Time since the runner began, on a clock that never goes back: for deadlines. Never goes into a record.
    pub uptime: Duration,
}

/// A decision, as a record of a log: a key, and what is so from now on; or that it is not any more.
pub trait Decision: fmt::Debug + Clone + Send + Sized + 'static {
    /// The record's key and value; a decision that takes something away has no value (a *tombstone*).
    fn to_parts(&self) -> (Bytes, Option<Bytes>);

    /// From a record's key and value.
    ///
    /// # Errors
    ///
    /// What is wrong. A record that cannot be read is never skipped: whoever replays stops there.
    fn from_parts(key: &[u8], value: Option<&[u8]>) -> Result<Self, String>;
}

/// See the [module](self). Its requests are methods of its own: each gives what it has [`Decided`], and changes nothing that a
/// record could change. What is no decision (who was heard of when) it may keep beside, and loses when it is made anew.
pub trait Machine: fmt::Debug + Send + 'static {
    /// What it decides.
    type Record: Decision;

    /// Learns a decision: one of its own that was just made, or an old one. Must bear any record of its log in any order in
    /// which a log can hold them, whether it would decide so today or not.
    fn replay(&mut self, record: &Self::Record);

    /// Decides what follows from the time having come. Called when the [`deadline`](Self::deadline) has passed, and may be
    /// called at any other time. Afterwards the deadline lies ahead.
    fn tick(&mut self, _now: Moment) -> Vec<Self::Record> {
        Vec::new()
    }

    /// The uptime at which [`tick`](Self::tick) will have something to do.
    fn deadline(&self) -> Option<Duration> {
        None
    }
}

/// What a request has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<R, T> {
    /// Decisions, which stand together: the log holds all of them or none.
    pub records: Vec<R>,
    /// What is said to whoever asked, once they are committed.
    pub reply: T,
}

impl<R, T> Decided<R, T> {
    /// Nothing to decide: `reply` can be said at once, and holds as long as what was decided before is committed.
    pub fn nothing(reply: T) -> Self {
        Decided { records: Vec::new(), reply }
    }

    /// The same decisions with another reply.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Decided<R, U> {
        Decided { records: self.records, reply: with(self.reply) }
    }
}
