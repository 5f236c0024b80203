//! A transaction is read whole or not at all: **torn transaction**.
//!
//! That a record is missing is found by the passes for [`losses`](super::losses) and [`polls`](super::polls), which hand it in
//! here before they give it a name. If it is a part of a committed transaction, and another part was read, then it is the
//! transaction that is torn, and nothing else is said of that record. One half is there and the other is not: that is
//! worse than a loss, for it is what transactions are there to rule out, and it has other causes. A marker said "committed"
//! in one partition and "aborted" in another, or never came; or a reader took the transaction for open when it
//! came to one record, and for committed at the next.
//!
//! ```text
//!   lost     nobody was given b, and somebody was given a      one finding for the transaction
//!   passed   others were given b; this consumer was given a    one for the transaction and the consumer
//!            (anywhere, at any time), and went past b
//! ```
//!
//! # Why this accuses nobody too early
//!
//! A transaction's markers reach its partitions one by one, so while the run goes on a reader may have all of it in one partition
//! and none in another. But where the marker has not come, no reader gets past the transaction's first record. So
//! *past* is the whole condition: who read something behind `b`, or was at the end when all was healed, had a marker in between.
//! What nobody has come to yet is not missing.
//!
//! A transaction in doubt may be either. When a part of it was read it is committed ([`facts`](crate::facts)), and the other parts
//! must be there in the end.

use std::collections::BTreeMap;

use crate::anomaly::Anomaly;
use crate::facts::{Facts, Send, Sighting};
use crate::operation::{Kind, Offset, TransactionId, Value};
use crate::rules::Rules;
use crate::verdict::{Clue, Findings, list};

/// How many of the missing records are shown.
const SHOWN: usize = 3;

/// Which transactions were read, and of which of those a record is missing.
pub(super) struct Torn<'f, 'h> {
    facts: &'f Facts<'h>,
    /// Whether a record that nobody has is a sign of a torn transaction. Where acknowledged writes may be lost it is not.
    losses_tear: bool,
    /// By transaction and process, up to two different records that the process was given of it.
    given: BTreeMap<TransactionId, BTreeMap<&'h str, Vec<Given<'h>>>>,
    /// By transaction, and by the process that went past the record, or nobody if nobody has it.
    tears: BTreeMap<(TransactionId, Option<&'h str>), Tear<'h>>,
}

#[derive(Debug, Clone, Copy)]
struct Given<'h> {
    value: Value,
    partition: &'h str,
    /// In which poll.
    at: usize,
}

struct Tear<'h> {
    /// What was read of it, and by whom.
    given: (&'h str, Given<'h>),
    /// The first few that are missing.
    missing: Vec<(Value, &'h str)>,
    number: usize,
    /// What shows that those are missing.
    proof: Proof,
}

/// What shows that a record is missing: offsets and values that its reader had come to, and operations.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) offsets: Vec<Offset>,
    pub(super) values: Vec<Value>,
    pub(super) operations: Vec<usize>,
}

impl<'f, 'h> Torn<'f, 'h> {
    pub(super) fn of(facts: &'f Facts<'h>, rules: &Rules) -> Self {
        let mut given: BTreeMap<_, BTreeMap<&str, Vec<Given<'_>>>> = BTreeMap::new();
        for (at, operation) in facts.operations.iter().enumerate() {
            let (Kind::Poll { records, transaction }, Some(ended)) = (&operation.kind, operation.ended) else {
                continue;
            };
            for record in records {
                let Some(send) = facts.send(&record.partition, record.value) else { continue };
                let Some(id) = send.transaction.filter(|id| facts.transactions[id].committed()) else { continue };
                if *transaction == Some(id) || !facts.transactions[&id].could_be_read(ended) {
                    continue;
                }
                let own = given.entry(id).or_default().entry(&*operation.process).or_default();
                if own.len() < 2 && own.iter().all(|given| given.value != send.value) {
                    own.push(Given { value: send.value, partition: send.partition, at });
                }
            }
        }
        Torn { facts, losses_tear: rules.acks_are_evidence(), given, tears: BTreeMap::new() }
    }

    /// Nobody was given this record, and somebody should have been. Whether it is told here.
    pub(super) fn lost(&mut self, send: &Send<'h>, clue: &Clue<'_>) -> bool {
        let Some(id) = send.transaction.filter(|_| self.losses_tear) else { return false };
        let readers = self.given.get(&id).into_iter().flatten();
        let Some((&process, given)) = readers.min_by_key(|(_, given)| given[0].at) else { return false };
        let given = (process, given[0]);
        let Clue { offsets, values, operations, .. } = clue.clone();
        self.tear((id, None), given, send, Proof { offsets, values, operations });
        true
    }

    /// This process went past a record that others were given. Whether it is told here.
    pub(super) fn passed(
        &mut self,
        process: &'h str,
        partition: &str,
        seen: &Sighting,
        proof: impl FnOnce() -> Proof,
    ) -> bool {
        let facts = self.facts;
        let Some(send) = facts.send(partition, seen.value) else { return false };
        let Some(id) = send.transaction else { return false };
        let given = self.given.get(&id).and_then(|readers| readers.get(process)).into_iter().flatten();
        let Some(&another) = given.into_iter().find(|given| given.value != send.value) else { return false };
        let mut proof = proof();
        proof.offsets.push(seen.offset);
        proof.operations.push(seen.at);
        self.tear((id, Some(process)), (process, another), send, proof);
        true
    }

    fn tear(
        &mut self,
        which: (TransactionId, Option<&'h str>),
        given: (&'h str, Given<'h>),
        send: &Send<'h>,
        proof: Proof,
    ) {
        let new = || Tear { given, missing: Vec::new(), number: 0, proof: Proof::default() };
        let tear = self.tears.entry(which).or_insert_with(new);
        tear.number += 1;
        if tear.missing.len() < SHOWN {
            tear.missing.push((send.value, send.partition));
            tear.proof.offsets.extend(proof.offsets);
            tear.proof.values.extend(proof.values);
            tear.proof.operations.extend(proof.operations.into_iter().chain([send.at]));
        }
    }

    /// All that was handed in.
    pub(super) fn tell(self, findings: &mut Findings<'_>) {
        for ((id, passed), tear) in &self.tears {
            findings.add(Anomaly::TornTransaction, || self.clue(*id, passed.is_some(), tear));
        }
    }

    fn clue(&self, id: TransactionId, passed: bool, tear: &Tear<'h>) -> Clue<'h> {
        let (process, given) = tear.given;
        let more = (tear.number > tear.missing.len()).then(|| format!("{} more", tear.number - tear.missing.len()));
        let missing = list(tear.missing.iter().map(|(value, _)| value.to_string()).chain(more), SHOWN + 1);
        let how = if passed { "went past" } else { "nobody was given" };
        let what =
            format!("transaction {id} was read in part: {process} was given {}, and {how} {missing}", given.value);
        let Proof { offsets, values, operations } = &tear.proof;
        let in_one_partition = tear.missing.iter().all(|(_, name)| *name == given.partition);
        let commit = self.facts.transactions[&id].told();
        let missing = tear.missing.iter().map(|(value, _)| *value);
        Clue {
            partitions: [given.partition].into_iter().chain(tear.missing.iter().map(|(_, name)| *name)).collect(),
            offsets: if in_one_partition { offsets.clone() } else { Vec::new() },
            values: [given.value].into_iter().chain(missing).chain(values.iter().copied()).collect(),
            operations: [given.at].into_iter().chain(operations.iter().copied()).chain(commit).collect(),
            what,
            steps: Vec::new(),
        }
    }
}
