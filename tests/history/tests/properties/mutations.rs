//! What a broken broker, or a broken client, would have made of a history: one thing is changed, and what the judge must say
//! follows from it.

mod transactions;

use std::collections::BTreeMap;

use history::{Anomaly, Kind, Operation, Record, Sent};

use super::world::DRAINER;

/// What must be found, and what may be found besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) must: Vec<Anomaly>,
    pub(crate) may: Vec<Anomaly>,
}

impl Expected {
    fn only(anomaly: Anomaly) -> Self {
        Expected { must: vec![anomaly], may: Vec::new() }
    }

    fn new(must: &[Anomaly], may: &[Anomaly]) -> Self {
        Expected { must: must.to_vec(), may: may.to_vec() }
    }

    pub(crate) fn holds(&self, found: &[Anomaly]) -> bool {
        self.must.iter().all(|anomaly| found.contains(anomaly))
            && found.iter().all(|anomaly| self.must.contains(anomaly) || self.may.contains(anomaly))
    }
}

/// Changes a history in one of the places where it can be done, chosen by a number; `None` if there is none.
pub(crate) type Mutation = fn(Vec<Operation>, usize) -> Option<(Vec<Operation>, Expected)>;

pub(crate) const ALL: [(&str, Mutation); 21] = [
    ("a value is in no poll", lose),
    ("a poll leaves out a value", leave_out),
    ("a poll shows a value elsewhere", displace),
    ("a poll shows a value that nobody sent", invent),
    ("a poll exchanges two values", exchange),
    ("a poll swaps two records", swap),
    ("a poll gives a record twice", repeat),
    ("a value is stored again", store_again),
    ("an acknowledgement says another's offset", misinform),
    ("a send failed", fail),
    ("a send never happened", forget),
    ("two sends were the other way round", turn_round),
    ("a commit was an abort", transactions::abort),
    ("a commit came later", transactions::delay),
    ("a commit was never asked for", transactions::never_ask),
    ("a part of a transaction is in no poll", transactions::lose_a_part),
    ("a poll leaves out a part of a transaction", transactions::leave_out_a_part),
    ("a consumer at the end was not given the last", transactions::stop_early),
    ("a send was fenced", transactions::fence),
    ("a producer had been fenced before", transactions::fence_before),
    ("a transaction read what its reader wrote", transactions::close_the_circle),
];

fn pick<T>(mut candidates: Vec<T>, number: usize) -> Option<T> {
    if candidates.is_empty() { None } else { Some(candidates.swap_remove(number % candidates.len())) }
}

/// A record of a poll: the operation, the place in it, and what it is.
type Read = (usize, usize, Record);

fn reads(operations: &[Operation]) -> Vec<Read> {
    let records = |(at, operation): (usize, &Operation)| match &operation.kind {
        Kind::Poll { records, .. } => {
            records.iter().enumerate().map(|(place, record)| (at, place, record.clone())).collect()
        }
        _ => Vec::new(),
    };
    operations.iter().enumerate().flat_map(records).collect()
}

fn records(operation: &mut Operation) -> &mut Vec<Record> {
    match &mut operation.kind {
        Kind::Poll { records, .. } => records,
        kind => panic!("{kind:?} is no poll"),
    }
}

/// The sends that somebody read, by index, with the value.
fn read_sends(operations: &[Operation], wanted: impl Fn(&Operation) -> bool) -> Vec<(usize, u64)> {
    let read: BTreeMap<u64, ()> = reads(operations).into_iter().map(|(_, _, record)| (record.value, ())).collect();
    let send = |(at, operation): (usize, &Operation)| match operation.kind {
        Kind::Send { value, .. } if read.contains_key(&value) && wanted(operation) => Some((at, value)),
        _ => None,
    };
    operations.iter().enumerate().filter_map(send).collect()
}

