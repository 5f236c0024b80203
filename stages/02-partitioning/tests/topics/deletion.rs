//! Deleting a topic: decided by a record, and done however long it takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use partitioning::{ErrorCode, Isolation, Partitions, ReadRequest};

use crate::data::{CLIENT, Data, all_topics, append, at, batch, read_all, refused, topic, values};

const RESERVED: &str = "the topic `orders` is deleted, and its name is free once its folders are removed";

#[test]
fn a_deleted_topic_is_gone_and_its_name_is_free() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    topics.create(&topic("payments", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "old").expect("it is there");
    topics.delete("orders").expect("it is there");
    assert_eq!(
        (data.folders(), all_topics(&topics)),
        (vec!["payments-0".to_owned()], vec![("payments".to_owned(), 1)])
    );
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `orders`", append(&topics, &at("orders", 0), "a"));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `orders`", topics.delete("orders"));
    topics.create(&topic("orders", 1)).expect("the name is free");
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec![]), "it is another topic");
    assert_eq!(append(&topics, &at("orders", 0), "new"), Ok(0));
}

#[test]
fn the_brokers_own_log_stays() {
    let data = Data::new();
    let topics = data.open();
    let sentence = "the topic `__cluster_metadata` is the brokers' own: it cannot be deleted by a client";
    refused(ErrorCode::InvalidRequest, sentence, topics.delete("__cluster_metadata"));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `../up`", topics.delete("../up"));
}

#[test]
fn a_request_that_is_under_way_is_finished_and_later_ones_are_refused() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    let partition = topics.find(&at("orders", 0)).expect("it is there");
    let held = data.disk.hold("write", "orders-0/00000000000000000000.log");
    std::thread::scope(|threads| {
        let appending = threads.spawn(|| partition.append(batch(&["a"]), CLIENT, 0));
        held.wait();
        let deleting = threads.spawn(|| topics.delete("orders"));
        // It is not found any more while the append still has the log.
        let began = Instant::now();
        while topics.find(&at("orders", 0)).is_ok() {
            assert!(began.elapsed() < Duration::from_secs(60), "it is still found");
            std::thread::yield_now();
        }
        assert!(!deleting.is_finished() && data.segment("orders-0").exists(), "it waits for the append");
        held.go();
        assert_eq!(appending.join().expect("no panic").map(|appended| appended.base_offset), Ok(0));
        assert_eq!(deleting.join().expect("no panic"), Ok(()));
    });
    assert!(data.folders().is_empty());
    let unknown = ErrorCode::UnknownTopicOrPartition;
    refused(unknown, "orders-0 was deleted", partition.append(batch(&["b"]), CLIENT, 0));
    let request = ReadRequest { from: 0, max_bytes: 100, min_one_batch: true };
    refused(unknown, "orders-0 was deleted", partition.read(request, Isolation::HighWatermark));
    refused(unknown, "orders-0 was deleted", partition.find_time(0));
    assert_eq!(partition.offsets().end, 1, "where it stood is still known");
}

#[tokio::test]
async fn who_waits_for_records_of_a_deleted_topic_learns_of_it() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    let partition = topics.find(&at("orders", 0)).expect("it is there");
    let mut watch = partition.watch();
    let waiting = tokio::spawn(async move {
        watch.changed().await.expect("a record came");
        watch.changed().await.expect_err("no other will come");
    });
    append(&topics, &at("orders", 0), "a").expect("it is there");
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    topics.delete("orders").expect("it is there");
    waiting.await.expect("it is woken");
    partition.watch().changed().await.expect_err("who comes later waits for nothing");
}

#[test]
fn what_was_found_can_still_be_sent() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "a").expect("it is there");
    let request = ReadRequest { from: 0, max_bytes: 1 << 20, min_one_batch: true };
    let read = topics
        .find(&at("orders", 0))
        .and_then(|partition| partition.read(request, Isolation::HighWatermark))
        .expect("it reads");
    topics.delete("orders").expect("it is there");
    topics.create(&topic("orders", 1)).expect("the name is free");
    append(&topics, &at("orders", 0), "another").expect("it is there");
    assert_eq!(values(&read.slice.to_bytes().expect("the file is held open"), 0), ["a"]);
}

