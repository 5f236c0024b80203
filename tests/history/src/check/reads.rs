//! Only what may be read is read: **phantom**, **read of a failed write**, **read of a fenced write**, **aborted read**,
//! **precommitted read**.
//!
//! Each record of each poll is held against its send. A value is reported once, for the first poll that shows it.

use std::collections::BTreeSet;

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Fate, Standing, Transaction};
use crate::operation::{Kind, Record, Time, TransactionId};
use crate::verdict::{Clue, Findings};

/// The poll that a record was read in.
struct Poll {
    ended: Time,
    transaction: Option<TransactionId>,
}

pub(super) fn check(facts: &Facts<'_>, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for (at, operation) in facts.operations.iter().enumerate() {
        let (Kind::Poll { records, transaction }, Some(ended)) = (&operation.kind, operation.ended) else { continue };
        let poll = Poll { ended, transaction: *transaction };
        for record in records {
            if let Some((anomaly, why, others)) = judge(facts, &poll, record)
                && reported.insert((anomaly, &record.partition, record.value))
            {
                findings.add(anomaly, || Clue {
                    partitions: vec![&*record.partition],
                    offsets: vec![record.offset],
                    values: vec![record.value],
                    operations: [at].into_iter().chain(others).collect(),
                    what: format!("value {} was read at offset {}, {why}", record.value, record.offset),
                    steps: Vec::new(),
                });
            }
        }
    }
}

/// What is wrong with a record, why, and which other operations show it.
type Wrong = (Anomaly, String, Vec<usize>);

fn judge(facts: &Facts<'_>, poll: &Poll, record: &Record) -> Option<Wrong> {
    let Some(send) = facts.sends.get(&record.value) else {
        return Some((Anomaly::Phantom, "and nobody sent it".to_owned(), Vec::new()));
    };
    if send.partition != &*record.partition {
        let why = format!("and it was sent to {}", send.partition);
        return Some((Anomaly::Phantom, why, vec![send.at]));
    }
    if poll.ended < send.began {
        return Some((Anomaly::Phantom, "before it was sent".to_owned(), vec![send.at]));
    }
    let id = match (send.standing, send.transaction) {
        (Standing::Failed, _) => {
            return Some((Anomaly::FailedRead, "and its send had failed".to_owned(), vec![send.at]));
        }
        (Standing::Fenced, _) => {
            let fence = facts.fences.before(send.process, send.began);
            let why =
                if fence.is_some() { "and its producer had been fenced before" } else { "and its send was fenced" };
            let others = [send.at].into_iter().chain(fence).collect();
            return Some((Anomaly::FencedRead, why.to_owned(), others));
        }
        (_, None) => return None,
        (_, Some(id)) => id,
    };
    let transaction = &facts.transactions[&id];
    let (anomaly, why) = against(poll, id, transaction)?;
    Some((anomaly, format!("{why} transaction {id}"), [send.at].into_iter().chain(transaction.told()).collect()))
}

fn against(poll: &Poll, id: TransactionId, transaction: &Transaction) -> Option<(Anomaly, &'static str)> {
    match transaction.fate() {
        Fate::Aborted if transaction.is_fenced() => {
            Some((Anomaly::AbortedRead, "and its producer was fenced before it asked to commit"))
        }
        Fate::Aborted => Some((Anomaly::AbortedRead, "of the aborted")),
        Fate::Open => Some((Anomaly::PrecommittedRead, "and nobody asked to commit")),
        _ if poll.transaction == Some(id) => Some((Anomaly::PrecommittedRead, "inside its own")),
        _ if !transaction.could_be_read(poll.ended) => {
            Some((Anomaly::PrecommittedRead, "before anybody had asked to commit"))
        }
        Fate::Committed | Fate::Unknown => None,
    }
}
