//! Cycles, found a second time: not with gates and knots, but by asking of each pair of transactions which comes after which, and then
//! of all of them what can be reached from where.

use std::collections::{BTreeMap, BTreeSet};

use history::{Anomaly, Decision, Kind, Operation, Rules, Sent, check};

use super::acts::busy_acts;
use super::for_each_run_of;
use super::world::live;

/// What can be reached from where, in one step or in several.
type Reach = Vec<Vec<bool>>;

fn closure(mut reach: Reach) -> Reach {
    let all = 0..reach.len();
    for middle in all.clone() {
        for from in all.clone().filter(|&from| reach[from][middle]).collect::<Vec<_>>() {
            all.clone().for_each(|to| reach[from][to] |= reach[middle][to]);
        }
    }
    reach
}

/// How many sets of at least two there are that reach one another.
fn knots(reach: &Reach) -> usize {
    let tied = |node: &usize| reach[*node][*node];
    let set = |node: usize| (0..reach.len()).filter(|&other| reach[node][other] && reach[other][node]).collect();
    let sets: BTreeSet<Vec<usize>> = (0..reach.len()).filter(tied).map(set).collect();
    sets.len()
}

fn nothing(number: usize) -> Reach {
    vec![vec![false; number]; number]
}

/// What is known of the run, in the plainest form. The history is one of a broker that is right.
struct Known {
    committed: Vec<u64>,
    /// By value its transaction, its partition and its offset.
    places: BTreeMap<u64, (u64, String, i64)>,
    /// Who worked on which value.
    inputs: Vec<(u64, u64)>,
}

impl Known {
    fn of(operations: &[Operation]) -> Self {
        let read: BTreeMap<u64, i64> = records(operations).map(|(_, record)| (record.1, record.0)).collect();
        let answered = |operation: &Operation| match operation.kind {
            Kind::Commit { transaction, outcome: Decision::Committed } => Some(transaction),
            _ => None,
        };
        let mut committed: BTreeSet<u64> = operations.iter().filter_map(answered).collect();
        let in_transactions = operations.iter().filter_map(|operation| match &operation.kind {
            Kind::Send { partition, value, transaction: Some(id), outcome } => Some((partition, *value, *id, *outcome)),
            _ => None,
        });
        // What a broker that is right showed is committed.
        committed.extend(in_transactions.clone().filter(|(_, value, ..)| read.contains_key(value)).map(|send| send.2));
        let places = in_transactions.filter(|(_, _, id, _)| committed.contains(id)).filter_map(
            |(partition, value, id, outcome)| {
                let told = if let Sent::Acked { offset } = outcome { offset } else { None };
                let offset = read.get(&value).copied().or(told)?;
                Some((value, (id, partition.to_string(), offset)))
            },
        );
        let places = places.collect();
        Known { inputs: inputs(operations), committed: committed.into_iter().collect(), places }
    }

    fn node(&self, id: u64) -> Option<usize> {
        self.committed.iter().position(|&committed| committed == id)
    }

    fn writes(&self) -> Reach {
        let mut spans: BTreeMap<(&str, usize), (i64, i64)> = BTreeMap::new();
        for (id, partition, offset) in self.places.values() {
            let key = (&**partition, self.node(*id).expect("it is committed"));
            let span = spans.entry(key).or_insert((*offset, *offset));
            *span = (span.0.min(*offset), span.1.max(*offset));
        }
        let mut writes = nothing(self.committed.len());
        for ((partition, from), (_, last)) in &spans {
            for ((other, to), (first, _)) in &spans {
                writes[*from][*to] |= partition == other && last < first;
            }
        }
        writes
    }

    fn reads(&self) -> Reach {
        let mut reads = nothing(self.committed.len());
        for (reader, value) in &self.inputs {
            let writer = self.places.get(value).and_then(|(id, ..)| self.node(*id));
            if let (Some(from), Some(to)) = (writer, self.node(*reader)) {
                reads[from][to] |= from != to;
            }
        }
        reads
    }
}

