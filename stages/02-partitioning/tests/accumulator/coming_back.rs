//! Batches that come back to be sent again: where they stand, how long they rest, and what waits for them.

use std::time::Duration;

use partitioning::api::RecordBytes;
use partitioning::producer::accumulator::{Past, ProducerBatch, Tries};

use crate::support::{CONFIG, Desk, at};

/// Each record of 300 bytes is a batch of its own.
const ALONE: usize = 300;

/// The batch as it comes back, to rest for so long.
fn back(desk: &Desk, mut batch: ProducerBatch<u64>, rest: u64) -> ProducerBatch<u64> {
    let (number, place, begun, plain_bytes) = (batch.number(), batch.at().clone(), batch.begun(), batch.bytes());
    let mut tries = batch.take_past().map(|past| past.tries).unwrap_or_default();
    tries.count += 1;
    let (_, tickets) = batch.into_parts();
    let rests_until = desk.now + Duration::from_millis(rest);
    let past = Past { records: RecordBytes::default(), plain_bytes, tries, rests_until };
    ProducerBatch::returned(number, place, begun, tickets, past)
}

/// Takes the first batch of partition 0, and puts it back to rest for so long.
fn fail(desk: &mut Desk, rest: u64) {
    let batch = desk.accumulator.drain(None, usize::MAX, |other| *other == at(0)).pop().expect("a batch waits");
    let batch = back(desk, batch, rest);
    desk.accumulator.put_back(batch);
}

fn numbers(desk: &Desk) -> Vec<u64> {
    desk.accumulator.batches().map(ProducerBatch::number).collect()
}

#[test]
fn a_batch_that_comes_back_is_ready_when_it_has_rested() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), ALONE);
    fail(&mut desk, 7);
    assert_eq!((desk.ready(), desk.deadline()), (vec![], Some(7)));
    let resting = |desk: &Desk| desk.accumulator.resting(desk.now).cloned().collect::<Vec<_>>();
    assert_eq!(resting(&desk), [at(0)]);
    desk.pass(6);
    assert_eq!(desk.ready(), [""; 0]);
    desk.pass(1);
    assert_eq!((desk.ready(), desk.deadline()), (vec!["orders-0 Rested".to_owned()], None));
    assert_eq!(resting(&desk), []);
}

#[test]
fn what_stands_behind_it_is_not_ready() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), ALONE);
    fail(&mut desk, 20);
    desk.append(&at(0), 20);
    desk.append(&at(1), ALONE);
    desk.pass(15);
    assert_eq!(desk.ready(), ["orders-1 Full"], "it has lingered, and the first rests");
    desk.accumulator.flush();
    assert_eq!(desk.ready(), ["orders-1 Full"], "a flush does not shorten the rest");
    assert_eq!(desk.accumulator.ready(desk.now, true).count(), 1, "nor does a want of memory");
    desk.pass(5);
    assert_eq!(desk.ready(), ["orders-0 Rested", "orders-1 Full"]);
    assert_eq!(desk.drained(), [vec![0], vec![2]]);
    assert_eq!(desk.ready(), ["orders-0 Flushed"]);
}

#[test]
fn it_takes_no_more_records() {
    let mut desk = Desk::new(CONFIG);
    let began = desk.append(&at(0), 20);
    fail(&mut desk, 5);
    assert!(!desk.accumulator.offer(&at(0), 1));
    let appended = desk.append(&at(0), 20);
    assert!(appended.is_new && !appended.has_filled);
    assert_eq!(numbers(&desk), [0, 1]);
    let first = desk.accumulator.batches().next().unwrap();
    assert_eq!((first.bytes(), first.is_open(), first.tickets()), (began.bytes, false, &[0][..]));
    assert_eq!(format!("{first:?}"), format!("batch 0 for orders-0: 1 records, {} bytes, sent 1 times", began.bytes));
}

#[test]
fn those_that_come_back_stand_before_all_that_were_begun_after_them() {
    let mut desk = Desk::new(CONFIG);
    for _ in 0..5 {
        desk.append(&at(0), ALONE);
    }
    let mut under_way: Vec<_> = (0..3).flat_map(|_| desk.drain(None, usize::MAX)).collect();
    assert_eq!(numbers(&desk), [3, 4]);
    // The second comes back before the first does.
    for place in [1, 0, 0] {
        let batch = back(&desk, under_way.remove(place), 0);
        desk.accumulator.put_back(batch);
    }
    assert_eq!(numbers(&desk), [0, 1, 2, 3, 4]);
    let drained: Vec<_> = (0..5).flat_map(|_| desk.drained()).collect();
    assert_eq!(drained, [[0], [1], [2], [3], [4]]);
    assert!(desk.accumulator.is_empty());
}

#[test]
fn its_attempts_are_counted() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), ALONE);
    fail(&mut desk, 0);
    fail(&mut desk, 0);
    let batch = desk.drain(None, usize::MAX).pop().unwrap();
    let Past { tries: Tries { count, .. }, plain_bytes, .. } = batch.past().unwrap();
    assert_eq!((*count, *plain_bytes), (2, batch.bytes()));
}

#[test]
fn what_is_overdue_is_taken_wherever_it_stands() {
    let mut desk = Desk::new(CONFIG);
    let after = Duration::from_millis(100);
    assert_eq!(desk.accumulator.oldest(), None);
    let began = desk.now;
    desk.append(&at(0), ALONE);
    desk.append(&at(1), 20);
    fail(&mut desk, 1_000);
    desk.pass(50);
    desk.append(&at(0), ALONE);
    desk.append(&at(2), 20);
    assert_eq!(desk.accumulator.oldest(), Some(began));
    let mut overdue = |millis| -> Vec<u64> {
        desk.pass(millis);
        let taken = desk.accumulator.take_overdue(desk.now, after);
        taken.iter().flat_map(|batch| batch.tickets().to_vec()).collect()
    };
    assert_eq!(overdue(49), [0; 0]);
    assert_eq!(overdue(1), [0, 1], "one that rests and one that is open");
    assert_eq!(overdue(49), [0; 0]);
    assert_eq!(overdue(1), [2, 3]);
    assert!(desk.accumulator.is_empty());
}

#[test]
fn a_topic_is_waited_for_as_long_as_one_of_its_partitions_is() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(3), 20);
    assert_eq!(["orders", "order", "payments"].map(|topic| desk.accumulator.waits_for(topic)), [true, false, false]);
    desk.drain(None, usize::MAX);
    assert!(!desk.accumulator.waits_for("orders"));
}
