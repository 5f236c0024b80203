//! One after the other.

use partitioning::producer::partitioner::{Partitioner, RoundRobin};

use crate::support::{EMPTY, Filling, NOT_LED, OPEN, Still, choices, counts, keyed};

#[test]
fn each_record_goes_to_the_next_partition() {
    let mut topic = Still::new([EMPTY, OPEN, EMPTY]);
    assert_eq!(choices(&mut RoundRobin::new(), &mut topic, 7), [0, 1, 2, 0, 1, 2, 0]);
    assert_eq!(topic.offers, [0; 0], "batches do not matter");
}

#[test]
fn keys_do_not_matter() {
    let (mut topic, mut turns) = (Still::new([EMPTY; 3]), RoundRobin::new());
    let found = [0; 4].map(|_| turns.partition(&keyed(b"alice"), &mut topic));
    assert_eq!(found, [0, 1, 2, 0]);
}

#[test]
fn a_partition_that_nobody_leads_is_passed_over() {
    let mut topic = Still::new([NOT_LED, EMPTY, NOT_LED, EMPTY]);
    assert_eq!(choices(&mut RoundRobin::new(), &mut topic, 5), [1, 3, 1, 3, 1]);
}

#[test]
fn if_nobody_leads_any_partition_all_have_their_turn() {
    let mut topic = Still::new([NOT_LED; 3]);
    assert_eq!(choices(&mut RoundRobin::new(), &mut topic, 4), [0, 1, 2, 0]);
}

#[test]
fn a_topic_that_grows_has_more_turns() {
    let (mut topic, mut turns) = (Still::new([EMPTY; 2]), RoundRobin::new());
    assert_eq!(choices(&mut turns, &mut topic, 2), [0, 1]);
    topic.partitions.push(EMPTY);
    assert_eq!(choices(&mut turns, &mut topic, 4), [2, 0, 1, 2]);
}

#[test]
fn no_partition_has_two_records_more_than_another() {
    let mut turns = RoundRobin::new();
    let mut topic = Still::new([EMPTY; 7]);
    for records in [1, 6, 7, 8, 100, 1_000] {
        let counts = counts(&choices(&mut turns, &mut topic, records), 7);
        let (least, most) = (counts.iter().min(), counts.iter().max());
        assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1), "{counts:?}");
    }
}

/// What sticking was invented for.
#[test]
fn batches_are_small() {
    let mut topic = Filling::new(10);
    let mut turns = RoundRobin::new();
    for _ in 0..100 {
        topic.append(&mut turns, None, 10);
    }
    let longest = (0..10).map(|partition| topic.bytes[partition]).max();
    assert!(longest.is_some_and(|bytes| bytes < 300), "{:?} of 1000 bytes in each batch", topic.bytes);
}
