//! By key.

use partitioning::producer::partitioner::{ByKey, Partitioner, partition_for_key};
use story::judge;

use crate::fixtures::fixture;
use crate::murmur2::unhex;
use crate::support::{EMPTY, NOT_LED, PLAIN, Still, keyed};

const FOR_KEY: &str = "src/producer/partitioner/by_key.rs, fn partition_for_key";

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
