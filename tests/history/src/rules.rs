//! Rules: what a run may do, and how much it must do.
//!
//! Whether an anomaly breaks a promise depends on the settings of the run. With `acks=1` an acknowledged record may be lost, and
//! a story about that expects it. So nothing is switched off: what is allowed is still looked for, counted and shown.
//!
//! | the run has | may show |
//! |---|---|
//! | anything | send skip, write cycle, mixed cycle |
//! | `acks=0` or `acks=1` | lost write, unseen |
//! | `unclean.leader.election.enable` | the same, and inconsistent offset |
//! | retries without `enable.idempotence` | duplicate |
//! | the same, and `max.in.flight.requests.per.connection` above 1 | nonmonotonic send |
//! | `acks=0`, and a network in which a later connection can be faster | nonmonotonic send |
//! | `isolation.level=read_uncommitted` | aborted read, precommitted read, circular information flow |
//!
//! Kafka isolates reads and not writes. What a transaction wrote is hidden until it is committed; but while it writes, others may
//! write before, between and behind its records, and be committed first. So of two transactions each may stand behind the
//! other, or one may read what another wrote behind it. A log that takes one transaction at a time shows none of that:
//! [`Rules::isolated_writes`].
//!
//! One allowance changes how other things are judged. Where acknowledged writes may be lost, an acknowledgement is no evidence
//! of what a log holds: a record that was acknowledged at offset 5 and lost with its leader leaves offset 5 to another. Then
//! only what was read counts as the log's content, and a transaction of which a part is gone is a lost write and not a torn
//! one. And where reads may be uncommitted, to read a value does not prove that its transaction was committed.
//!
//! The floors are there because a run in which nothing happens breaks no promise.

use std::collections::BTreeSet;
use std::fmt;

use crate::anomaly::Anomaly;
use crate::coverage::Coverage;

/// What a run may do, and how much it must do.
///
/// ```
/// use history::{Anomaly, Floors, Rules};
///
/// let rules = Rules::strict().acks_may_be_lost().floors(Floors { acked: 100, records: 100, ..Floors::default() });
/// assert!(rules.allows(Anomaly::LostWrite) && !rules.allows(Anomaly::InconsistentOffset));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    allowed: BTreeSet<Anomaly>,
    process_order: bool,
    floors: Floors,
}

impl Default for Rules {
    fn default() -> Self {
        Self::strict()
    }
}

impl Rules {
    /// What Kafka promises with `acks=all`, `enable.idempotence` and `read_committed`: only send skips, write cycles and mixed
    /// cycles are allowed. The floors are those of [`Floors::default`].
    pub fn strict() -> Self {
        let allowed = BTreeSet::from([Anomaly::SendSkip, Anomaly::WriteCycle, Anomaly::MixedCycle]);
        Rules { allowed, process_order: false, floors: Floors::default() }
    }

    /// Allows an anomaly.
    #[must_use]
    pub fn allow(mut self, anomaly: Anomaly) -> Self {
        self.allowed.insert(anomaly);
        self
    }

    /// Forbids an anomaly.
    #[must_use]
    pub fn forbid(mut self, anomaly: Anomaly) -> Self {
        self.allowed.remove(&anomaly);
        self
    }

    /// The run has `acks=0` or `acks=1`.
    #[must_use]
    pub fn acks_may_be_lost(self) -> Self {
        self.allow(Anomaly::LostWrite).allow(Anomaly::Unseen)
    }

    /// The run has `unclean.leader.election.enable`: a leader that is not in sync forgets what others have read, and gives
    /// the offsets to new records.
    #[must_use]
    pub fn unclean_elections(self) -> Self {
        self.acks_may_be_lost().allow(Anomaly::InconsistentOffset)
    }

    /// The run's producers try again, and brokers cannot tell that it is the same record. `in_flight` is
    /// `max.in.flight.requests.per.connection`: with more than 1, a request can overtake another that is tried again.
    #[must_use]
    pub fn retries_without_idempotence(self, in_flight: usize) -> Self {
        let rules = self.allow(Anomaly::Duplicate);
        if in_flight > 1 { rules.allow(Anomaly::NonmonotonicSend) } else { rules }
    }

