//! What a request takes. Judges exercise 2.6.

use partitioning::api::MAX_ENTRIES;
use story::judge;

use crate::support::{CONFIG, Desk, HEADER, at};

const DRAIN: &str = "src/producer/accumulator.rs, fn Accumulator::drain";

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

#[track_caller]
fn judge_drained(rule: &str, expected: &[u32], desk: &mut Desk, after: Option<u32>, max_bytes: usize) {
    judge::eq(rule, expected.to_vec(), drained(desk, after, max_bytes), DRAIN);
}

#[test]
fn a_request_takes_the_first_batch_of_each_partition() {
    let mut desk = Desk::new(CONFIG);
    for _ in 0..2 {
        desk.append(&at(0), 500);
        desk.append(&at(1), 500);
    }
    let rules = [
        ("two batches wait for each partition, records 0 and 2, 1 and 3: the first of each", vec![vec![0], vec![1]]),
        ("then the second of each", vec![vec![2], vec![3]]),
        ("then there is nothing to take", vec![]),
    ];
    for (rule, expected) in rules {
        judge::eq(rule, expected, desk.drained(), DRAIN);
    }
    judge::that(
        "what was taken does not wait any more",
        desk.accumulator.is_empty(),
        desk.accumulator.waiting(&at(0)),
        DRAIN,
    );
}

#[test]
fn others_ride_along_with_those_that_are_ready() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 500);
    desk.append(&at(1), 20);
    assert_eq!(desk.ready(), ["orders-0 Full"]);
    judge_drained("orders-0 is ready, and orders-1 rides along", &[0, 1], &mut desk, None, usize::MAX);
}

#[test]
fn a_request_takes_only_what_its_broker_serves() {
    let mut desk = with(&[0, 1, 2, 3]);
    let odd = desk.accumulator.drain(None, usize::MAX, |at| at.partition % 2 == 1);
    let odd: Vec<u32> = odd.iter().map(|batch| batch.at().partition).collect();
    judge::eq("the broker serves partitions 1 and 3 of 0 to 3", vec![1, 3], odd, DRAIN);
    judge_drained("the others wait for their own brokers", &[0, 2], &mut desk, None, usize::MAX);
}

#[test]
fn a_request_is_not_carried_past_its_size() {
    for (max_bytes, expected) in [(303, &[0, 1, 2][..]), (302, &[0, 1]), (202, &[0, 1]), (201, &[0]), (101, &[0])] {
        let rule = format!("three batches of 101 bytes, and room for {max_bytes}: whole batches, as long as they fit");
        judge_drained(&rule, expected, &mut with(&[0, 1, 2]), None, max_bytes);
    }
}

#[test]
fn the_first_batch_is_taken_whatever_its_size() {
    for max_bytes in [100, 1, 0] {
        let rule =
            format!("the first batch has 101 bytes, and room is for {max_bytes}: it leaves alone, or it never would");
        judge_drained(&rule, &[0], &mut with(&[0, 1]), None, max_bytes);
    }
    let rule = "room for 100 bytes, after orders-0: the first is orders-1 now";
    judge_drained(rule, &[1], &mut with(&[0, 1]), Some(0), 100);
}

#[test]
fn what_another_broker_serves_takes_no_room() {
    let mut desk = with(&[0, 1, 2, 3]);
    let taken = desk.accumulator.drain(None, 202, |at| at.partition % 2 == 1);
    let taken: Vec<u32> = taken.iter().map(|batch| batch.at().partition).collect();
    let rule = "room for two batches: those of 0 and 2 are not in the request, and do not count";
    judge::eq(rule, vec![1, 3], taken, DRAIN);
}

#[test]
fn a_batch_that_does_not_fit_is_not_overtaken() {
    let mut desk = Desk::new(CONFIG);
    desk.append(&at(0), 40);
    desk.append(&at(1), 500);
    desk.append(&at(2), 40);
    let rule =
        "batches of 101, 561 and 101 bytes, and room for 300: the second does not fit, so the request ends there";
    judge_drained(rule, &[0], &mut desk, None, 300);
    judge_drained("the large one comes first now, and is taken alone", &[1], &mut desk, Some(0), 300);
    judge_drained("then the third", &[2], &mut desk, Some(1), 300);
}

#[test]
fn a_request_begins_behind_the_last_partition_of_the_one_before() {
    for (after, expected) in [(0, [1, 2, 3, 0]), (1, [2, 3, 0, 1]), (3, [0, 1, 2, 3])] {
        let rule = format!("the request before ended with orders-{after}: this one goes once around, from behind it");
        judge_drained(&rule, &expected, &mut with(&[0, 1, 2, 3]), Some(after), usize::MAX);
    }
}

#[test]
fn partitions_take_turns() {
    let mut desk = Desk::new(CONFIG);
    for _ in 0..4 {
        for partition in 0..3 {
            desk.append(&at(partition), 200 - HEADER);
        }
    }
    let mut last = None;
    let mut taken = Vec::new();
    // More than are needed, so that one that takes nothing ends too.
    for _ in 0..8 {
        let partitions = drained(&mut desk, last, 400);
        last = partitions.last().copied().or(last);
        taken.push(partitions);
    }
    let rule = "four batches for each of three partitions, and room for two: all of them get into four requests of six";
    let expected = vec![vec![0, 1], vec![2, 0], vec![1, 2], vec![0, 1], vec![2, 0], vec![1, 2], vec![], vec![]];
    judge::eq(rule, expected, taken, DRAIN);
}

#[test]
fn the_partition_that_a_request_stopped_at_need_not_be_there_any_more() {
    let rule = "the request before ended with orders-2, for which nothing waits: orders-4 is behind it";
    judge_drained(rule, &[4, 0, 1], &mut with(&[0, 1, 4]), Some(2), usize::MAX);
    let rule = "it ended with orders-9, which is behind all: from the beginning";
    judge_drained(rule, &[0, 1, 4], &mut with(&[0, 1, 4]), Some(9), usize::MAX);
}

#[test]
fn a_request_names_at_most_max_entries_partitions() {
    let partitions: Vec<u32> = (0..=MAX_ENTRIES as u32).collect();
    let mut desk = with(&partitions);
    let rule = "10001 partitions have a batch, and a list in a message has at most MAX_ENTRIES = 10000 entries";
    judge::eq(rule, MAX_ENTRIES, drained(&mut desk, None, usize::MAX).len(), DRAIN);
    judge_drained("the last one gets into the next request", &[10_000], &mut desk, Some(9_999), usize::MAX);
    let mut desk = with(&partitions);
    let taken = desk.accumulator.drain(None, usize::MAX, |at| at.partition == 10_000);
    let taken: Vec<u32> = taken.iter().map(|batch| batch.at().partition).collect();
    judge::eq("it is entries that are counted, and not partitions that others serve", vec![10_000], taken, DRAIN);
}

#[test]
fn all_of_some_partitions_can_be_taken_at_once() {
    let mut desk = with(&[0, 1]);
    desk.append(&at(0), 500);
    let mut take = |partitions: &[u32]| -> Vec<u64> {
        let batches = desk.accumulator.take_where(|at| partitions.contains(&at.partition));
        batches.into_iter().flat_map(|batch| batch.into_parts().1).collect()
    };
    assert_eq!(take(&[0]), [0, 2]);
    assert_eq!(take(&[0]), [0; 0]);
    assert_eq!(take(&[0, 1]), [1]);
    assert!(desk.accumulator.is_empty());
}
