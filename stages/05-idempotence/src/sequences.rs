//! Which number a batch gets, and when it may leave: the idempotent producer as a pure state machine. No I/O, and no clock.
//!
//! A broker takes the batches of a partition in the order of their numbers, and only so. It knows the last five again. That is
//! enough to tell a retry from a record, as long as the producer keeps its side:
//!
//! ```text
//!        in flight: left, and not ended                                           wait for the first time
//!   ┌──────────────────────────────────────────────────────┐
//!   ▐█ 40…44 █▌        ▐█ 45…45 █▌        ▐█ 46…49 █▌            ▐█ next: 50 █▌ ▐███░░░▌
//!     waits to go        under way          under way
//!     again
//! ```
//!
//! ## When a batch may leave
//!
//! 1. Nothing leaves before there is a producer id.
//! 2. A batch that leaves for the first time takes the next number. It leaves only if
//!    - none that is in flight waits to go again, since what comes before it would be missing;
//!    - fewer than five numbers of batches were given from the first in flight on. Not: fewer than five are in flight. If that
//!      first one hangs and the four behind it have ended, a sixth would push it out of what the broker remembers, and its
//!      retry would pass for something that never came;
//!    - one batch of this producer id is known to be in the partition's log, or none is in flight. A log that knows nothing of a
//!      producer may take any number from it (Kafka does), and the second batch could be written before the first.
//! 3. A batch that comes back keeps its number, and leaves only if none before it is under way. So it leaves as the first.
//!
//! ## When a batch ends without being stored
//!
//! Its numbers are a [`Gap`], and no batch behind a gap can be written. If the end was certain, the gap is sure. If it was in
//! doubt (its time was over while it was under way, say), there may be none. No new batch leaves then. The next in flight goes
//! again, and tells: if it is stored, so was the doubtful one. If nothing is in flight any more, the gap is as good as sure.
//!
//! Behind a sure gap the numbers begin anew, at 0 of the next *epoch* (KIP-360). The log refuses whatever arrives later with an
//! older one. The epoch is one for all partitions. One that has nothing in flight takes the newest with its next batch; one
//! that needs another takes the newest if it is behind, and else makes a newer. After epoch 32767 comes a new producer id.
//!
//! ## Out of order
//!
//! `OUT_OF_ORDER_SEQUENCE_NUMBER` for a batch that left behind others says that one of them is not there yet: it goes again.
//! For one that left as the first it says that the log has lost something that was in it, an unclean election for example, or
//! that the doubtful one before it was never stored. The batch is not there. There is a sure gap before it, and it is numbered
//! anew.
//!
//! ## What is never numbered anew
//!
//! **A batch gets another number only if each attempt with the old one was refused.** Otherwise a copy may be in a log, or on
//! its way to one, and with another number the log would take it for another batch. So a batch of which an attempt is in doubt
//! goes again with its number until a log knows it; and if its number has become useless, it ends in doubt, and whoever sent it
//! decides.
//!
//! Kafka numbers it anew (`TransactionManager.bumpIdempotentProducerEpoch`), and trusts that the new epoch fences the old
//! copies. It does from the moment at which the log has it. What was written before that, or is written by a log that comes
//! back, is there twice:
//!
//! ```text
//!   producer                          network                               log
//!   D 7…7, E 8…8 are under way ─────▶ slow
//!   the connection is lost; D's time is over: in doubt
//!   E 8…8 again ────────────────────────────────────────────────────────▶ out of order: 7 is missing
//!                                     the slow ones arrive ─────────────▶ D 7…7, E 8…8
//!   Kafka: E as 0…0 of epoch 1 ─────────────────────────────────────────▶ E once more
//!   here:  E ends in doubt
//! ```
//!
//! ## An epoch that is refused
//!
//! `INVALID_PRODUCER_EPOCH` says that the log has a newer epoch of this id than the batch. A partition's batches go under one
//! epoch at a time, and a newer one is begun when none of them is under way. So the log cannot have a newer one from here, and
//! somebody else writes with this id: a controller that lost its log gave it twice, say. It would not help to take a still
//! newer epoch. The other's batches could have the same numbers, and then ours would be acknowledged as theirs. So the batch
//! has failed for good, and this producer asks for another id, for all partitions. (Answers to attempts whose records have
//! ended are not looked at. Theirs may well be of an old epoch.)
//!
//! ## Left out
//!
//! With a new id nothing fences the old one. What ended in doubt under the old id may be written behind what has the new one:
//! once, but out of its order. `OUT_OF_ORDER_SEQUENCE_NUMBER` from a log that forgot a producer has the same cure as any other.
//! Kafka has `UNKNOWN_PRODUCER_ID` for it, which our brokers do not say. If it takes any number then
//! ([`Unknown::TakesAny`](crate::producers::Unknown::TakesAny)), a batch can be written there before an earlier one that comes back:
//! each once, but out of their order.

mod run;

use std::collections::BTreeMap;

use partitioning::ErrorCode;
use partitioning::api::TopicPartition;
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Stamp};

use run::{Run, Turn};

pub use run::Gap;

/// Who a producer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The number that no other producer of the cluster has.
    pub producer_id: i64,
    /// How often it has begun anew, 0 to 32767.
    pub epoch: i16,
}