    /// The run's consumers have `isolation.level=read_uncommitted`.
    #[must_use]
    pub fn read_uncommitted(self) -> Self {
        self.allow(Anomaly::AbortedRead).allow(Anomaly::PrecommittedRead).allow(Anomaly::CircularFlow)
    }

    /// The log takes one transaction after the other, which is more than Kafka promises.
    #[must_use]
    pub fn isolated_writes(self) -> Self {
        self.forbid(Anomaly::SendSkip).forbid(Anomaly::WriteCycle).forbid(Anomaly::MixedCycle)
    }

    /// Of two transactions of one process, the second of which began when the first was decided, the second comes after the
    /// first: a cycle may go through them. Kafka does not say so of writes, since a third transaction may be open all the time.
    #[must_use]
    pub fn process_order(mut self) -> Self {
        self.process_order = true;
        self
    }

    /// A run that does less than this fails.
    #[must_use]
    pub fn floors(mut self, floors: Floors) -> Self {
        self.floors = floors;
        self
    }

    /// Whether a run may show this anomaly.
    pub fn allows(&self, anomaly: Anomaly) -> bool {
        self.allowed.contains(&anomaly)
    }

    /// Whether cycles may go through the order in which a process did things.
    pub(crate) fn orders_processes(&self) -> bool {
        self.process_order
    }

    /// Whether an acknowledged record is in the log for good, so that an acknowledgement says what the log holds.
    pub(crate) fn acks_are_evidence(&self) -> bool {
        !self.allows(Anomaly::LostWrite)
    }

    /// Whether what was read must have been committed.
    pub(crate) fn reads_prove_commits(&self) -> bool {
        !self.allows(Anomaly::AbortedRead)
    }

    /// Where the run lies below its floors.
    pub(crate) fn shortfalls(&self, coverage: &Coverage) -> Vec<Shortfall> {
        let Floors { acked, records, producers, consumers, partitions, drained, .. } = self.floors;
        let Floors { committed, aborted, in_doubt, spread, reading, .. } = self.floors;
        let each = [
            ("acknowledged sends", acked, coverage.acked),
            ("polled records", records, coverage.records),
            ("producers", producers, coverage.producers),
            ("consumers", consumers, coverage.consumers),
            ("partitions", partitions, coverage.partitions),
            ("partitions read to their end", drained, coverage.drained),
            ("committed transactions", committed, coverage.committed),
            ("aborted transactions", aborted, coverage.aborted),
            ("transactions in doubt", in_doubt, coverage.in_doubt),
            ("committed transactions of several partitions", spread, coverage.spread),
            ("committed transactions with reads inside", reading, coverage.reading),
        ];
        let short = each.into_iter().filter(|&(_, floor, found)| found < floor);
        short.map(|(what, floor, found)| Shortfall { what, floor, found }).collect()
    }
}

/// What a run must have done, at least. Each number is one of [`Coverage`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floors {
    /// Sends that were acknowledged. By default 1.
    pub acked: usize,
    /// Records that polls gave. By default 1.
    pub records: usize,
    /// Processes that sent.
    pub producers: usize,
    /// Processes that polled.
    pub consumers: usize,
    /// Partitions that were sent to or read.
    pub partitions: usize,
    /// Partitions that a consumer read to their end.
    pub drained: usize,
    /// Transactions whose commit was answered.
    pub committed: usize,
    /// Transactions that were said to be aborted.
    pub aborted: usize,
    /// Transactions whose commit was asked for, and of whose end nobody was told.
    pub in_doubt: usize,
    /// Committed transactions that sent to several partitions.
    pub spread: usize,
    /// Committed transactions that took records as their input.
    pub reading: usize,
}

impl Default for Floors {
    /// One acknowledged send and one polled record: less is no run.
    fn default() -> Self {
        Floors {
            acked: 1,
            records: 1,
            producers: 0,
            consumers: 0,
            partitions: 0,
            drained: 0,
            committed: 0,
            aborted: 0,
            in_doubt: 0,
            spread: 0,
            reading: 0,
        }
    }
}

/// Something of which a run did too little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// Of what.
    pub what: &'static str,
    /// How much it should have been.
    pub floor: usize,
    /// How much it was.
    pub found: usize,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, and at least {} were asked for", self.found, self.what, self.floor)
    }
}
