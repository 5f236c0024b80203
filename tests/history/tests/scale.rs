//! Large runs are judged, sound ones and broken ones. If the time grew as the square of their size, it would show.

use std::sync::Arc;

use history::{Anomaly, Floors, Kind, Operation, Partition, Record, Rules, Sent, check};

/// How much a broken run sends; a square of it is too much.
const SENDS: u64 = 60_000;
/// How many transactions those runs have in which all depends on them. A square of it is too much as well.
const TRANSACTIONS: u64 = 20_000;
/// Records of a poll.
const POLLED: usize = 20;

/// One partition: so many sends, and two consumers that read all of it.
fn large(sends: u64) -> Vec<Operation> {
    let orders: Partition = Arc::from("orders-0");
    let operation = |process: &str, time: u64, kind| Operation {
        process: process.into(),
        began: time,
        ended: Some(time + 1),
        kind,
    };
    let all = (0..sends).map(|value| {
        let outcome = Sent::Acked { offset: Some(value as i64) };
        operation("producer-1", 10 * value, Kind::Send { partition: orders.clone(), value, transaction: None, outcome })
    });
    let records: Vec<_> = (0..sends).map(|value| Record::new(orders.clone(), value as i64, value)).collect();
    let polls = ["consumer-1", "consumer-2"].into_iter().flat_map(|consumer| {
        records.chunks(POLLED).zip(1..).map(move |(records, number)| {
            operation(consumer, 20_000_000 + 10 * number, Kind::Poll { records: records.to_vec(), transaction: None })
        })
    });
    all.chain(polls).collect()
}

fn polls<'o>(operations: &'o mut [Operation], process: &'o str) -> impl Iterator<Item = &'o mut Vec<Record>> {
    let own = operations.iter_mut().filter(move |operation| &*operation.process == process);
    own.filter_map(|operation| match &mut operation.kind {
        Kind::Poll { records, .. } => Some(records),
        _ => None,
    })
}

#[test]
fn two_hundred_thousand_operations() {
    let operations = large(185_000);
    assert!(operations.len() > 200_000);
    let floors = Floors { acked: 185_000, records: 370_000, consumers: 2, ..Floors::default() };
    let verdict = check(&operations.into(), &Rules::strict().floors(floors));
    assert!(verdict.is_clean(), "{verdict}");
}

#[test]
fn everything_is_lost_but_the_last() {
    let mut operations = large(SENDS);
    operations.retain(|operation| matches!(operation.kind, Kind::Send { .. }));
    let last = Record::new("orders-0", SENDS as i64 - 1, SENDS - 1);
    let poll = Kind::Poll { records: vec![last], transaction: None };
    operations.push(Operation { process: "consumer-1".into(), began: 30_000_000, ended: Some(30_000_001), kind: poll });
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::LostWrite]);
    assert_eq!(verdict.count(Anomaly::LostWrite), SENDS as usize - 1);
    assert_eq!(verdict.findings(Anomaly::LostWrite).len(), 100);
    assert!(verdict.to_string().lines().count() < 30, "{verdict}");
}

/// Each of many polls jumps over the whole log, and none of them gives what lies between.
#[test]
fn many_wide_skips() {
    let mut operations = large(SENDS);
    for records in polls(&mut operations, "consumer-2") {
        let ends = [0, SENDS - 1].map(|value| Record::new("orders-0", value as i64, value));
        *records = [ends.clone(), ends].concat();
    }
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PollSkip, Anomaly::NonmonotonicPoll]);
    // It passed each record once, and then it went back, again and again.
    assert_eq!(verdict.count(Anomaly::PollSkip), 1);
    assert_eq!(verdict.count(Anomaly::NonmonotonicPoll), 2 * SENDS as usize / POLLED - 1);
}

/// The same, and before each jump the consumer seeks back to the start: thousands of passages over the whole log.
#[test]
fn many_passages() {
    let mut operations = Vec::new();
    for mut operation in large(SENDS) {
        if &*operation.process == "consumer-2" {
            let seek = Kind::Seek { partition: Arc::from("orders-0") };
            let ends = [0, SENDS - 1].map(|value| Record::new("orders-0", value as i64, value));
            operation.kind = Kind::Poll { records: ends.to_vec(), transaction: None };
            operations.push(Operation { kind: seek, ended: Some(operation.began), ..operation.clone() });
        }
        operations.push(operation);
    }
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PollSkip]);
    assert_eq!(verdict.count(Anomaly::PollSkip), SENDS as usize / POLLED);
}

