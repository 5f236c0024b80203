//! What a producer is told, and what a consumer gets, by processes that are killed.

use std::io::Write;

use terminal::{Ran, ended, next_line};

use crate::cluster::Cluster;

const AT_ONCE: &str = "--linger-ms 0 --sync --report";

#[test]
fn what_became_of_each_record_is_told() {
    let mut cluster = Cluster::with_orders(3);
    let all = cluster.run_at(1, &format!("produce orders {AT_ONCE}"), "paid 10\npaid 7\n");
    let told = "line 1: orders-0@0\nline 2: orders-0@1\n";
    let report = "produced 2 records in 2 batches\n  orders-0: 2 records, offsets 0 to 1\n";
    assert_eq!(all, Ran::ok(&format!("{told}{report}")));
    let none = cluster.run_at(2, &format!("produce orders --acks 0 {AT_ONCE}"), "paid 3\n");
    let told =
        "line 1: orders-0@-1\nproduced 1 record in 1 batch\n  orders-0: 1 record, at offsets that nobody has told\n";
    assert_eq!(none, Ran::ok(told));

    // Two of three are gone: nothing is written that could not be committed, unless nobody cares.
    cluster.rest();
    cluster.order("kill 2");
    cluster.order("kill 3");
    cluster.rest();
    let Ran { out, err, code } =
        cluster.run_at(1, &format!("produce orders --retries 0 {AT_ONCE}"), "paid 2\npaid 1\n");
    let why = "1 of the replicas are in sync, and min.insync.replicas demands 2 for acks=all: nothing was written \
               (NOT_ENOUGH_REPLICAS)";
    assert_eq!(out, format!("line 1: failed: {why}\nline 2: failed: {why}\nproduced 0 records in 2 batches\n"));
    assert_eq!((code, err.as_str()), (1, "acks: 2 records were not acknowledged: the report says why\n"));
    let one = cluster.run_at(1, &format!("produce orders --acks 1 {AT_ONCE}"), "paid 9\n");
    assert!(one.code == 0 && one.out.starts_with("line 1: orders-0@3\n"), "{one:?}");
    let seen = cluster.run_at(1, "consume orders --until-end --format %v\\n", "");
    assert_eq!(seen, Ran::ok("paid 10\npaid 7\npaid 3\n"), "what is not committed cannot be read");
    assert_eq!(cluster.run_at(1, "consume orders --from 4 --until-end", ""), Ran::ok(""), "nor waited for");
    let beyond = cluster.run_at(1, "consume orders --from 5 --until-end", "");
    assert!(beyond.code == 3 && beyond.err.contains("offset 5"), "{beyond:?}");

    // Somebody who has time gets it done when one is back.
    let mut waits = cluster.start_at(1, &format!("produce orders {AT_ONCE}"));
    waits.stdin.as_mut().unwrap().write_all(b"paid 4\n").unwrap();
    cluster.order("start 2");
    assert_eq!(next_line(&mut waits), "line 1: orders-0@4");
    drop(waits.stdin.take());
    assert_eq!(ended(waits).code, 0);
    let seen = cluster.run_at(1, "consume orders --until-end --format %v\\n", "");
    assert_eq!(seen, Ran::ok("paid 10\npaid 7\npaid 3\npaid 9\npaid 4\n"));
}

#[test]
fn a_producer_goes_on_at_the_new_leader_and_a_consumer_waits_for_it() {
    let mut cluster = Cluster::with_orders(3);
    let mut reader = cluster.start_at(2, "consume orders --max 6 --format %v\\n --max-wait-ms 10000");
    let mut writer = cluster.start_at(2, &format!("produce orders {AT_ONCE}"));
    let mut input = writer.stdin.take().unwrap();
    for number in 1..=6 {
        if number == 4 {
            assert_eq!(cluster.order("kill 1"), "broker 1 is dead");
        }
        writeln!(input, "order {number}").unwrap();
        let told = next_line(&mut writer);
        assert!(told.starts_with(&format!("line {number}: orders-0@")), "{told}");
        assert_eq!(next_line(&mut reader), format!("order {number}"), "as soon as it is committed");
    }
    drop(input);
    assert_eq!((ended(writer).code, ended(reader).code), (0, 0));
    assert_eq!(cluster.order("produce orders by hand"), "orders-0@6 acknowledged");
    assert!(cluster.order("show").contains("\norders-0  broker 2 leads in epoch "), "{}", cluster.order("show"));
}
