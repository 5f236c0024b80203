//! What a request takes.

use crate::support::{CONFIG, Desk, HEADER, at};

/// A desk with a batch of 101 bytes for each of these partitions.
fn with(partitions: &[u32]) -> Desk {
    let mut desk = Desk::new(CONFIG);
    for &partition in partitions {
        assert_eq!(desk.append(&at(partition), 40).bytes, 101);
    }
    desk
}

/// The partitions of what a request takes.
fn drained(desk: &mut Desk, after: Option<u32>, max_bytes: usize) -> Vec<u32> {
    let batches = desk.drain(after.map(at).as_ref(), max_bytes);
    batches.iter().map(|batch| batch.at().partition).collect()
}

#[test]
fn a_request_takes_the_first_batch_of_each_partition() {
    let mut desk = Desk::new(CONFIG);
    for _ in 0..2 {
        desk.append(&at(0), 500);
        desk.append(&at(1), 500);
    }
    assert_eq!([0; 3].map(|_| desk.drained()), [vec![vec![0], vec![1]], vec![vec![2], vec![3]], vec![]]);
}

#[test]
fn others_ride_along_with_those_that_are_ready() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 500);
    desk.append(&at(1), 20);
    assert_eq!(desk.ready(), ["orders-0 Full"]);
    assert_eq!(desk.drained(), [[0], [1]]);
}

#[test]
fn a_request_takes_only_what_its_broker_serves() {
    let mut desk = with(&[0, 1, 2, 3]);
    let odd = desk.accumulator.drain(None, usize::MAX, |at| at.partition % 2 == 1);
    assert_eq!(odd.iter().map(|batch| batch.at().partition).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(drained(&mut desk, None, usize::MAX), [0, 2]);
}

#[test]
fn a_request_is_not_carried_past_its_size() {
    assert_eq!(drained(&mut with(&[0, 1, 2]), None, 303), [0, 1, 2], "3 * 101 bytes");
    assert_eq!(drained(&mut with(&[0, 1, 2]), None, 302), [0, 1]);
    assert_eq!(drained(&mut with(&[0, 1, 2]), None, 101), [0]);
}

#[test]
fn the_first_batch_is_taken_whatever_its_size() {
    assert_eq!(drained(&mut with(&[0, 1]), None, 100), [0]);
    assert_eq!(drained(&mut with(&[0, 1]), None, 0), [0]);
}

#[test]
fn a_batch_that_does_not_fit_is_not_overtaken() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 40);
    desk.append(&at(1), 500);
    desk.append(&at(2), 40);
    // 101 of 300 bytes; 561 more do not fit; 101 more would.
    assert_eq!(drained(&mut desk, None, 300), [0]);
    assert_eq!(drained(&mut desk, Some(0), 300), [1]);
    assert_eq!(drained(&mut desk, Some(1), 300), [2]);
}

#[test]
fn partitions_take_turns() {
    let mut desk = Desk::new(CONFIG);
    for _ in 0..4 {
        for partition in 0..3 {
            desk.append(&at(partition), 200 - HEADER);
        }
    }
    // Each request has room for two batches of 200 bytes. Each partition has four.
    let mut last = None;
    let mut taken = Vec::new();
    while !desk.accumulator.is_empty() {
        let partitions = drained(&mut desk, last, 400);
        last = partitions.last().copied();
        taken.push(partitions);
    }
    assert_eq!(taken, [[0, 1], [2, 0], [1, 2], [0, 1], [2, 0], [1, 2]]);
}

#[test]
fn the_partition_that_a_request_stopped_at_need_not_be_there_any_more() {
    assert_eq!(drained(&mut with(&[0, 1, 4]), Some(2), usize::MAX), [4, 0, 1]);
    assert_eq!(drained(&mut with(&[0, 1, 4]), Some(9), usize::MAX), [0, 1, 4]);
}

#[test]
fn all_of_some_partitions_can_be_taken_at_once() {
    let mut desk = with(&[0, 1]);
    desk.append(&at(0), 500);
    let mut take = |partitions: &[u32]| -> Vec<u64> {
        let batches = desk.accumulator.take_where(|at| partitions.contains(&at.partition));
        batches.into_iter().flat_map(|batch| batch.into_tickets()).collect()
    };
    assert_eq!(take(&[0]), [0, 2]);
    assert_eq!(take(&[0]), [0; 0]);
    assert_eq!(take(&[0, 1]), [1]);
    assert!(desk.accumulator.is_empty());
}