/// All read backwards.
#[test]
fn everything_comes_in_reverse() {
    let mut operations = large(SENDS);
    let mut all: Vec<Record> = polls(&mut operations, "consumer-2").flat_map(|records| records.drain(..)).collect();
    all.reverse();
    for (records, reversed) in polls(&mut operations, "consumer-2").zip(all.chunks(POLLED)) {
        *records = reversed.to_vec();
    }
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::NonmonotonicPoll]);
    assert_eq!(verdict.count(Anomaly::NonmonotonicPoll), SENDS as usize - 1);
}

/// Every other poll saw another log.
#[test]
fn two_logs() {
    let mut operations = large(SENDS);
    for records in polls(&mut operations, "consumer-2") {
        records.iter_mut().for_each(|record| record.value = (record.value + 1) % SENDS);
    }
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::InconsistentOffset, Anomaly::Duplicate]);
    assert_eq!(verdict.count(Anomaly::InconsistentOffset), SENDS as usize);
    assert_eq!(verdict.count(Anomaly::Duplicate), SENDS as usize);
}

/// One transaction whose records lie now at the front of the log and now at its end.
#[test]
fn a_large_transaction_out_of_order() {
    let mut operations = large(SENDS);
    let times = (0, 19_000_000);
    for operation in &mut operations {
        if let Kind::Send { transaction, value, outcome, .. } = &mut operation.kind {
            *transaction = Some(0);
            let place = if *value % 2 == 0 { *value / 2 } else { SENDS - 1 - *value / 2 };
            *outcome = Sent::Acked { offset: Some(place as i64) };
        } else if let Kind::Poll { records, .. } = &mut operation.kind {
            for record in records {
                let place = record.offset as u64;
                record.value = if place < SENDS / 2 { 2 * place } else { 2 * (SENDS - 1 - place) + 1 };
            }
        }
    }
    let of = |time, kind| Operation { process: "producer-1".into(), began: time, ended: Some(time), kind };
    operations.insert(0, of(times.0, Kind::Begin { transaction: 0 }));
    operations.push(of(times.1, Kind::Commit { transaction: 0, outcome: history::Decision::Committed }));
    let verdict = check(&operations.into(), &Rules::strict().forbid(Anomaly::SendSkip));
    assert_eq!(verdict.broken(), [Anomaly::NonmonotonicSend], "{verdict}");
    assert_eq!(verdict.count(Anomaly::NonmonotonicSend), SENDS as usize / 2 - 1);
}

const ORDERS: &str = "orders-0";
const STOCK: &str = "stock-0";

fn at(process: &str, time: u64, kind: Kind) -> Operation {
    Operation { process: process.into(), began: time, ended: Some(time), kind }
}

fn sent(process: &str, time: u64, id: u64, (partition, offset, value): (&str, u64, u64)) -> Operation {
    let outcome = Sent::Acked { offset: Some(offset as i64) };
    at(process, time, Kind::Send { partition: partition.into(), value, transaction: Some(id), outcome })
}

fn commit(process: &str, time: u64, id: u64) -> Operation {
    at(process, time, Kind::Commit { transaction: id, outcome: history::Decision::Committed })
}

/// Transactions, all open at a time, each with a record in both partitions: at `place(number)` and at `number`.
fn open_together(number: u64, place: impl Fn(u64) -> u64) -> Vec<Operation> {
    let process = |id| format!("producer-{id}");
    let mut operations: Vec<_> = (0..number).map(|id| at(&process(id), 0, Kind::Begin { transaction: id })).collect();
    operations.extend((0..number).map(|id| sent(&process(id), 10, id, (ORDERS, id, 2 * id))));
    operations.extend((0..number).map(|id| sent(&process(id), 20, id, (STOCK, place(id), 2 * id + 1))));
    operations.extend((0..number).map(|id| commit(&process(id), 30, id)));
    let mut stock: Vec<(u64, u64)> = (0..number).map(|id| (place(id), 2 * id + 1)).collect();
    stock.sort_unstable();
    let orders = (0..number).map(|id| Record::new(ORDERS, id as i64, 2 * id));
    let stock = stock.into_iter().map(|(offset, value)| Record::new(STOCK, offset as i64, value));
    let records = orders.chain(stock).collect();
    operations.push(at("consumer-1", 40, Kind::Poll { records, transaction: None }));
    operations
}