/// All records of all polls, with the poll's index: offset and value.
fn records(operations: &[Operation]) -> impl Iterator<Item = (usize, (i64, u64))> {
    operations.iter().enumerate().flat_map(|(at, operation)| {
        let records = if let Kind::Poll { records, .. } = &operation.kind { &records[..] } else { &[] };
        records.iter().map(move |record| (at, (record.offset, record.value)))
    })
}

/// Here a producer's reader polls and takes at once, and its polls do not overlap with anything that it does.
fn inputs(operations: &[Operation]) -> Vec<(u64, u64)> {
    let mut inputs = Vec::new();
    let mut waiting: Vec<(&str, &str, u64)> = Vec::new();
    for Operation { process, kind, .. } in operations {
        match kind {
            Kind::Poll { records, transaction: Some(id) } => {
                inputs.extend(records.iter().map(|record| (*id, record.value)));
            }
            Kind::Poll { records, .. } if process.starts_with("producer") => {
                waiting.extend(records.iter().map(|record| (&**process, &*record.partition, record.value)));
            }
            // It takes all, as the offsets are those of its reader.
            Kind::Consume { transaction, .. } => {
                let own = waiting.extract_if(.., |(who, ..)| *who == &**process);
                inputs.extend(own.map(|(.., value)| (*transaction, value)));
            }
            Kind::Seek { partition } => waiting.retain(|(who, place, _)| (*who, *place) != (&**process, &**partition)),
            _ => {}
        }
    }
    inputs
}

#[test]
fn cycles_are_those_that_can_be_reached() {
    let found = std::cell::RefCell::new((0, 0, 0));
    let cases = for_each_run_of(busy_acts(), |acts, _| {
        let history = live(acts);
        let verdict = check(&history, &Rules::strict());
        let known = Known::of(history.operations());
        let (writes, reads) = (known.writes(), known.reads());
        let count = |anomaly| verdict.count(anomaly);
        let (write_knots, read_knots) = (knots(&closure(writes.clone())), knots(&closure(reads.clone())));
        if (count(Anomaly::WriteCycle), count(Anomaly::CircularFlow)) != (write_knots, read_knots) {
            return Err(format!("{write_knots} and {read_knots} knots, and it is\n{verdict}"));
        }
        // A walk that goes round and has both is there, or is not.
        let nodes = 0..writes.len();
        let mut both = writes.clone();
        nodes.clone().for_each(|from| nodes.clone().for_each(|to| both[from][to] |= reads[from][to]));
        let reach = closure(both);
        let tied = |from: usize, to: usize| from == to || (reach[from][to] && reach[to][from]);
        let pairs = || nodes.clone().flat_map(|from| nodes.clone().map(move |to| (from, to)));
        let inside = |edges: &Reach| -> Vec<usize> {
            let inside = pairs().filter(|&(from, to)| edges[from][to] && tied(from, to) && from != to);
            inside.map(|(from, _)| from).collect()
        };
        let (write_ends, read_ends) = (inside(&writes), inside(&reads));
        let walk = write_ends.iter().any(|&one| read_ends.iter().any(|&two| tied(one, two)));
        let mixed = count(Anomaly::MixedCycle) > 0;
        // With a write cycle the walk may be two circles that touch.
        if mixed && !walk || walk && !mixed && write_knots == 0 {
            return Err(format!("a mixed walk: {walk}, and it is\n{verdict}"));
        }
        let mut found = found.borrow_mut();
        *found = (found.0 + write_knots, found.1 + usize::from(mixed), found.2 + read_ends.len());
        Ok(())
    });
    let (writes, mixed, _) = *found.borrow();
    println!("{cases} runs: {writes} write cycles, {mixed} runs with mixed ones");
    assert!(writes > cases as usize / 8 && mixed > cases as usize / 16, "too few: {writes}, {mixed}");
}
