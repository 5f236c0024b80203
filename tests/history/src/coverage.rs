//! What a run did, in numbers.

use std::collections::BTreeSet;
use std::fmt;

use crate::operation::{Decision, Kind, Operation, Sent};

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
                Kind::Send { partition, outcome, .. } => {
                    names.producers.insert(process);
                    names.partitions.insert(partition);
                    *coverage.sends(outcome) += 1;
                }
                Kind::Poll { records, .. } => {
                    names.consumers.insert(process);
                    names.partitions.extend(records.iter().map(|record| &*record.partition));
                    names.values.extend(records.iter().map(|record| record.value));
                    coverage.polls += usize::from(!records.is_empty());
                    coverage.records += records.len();
                }
                Kind::Drained { ends } => names.drained.extend(ends.keys().map(|name| &**name)),
                Kind::Begin { transaction } => drop(names.begun.insert(*transaction)),
                Kind::Commit { transaction, outcome } | Kind::Abort { transaction, outcome } => {
                    match outcome {
                        Decision::Committed => names.committed.insert(*transaction),
                        Decision::Aborted => names.aborted.insert(*transaction),
                        Decision::Unknown => false,
                    };
                }
                Kind::Assign { .. } | Kind::Seek { .. } => {}
            }
        }
        names.count(coverage)
    }

    fn sends(&mut self, outcome: &Sent) -> &mut usize {
        match outcome {
            Sent::Acked { .. } => &mut self.acked,
            Sent::Failed => &mut self.failed,
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
    begun: BTreeSet<u64>,
    committed: BTreeSet<u64>,
    aborted: BTreeSet<u64>,
}

impl Names<'_> {
    fn count(self, coverage: Coverage) -> Coverage {
        let decided = self.committed.union(&self.aborted).count();
        Coverage {
            producers: self.producers.len(),
            consumers: self.consumers.len(),
            partitions: self.partitions.len(),
            drained: self.drained.len(),
            read: self.values.len(),
            committed: self.committed.len(),
            aborted: self.aborted.len(),
            undecided: self.begun.len().saturating_sub(decided),
            ..coverage
        }
    }
}

impl fmt::Display for Coverage {
    /// Some short lines, without a newline at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sends = self.acked + self.failed + self.unknown;
        writeln!(f, "  partitions    {}, of which {} read to the end", self.partitions, self.drained)?;
        write!(f, "  sends         {sends} by {}: ", count(self.producers, "producer"))?;
        writeln!(f, "{} acknowledged, {} failed, {} in doubt", self.acked, self.failed, self.unknown)?;
        write!(f, "  polls         {} by {}: ", self.polls, count(self.consumers, "consumer"))?;
        write!(f, "{}, {}", count(self.records, "record"), count(self.read, "value"))?;
        if self.not_yet_read > 0 {
            write!(f, "\n  not yet read  {} acknowledged", self.not_yet_read)?;
        }
        let Coverage { committed, aborted, undecided, .. } = self;
        if committed + aborted + undecided > 0 {
            write!(f, "\n  transactions  {committed} committed, {aborted} aborted, {undecided} undecided")?;
        }
        Ok(())
    }
}

/// `1 record`, `2 records`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
