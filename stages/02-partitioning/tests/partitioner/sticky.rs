//! One partition until its batch is closed.

use std::collections::BTreeSet;

use fastrand::Rng;
use partitioning::producer::partitioner::{Partitioner, Sticky};
use story::judge;

use crate::support::{
    BATCH_SIZE, EMPTY, Filling, NOT_LED, OPEN, PLAIN, Place, Still, assert_balanced, choices, counts,
};

const PARTITION: &str = "src/producer/partitioner/sticky.rs, fn <Sticky as Partitioner>::partition";

fn sticky(seed: u64) -> Sticky {
    Sticky::new(Rng::with_seed(seed))
}

#[test]
fn stays_while_the_open_batch_takes_the_record() {
    let mut topic = Still::new([OPEN; 5]);
    let mut sticky = sticky(1);
    let first = sticky.partition(&PLAIN, &mut topic);
    let rule = "a batch is open, and the record fits: the partition stays";
    judge::eq(rule, vec![first; 20], choices(&mut sticky, &mut topic, 20), PARTITION);
    let exactly = Place { room: Some(PLAIN.size), ..OPEN };
    topic.partitions = vec![exactly; 5];
    let rule = "100 bytes are left for 100 bytes: the record fits";
    judge::eq(rule, first, sticky.partition(&PLAIN, &mut topic), PARTITION);
}

#[test]
fn goes_elsewhere_when_the_batch_is_full() {
    let full = Place { room: Some(PLAIN.size - 1), ..OPEN };
    for seed in 0..50 {
        let mut topic = Still::new([full; 5]);
        let mut sticky = sticky(seed);
        let first = sticky.partition(&PLAIN, &mut topic);
        let second = sticky.partition(&PLAIN, &mut topic);
        let rule = format!("99 bytes are left at {first} for 100 bytes: another partition");
        judge::that(&rule, second != first, second, PARTITION);
        judge::eq("the full batch is closed by the offer", vec![first], topic.offers, PARTITION);
    }
}

#[test]
fn goes_elsewhere_when_the_batch_has_left() {
    let mut topic = Still::new([OPEN; 3]);
    let mut sticky = sticky(3);
    let first = sticky.partition(&PLAIN, &mut topic);
    topic.partitions[first as usize] = EMPTY;
    let second = sticky.partition(&PLAIN, &mut topic);
    let rule = format!("no batch is open at {first}: another partition");
    judge::that(&rule, second != first, second, PARTITION);
}

#[test]
fn the_only_partition_is_chosen_again() {
    let mut topic = Still::new([EMPTY]);
    judge::eq("there is one partition", vec![0; 5], choices(&mut sticky(4), &mut topic, 5), PARTITION);
    let mut topic = Still::new([NOT_LED, EMPTY, NOT_LED]);
    judge::eq("one partition has a leader", vec![1; 5], choices(&mut sticky(4), &mut topic, 5), PARTITION);
}

#[test]
fn avoids_partitions_that_nobody_leads_unless_there_is_no_other() {
    let mut topic = Still::new([EMPTY, NOT_LED, EMPTY, NOT_LED]);
    let found: BTreeSet<u32> = choices(&mut sticky(5), &mut topic, 50).into_iter().collect();
    judge::eq("0 and 2 have a leader", BTreeSet::from([0, 2]), found, PARTITION);
    let mut topic = Still::new([NOT_LED; 3]);
    let found: BTreeSet<u32> = choices(&mut sticky(5), &mut topic, 50).into_iter().collect();
    judge::eq("no partition has a leader: any will do", BTreeSet::from([0, 1, 2]), found, PARTITION);
}

#[test]
fn the_seed_decides() {
    let run = |seed| choices(&mut sticky(seed), &mut Still::new([EMPTY; 10]), 30);
    assert_eq!(run(6), run(6));
    assert_ne!(run(6), run(7));
}

#[test]
fn over_time_all_partitions_get_batches() {
    for seed in 0..20 {
        let found = choices(&mut sticky(seed), &mut Still::new([EMPTY; 6]), 6_000);
        assert_balanced(&counts(&found, 6), &[1; 6]);
    }
}

#[test]
fn batches_are_full_when_they_leave() {
    let mut topic = Filling::new(10);
    let mut sticky = sticky(8);
    for _ in 0..1_000 {
        topic.append(&mut sticky, None, 50);
        topic.send(|_| true);
    }
    assert!(topic.sent.len() >= 50, "{} batches", topic.sent.len());
    let short = topic.sent.iter().find(|&&bytes| bytes < BATCH_SIZE - 100);
    assert_eq!(short, None, "a batch left before it was full");
}

/// The flaw for which it was replaced: whoever is slow gets more, as batches that wait are open for longer.
#[test]
fn a_slow_partition_gets_more_than_its_share() {
    let mut topic = Filling::new(3);
    let mut sticky = sticky(9);
    for step in 0..30_000_u64 {
        topic.append(&mut sticky, None, 10);
        topic.now += std::time::Duration::from_millis(20);
        // Partition 0 is served every 50th time, and what has lingered for long goes on collecting there.
        topic.send(|partition| partition != 0 || step % 50 == 0);
    }
    let [slow, fast, other] = topic.bytes[..] else { panic!("three partitions") };
    assert!(slow > 2 * fast && slow > 2 * other, "{slow} bytes for the slow one, {fast} and {other} for the others");
}