fn told(operation: &Operation) -> Option<i64> {
    match operation.kind {
        Kind::Send { outcome: Sent::Acked { offset }, .. } => offset,
        _ => None,
    }
}

fn lone(operation: &Operation) -> bool {
    operation.kind.transaction().is_none()
}

/// Pairs of neighbours in a poll that are records of one partition, by the place of the first.
fn neighbours(operations: &[Operation]) -> Vec<(usize, usize)> {
    let reads = reads(operations);
    let pairs = reads.windows(2).filter(|pair| pair[0].0 == pair[1].0 && pair[0].2.partition == pair[1].2.partition);
    pairs.map(|pair| (pair[0].0, pair[0].1)).collect()
}

fn lose(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let candidates = read_sends(&operations, |send| told(send).is_some() && lone(send));
    let (at, value) = pick(candidates, number)?;
    for operation in &mut operations {
        if let Kind::Poll { records, .. } = &mut operation.kind {
            records.retain(|record| record.value != value);
        }
    }
    let Kind::Send { partition, .. } = &operations[at].kind else { unreachable!("a send") };
    let rest = reads(&operations).into_iter().filter(|(_, _, record)| record.partition == *partition);
    let highest = rest.map(|(_, _, record)| record.offset).max();
    let passed = highest > told(&operations[at]);
    let anomaly = if passed { Anomaly::LostWrite } else { Anomaly::Unseen };
    Some((operations, Expected::only(anomaly)))
}

/// Records from the middle of a poll that somebody else has.
fn in_the_middle(operations: &[Operation]) -> Vec<Read> {
    let all = reads(operations);
    let inside = all.windows(3).filter(|three| {
        let (at, _, record) = &three[1];
        let together =
            three.iter().all(|(other, _, other_record)| other == at && other_record.partition == record.partition);
        let process = &operations[*at].process;
        together && all.iter().any(|(other, _, same)| same == record && operations[*other].process != *process)
    });
    inside.map(|three| three[1].clone()).collect()
}

/// And the reader has nothing else of its transaction, if it has one.
fn leave_out(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let mut candidates = in_the_middle(&operations);
    candidates.retain(|read| !transactions::has_another(&operations, read));
    let (at, place, _) = pick(candidates, number)?;
    records(&mut operations[at]).remove(place);
    Some((operations, Expected::only(Anomaly::PollSkip)))
}

/// The last record that the drainer has of a partition is shown far behind, and somebody else knows its place.
fn displace(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let all = reads(&operations);
    let mut last: BTreeMap<_, Read> = BTreeMap::new();
    for read in all.iter().filter(|read| &*operations[read.0].process == DRAINER) {
        last.insert(read.2.partition.clone(), read.clone());
    }
    let known_elsewhere = |(at, _, record): &Read| {
        let acked = operations.iter().any(|send| {
            matches!(send.kind, Kind::Send { value, .. } if value == record.value) && told(send).is_some() && lone(send)
        });
        acked || all.iter().any(|(other, _, same)| same == record && other != at)
    };
    let (at, place, _) = pick(last.into_values().filter(known_elsewhere).collect(), number)?;
    records(&mut operations[at])[place].offset += 1000;
    // Who saw it where it is has read something that the drainer now never gets.
    Some((operations, Expected::new(&[Anomaly::Duplicate], &[Anomaly::PollSkip, Anomaly::TornTransaction])))
}

fn invent(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let (at, place, _) = pick(reads(&operations), number)?;
    records(&mut operations[at])[place].value = 1;
    let may = [Anomaly::InconsistentOffset, Anomaly::LostWrite, Anomaly::Unseen, Anomaly::TornTransaction];
    Some((operations, Expected::new(&[Anomaly::Phantom], &may)))
}