/// All behind one another in both, and then all the other way round in one of them: each pair is a cycle, and all are one knot.
#[test]
fn transactions_in_order_and_in_no_order() {
    let isolated = Rules::strict().isolated_writes();
    let verdict = check(&open_together(TRANSACTIONS, |id| id).into(), &isolated);
    assert!(verdict.is_clean(), "{verdict}");
    let verdict = check(&open_together(TRANSACTIONS, |id| TRANSACTIONS - 1 - id).into(), &isolated);
    assert_eq!(verdict.broken(), [Anomaly::WriteCycle]);
    assert_eq!(verdict.count(Anomaly::WriteCycle), 1);
    assert!(verdict.findings(Anomaly::WriteCycle)[0].what.starts_with("transactions 0 → 1 → 0:"), "{verdict}");
    // Neighbours exchanged: as many knots as pairs.
    let verdict = check(&open_together(TRANSACTIONS, |id| id ^ 1).into(), &isolated);
    assert_eq!(verdict.count(Anomaly::WriteCycle), TRANSACTIONS as usize / 2);
}

/// Each transaction worked on what the one before it wrote, and the first on what the last wrote: one circle through all of them.
#[test]
fn a_circle_through_all() {
    let mut operations = Vec::new();
    let process = |id| format!("worker-{id}");
    for id in 0..TRANSACTIONS {
        let (before, time) = ((id + TRANSACTIONS - 1) % TRANSACTIONS, 10 * id);
        let records = vec![Record::new(ORDERS, before as i64, before)];
        operations.push(at(&process(id), time, Kind::Begin { transaction: id }));
        operations.push(at(&process(id), time + 2, Kind::Poll { records, transaction: Some(id) }));
        operations.push(sent(&process(id), time, id, (ORDERS, id, id)));
        operations.push(commit(&process(id), time + 4, id));
    }
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::Phantom, Anomaly::CircularFlow], "{verdict}");
    assert_eq!((verdict.count(Anomaly::Phantom), verdict.count(Anomaly::CircularFlow)), (1, 1));
    let what = &verdict.findings(Anomaly::CircularFlow)[0].what;
    assert!(what.ends_with(": 20000 of them, each after the one before it"), "{what}");
}

/// One transaction that fills the log, and thousands of passages of which each has its ends alone.
#[test]
fn a_large_transaction_is_torn_by_many() {
    let mut operations = vec![at("producer-1", 0, Kind::Begin { transaction: 0 })];
    for mut operation in large(SENDS) {
        if let Kind::Send { transaction, .. } = &mut operation.kind {
            *transaction = Some(0);
        }
        if &*operation.process == "consumer-2" {
            let ends = [0, SENDS - 1].map(|value| Record::new(ORDERS, value as i64, value));
            operation.process = format!("consumer-{}", operation.began).into();
            operation.kind = Kind::Poll { records: ends.to_vec(), transaction: None };
        }
        operations.push(operation);
    }
    operations.push(commit("producer-1", 19_000_000, 0));
    let verdict = check(&operations.into(), &Rules::strict());
    assert_eq!(verdict.count(Anomaly::TornTransaction), SENDS as usize / POLLED);
    // Of so many records between two steps the first few are looked at, and the others are a skip.
    assert_eq!(verdict.broken(), [Anomaly::TornTransaction, Anomaly::PollSkip]);
}

/// A process takes one record after the other of all that it polled before.
#[test]
fn much_is_polled_and_taken_piece_by_piece() {
    let records: Vec<_> = (0..SENDS).map(|value| Record::new(ORDERS, value as i64, value)).collect();
    let mut operations = large(SENDS);
    operations.push(at("worker-1", 40_000_000, Kind::Poll { records, transaction: None }));
    for id in 0..TRANSACTIONS {
        let (time, offsets) = (50_000_000 + 10 * id, [(Arc::from(ORDERS), id as i64 + 1)].into());
        operations.push(at("worker-1", time, Kind::Begin { transaction: id }));
        operations.push(at("worker-1", time + 1, Kind::Consume { transaction: id, offsets }));
        operations.push(commit("worker-1", time + 2, id));
    }
    let floors = Floors { committed: TRANSACTIONS as usize, reading: TRANSACTIONS as usize, ..Floors::default() };
    let verdict = check(&operations.into(), &Rules::strict().process_order().floors(floors));
    assert!(verdict.is_clean(), "{verdict}");
}
