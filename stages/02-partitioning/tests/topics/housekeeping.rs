//! Housekeeping: what time does to partitions. And closing.

use partitioning::{Error, ErrorCode, Partitions, Topics};

use crate::data::{BEGIN, CLIENT};
use crate::data::{Data, all_topics, append, at, batch_at, refused, topic, with_configs};

/// Topic `orders`: a batch fills a segment, and is kept for a second.
fn with_short_memory(data: &Data) -> Topics {
    let topics = data.open();
    let short = [("segment.bytes", "80"), ("retention.ms", "1000")];
    topics.create(&with_configs(topic("orders", 2), &short)).expect("it is made");
    topics
}

#[test]
fn old_segments_go() {
    let data = Data::new();
    let topics = with_short_memory(&data);
    let partition = topics.find(&at("orders", 0)).expect("it is there");
    for time in [0, 500, 2_000] {
        partition.append(batch_at(BEGIN + time, &["a"]), CLIENT, BEGIN + time).expect("it is appended");
    }
    let mut watch = partition.watch();
    assert!(!watch.has_changed().expect("it is there"));
    assert_eq!(topics.housekeep(BEGIN + 1_000).removed, 0, "as old as allowed, and not older");
    assert!(!watch.has_changed().expect("it is there"), "no news is not told");
    let done = topics.housekeep(BEGIN + 1_600);
    assert_eq!((done.removed, done.failed.len()), (2, 0));
    assert!(watch.has_changed().expect("it is there"));
    let offsets = *watch.borrow_and_update();
    assert_eq!((offsets.log_start, offsets.high_watermark, offsets.end), (2, 3, 3));
    assert_eq!(partition.offsets(), offsets);
}

#[test]
fn what_waited_long_enough_is_flushed() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&with_configs(topic("orders", 1), &[("flush.ms", "1000")])).expect("it is made");
    append(&topics, &at("orders", 0), "a").expect("it is there");
    data.disk.fail("sync", "orders-0/00000000000000000000.log", 0);
    assert!(topics.housekeep(BEGIN + 999).failed.is_empty());
    assert!(!data.disk.is_calm(), "nothing was flushed");
    let failed = topics.housekeep(BEGIN + 1_000).failed;
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0].0, failed[0].1.code), (&at("orders", 0), ErrorCode::StorageError));
}

#[test]
fn one_that_fails_keeps_no_other_from_it() {
    let data = Data::new();
    let topics = with_short_memory(&data);
    for number in 0..2 {
        append(&topics, &at("orders", number), "a").expect("it is there");
        append(&topics, &at("orders", number), "a").expect("it is there");
    }
    data.disk.fail("remove", "orders-0/", 0);
    let done = topics.housekeep(BEGIN + 1_001);
    assert_eq!((done.removed, done.failed.len()), (2, 1));
    assert_eq!(done.failed[0].0, at("orders", 0));
    let recovery_points = data.path().join("recovery-point-offset-checkpoint");
    let text = std::fs::read_to_string(recovery_points).expect("it is written down");
    assert!(text.contains("orders 1 2\n"), "{text}");
}

#[test]
fn a_checkpoint_that_fails_is_reported() {
    let data = Data::new();
    let topics = with_short_memory(&data);
    data.disk.fail("create", "recovery-point-offset-checkpoint", 0);
    let failed = topics.housekeep(BEGIN).failed;
    assert_eq!((failed.len(), failed[0].1.code), (1, ErrorCode::StorageError));
}

#[test]
fn the_catalogue_never_grows_old() {
    let data = Data::new();
    let topics = with_short_memory(&data);
    const CENTURY: i64 = 100 * 365 * 24 * 60 * 60 * 1_000;
    topics.housekeep(BEGIN + CENTURY);
    topics.close().expect("it closes");
    data.set_time(CENTURY);
    let topics = data.open();
    topics.housekeep(BEGIN + CENTURY);
    assert_eq!(all_topics(&topics), [("orders".to_owned(), 2)]);
}

#[test]
fn what_is_closed_refuses() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    assert!(topics.close().expect("it closes"), "all was closed in order");
    let closed = ErrorCode::BrokerNotAvailable;
    refused(
        ErrorCode::NotLeaderOrFollower,
        "orders-0 is closed: the broker stops",
        append(&topics, &at("orders", 0), "a"),
    );
    let stops = "the broker stops, and takes no more acts on topics";
    refused(closed, stops, topics.create(&topic("new", 1)));
    refused(closed, stops, topics.delete("orders"));
    refused(closed, stops, topics.grow(&"orders".into(), 3));
    let done = topics.housekeep(BEGIN);
    assert!(done.removed == 0 && done.failed.is_empty(), "{done:?}");
    assert_eq!(all_topics(&topics), [("orders".to_owned(), 1)], "what it had is still told");
    assert!(matches!(topics.close(), Err(Error::Closed("the data folder"))));
}

#[test]
fn a_log_that_does_not_close_keeps_no_other_from_it() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    append(&topics, &at("orders", 0), "a").expect("it is there");
    data.disk.fail("sync", "orders-0/00000000000000000000.log", 0);
    let error = topics.close().expect_err("one log is in doubt");
    assert_eq!(error.code(), Some(ErrorCode::StorageError));
    assert!(!data.path().join(".kafka_cleanshutdown").exists(), "the next start reads what is in doubt");
    drop(topics);
    assert_eq!(all_topics(&data.open()), [("orders".to_owned(), 2)]);
}