/// Two neighbours have each other's values, and somebody else has seen both as they are.
fn exchange(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let all = reads(&operations);
    let seen = |record: &Record, at: usize| all.iter().any(|(other, _, same)| same == record && *other != at);
    let candidates = neighbours(&operations).into_iter().filter(|&(at, place)| {
        let both: Vec<_> = all.iter().filter(|read| read.0 == at && (place..=place + 1).contains(&read.1)).collect();
        both.iter().all(|(_, _, record)| seen(record, at))
    });
    let (at, place) = pick(candidates.collect(), number)?;
    let records = records(&mut operations[at]);
    (records[place].value, records[place + 1].value) = (records[place + 1].value, records[place].value);
    // Of an acknowledgement without an offset the place is where the value was read, and that is now in doubt.
    let must = [Anomaly::InconsistentOffset, Anomaly::Duplicate];
    Some((operations, Expected::new(&must, &[Anomaly::NonmonotonicSend])))
}

fn swap(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let (at, place) = pick(neighbours(&operations), number)?;
    records(&mut operations[at]).swap(place, place + 1);
    Some((operations, Expected::only(Anomaly::NonmonotonicPoll)))
}

fn repeat(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let (at, place, record) = pick(reads(&operations), number)?;
    records(&mut operations[at]).insert(place, record);
    Some((operations, Expected::only(Anomaly::NonmonotonicPoll)))
}

fn store_again(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let all = reads(&operations);
    let (_, _, record) = pick(all, number)?;
    let last = operations
        .iter_mut()
        .rfind(|operation| &*operation.process == DRAINER && matches!(operation.kind, Kind::Poll { .. }));
    records(last?).push(Record { offset: 100_000, ..record });
    Some((operations, Expected::only(Anomaly::Duplicate)))
}

fn misinform(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let sends = read_sends(&operations, |send| told(send).is_some() && lone(send));
    let partition = |at: usize| match &operations[at].kind {
        Kind::Send { partition, .. } => partition.clone(),
        kind => panic!("{kind:?} is no send"),
    };
    let pairs = sends.windows(2).filter(|pair| partition(pair[0].0) == partition(pair[1].0));
    let (first, second) = pick(pairs.map(|pair| (pair[0].0, pair[1].0)).collect(), number)?;
    let wrong = told(&operations[first]);
    if let Kind::Send { outcome, .. } = &mut operations[second].kind {
        *outcome = Sent::Acked { offset: wrong };
    }
    let must = [Anomaly::InconsistentOffset, Anomaly::Duplicate];
    Some((operations, Expected::new(&must, &[Anomaly::NonmonotonicSend])))
}

fn fail(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let (at, _) = pick(read_sends(&operations, |send| send.ended.is_some()), number)?;
    if let Kind::Send { outcome, .. } = &mut operations[at].kind {
        *outcome = Sent::Failed;
    }
    Some((operations, Expected::only(Anomaly::FailedRead)))
}

fn forget(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let (at, _) = pick(read_sends(&operations, |_| true), number)?;
    operations.remove(at);
    Some((operations, Expected::only(Anomaly::Phantom)))
}

/// Two sends of one producer to one partition change their times.
fn turn_round(mut operations: Vec<Operation>, number: usize) -> Option<(Vec<Operation>, Expected)> {
    let sends = read_sends(&operations, |send| told(send).is_some() && lone(send));
    let line = |at: usize| match &operations[at].kind {
        Kind::Send { partition, .. } => (operations[at].process.clone(), partition.clone()),
        kind => panic!("{kind:?} is no send"),
    };
    let pairs = sends.windows(2).filter(|pair| line(pair[0].0) == line(pair[1].0));
    let (first, second) = pick(pairs.map(|pair| (pair[0].0, pair[1].0)).collect(), number)?;
    let times = [first, second].map(|at| (operations[at].began, operations[at].ended));
    (operations[first].began, operations[first].ended) = times[1];
    (operations[second].began, operations[second].ended) = times[0];
    // What was read early is now sent late.
    Some((operations, Expected::new(&[Anomaly::NonmonotonicSend], &[Anomaly::Phantom])))
}
