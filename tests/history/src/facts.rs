//! What follows from a history before anything is judged: four folds over its operations.
//!
//! ```text
//!              ┌─▶ fences         by process: when it was told that it is fenced
//!              ├─▶ transactions   what became of each: committed, aborted, in doubt, never asked
//!  operations ─┼─▶ sends          by value: where to, and what was promised of it
//!              └─▶ logs           by partition: which values were seen at which offsets, by whom
//! ```
//!
//! The logs are the heart. Nobody sees a partition whole, but each poll shows a part of it, and each acknowledgement one
//! record. Put together these *sightings* give the log as far as it is known, and most anomalies are sightings that do not fit
//! together.
//!
//! # What counts as a sighting
//!
//! - Each record that a poll gave, whatever became of the consumer or of its transaction: what was handed out must be true.
//! - Each acknowledgement with an offset, if its record is certain to be there: outside of a transaction, or in one that is
//!   known to be committed; and only under rules by which acknowledged writes are kept.
//!
//! A transaction in doubt is known to be committed when somebody read a value of it, as long as the rules forbid to read what
//! is not. (If it was not committed that read is the anomaly, and nobody can tell. Jepsen decides it in the same way.)
//!
//! # What a fence says
//!
//! A producer that was told that it is fenced has an epoch that no broker and no coordinator takes any more. So what it began to
//! send afterwards is not written, whatever it was told then; and a transaction of it is aborted for certain, unless it had
//! asked for the commit before. It is one whose coordinator aborted it so that another producer could begin.
//!
//! Everything is sorted or in ordered maps, so that the same history gives the same verdict to the letter.

mod fences;
mod log;
mod transactions;

use std::collections::BTreeMap;

use crate::operation::{Kind, Offset, Operation, Sent, Time, TransactionId, Value};
use crate::rules::Rules;

pub(crate) use fences::Fences;
pub(crate) use log::{Log, Sighting};
pub(crate) use transactions::{Fate, Transaction};

/// One send of the workload, and what a reader may make of it.
#[derive(Debug, Clone)]
pub(crate) struct Send<'h> {
    pub(crate) at: usize,
    pub(crate) process: &'h str,
    pub(crate) partition: &'h str,
    pub(crate) value: Value,
    pub(crate) began: Time,
    pub(crate) ended: Option<Time>,
    pub(crate) transaction: Option<TransactionId>,
    /// The offset that the broker said.
    pub(crate) told: Option<Offset>,
    pub(crate) standing: Standing,
}

/// What is promised of a value that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Acknowledged, and committed if there is a transaction: it must be read.
    Promised,
    /// In doubt: it may be read.
    Possible,
    /// Certainly not written: it must not be read.
    Failed,
    /// Sent by a producer that had been told that it is fenced, or that was told so of this send: it must not be read.
    Fenced,
    /// Of an aborted transaction: it must not be read.
    Aborted,
    /// Of a transaction that nobody asked to commit: it must not be read.
    Uncommitted,
}

impl Standing {
    /// Whether the record may be in the log for everyone to see.
    pub(crate) fn may_be_read(self) -> bool {
        matches!(self, Standing::Promised | Standing::Possible)
    }
}

pub(crate) struct Facts<'h> {
    pub(crate) operations: &'h [Operation],
    pub(crate) fences: Fences<'h>,
    pub(crate) transactions: BTreeMap<TransactionId, Transaction>,
    pub(crate) sends: BTreeMap<Value, Send<'h>>,
    pub(crate) logs: BTreeMap<&'h str, Log>,
}

impl<'h> Facts<'h> {
    /// The facts of a history without mistakes.
    pub(crate) fn of(operations: &'h [Operation], rules: &Rules) -> Self {
        let fences = Fences::of(operations);
        let mut transactions = transactions::of(operations, &fences);
        if rules.reads_prove_commits() {
            transactions::prove(operations, &mut transactions);
        }
        let sends = sends(operations, &fences, &transactions);
        let logs = log::of(operations, &sends, rules.acks_are_evidence());
        Facts { operations, fences, transactions, sends, logs }
    }

    /// The send of a value to this partition.
    pub(crate) fn send(&self, partition: &str, value: Value) -> Option<&Send<'h>> {
        self.sends.get(&value).filter(|send| send.partition == partition)
    }

    /// Whether a send belongs to a transaction that is committed, whatever became of it by itself.
    pub(crate) fn is_of_committed(&self, send: &Send<'_>) -> bool {
        send.standing != Standing::Fenced && send.transaction.is_some_and(|id| self.transactions[&id].committed())
    }

    /// Where a value was read first, if anybody read it in the partition that it was sent to.
    pub(crate) fn read(&self, send: &Send<'_>) -> Option<&Sighting> {
        self.logs.get(send.partition)?.read(send.value)
    }

    /// Where a value is in its partition, as far as that is known for sure.
    pub(crate) fn place(&self, send: &Send<'_>) -> Option<Offset> {
        self.logs.get(send.partition)?.place(send.value, send.at)
    }

    /// Where a value is in its partition, if all that saw it agree on that, and nothing else was seen there.
    pub(crate) fn sole_place(&self, send: &Send<'_>) -> Option<Sighting> {
        self.logs.get(send.partition)?.sole_place(send.value)
    }

    /// The sends of each process to each partition, in the order in which they began.
    pub(crate) fn lines_of_sends(&self) -> BTreeMap<(&'h str, &'h str), Vec<&Send<'h>>> {
        let mut lines: BTreeMap<_, Vec<&Send<'h>>> = BTreeMap::new();
        for send in self.sends.values() {
            lines.entry((send.process, send.partition)).or_default().push(send);
        }
        lines.values_mut().for_each(|line| line.sort_unstable_by_key(|send| (send.began, send.at)));
        lines
    }

    /// The operations that ended, in the order in which they did.
    pub(crate) fn by_end(&self) -> Vec<usize> {
        let ended = |at: &usize| self.operations[*at].ended;
        let mut order: Vec<usize> = (0..self.operations.len()).filter(|at| ended(at).is_some()).collect();
        order.sort_by_key(ended);
        order
    }
}

fn sends<'h>(
    operations: &'h [Operation],
    fences: &Fences<'h>,
    transactions: &BTreeMap<TransactionId, Transaction>,
) -> BTreeMap<Value, Send<'h>> {
    let mut sends = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        let Kind::Send { partition, value, transaction, outcome } = &operation.kind else { continue };
        let fate = transaction.map(|id| transactions.get(&id).expect("a transaction is begun").fate());
        let told = match outcome {
            Sent::Acked { offset } => *offset,
            Sent::Failed | Sent::Fenced | Sent::Unknown => None,
        };
        let fenced = fences.before(&operation.process, operation.began).is_some();
        let send = Send {
            at,
            process: &operation.process,
            partition,
            value: *value,
            began: operation.began,
            ended: operation.ended,
            transaction: *transaction,
            told,
            standing: if fenced { Standing::Fenced } else { standing(outcome, fate) },
        };
        sends.insert(*value, send);
    }
    sends
}

fn standing(outcome: &Sent, fate: Option<Fate>) -> Standing {
    match (outcome, fate) {
        (Sent::Failed, _) => Standing::Failed,
        (Sent::Fenced, _) => Standing::Fenced,
        (_, Some(Fate::Aborted)) => Standing::Aborted,
        (_, Some(Fate::Open)) => Standing::Uncommitted,
        (Sent::Acked { .. }, None | Some(Fate::Committed)) => Standing::Promised,
        (Sent::Unknown, _) | (Sent::Acked { .. }, Some(Fate::Unknown)) => Standing::Possible,
    }
}
