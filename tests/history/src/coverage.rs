//! What a run did, in numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::operation::{Decision, Kind, Operation, Sent, TransactionId};

/// What a run did, in numbers: a verdict about a run in which little happened says little.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Processes that sent.
    pub producers: usize,
    /// Processes that polled.
    pub consumers: usize,
    /// Partitions that were sent to or read.
    pub partitions: usize,
    /// Partitions that a consumer read to their end.
    pub drained: usize,
    /// Sends that were acknowledged.
    pub acked: usize,
    /// Sends that certainly were not done.
    pub failed: usize,
    /// Sends that were refused because their producer is fenced. They are not among those that failed.
    pub fenced: usize,
    /// Sends in doubt.
    pub unknown: usize,
    /// Polls that gave something.
    pub polls: usize,
    /// Records that they gave.
    pub records: usize,
    /// Of all values, those that somebody read.
    pub read: usize,
    /// Transactions whose commit was answered.
    pub committed: usize,
    /// Transactions that were said to be aborted.
    pub aborted: usize,
    /// Transactions of whose end nobody was told.
    pub undecided: usize,
    /// Of the undecided, those whose commit was asked for.
    pub in_doubt: usize,
    /// Of the committed, those that sent to more than one partition.
    pub spread: usize,
    /// Of the committed, those that took records as their input: by a poll, or as [`Kind::Consume`] says.
    pub reading: usize,
    /// Acknowledged values that nobody read, and that nobody need have read yet: no one read past them, nor to the end
    /// of the partition after they were sent.
    pub not_yet_read: usize,
}

impl Coverage {
    /// All but `not_yet_read`, which takes a judge.
    pub(crate) fn of(operations: &[Operation]) -> Self {
        let (mut coverage, mut names) = (Coverage::default(), Names::default());
        for Operation { process, kind, .. } in operations {
            match kind {
                Kind::Send { partition, outcome, transaction, .. } => {
                    names.producers.insert(process);
                    names.sent_in(*transaction, partition);
                    names.partitions.insert(partition);
                    *coverage.sends(outcome) += 1;
                }
                Kind::Poll { records, transaction } => {
                    names.reading.extend(transaction.filter(|_| !records.is_empty()));
                    names.consumers.insert(process);
                    names.partitions.extend(records.iter().map(|record| &*record.partition));
                    names.values.extend(records.iter().map(|record| record.value));
                    coverage.polls += usize::from(!records.is_empty());
                    coverage.records += records.len();
                }
                Kind::Drained { ends } => names.drained.extend(ends.keys().map(|name| &**name)),
                Kind::Begin { transaction } => drop(names.begun.insert(*transaction)),
                Kind::Consume { transaction, offsets } => {
                    names.reading.extend(Some(*transaction).filter(|_| !offsets.is_empty()));
                }
                Kind::Commit { transaction, outcome } => {
                    names.asked.insert(*transaction);
                    names.decided(*transaction, *outcome);
                }
                Kind::Abort { transaction, outcome } => names.decided(*transaction, *outcome),
                Kind::Assign { .. } | Kind::Seek { .. } => {}
            }
        }
        names.count(coverage)
    }

    fn sends(&mut self, outcome: &Sent) -> &mut usize {
        match outcome {
            Sent::Acked { .. } => &mut self.acked,
            Sent::Failed => &mut self.failed,
            Sent::Fenced => &mut self.fenced,
            Sent::Unknown => &mut self.unknown,
        }
    }
}

/// What is counted once, however often it comes.
#[derive(Default)]
struct Names<'h> {
    producers: BTreeSet<&'h str>,
    consumers: BTreeSet<&'h str>,
    partitions: BTreeSet<&'h str>,
    drained: BTreeSet<&'h str>,
    values: BTreeSet<u64>,
    begun: BTreeSet<TransactionId>,
    /// By transaction the first partition that it sent to.
    first: BTreeMap<TransactionId, &'h str>,
    spread: BTreeSet<TransactionId>,
    reading: BTreeSet<TransactionId>,
    /// Those whose commit was asked for.
    asked: BTreeSet<TransactionId>,
    committed: BTreeSet<TransactionId>,
    aborted: BTreeSet<TransactionId>,
}

impl<'h> Names<'h> {
    fn sent_in(&mut self, transaction: Option<TransactionId>, partition: &'h str) {
        let Some(id) = transaction else { return };
        if *self.first.entry(id).or_insert(partition) != partition {
            self.spread.insert(id);
        }
    }

    fn decided(&mut self, id: TransactionId, outcome: Decision) {
        match outcome {
            Decision::Committed => self.committed.insert(id),
            Decision::Aborted => self.aborted.insert(id),
            Decision::Fenced | Decision::Unknown => false,
        };
    }

    fn count(self, coverage: Coverage) -> Coverage {
        let decided: BTreeSet<_> = self.committed.union(&self.aborted).copied().collect();
        Coverage {
            in_doubt: self.asked.difference(&decided).count(),
            spread: self.committed.intersection(&self.spread).count(),
            reading: self.committed.intersection(&self.reading).count(),
            producers: self.producers.len(),
            consumers: self.consumers.len(),
            partitions: self.partitions.len(),
            drained: self.drained.len(),
            read: self.values.len(),
            committed: self.committed.len(),
            aborted: self.aborted.len(),
            undecided: self.begun.len().saturating_sub(decided.len()),
            ..coverage
        }
    }
}

impl fmt::Display for Coverage {
    /// Some short lines, without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sends = self.acked + self.failed + self.fenced + self.unknown;
        writeln!(f, "  partitions    {}, of which {} read to the end", self.partitions, self.drained)?;
        write!(f, "  sends         {sends} by {}: ", count(self.producers, "producer"))?;
        let fenced = some(self.fenced, " fenced,");
        writeln!(f, "{} acknowledged, {} failed,{fenced} {} in doubt", self.acked, self.failed, self.unknown)?;
        write!(f, "  polls         {} by {}: ", self.polls, count(self.consumers, "consumer"))?;
        write!(f, "{}, {}", count(self.records, "record"), count(self.read, "value"))?;
        if self.not_yet_read > 0 {
            write!(f, "\n  not yet read  {} acknowledged", self.not_yet_read)?;
        }
        let Coverage { committed, aborted, undecided, .. } = self;
        if committed + aborted + undecided > 0 {
            write!(f, "\n  transactions  {committed} committed")?;
            if self.spread + self.reading > 0 {
                write!(f, " ({} of several partitions, {} with reads inside)", self.spread, self.reading)?;
            }
            write!(f, ", {aborted} aborted, {undecided} undecided")?;
            if self.in_doubt > 0 {
                write!(f, " ({} in doubt)", self.in_doubt)?;
            }
        }
        Ok(())
    }
}

/// A number and what it is of, or nothing if it is none.
fn some(number: usize, what: &str) -> String {
    if number > 0 { format!(" {number}{what}") } else { String::new() }
}

/// `1 record`, `2 records`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
