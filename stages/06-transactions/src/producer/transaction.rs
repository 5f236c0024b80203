//! Where a producer stands in its transaction: a pure state machine. No I/O, and no clock.
//!
//! ```text
//!             init             begin            commit: flushed              decided
//!   Unknown ────────▶ Ready ──────────▶ Open ───────────────────▶ Committing ──────────▶ Ready
//!                       ▲                │ a record fails             │ INVALID_TXN_STATE
//!                       │                ▼                            ▼
//!                       │             Abortable ◀─────────────────────╯
//!                       │                │ abort (from Open, too)
//!                       ╰──────────── Aborting            PRODUCER_FENCED and the like: Fatal, from anywhere
//! ```
//!
//! ## What it decides
//!
//! - Which call is allowed now.
//! - Which batch may leave. Its partition must be in the transaction, and then its number must be the next one ([`Sequences`]). Once the
//!   transaction will not be committed, none leaves.
//! - Which partitions are to be added. Those that come while others are being added go together in the next request.
//! - What an error makes of the transaction.
//!
//! ## Invariants
//!
//! 1. No batch leaves for a partition that the coordinator has not confirmed to be in this transaction.
//! 2. If a record of a transaction was not stored, the transaction is not committed.
//! 3. Between `begin` and the end, the identity is the same. Each end brings the next one.
//! 4. A commit that was asked and not answered is followed by nothing but the same question.

mod calls;

use std::collections::{BTreeMap, BTreeSet};

use idempotence::sequences::{Identity as Numbered, Leave, Sequences};
use partitioning::api::MAX_ENTRIES;
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Gate, Stamp};
use partitioning::{Error, ErrorCode, Result, TopicPartition};

use super::error::{Kind, of_part};
use crate::records::Identity;

/// See the [module](self).
#[derive(Debug, Clone)]
enum Phase {
    /// Nobody has said yet who the producer is.
    Unknown,
    /// No transaction is under way.
    Ready,
    /// Records are sent.
    Open,
    /// What was sent will not be committed, for this reason.
    Abortable(Error),
    /// The coordinator is asked to commit, or was, and nobody knows.
    Committing {
        /// It was asked before. What is said now does not say what came of that.
        again: bool,
    },
    /// Records that wait fail, and the coordinator is asked to abort.
    Aborting,
    /// For good.
    Fatal(Error),
}

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Transaction {
    phase: Phase,
    sequences: Sequences,
    /// How many were begun. An answer that comes late is of an earlier one.
    number: u64,
    added: BTreeSet<TopicPartition>,
    wanted: BTreeSet<TopicPartition>,
    /// The coordinator was asked to add partitions, whatever it has answered.
    is_registered: bool,
    /// Why partitions could not be added yet.
    trouble: Option<Error>,
    /// A record was not stored. Its number may be missing.
    has_failed: bool,
    /// What came of the last attempt with a batch, by its number. It is forgotten when the batch has ended.
    attempts: BTreeMap<u64, Error>,
}

/// Partitions to be added to a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ToAdd {
    pub(super) number: u64,
    pub(super) producer: Identity,
    pub(super) partitions: Vec<TopicPartition>,
}

impl Transaction {
    pub(super) fn new() -> Self {
        Transaction {
            phase: Phase::Unknown,
            sequences: Sequences::of_transactions(),
            number: 0,
            added: BTreeSet::new(),
            wanted: BTreeSet::new(),
            is_registered: false,
            trouble: None,
            has_failed: false,
            attempts: BTreeMap::new(),
        }
    }

    /// Who the producer is, once it was told.
    pub(super) fn identity(&self) -> Option<Identity> {
        self.sequences.identity().map(|Numbered { producer_id, epoch }| Identity { id: producer_id, epoch })
    }

    /// Whether the first batch that waits for a partition may leave.
    pub(super) fn gate(&mut self, first: &Departure<'_>) -> Gate {
        match &self.phase {
            Phase::Open => {}
            Phase::Fatal(error) => return Gate::Never(error.clone()),
            Phase::Abortable(error) => {
                return Gate::Never(not_sent(first.at, &format!("can only be aborted: {error}")));
            }
            Phase::Unknown | Phase::Ready | Phase::Committing { .. } | Phase::Aborting => {
                return Gate::Never(not_sent(first.at, "is aborted"));
            }
        }
        if !self.added.contains(first.at) {
            if !self.wanted.contains(first.at) {
                self.wanted.insert(first.at.clone());
            }
            return Gate::Held;
        }
        match self.sequences.gate(first) {
            Leave::Now => Gate::Open,
            Leave::Wait(_) => Gate::Held,
            Leave::Never => {
                let error = number_is_gone(first.at);
                self.spoil(error.clone());
                Gate::Never(error)
            }
        }
    }

