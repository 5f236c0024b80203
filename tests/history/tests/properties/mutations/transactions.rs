//! What goes wrong with transactions.

use std::collections::{BTreeMap, BTreeSet};

use history::{Anomaly, Decision, Kind, Operation, Sent};

use super::super::world::DRAINER;
use super::{Expected, Read, in_the_middle, lone, pick, read_sends, reads, records, told};

type Mutated = Option<(Vec<Operation>, Expected)>;

/// By value, the transaction that it was sent in.
fn of_values(operations: &[Operation]) -> BTreeMap<u64, u64> {
    let of = |operation: &Operation| match operation.kind {
        Kind::Send { value, transaction, .. } => Some((value, transaction?)),
        _ => None,
    };
    operations.iter().filter_map(of).collect()
}

/// Whether the process that read this has read another record of its transaction, in any poll.
pub(super) fn has_another(operations: &[Operation], (at, _, record): &Read) -> bool {
    let transactions = of_values(operations);
    let Some(own) = transactions.get(&record.value) else { return false };
    let process = &operations[*at].process;
    reads(operations).iter().any(|(other, _, another)| {
        operations[*other].process == *process
            && another.value != record.value
            && transactions.get(&another.value) == Some(own)
    })
}

/// Processes that are never told that they are fenced.
fn unfenced(operations: &[Operation]) -> impl Fn(&Operation) -> bool + use<> {
    let fenced = |operation: &&Operation| match operation.kind {
        Kind::Send { outcome, .. } => outcome == Sent::Fenced,
        Kind::Commit { outcome, .. } | Kind::Abort { outcome, .. } => outcome == Decision::Fenced,
        _ => false,
    };
    let fenced: BTreeSet<_> = operations.iter().filter(fenced).map(|operation| operation.process.clone()).collect();
    move |operation| !fenced.contains(&operation.process)
}

/// The commits of transactions of which something was read.
fn read_commits(operations: &[Operation], wanted: impl Fn(&Operation) -> bool) -> Vec<usize> {
    let sends = read_sends(operations, |_| true);
    let read: BTreeSet<_> = sends.iter().filter_map(|&(at, _)| operations[at].kind.transaction()).collect();
    let commit = |(at, operation): (usize, &Operation)| match operation.kind {
        Kind::Commit { transaction, .. } if read.contains(&transaction) && wanted(operation) => Some(at),
        _ => None,
    };
    operations.iter().enumerate().filter_map(commit).collect()
}

pub(super) fn abort(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let at = pick(read_commits(&operations, |_| true), number)?;
    if let Kind::Commit { outcome, .. } = &mut operations[at].kind {
        *outcome = Decision::Aborted;
    }
    Some((operations, Expected::only(Anomaly::AbortedRead)))
}

pub(super) fn delay(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let at = pick(read_commits(&operations, unfenced(&operations)), number)?;
    let last = operations.iter().filter_map(|operation| operation.ended).max()?;
    (operations[at].began, operations[at].ended) = (last + 1, Some(last + 2));
    Some((operations, Expected::only(Anomaly::PrecommittedRead)))
}

pub(super) fn never_ask(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let at = pick(read_commits(&operations, unfenced(&operations)), number)?;
    operations.remove(at);
    Some((operations, Expected::only(Anomaly::PrecommittedRead)))
}

/// A record that has an offset is lost, and another of its transaction is not.
pub(super) fn lose_a_part(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let sends = read_sends(&operations, |send| !lone(send));
    let transaction = |at: usize| operations[at].kind.transaction();
    let has_more = |&(at, value): &(usize, u64)| {
        told(&operations[at]).is_some()
            && sends.iter().any(|&(other, another)| another != value && transaction(other) == transaction(at))
    };
    let (_, value) = pick(sends.iter().copied().filter(has_more).collect(), number)?;
    for operation in &mut operations {
        if let Kind::Poll { records, .. } = &mut operation.kind {
            records.retain(|record| record.value != value);
        }
    }
    Some((operations, Expected::only(Anomaly::TornTransaction)))
}

