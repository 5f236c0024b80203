//! The end of a replica: closed with its broker, or given up while somebody still holds it.

use std::time::Duration;

use partitioning::{ErrorCode, Isolation, Offsets, Partition, ReadRequest};
use replication::api::ReplicaRole;
use replication::replica::Following;
use tokio::sync::watch;

use crate::broker::Broker;
use crate::messages::{MUCH, NOW, leading, refused};

fn led() -> Broker {
    let broker = Broker::new(1);
    broker.lead(1, &[1]);
    broker.append(&["a"]);
    broker
}

/// Whether there will be no more news.
async fn has_ended(news: &mut watch::Receiver<Offsets>) -> bool {
    let changed = tokio::time::timeout(Duration::from_secs(3_600), news.changed()).await;
    changed.is_ok_and(|changed| changed.is_err())
}

#[tokio::test(start_paused = true)]
async fn a_closed_replica_refuses_and_its_news_end() {
    let broker = led();
    let mut news = broker.replica().watch();
    news.borrow_and_update();
    broker.replica().close().expect("it closes");
    assert!(has_ended(&mut news).await, "no more news");
    assert!(has_ended(&mut broker.replica().watch()).await, "nor for whoever comes later");
    let (code, sentence) = (ErrorCode::NotLeaderOrFollower, "orders-0 is closed: the broker stops");
    refused(code, sentence, broker.try_append(&["b"]));
    refused(code, sentence, broker.consume(0));
    refused(code, sentence, broker.replica().find_time(0));
    refused(code, sentence, broker.replica().housekeep(NOW));
    refused(code, sentence, broker.try_lead(leading(1, 2, 2, &[1])));
    refused(code, sentence, broker.replica().follow(Following { leader: Some(2), epoch: 2 }, NOW));
    refused(code, sentence, broker.replica().look_around());
    refused(code, sentence, broker.replica().close());
    assert_eq!((broker.replica().ask(), broker.replica().wish()), (None, None));
    assert_eq!((broker.replica().high_watermark(), broker.replica().failure()), (None, None), "that is no fault");
    assert_eq!(broker.replica().describe().role, ReplicaRole::Failed(sentence.to_owned()));
    assert_eq!(broker.replica().offsets().end, 1, "where it stood");
}

#[test]
fn a_log_that_was_closed_in_order_needs_no_recovery() {
    let mut broker = led();
    broker.restart();
    assert!(broker.dir().was_clean());
    assert_eq!((broker.records().as_str(), broker.offsets()), ("0:a@1", (0, 1, 1)));
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_is_given_up_lets_its_files_go_while_somebody_holds_it() {
    let broker = led();
    let held = broker.replica().clone();
    let mut news = held.watch();
    news.borrow_and_update();
    let read = held
        .read(ReadRequest { from: 0, max_bytes: MUCH, min_one_batch: true }, Isolation::HighWatermark)
        .expect("it reads");
    assert!(broker.dir().delete_log("orders-0").is_err(), "it is in use");
    broker.replica().retire().expect("it lets go");
    broker.dir().delete_log("orders-0").expect("nobody uses it");
    assert!(!broker.file("").exists(), "with its epochs");
    assert!(has_ended(&mut news).await, "no more news");
    let (code, sentence) = (ErrorCode::UnknownTopicOrPartition, "orders-0 is not on this broker any more");
    refused(code, sentence, broker.try_append(&["b"]));
    refused(code, sentence, broker.consume(0));
    refused(code, sentence, held.look_around());
    assert_eq!((held.ask(), held.high_watermark(), held.failure()), (None, None, None));
    assert_eq!(read.slice.to_bytes().expect("what was found stays good").len(), read.slice.len());
    held.retire().expect("twice is no fault");
}

#[test]
fn a_close_that_cannot_flush_says_so() {
    let broker = led();
    broker.disk.fail("sync", ".log");
    let refusal = broker.replica().close().expect_err("the disk was told to fail");
    assert_eq!(refusal.code, ErrorCode::StorageError);
    let sentence = "orders-0 is closed: the broker stops";
    refused(ErrorCode::NotLeaderOrFollower, sentence, broker.try_append(&["b"]));
}
