//! The states of a transaction, and which may follow which (Kafka's `TransactionState`).
//!
//! ```text
//!                        add a partition              commit                 all markers are written
//!   Empty ─────────────▶ Ongoing ──────────▶ PrepareCommit ─────────────────▶ CompleteCommit ──╮
//!     ▲                    │  ▲ add more                                                       │ the next transaction
//!     │                    │ abort, or its time is over                                        ├──▶ Ongoing
//!     │                    ├───────────────▶ PrepareAbort ──────────────────▶ CompleteAbort ───╯
//!     │                    ╰▶ PrepareEpochFence ▲
//!     ╰──── another producer takes the id over ─┴───── (from Empty and Complete…: at once)
//!
//!   Dead: nobody has used the id for transactional.id.expiration.ms, and it is forgotten
//! ```
//!
//! The decision is the step to `PrepareCommit` or `PrepareAbort`. It is one record in one log, so it is made or it is not. All that
//! comes after it, however long it takes and whoever does it, only carries it out.

use std::fmt;

use serde::{Deserialize, Serialize};

use segment_log::control::Outcome;

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TransactionState {
    /// The id has a producer, and no transaction yet.
    Empty,
    /// A transaction has partitions.
    Ongoing,
    /// It is decided that it is committed. Markers are being written.
    PrepareCommit,
    /// It is decided that it is aborted. Markers are being written.
    PrepareAbort,
    /// It was committed, and all partitions know.
    CompleteCommit,
    /// It was aborted, and all partitions know.
    CompleteAbort,
    /// The id is to be forgotten. Never in the log: there, a null says it.
    Dead,
    /// Another producer takes the id over: the epoch has been raised, and the transaction is to be aborted next. Never in the log: both
    /// steps are one decision.
    PrepareEpochFence,
}

use TransactionState::{
    CompleteAbort, CompleteCommit, Dead, Empty, Ongoing, PrepareAbort, PrepareCommit, PrepareEpochFence,
};

impl TransactionState {
    /// All of them.
    pub const ALL: [TransactionState; 8] =
        [Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead, PrepareEpochFence];

    /// Whether a transaction may go from this state to that one.
    pub fn may_become(self, next: TransactionState) -> bool {
        match next {
            Empty => matches!(self, Empty | CompleteCommit | CompleteAbort),
            Ongoing => matches!(self, Ongoing | Empty | CompleteCommit | CompleteAbort),
            PrepareCommit => self == Ongoing,
            // An abort of nothing is an abort as well: it raises the epoch (KIP-890).
            PrepareAbort => matches!(self, Ongoing | PrepareEpochFence | Empty | CompleteCommit | CompleteAbort),
            CompleteCommit => self == PrepareCommit,
            CompleteAbort => self == PrepareAbort,
            Dead => matches!(self, Empty | CompleteCommit | CompleteAbort),
            PrepareEpochFence => self == Ongoing,
        }
    }

    /// How the transaction ends or has ended, if that is decided.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            PrepareCommit | CompleteCommit => Some(Outcome::Commit),
            PrepareAbort | CompleteAbort => Some(Outcome::Abort),
            Empty | Ongoing | Dead | PrepareEpochFence => None,
        }
    }

    /// Whether its end is decided, and not all partitions know.
    pub fn is_prepared(self) -> bool {
        matches!(self, PrepareCommit | PrepareAbort)
    }

    /// The state in which an outcome is decided.
    pub fn prepare(outcome: Outcome) -> Self {
        if outcome == Outcome::Commit { PrepareCommit } else { PrepareAbort }
    }
}

impl fmt::Display for TransactionState {
    /// Kafka's names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Empty => "Empty",
            Ongoing => "Ongoing",
            PrepareCommit => "PrepareCommit",
            PrepareAbort => "PrepareAbort",
            CompleteCommit => "CompleteCommit",
            CompleteAbort => "CompleteAbort",
            Dead => "Dead",
            PrepareEpochFence => "PrepareEpochFence",
        })
    }
}