/// Whether a batch may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It may.
    Now,
    /// Not yet.
    Wait(Why),
    /// It has a number that no log will take, and an attempt of which nobody knows whether a log has taken it. Or it would have to
    /// begin anew, and [must not](Sequences::of_transactions).
    Never,
}

/// Why a batch waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no producer id, or none that can be used.
    NoIdentity,
    /// An earlier one is under way.
    EarlierUnderWay,
    /// An earlier one has come back, and goes first.
    EarlierComesBack,
    /// The log may not know this producer yet: its first batch goes alone.
    FirstGoesAlone,
    /// The broker remembers five batches, and so many numbers were given from the first on that is in flight.
    FiveInFlight,
    /// Numbers before it may be missing in the log.
    Unresolved,
}

/// See the [module](self).
#[derive(Debug, Clone, Default)]
pub struct Sequences {
    identity: Option<Identity>,
    /// No partition can begin anew with this identity: it has no newer epoch, or somebody else uses its id.
    is_spent: bool,
    /// Somebody else alone says when a new epoch begins.
    keeps_epoch: bool,
    runs: BTreeMap<TopicPartition, Run>,
}

impl Sequences {
    /// Before there is a producer id.
    pub fn new() -> Self {
        Self::default()
    }

    /// The numbers of a producer of transactions (stage 06). Its coordinator alone says who it is, and in which epoch: one that it took
    /// by itself would be no one's transaction. So where numbers would begin anew, nothing leaves any more
    /// ([`Leave::Never`]) until it is [told](Self::obtained) of another epoch.
    pub fn of_transactions() -> Self {
        Sequences { keeps_epoch: true, ..Self::default() }
    }

    /// Who the producer is.
    pub fn identity(&self) -> Option<Identity> {
        self.identity
    }

    /// Whether somebody is to be asked for a producer id.
    pub fn wants_identity(&self) -> bool {
        self.identity.is_none() || self.is_spent
    }

    /// This is who the producer is from now on. The id is one that it never had, or the epoch is.
    pub fn obtained(&mut self, identity: Identity) {
        (self.identity, self.is_spent) = (Some(identity), false);
    }

    /// Whether the first batch that waits for a partition may leave.
    pub fn gate(&mut self, first: &Departure<'_>) -> Leave {
        if self.identity.is_none() {
            return Leave::Wait(Why::NoIdentity);
        }
        let run = self.runs.get(first.at).filter(|run| run.topic() == first.topic);
        let (turn, identity) = run.map_or((Turn::Fresh, None), |run| (run.turn(first.number), Some(run.identity())));
        match turn {
            Turn::Wait(why) => Leave::Wait(why),
            Turn::Never => Leave::Never,
            Turn::Anew if identity == self.identity && self.keeps_epoch => Leave::Never,
            Turn::Anew if identity == self.identity && self.next_epoch().is_none() => {
                self.is_spent = true;
                Leave::Wait(Why::NoIdentity)
            }
            Turn::Fresh | Turn::Anew if self.is_spent => Leave::Wait(Why::NoIdentity),
            Turn::Fresh | Turn::Anew | Turn::Next => Leave::Now,
        }
    }

    /// The batch leaves, as [`gate`](Self::gate) has allowed. Gives its number.
    pub fn leave(&mut self, leaving: &Departure<'_>) -> Stamp {
        let identity = self.identity.expect("nothing leaves before there is a producer id");
        if self.runs.get(leaving.at).is_none_or(|run| run.topic() != leaving.topic) {
            // Another topic of that name has other logs.
            self.runs.insert(leaving.at.clone(), Run::new(leaving.topic, identity));
        }
        let newest = self.next_epoch();
        let run = self.runs.get_mut(leaving.at).expect("it is there");
        match run.turn(leaving.number) {
            Turn::Anew if run.identity() == identity => {
                let newer = newest.expect("the gate is closed if there is no newer epoch");
                self.identity = Some(newer);
                run.begin(newer);
            }
            Turn::Anew | Turn::Fresh if run.identity() != identity => run.begin(identity),
            _ => {}
        }
        run.leave(leaving.number, leaving.records)
    }

    /// An attempt has failed.
    pub fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        let as_said = if failure.again { Fate::Again } else { Fate::Failed };
        let Some(run) = self.runs.get_mut(failure.at).filter(|run| run.has(failure.number)) else { return as_said };
        let was_first = run.came_back(failure.number, failure.in_doubt);
        match failure.error.code() {
            Some(ErrorCode::InvalidProducerEpoch) => {
                let id = |identity: Identity| identity.producer_id;
                self.is_spent |= !self.keeps_epoch && self.identity.map(id) == Some(id(run.identity()));
                Fate::Failed
            }
            Some(ErrorCode::OutOfOrderSequenceNumber) if failure.again && was_first => {
                run.out_of_order(failure.number);
                if failure.in_doubt { Fate::Failed } else { Fate::Again }
            }
            _ => as_said,
        }
    }

    /// A batch has ended, one that has left or another.
    pub fn ended(&mut self, at: &TopicPartition, number: u64, ending: Ending) {
        if let Some(run) = self.runs.get_mut(at).filter(|run| run.has(number)) {
            run.ended(number, ending);
        }
    }

    fn next_epoch(&self) -> Option<Identity> {
        let Identity { producer_id, epoch } = self.identity?;
        Some(Identity { producer_id, epoch: epoch.checked_add(1)? })
    }
}
