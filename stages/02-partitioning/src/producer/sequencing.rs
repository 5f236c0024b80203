//! Who may leave, and under which number. A seam: stage 05 puts numbers in the place of this stage's nothing.
//!
//! A broker can tell a retry from a new batch only by what stands in it: who sent it, and which number its first record has.
//! The numbers of a partition have no holes, so whoever gives them must also say when a batch may leave at all: a batch that
//! goes before its turn has the wrong number, and one that never arrives leaves a hole for all behind it. And what comes of
//! each attempt must come back to whoever numbers, since the next number depends on it.
//!
//! ```text
//!   accumulator      Sequencing                              a lane
//!   ▐██▌▐███▌ ──▶ gate: may it leave? ─ yes ─▶ stamp ──────▶ [request] ──▶ stored ───────┐
//!     ▲             │ no, wait     │ never                      │                        ▼
//!     │             ▼              ▼                            │ an error             ended
//!     │           it stays       its records fail ─▶ ended      ▼                        ▲
//!     └──────────────────────────────────────── again ◀── attempt failed ── give up ─────┘
//! ```
//!
//! The sender owns it, and asks it from one task. So it needs no lock of its own for what it is asked; what it asks itself (who
//! am I?) goes on in tasks of its own, and wakes the sender when it is answered.
//!
//! | | this stage, and stage 04 ([`Unnumbered`]) | stage 05 |
//! |---|---|---|
//! | may the first batch leave? | whenever it is ready | if its number can be the next one |
//! | its stamp | none | producer id, epoch, sequence |
//! | an attempt failed | as [`Sending::again`](super::Sending::again) says | that, and what the numbers behind it need |
//!
//! Stage 06 stands here too: a transaction must know a partition before a batch leaves for it, which is a gate; and once it
//! can only be aborted, nothing leaves any more, which is [`Gate::Never`] for all that wait. Its batches say that they are
//! [part of a transaction](Sequencing::is_transactional).

use std::fmt;

use bytes::BytesMut;
use segment_log::{Batch, BatchView};

use crate::api::{RecordBytes, TopicId, TopicPartition};
use crate::error::Error;

/// See the [module](self).
///
/// ## What the sender owes
///
/// - It asks [`gate`](Self::gate) about the first batch of a partition alone, and [`stamp`](Self::stamp)s only what it has just
///   been told is [open](Gate::Open). A partition's batches are begun, and leave for the first time, in the order of their
///   numbers.
/// - After each stamp comes one [`attempt_failed`](Self::attempt_failed) or [`ended`](Self::ended). Until then the batch is *under
///   way*. What has [`Failed`](Fate::Failed) ends next. What goes [again](Fate::Again) stands before all that were begun after
///   it, and the gate is asked about it anew.
/// - Each batch ends once, also one that never left, and also while it is under way (`delivery.timeout.ms`). What comes of that
///   attempt is not told any more.
///
/// ## What is owed to the sender
///
/// - A batch gets another stamp than before only if it is certain that no copy with the old one is in a log, or will be. For the
///   sender then believes that nothing of what was tried was done.
/// - Whatever holds a batch back ends, or the batch's time does: there is a
///   [`delivery_timeout`](super::Sending::delivery_timeout). When something other than the end of a batch opens a gate, the
///   sender is woken.
/// - No method waits: they are called under a lock.
pub trait Sequencing: fmt::Debug + Send + 'static {
    /// Whether the first batch that waits for a partition may leave now.
    fn gate(&mut self, first: &Departure<'_>) -> Gate;

    /// The batch leaves: what is to stand in its header. `None` leaves the header as it is.
    fn stamp(&mut self, leaving: &Departure<'_>) -> Option<Stamp>;

    /// Whether the batches that it numbers are part of a transaction (stage 06). Their headers say so, and go on saying so when
    /// they are sent again.
    fn is_transactional(&self) -> bool {
        false
    }

    /// An attempt has failed: whether the batch is sent again. This may overrule [`Sending::again`](super::Sending::again)
    /// either way.
    fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate;

    /// The records of a batch have ended.
    fn ended(&mut self, at: &TopicPartition, number: u64, ending: Ending);

    /// Why nothing leaves for this partition, if that is why. It is told to records whose time is over.
    fn trouble(&self, at: &TopicPartition) -> Option<String>;
}

/// A batch that would leave.
#[derive(Debug, Clone, Copy)]
pub struct Departure<'a> {
    /// Where it goes.
    pub at: &'a TopicPartition,
    /// Which topic has the name now. If it is another than before, its partitions are empty logs.
    pub topic: Option<TopicId>,
    /// Its place among all batches of this producer, by when they were begun. It keeps it when it comes back.
    pub number: u64,
    /// How many records it has.
    pub records: usize,
}

/// Whether a batch may leave.
#[derive(Debug, Clone)]
pub enum Gate {
    /// It may.
    Open,
    /// Not yet.
    Held,
    /// It never will, and its records are told this at once, even if an earlier one is under way.
    Never(Error),
}

/// What stands in a batch's header for the broker to tell retries by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Who sends.
    pub producer_id: i64,
    /// In which epoch.
    pub epoch: i16,
    /// The number of the first record.
    pub base_sequence: i32,
}

/// An attempt that came to nothing, or of which nobody knows what it came to.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// Where the batch goes.
    pub at: &'a TopicPartition,
    /// Its place among all batches.
    pub number: u64,
    /// What came of the attempt.
    pub error: &'a Error,
    /// Whether this attempt, or one before it with the same stamp, may have been done, or may yet be.
    pub in_doubt: bool,
    /// What [`Sending::again`](super::Sending::again) says.
    pub again: bool,
}

/// What becomes of a batch after an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It rests, and is sent again.
    Again,
    /// Its records fail.
    Failed,
}

/// How a batch's records have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// They are in the log.
    Stored,
    /// They are not, and will not be.
    NotStored,
    /// Nobody knows: an attempt may have been done, or may yet be.
    InDoubt,
}

impl Stamp {
    /// What stands in a batch's header.
    pub fn of(batch: &BatchView<'_>) -> Self {
        let (producer_id, epoch) = (batch.producer_id(), batch.producer_epoch());
        Stamp { producer_id, epoch, base_sequence: batch.base_sequence() }
    }

    /// A packed batch with this stamp; `None` if it has it.
    pub(super) fn renewed(&self, packed: &RecordBytes) -> Option<RecordBytes> {
        let view = BatchView::parse(&packed.0).expect("it was packed here");
        if Stamp::of(&view) == *self {
            return None;
        }
        let mut batch = Batch::from_bytes(BytesMut::from(&packed.0[..])).expect("it was packed here");
        batch.set_producer(self.producer_id, self.epoch, self.base_sequence);
        Some(batch.into_bytes().into())
    }
}

/// Numbers nothing, and holds nothing back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unnumbered;

impl Sequencing for Unnumbered {
    fn gate(&mut self, _: &Departure<'_>) -> Gate {
        Gate::Open
    }

    fn stamp(&mut self, _: &Departure<'_>) -> Option<Stamp> {
        None
    }

    fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        if failure.again { Fate::Again } else { Fate::Failed }
    }

    fn ended(&mut self, _: &TopicPartition, _: u64, _: Ending) {}

    fn trouble(&self, _: &TopicPartition) -> Option<String> {
        None
    }
}