/// The reader has another record of the transaction, and somebody else has this one.
pub(super) fn leave_out_a_part(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let mut candidates = in_the_middle(&operations);
    candidates.retain(|read| has_another(&operations, read));
    let (at, place, _) = pick(candidates, number)?;
    records(&mut operations[at]).remove(place);
    Some((operations, Expected::only(Anomaly::TornTransaction)))
}

/// The drainer was not given the last record of a partition, and somebody else has it.
pub(super) fn stop_early(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let all = reads(&operations);
    let mut own: BTreeMap<_, Vec<Read>> = BTreeMap::new();
    for read in all.iter().filter(|read| &*operations[read.0].process == DRAINER) {
        own.entry(read.2.partition.clone()).or_default().push(read.clone());
    }
    let known = |(at, _, record): &Read| all.iter().any(|(other, _, same)| same == record && other != at);
    let last = own.into_values().filter(|reads| reads.len() > 1).filter_map(|mut reads| reads.pop()).filter(known);
    let read = pick(last.collect(), number)?;
    let anomaly = if has_another(&operations, &read) { Anomaly::TornTransaction } else { Anomaly::PollSkip };
    records(&mut operations[read.0]).remove(read.1);
    Some((operations, Expected::only(anomaly)))
}

/// What its producer does afterwards is a zombie's.
fn zombies() -> Expected {
    Expected::new(&[Anomaly::FencedRead], &[Anomaly::AbortedRead])
}

pub(super) fn fence(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let (at, _) = pick(read_sends(&operations, |send| send.ended.is_some()), number)?;
    if let Kind::Send { outcome, .. } = &mut operations[at].kind {
        *outcome = Sent::Fenced;
    }
    Some((operations, zombies()))
}

/// A send of the same producer was fenced a moment before another began.
pub(super) fn fence_before(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let (at, _) = pick(read_sends(&operations, |send| send.began > 0), number)?;
    let Kind::Send { partition, .. } = &operations[at].kind else { unreachable!("a send") };
    let kind = Kind::Send { partition: partition.clone(), value: 1, transaction: None, outcome: Sent::Fenced };
    let moment = operations[at].began - 1;
    let fenced = Operation { process: operations[at].process.clone(), began: moment, ended: Some(moment), kind };
    operations.insert(at, fenced);
    Some((operations, zombies()))
}

/// One transaction read of another. Now that one reads of the first, too, just before it asks for its commit; and its process
/// seeks there and back.
pub(super) fn close_the_circle(mut operations: Vec<Operation>, number: usize) -> Mutated {
    let transactions = of_values(&operations);
    let mut commits = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Kind::Commit { transaction, outcome: Decision::Committed } = operation.kind {
            commits.entry(transaction).or_insert(at);
        }
    }
    let all = reads(&operations);
    let mut candidates = Vec::new();
    for (at, _, record) in &all {
        let writer = transactions.get(&record.value).and_then(|writer| commits.get(writer));
        let (Some(reader), Some(&commit)) = (operations[*at].kind.transaction(), writer) else { continue };
        let own = all.iter().find(|(_, _, own)| transactions.get(&own.value) == Some(&reader));
        if let (true, Some((_, _, own))) = (commits.contains_key(&reader), own) {
            candidates.push((commit, own.clone()));
        }
    }
    let (commit, record) = pick(candidates, number)?;
    let Operation { process, began, ref kind, .. } = operations[commit].clone();
    let seek = Kind::Seek { partition: record.partition.clone() };
    let poll = Kind::Poll { records: vec![record], transaction: kind.transaction() };
    let note = |kind| Operation { process: process.clone(), began, ended: Some(began), kind };
    operations.splice(commit..commit, [note(seek.clone()), note(poll), note(seek)]);
    // What it reads is not decided yet, and perhaps not even sent.
    let may = [Anomaly::PrecommittedRead, Anomaly::Phantom];
    Some((operations, Expected::new(&[Anomaly::CircularFlow], &may)))
}
