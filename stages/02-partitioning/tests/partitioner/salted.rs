//! A key spread over a few partitions. Judges exercise 2.10.

use std::collections::BTreeSet;

use fastrand::Rng;
use partitioning::producer::partitioner::{Partitioner, Salted, StickyByBytes, partition_for_key};
use story::judge;

use crate::support::{BATCH_SIZE, EMPTY, NOT_LED, PLAIN, Still, counts, keyed};

const PARTITION: &str = "src/producer/partitioner/salted.rs, fn <Salted as Partitioner>::partition";
const APPENDED: &str = "src/producer/partitioner/salted.rs, fn <Salted as Partitioner>::appended";

const PARTITIONS: usize = 12;

fn salted(salts: u32, seed: u64) -> Salted {
    let mut random = Rng::with_seed(seed);
    let unkeyed = StickyByBytes::new(BATCH_SIZE, false, random.fork());
    Salted::new(salts, random, unkeyed)
}

/// Where so many records of each key go, the keys taking turns.
fn choices(partitioner: &mut Salted, keys: &[&str], count: usize) -> Vec<Vec<u32>> {
    let mut topic = Still::new([EMPTY; PARTITIONS]);
    let mut chosen = vec![Vec::new(); keys.len()];
    for _ in 0..count {
        for (key, chosen) in keys.iter().zip(&mut chosen) {
            let record = keyed(key.as_bytes());
            let partition = partitioner.partition(&record, &mut topic);
            partitioner.appended(&record, partition, 100);
            chosen.push(partition);
        }
    }
    chosen
}

fn distinct(choices: &[u32]) -> Vec<u32> {
    choices.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

/// The partitions of `key#0`, `key#1`, … among 12.
fn expected(key: &str, salts: u32) -> Vec<u32> {
    let all: Vec<u32> =
        (0..salts).map(|salt| partition_for_key(format!("{key}#{salt}").as_bytes(), PARTITIONS as u32)).collect();
    distinct(&all)
}

#[test]
fn a_key_goes_where_its_salted_keys_go() {
    for (key, salts) in [("alice", 4), ("bob", 4), ("order-1", 2), ("", 3), ("alice", 20)] {
        let found = choices(&mut salted(salts, 1), &[key], 1_000);
        let last = salts - 1;
        let rule = format!("the partitions of `{key}#0` to `{key}#{last}`, by their hashes: all of them, and no other");
        judge::eq(&rule, expected(key, salts), distinct(&found[0]), PARTITION);
    }
}

#[test]
fn a_key_goes_to_no_more_partitions_than_there_are_salts() {
    for salts in 1..=5 {
        for key in ["alice", "bob", "carol", "dave"] {
            let found = distinct(&choices(&mut salted(salts, 2), &[key], 300)[0]);
            let rule = format!("salts = {salts}: `{key}` has at most {salts} partitions");
            judge::that(&rule, found.len() <= salts as usize, found, PARTITION);
        }
    }
    let rule = "salts = 0 is taken for 1: `alice#0` and no other";
    judge::eq(rule, expected("alice", 1), distinct(&choices(&mut salted(0, 3), &["alice"], 100)[0]), PARTITION);
}

/// Every salt has its share: at least half of what is fair, which a fair lot never misses here.
#[track_caller]
fn judge_even(rule: &str, key: &str, salts: u32, found: &[u32]) {
    let counts = counts(found, PARTITIONS);
    let least = found.len() / salts as usize / 2;
    let shares: Vec<usize> = expected(key, salts).iter().map(|&partition| counts[partition as usize]).collect();
    judge::that(
        rule,
        shares.iter().all(|&share| share >= least),
        format_args!("records by partition: {shares:?}"),
        PARTITION,
    );
}

#[test]
fn the_salts_have_equal_parts() {
    for seed in 0..10 {
        let found = choices(&mut salted(4, seed), &["alice"], 1_000);
        judge_even("1000 records of `alice`, 4 salts: about 250 for each", "alice", 4, &found[0]);
    }
}

#[test]
fn keys_that_take_turns_are_spread_all_the_same() {
    for salts in [2, 3, 4] {
        let keys = &["alice", "bob", "carol", "dave"][..salts as usize];
        for (key, found) in keys.iter().zip(choices(&mut salted(salts, 4), keys, 1_000)) {
            let names = keys.join(", ");
            let rule = format!("{salts} salts, and {names} take turns: 1000 records of `{key}` get all {salts} salts");
            judge_even(&rule, key, salts, &found);
        }
    }
}

#[test]
fn a_salted_key_waits_for_its_partition_though_nobody_leads_it() {
    let mut topic = Still::new([NOT_LED; PARTITIONS]);
    topic.partitions[0] = EMPTY;
    let mut partitioner = salted(4, 5);
    let found: Vec<u32> = (0..300).map(|_| partitioner.partition(&keyed(b"alice"), &mut topic)).collect();
    let rule = "only partition 0 has a leader: `alice` goes where its salted keys go, as any key does";
    judge::eq(rule, expected("alice", 4), distinct(&found), PARTITION);
}

/// Where records without a key go, each of so many bytes.
fn unkeyed(partitioner: &mut dyn Partitioner, count: usize, bytes: usize) -> Vec<u32> {
    let mut topic = Still::new([EMPTY; PARTITIONS]);
    let next = |_| {
        let partition = partitioner.partition(&PLAIN, &mut topic);
        partitioner.appended(&PLAIN, partition, bytes);
        partition
    };
    (0..count).map(next).collect()
}

#[test]
fn records_without_a_key_go_as_they_do_by_default() {
    for seed in 0..10 {
        let mut random = Rng::with_seed(seed);
        let mut plain = StickyByBytes::new(BATCH_SIZE, false, random.fork());
        let expected = unkeyed(&mut plain, 1, 100);
        let rule = "no key: the partition that `unkeyed` says";
        judge::eq(rule, expected, unkeyed(&mut salted(4, seed), 1, 100), PARTITION);
    }
}

#[test]
fn records_without_a_key_move_on_after_batch_size_bytes() {
    let mut random = Rng::with_seed(6);
    let mut plain = StickyByBytes::new(BATCH_SIZE, false, random.fork());
    let expected = unkeyed(&mut plain, 12, 500);
    let rule = "records of 500 bytes, batch.size 1000: `unkeyed` hears of each, so it draws again every two";
    judge::eq(rule, expected, unkeyed(&mut salted(4, 6), 12, 500), APPENDED);
}

#[test]
fn records_with_a_key_take_nothing_from_the_turn_of_those_without() {
    let mut partitioner = salted(4, 7);
    let mut topic = Still::new([EMPTY; PARTITIONS]);
    let first = partitioner.partition(&PLAIN, &mut topic);
    partitioner.appended(&PLAIN, first, 100);
    for _ in 0..50 {
        partitioner.appended(&keyed(b"alice"), first, 500);
    }
    let next: Vec<u32> = (0..5).map(|_| partitioner.partition(&PLAIN, &mut topic)).collect();
    let rule = "100 bytes without a key, of 1000; what went there with a key does not count: the turn goes on";
    judge::eq(rule, vec![first; 5], next, APPENDED);
}