    /// The batch leaves, as the gate has allowed.
    pub(super) fn stamp(&mut self, leaving: &Departure<'_>) -> Stamp {
        self.sequences.leave(leaving)
    }

    /// An attempt has failed. It is tried again only as long as the transaction may be committed.
    pub(super) fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        self.attempts.insert(failure.number, failure.error.clone());
        let fate = self.sequences.attempt_failed(failure);
        let is_open = matches!(self.phase, Phase::Open);
        if is_open && of_part(failure.error) == Kind::Fatal {
            self.spoil(failure.error.clone());
        }
        if is_open { fate } else { Fate::Failed }
    }

    /// A batch has ended.
    pub(super) fn ended(&mut self, at: &TopicPartition, number: u64, ending: Ending) {
        self.sequences.ended(at, number, ending);
        let last = self.attempts.remove(&number);
        if ending != Ending::Stored {
            self.has_failed = true;
            self.spoil(last.unwrap_or_else(|| not_stored(at)));
        }
    }

    /// Whether the partition is to be added.
    pub(super) fn wants(&self, at: &TopicPartition) -> bool {
        self.wanted.contains(at)
    }

    /// Why nothing leaves for a partition, if that is why.
    pub(super) fn trouble(&self, at: &TopicPartition) -> Option<String> {
        self.wants(at).then(|| match &self.trouble {
            Some(trouble) => format!("{at} could not be added to the transaction: {trouble}"),
            None => format!("{at} is not in the transaction yet"),
        })
    }

    /// The partitions that are to be added now: all that wait, as far as they go into one request.
    pub(super) fn next_to_add(&mut self) -> Option<ToAdd> {
        if !matches!(self.phase, Phase::Open) || self.wanted.is_empty() {
            return None;
        }
        self.is_registered = true;
        let producer = self.identity().expect("what is open has a producer");
        let partitions = self.wanted.iter().take(MAX_ENTRIES).cloned().collect();
        Some(ToAdd { number: self.number, producer, partitions })
    }

    /// What came of adding partitions. Gives whether it is to be tried again after a rest.
    pub(super) fn were_added(&mut self, asked: &ToAdd, answer: Result<()>) -> bool {
        if asked.number != self.number || !matches!(self.phase, Phase::Open) {
            return false;
        }
        match answer {
            Ok(()) => {
                for at in &asked.partitions {
                    self.wanted.remove(at);
                }
                self.added.extend(asked.partitions.iter().cloned());
                self.trouble = None;
                false
            }
            Err(error) if of_part(&error) == Kind::Retriable => {
                self.trouble = Some(error);
                true
            }
            Err(error) => {
                self.spoil(error);
                false
            }
        }
    }

    /// Whether the transaction has no partition yet. Then the one before may still be in the way, and is not for long.
    pub(super) fn is_first(&self) -> bool {
        self.added.is_empty()
    }

    /// Something of an open transaction has failed.
    pub(super) fn spoil(&mut self, error: Error) {
        if matches!(self.phase, Phase::Open) {
            self.phase = match of_part(&error) {
                Kind::Fatal => Phase::Fatal(error),
                Kind::Abortable | Kind::Retriable => Phase::Abortable(error),
            };
        }
    }
}

/// What a record is told that was not sent.
fn not_sent(at: &TopicPartition, what: &str) -> Error {
    ErrorCode::TransactionAbortable.because(format!("{at}: not sent, as the transaction {what}")).into()
}

fn not_stored(at: &TopicPartition) -> Error {
    let rule = "a record was not acknowledged, and a transaction is there as a whole or not at all";
    ErrorCode::TransactionAbortable.because(format!("{at}: {rule}")).into()
}

/// What records are told whose number no log will take.
fn number_is_gone(at: &TopicPartition) -> Error {
    let message = format!("{at}: a batch before was not stored, so this one's number is not taken in this transaction");
    ErrorCode::OutOfOrderSequenceNumber.because(message).into()
}