#[test]
fn a_folder_that_stays_keeps_the_name_taken() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 3)).expect("it is made");
    append(&topics, &at("orders", 1), "old").expect("it is there");
    data.disk.fail_for_good("remove", "orders-1/", 0);
    topics.delete("orders").expect("the topic is gone, whatever becomes of the folder");
    assert!(all_topics(&topics).is_empty());
    let is_reserved = |topics: &partitioning::Topics| {
        refused(ErrorCode::TopicAlreadyExists, RESERVED, topics.create(&topic("orders", 1)));
        let unknown = "there is no topic `orders`";
        refused(ErrorCode::UnknownTopicOrPartition, unknown, topics.delete("orders"));
        refused(ErrorCode::UnknownTopicOrPartition, unknown, topics.grow(&Arc::from("orders"), 5));
    };
    is_reserved(&topics);
    topics.close().expect("it closes");
    // A start that cannot remove it either starts all the same.
    let topics = data.open();
    is_reserved(&topics);
    topics.close().expect("it closes");
    data.disk.mend();
    let topics = data.open();
    assert!(data.folders().is_empty());
    topics.create(&topic("orders", 1)).expect("the name is free");
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec![]));
}

#[test]
fn a_folder_with_somebody_elses_file_stays() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    let note = data.path().join("orders-0/note.txt");
    std::fs::write(&note, "mine").expect("it is written");
    topics.delete("orders").expect("the topic is gone");
    assert_eq!(std::fs::read_to_string(&note).expect("it is there"), "mine");
    refused(ErrorCode::TopicAlreadyExists, RESERVED, topics.create(&topic("orders", 1)));
}

#[test]
fn a_folder_that_somebody_removed_is_no_hindrance() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    std::fs::remove_dir_all(data.path().join("orders-0")).expect("it is there");
    topics.delete("orders").expect("it is deleted");
    assert!(data.folders().is_empty());
    topics.create(&topic("orders", 1)).expect("the name is free");
}

#[test]
fn a_decision_that_is_not_written_is_not_made() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "a").expect("it is there");
    data.disk.fail("write", "__cluster_metadata-0/00000000000000000000.log", 0);
    let refusal = topics.delete("orders").expect_err("the disk fails");
    assert_eq!(refusal.code, ErrorCode::StorageError);
    assert_eq!(
        data.told(&refusal.message),
        "the catalogue takes no decision: cannot write __cluster_metadata-0/00000000000000000000.log: the disk was told to fail"
    );
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec!["a".to_owned()]), "it is served as before");
    topics.delete("orders").expect("the disk works again");
}

#[test]
fn a_decision_whose_flush_fails_is_in_doubt_until_the_next_start() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "a").expect("it is there");
    data.disk.fail("sync", "__cluster_metadata-0/00000000000000000000.log", 0);
    assert_eq!(topics.delete("orders").expect_err("the disk fails").code, ErrorCode::StorageError);
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec!["a".to_owned()]), "it is served as before");
    for refusal in [topics.delete("orders").expect_err("no"), topics.create(&topic("b", 1)).expect_err("no")] {
        assert_eq!(refusal.code, ErrorCode::StorageError);
        let sentence = "the catalogue takes no decision: the log stopped when it could not flush \
                        __cluster_metadata-0/00000000000000000000.log: what is on the disk is unknown";
        assert_eq!(data.told(&refusal.message), sentence);
    }
    assert_eq!(data.folders(), ["orders-0"], "what could not be recorded is not left over");
    assert!(topics.close().is_err(), "a log that stopped cannot be closed in order");
    // This disk has kept the record.
    let topics = data.open();
    assert!(all_topics(&topics).is_empty() && data.folders().is_empty());
}

#[test]
fn a_name_that_could_not_be_freed_is_freed_by_the_next_start() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    data.disk.fail("write", "__cluster_metadata-0/00000000000000000000.log", 1);
    topics.delete("orders").expect("the decision is written");
    assert!(data.disk.is_calm() && data.folders().is_empty());
    refused(ErrorCode::TopicAlreadyExists, RESERVED, topics.create(&topic("orders", 1)));
    topics.close().expect("it closes");
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("the name is free");
}
