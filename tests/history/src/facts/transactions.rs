//! What became of each transaction.

use std::collections::BTreeMap;

use super::Fences;
use crate::operation::{Decision, Kind, Operation, Sent, Time, TransactionId, Value};

/// What is known of a transaction's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The coordinator said so, or somebody read a part of it.
    Committed,
    /// The coordinator said so, or an abort was all that anybody asked for, or the producer was fenced before it asked.
    Aborted,
    /// A commit was asked for, and no answer came.
    Unknown,
    /// Nobody asked for anything. It may time out, and then it is aborted: it cannot be committed.
    Open,
}

/// What the operations of one transaction say about its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transaction {
    /// When and where a commit was first asked for.
    pub(crate) commit: Option<(Time, usize)>,
    /// Where an abort was first asked for.
    abort: Option<usize>,
    /// What the coordinator said, and where.
    answer: Option<(Decision, usize)>,
    /// The first poll that read a part of it, where that proves it to be committed.
    proof: Option<usize>,
    /// Where its producer was told that it is fenced, if that was before it asked for a commit.
    fenced: Option<usize>,
}

impl Transaction {
    pub(crate) fn fate(&self) -> Fate {
        match self.answer {
            Some((Decision::Aborted, _)) => Fate::Aborted,
            _ if self.fenced.is_some() => Fate::Aborted,
            Some((Decision::Committed, _)) => Fate::Committed,
            _ if self.proof.is_some() => Fate::Committed,
            _ if self.commit.is_some() => Fate::Unknown,
            _ if self.abort.is_some() => Fate::Aborted,
            _ => Fate::Open,
        }
    }

    /// The operations that say most about its end: what was answered, or else what was asked for, and who read of it; and
    /// before that, that its producer was fenced.
    pub(crate) fn told(&self) -> impl Iterator<Item = usize> + use<> {
        let end = match self.answer {
            Some((_, at)) => [Some(at), None],
            None => [self.commit.map(|(_, at)| at).or(self.abort), self.proof],
        };
        self.fenced.into_iter().chain(end.into_iter().flatten())
    }

    /// Where the coordinator said what became of it.
    pub(crate) fn answered(&self) -> Option<usize> {
        self.answer.map(|(_, at)| at)
    }

    pub(crate) fn committed(&self) -> bool {
        self.fate() == Fate::Committed
    }

    /// Whether its producer was fenced before it asked for a commit.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fenced.is_some()
    }

    /// Whether what a poll or a [`Kind::Consume`] gave by then can be what the transaction worked on: it had not asked to be
    /// committed yet.
    pub(crate) fn works_until(&self, ended: Time) -> bool {
        self.commit.is_none_or(|(began, _)| ended <= began)
    }

    /// Whether a commit had been asked for when a poll ended.
    pub(crate) fn could_be_read(&self, poll_ended: Time) -> bool {
        self.commit.is_some_and(|(began, _)| began <= poll_ended)
    }

    fn learn(&mut self, at: usize, operation: &Operation) {
        let outcome = match operation.kind {
            Kind::Commit { outcome, .. } => {
                if self.commit.is_none_or(|(began, _)| operation.began < began) {
                    self.commit = Some((operation.began, at));
                }
                outcome
            }
            Kind::Abort { outcome, .. } => {
                self.abort.get_or_insert(at);
                outcome
            }
            _ => return,
        };
        if matches!(outcome, Decision::Committed | Decision::Aborted) {
            self.answer.get_or_insert((outcome, at));
        }
    }
}

pub(super) fn of(operations: &[Operation], fences: &Fences<'_>) -> BTreeMap<TransactionId, Transaction> {
    let mut transactions = BTreeMap::new();
    for operation in operations {
        if let Kind::Begin { transaction } = operation.kind {
            transactions.insert(transaction, Transaction::default());
        }
    }
    for (at, operation) in operations.iter().enumerate() {
        if let Kind::Commit { transaction, .. } | Kind::Abort { transaction, .. } = operation.kind {
            transactions.get_mut(&transaction).expect("a transaction is begun").learn(at, operation);
        }
    }
    for operation in operations {
        if let Kind::Begin { transaction } = operation.kind {
            let own = transactions.get_mut(&transaction).expect("a transaction is begun");
            let asked = own.commit.map_or(Time::MAX, |(began, _)| began);
            own.fenced = fences.before(&operation.process, asked);
        }
    }
    transactions
}

/// Commits what is in doubt and was read: somebody else got a value of it after the commit had been asked for.
pub(super) fn prove(operations: &[Operation], transactions: &mut BTreeMap<TransactionId, Transaction>) {
    let in_doubt = values_in_doubt(operations, transactions);
    if in_doubt.is_empty() {
        return;
    }
    for (at, Operation { ended, kind, .. }) in operations.iter().enumerate() {
        let (Kind::Poll { records, transaction: reader }, Some(ended)) = (kind, *ended) else { continue };
        for record in records {
            let Some((partition, id)) = in_doubt.get(&record.value) else { continue };
            let transaction = transactions.get_mut(id).expect("a transaction is begun");
            if *partition == &*record.partition && *reader != Some(*id) && transaction.could_be_read(ended) {
                transaction.proof.get_or_insert(at);
            }
        }
    }
}

/// The values of all transactions in doubt, with where they were sent to.
fn values_in_doubt<'h>(
    operations: &'h [Operation],
    transactions: &BTreeMap<TransactionId, Transaction>,
) -> BTreeMap<Value, (&'h str, TransactionId)> {
    let mut values = BTreeMap::new();
    for operation in operations {
        let Kind::Send { partition, value, transaction: Some(id), outcome } = &operation.kind else { continue };
        let fate = transactions.get(id).expect("a transaction is begun").fate();
        if fate == Fate::Unknown && !matches!(outcome, Sent::Failed | Sent::Fenced) {
            values.insert(*value, (&**partition, *id));
        }
    }
    values
}
