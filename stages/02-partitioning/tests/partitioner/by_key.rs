//! By key. Judges exercise 2.1, with `murmur2.rs`.

use partitioning::producer::partitioner::{ByKey, Partitioner, partition_for_key};
use story::judge;

use crate::fixtures::fixture;
use crate::murmur2::unhex;
use crate::support::{EMPTY, NOT_LED, PLAIN, Still, keyed};

const FOR_KEY: &str = "src/producer/partitioner/by_key.rs, fn partition_for_key";

#[track_caller]
fn judge_partitions(rule: &str, expected: [u32; 4], key: &[u8]) {
    let found = [1, 2, 12, 1_000].map(|count| partition_for_key(key, count));
    judge::eq(&format!("{rule}; among 1, 2, 12 and 1000 partitions"), expected, found, FOR_KEY);
}

#[test]
fn a_hash_loses_its_sign_and_what_is_left_of_a_division_is_the_partition() {
    judge_partitions("`alice`: the hash is 1951417749", [0, 1, 9, 749], b"alice");
    judge_partitions("`21`: the hash is -973932308, and 1173551340 without its highest bit", [0, 0, 0, 340], b"21");
}

/// What is the absolute value of the lowest number?
#[test]
fn the_lowest_hash_of_all_has_a_partition_too() {
    let rule = "a7 d6 50 6c: the hash is -2147483648, and 0 without its highest bit";
    judge_partitions(rule, [0; 4], &[0xa7, 0xd6, 0x50, 0x6c]);
}

#[test]
fn keys_go_where_the_java_client_puts_them() {
    let text = fixture("partitioner/murmur2.tsv");
    let counts = text.lines().nth(1).expect("the line with the counts");
    let counts: Vec<u32> =
        counts.split("\tof ").skip(1).map(|count| count.parse().expect("a number of partitions")).collect();
    assert_eq!(counts.len(), 9);
    let mut rows = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let key = unhex(fields[0]);
        for (&count, field) in counts.iter().zip(&fields[2..]) {
            let expected: u32 = field.parse().expect("a partition");
            let rule = format!("a key whose hash is {}, among {count} partitions", fields[1]);
            judge::eq(&rule, expected, partition_for_key(&key, count), FOR_KEY);
        }
        rows += 1;
    }
    assert_eq!(rows, 2_470, "every key of the fixture");
}

#[test]
fn the_same_key_stays_and_the_hash_decides() {
    let mut topic = Still::new([EMPTY; 6]);
    for (key, partition) in [("alice", 3), ("bob", 0), ("order-1", 4)] {
        let found = [0; 3].map(|_| ByKey.partition(&keyed(key.as_bytes()), &mut topic));
        assert_eq!(found, [partition; 3], "{key}");
    }
}

#[test]
fn a_key_waits_for_its_partition_though_nobody_leads_it() {
    let mut places = [EMPTY; 6];
    places[3] = NOT_LED;
    assert_eq!(ByKey.partition(&keyed(b"alice"), &mut Still::new(places)), 3);
}

#[test]
fn no_key_counts_as_an_empty_key() {
    let mut topic = Still::new([EMPTY; 50]);
    let found = ByKey.partition(&PLAIN, &mut topic);
    assert_eq!((found, partition_for_key(b"", 50)), (31, 31));
}

/// From 3 to 4 partitions a key stays if its hash leaves the same rest by 3 and by 4: three hashes of twelve.
#[test]
fn most_keys_move_when_a_topic_grows() {
    let keys = (0..10_000).map(|number| format!("customer-{number}"));
    let stay = keys.filter(|key| partition_for_key(key.as_bytes(), 3) == partition_for_key(key.as_bytes(), 4)).count();
    assert!((2_300..2_700).contains(&stay), "{stay} of 10000 keys stay, and a quarter was expected");
}
