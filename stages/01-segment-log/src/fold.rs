//! State that is derived from a log: the idea that the whole course rests on.
//!
//! *The log is the truth, and everything else is a fold over it.* Take a state, a function that a batch changes it by,
//! and the batches in order. Whoever applies the same batches gets the same state: the leader as it appends, the
//! follower as it copies, the same machine after a crash as it replays. So nobody has to send, save or repair the state.
//! Only the log must be right.
//!
//! ```text
//!     batch 0      batch 1      batch 2             the log
//!        │            │            │
//!        ▼            ▼            ▼
//!  s₀ ─apply─▶ s₁ ─apply─▶ s₂ ─apply─▶ s₃           the fold
//!                     │
//!                     └─ snapshot: start here instead of at s₀
//! ```
//!
//! A fold has no word for truncation. It cannot take a batch back, and need not: the log restores the newest snapshot
//! that lies before the cut and replays from there. Recovery after a crash is the same act.
//!
//! Two folds over one log are one fold, the pair `(A, B)`: both see every batch, and both restart at the same offset.

mod key_counts;

use serde::{Deserialize, Serialize};

use crate::batch::BatchView;
use crate::codec;
use crate::log::{AbortedTransaction, Appended, Origin};
use crate::{Offset, Timestamp};

pub use key_counts::KeyCounts;

/// A state, and how a batch changes it.
///
/// What the log owes: `check` then `apply` for each batch that it appends as leader, `apply` alone for a batch that it
/// copies or replays, each batch once and in the order of offsets; `restore` before any of them.
///
/// What the fold owes: `apply` depends on nothing but the state and the batch (no clock, no randomness, no I/O), and
/// `restore(snapshot())` gives back the same state. It does not fail: what is in the log has happened.
///
/// ```
/// use segment_log::{Appended, BatchView, Fold, Offset, Rejection};
///
/// /// The longest batch so far, in bytes.
/// #[derive(Default)]
/// struct Longest(usize);
///
/// impl Fold for Longest {
///     fn apply(&mut self, batch: &BatchView<'_>, _at: &Appended) {
///         self.0 = self.0.max(batch.size());
///     }
///     fn snapshot(&self) -> Vec<u8> {
///         self.0.to_be_bytes().to_vec()
///     }
///     fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
///         let Some(snapshot) = snapshot else {
///             self.0 = 0;
///             return Ok(());
///         };
///         self.0 = usize::from_be_bytes(snapshot.try_into().map_err(Rejection::new)?);
///         Ok(())
///     }
/// }
/// ```
pub trait Fold: Send + 'static {
    /// Whether there is no state at all. Then the log saves no snapshots, and never reads its batches for a replay.
    const STATELESS: bool = false;

    /// Judges a batch before it is written. Changes nothing, so that a refused batch leaves no trace.
    ///
    /// # Errors
    ///
    /// The fold's own [`Rejection`], which [`Log::append`](crate::Log::append) passes on.
    fn check(&self, _batch: &BatchView<'_>, _origin: &Origin) -> Result<Verdict, Rejection> {
        Ok(Verdict::Write)
    }

    /// Learns a batch that is now in the log. Its checksum holds.
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended);

    /// What lies below `high_watermark` is on every copy that counts, and stays (stage 03). It does not go back, unless the log is
    /// cut, and is said again after each replay.
    fn committed(&mut self, _high_watermark: Offset) {}

    /// From here on the log is not to be shown to readers of committed transactions; `None` if nothing of it is held back
    /// (stage 06).
    fn unstable(&self) -> Option<Offset> {
        None
    }

    /// The transaction that the last batch has aborted, if it has. Asked once after each [`apply`](Self::apply), and kept in an
    /// index beside the batch's segment (stage 06).
    fn aborted(&mut self) -> Option<AbortedTransaction> {
        None
    }

    /// Retention took a prefix of the log: it now starts at `log_start`. A fold may forget what lies before, and nothing
    /// else, as a replay says this once, at its end.
    fn start_moved(&mut self, _log_start: Offset) {}

    /// Time has passed, and it is `now`. A fold may forget what nobody has spoken of for too long (stage 05), and must be right
    /// without that. The log says it each time that it [looks for old segments](crate::Log::retain), also to a fold that has
    /// just replayed. It is the one thing that two copies of a log do not learn alike.
    fn time_passed(&mut self, _now: Timestamp) {}

    /// The state as bytes.
    fn snapshot(&self) -> Vec<u8>;

    /// Becomes the state that `snapshot` holds, or the state before the first batch.
    ///
    /// # Errors
    ///
    /// If the bytes are not a snapshot of this fold. The log then tries an older one, and at last `None`, which must
    /// work.
    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection>;
}

/// What to do with a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Append it.
    Write,
    /// It is in the log already, here. Answer as the first time and write nothing (stage 05).
    Duplicate(Appended),
}

/// A fold's own reason: not to take a batch, or not to restore a snapshot. Whoever knows the fold can ask for the
/// reason's type with [`Rejection::reason`].
#[derive(Debug)]
pub struct Rejection(Box<dyn std::error::Error + Send + Sync>);

impl Rejection {
    /// Wraps a reason.
    pub fn new(reason: impl std::error::Error + Send + Sync + 'static) -> Self {
        Rejection(Box::new(reason))
    }

    /// The reason, if it is an `E`.
    pub fn reason<E: std::error::Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// No state: a plain log.
impl Fold for () {
    const STATELESS: bool = true;

    fn apply(&mut self, _batch: &BatchView<'_>, _at: &Appended) {}

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        Ok(())
    }
}

/// The first says whether the second is asked: a duplicate for one is a duplicate for both.
impl<A: Fold, B: Fold> Fold for (A, B) {
    const STATELESS: bool = A::STATELESS && B::STATELESS;

    fn check(&self, batch: &BatchView<'_>, origin: &Origin) -> Result<Verdict, Rejection> {
        match self.0.check(batch, origin)? {
            Verdict::Write => self.1.check(batch, origin),
            duplicate => Ok(duplicate),
        }
    }

    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        self.0.apply(batch, at);
        self.1.apply(batch, at);
    }

    fn start_moved(&mut self, log_start: Offset) {
        self.0.start_moved(log_start);
        self.1.start_moved(log_start);
    }

    fn committed(&mut self, high_watermark: Offset) {
        self.0.committed(high_watermark);
        self.1.committed(high_watermark);
    }

    fn unstable(&self) -> Option<Offset> {
        self.0.unstable().into_iter().chain(self.1.unstable()).min()
    }

    fn aborted(&mut self) -> Option<AbortedTransaction> {
        // One log has one idea of transactions, so one of the two has nothing to say.
        let (first, second) = (self.0.aborted(), self.1.aborted());
        first.or(second)
    }

    fn time_passed(&mut self, now: Timestamp) {
        self.0.time_passed(now);
        self.1.time_passed(now);
    }

    fn snapshot(&self) -> Vec<u8> {
        codec::encode(PAIR_VERSION, &Pair { first: self.0.snapshot(), second: self.1.snapshot() })
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        let Some(snapshot) = snapshot else {
            self.0.restore(None)?;
            return self.1.restore(None);
        };
        let pair: Pair = codec::decode(PAIR_VERSION, snapshot).map_err(Rejection::new)?;
        self.0.restore(Some(&pair.first))?;
        self.1.restore(Some(&pair.second))
    }
}

const PAIR_VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct Pair {
    first: Vec<u8>,
    second: Vec<u8>,
}
