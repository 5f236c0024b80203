//! What is sent again, and where to. Brokers refuse, hang up and die, and leaders move.

use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::api::TopicId;
use partitioning::producer::ProducerConfig;
use partitioning::{ClientConfig, Cluster, Error, ErrorCode, Workers};
use segment_log::Compression;

use crate::fake_broker::{FIRST, Fakes};
use crate::support::{Again, alone, host, ms, one, order, order_to, producer, sending, settle, timed};

#[tokio::test(start_paused = true)]
async fn what_was_refused_is_sent_again_as_it_was() {
    let (mut fakes, producer) = one(sending(Again::default()));
    let delivery = producer.send(order("0")).await.unwrap();
    let first = fakes.next().await;
    let sent = first.request.clone();
    first.refuse(ErrorCode::NotEnoughReplicas);
    let second = fakes.next().await;
    assert_eq!(second.request, sent);
    second.refuse(ErrorCode::NotEnoughReplicas);
    fakes.next().await.accept(7);
    let metadata = delivery.await.unwrap();
    assert_eq!((metadata.offset, metadata.retries), (7, 2));
    assert_eq!(fakes.times_told(), 1, "too few replicas say nothing of the leader");
    let stats = producer.stats();
    assert_eq!((stats.retries, stats.requests, stats.sent), (2, 3, 3));
    assert_eq!((stats.records, stats.acknowledged, stats.failed), (1, 1, 0));
    let next = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(8);
    assert_eq!(next.await.unwrap().retries, 0);
}

#[tokio::test(start_paused = true)]
async fn only_what_was_refused_is_sent_again() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1; 3]);
    let producer = producer(&fakes, sending(Again::default()));
    let mut deliveries = Vec::new();
    for partition in 0..3 {
        deliveries.push(producer.send(order_to(partition, format!("{partition}"))).await.unwrap());
    }
    let stored = partitioning::api::Produced { base_offset: 0, log_append_time: None, log_start: 0 };
    fakes.next().await.reply(|at| match at.partition {
        1 => Err(ErrorCode::NotEnoughReplicas.because("too few")),
        _ => Ok(stored),
    });
    let again = fakes.next().await;
    assert_eq!(again.partitions(), [1]);
    again.accept(0);
    let retries: Vec<u32> = futures(deliveries).await.iter().map(|metadata| metadata.retries).collect();
    assert_eq!(retries, [0, 1, 0]);
}

async fn futures(deliveries: Vec<partitioning::producer::Delivery>) -> Vec<partitioning::producer::RecordMetadata> {
    let mut ended = Vec::new();
    for delivery in deliveries {
        ended.push(delivery.await.unwrap());
    }
    ended
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_fails_at_once() {
    for code in [ErrorCode::MessageTooLarge, ErrorCode::InvalidRecord, ErrorCode::UnknownServerError] {
        let (mut fakes, producer) = one(sending(Again::default()));
        let delivery = producer.send(order("0")).await.unwrap();
        fakes.next().await.refuse(code);
        let (error, after) = timed(delivery).await;
        let error = error.unwrap_err();
        assert_eq!((error.code(), after), (Some(code), 0));
        assert_eq!(error.is_in_doubt(), code.is_in_doubt());
        assert!(fakes.within(10_000).await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn after_so_many_retries_the_last_error_is_told() {
    let (mut fakes, producer) = one(sending(Again { retries: 2, ..Again::default() }));
    let delivery = producer.send(order("0")).await.unwrap();
    for _ in 0..3 {
        fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    }
    let error = delivery.await.unwrap_err();
    assert_eq!(error.to_string(), "orders-0 is refused by the test (NOT_ENOUGH_REPLICAS)");
    assert!(!error.is_in_doubt(), "three times nothing was written");
    assert!(fakes.within(100_000).await.is_none());
    assert_eq!((producer.stats().retries, producer.stats().failed, producer.stats().expired), (2, 1, 0));
}

/// "Nothing was written" is true of the last attempt. But the first may have been.
#[tokio::test(start_paused = true)]
async fn one_attempt_in_doubt_leaves_all_in_doubt() {
    let (mut fakes, producer) = one(sending(Again { retries: 1, ..Again::default() }));
    let delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.hang_up();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    let error = delivery.await.unwrap_err();
    let told = "orders-0 is refused by the test (NOT_ENOUGH_REPLICAS); and it may have been done all the same: the \
                connection to broker-1:9092 ended before the answer came: the broker closed it";
    assert_eq!((error.to_string().as_str(), error.is_in_doubt()), (told, true));
    assert_eq!((error.code(), error.is_retriable()), (Some(ErrorCode::NotEnoughReplicas), true));
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_made_again_and_what_was_under_way_comes_back_in_its_order() {
    let (mut fakes, producer) = one(alone(3, Again::default()));
    let mut deliveries = Vec::new();
    for number in 0..5 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
    }
    let (first, _second, _third) = (fakes.next().await, fakes.next().await, fakes.next().await);
    let told = fakes.times_told();
    first.hang_up();
    let mut ends = BTreeMap::new();
    for number in 0..5 {
        let asked = fakes.next().await;
        assert_eq!(asked.values(), [format!("{number}")]);
        asked.append(&mut ends);
    }
    let metadata = futures(deliveries).await;
    assert_eq!(
        metadata.iter().map(|one| (one.offset, one.retries)).collect::<Vec<_>>(),
        [(0, 1), (1, 1), (2, 1), (3, 0), (4, 0)]
    );
    assert_eq!(fakes.times_told(), told + 1, "whether the leader is another now was asked once");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_is_no_end() {
    let (mut fakes, producer) = one(sending(Again::default()));
    let delivery = producer.send(order("0")).await.unwrap();
    let _silent = fakes.next().await;
    let (again, after) = timed(fakes.next()).await;
    assert!((30_080..=30_120).contains(&after), "request.timeout.ms, and a rest: {after}");
    again.accept(3);
    assert_eq!(delivery.await.unwrap().offset, 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_may_mean_another_leader_has_brokers_asked_and_goes_to_the_new_one() {
    for code in [
        ErrorCode::NotLeaderOrFollower,
        ErrorCode::LeaderNotAvailable,
        ErrorCode::FencedLeaderEpoch,
        ErrorCode::UnknownTopicOrPartition,
    ] {
        let mut fakes = Fakes::new(2);
        fakes.topic("orders", &[1]);
        let producer = producer(&fakes, sending(Again::default()));
        let delivery = producer.send(order("0")).await.unwrap();
        let asked = fakes.next().await;
        assert_eq!(asked.broker, 1);
        fakes.topic("orders", &[2]);
        asked.refuse(code);
        settle().await;
        assert_eq!(fakes.times_told(), 2, "{code}: before the batch is sent again");
        let (again, after) = timed(fakes.next()).await;
        assert_eq!(again.broker, 2);
        assert!((80..=120).contains(&after), "{code}: {after}");
        again.accept(5);
        assert_eq!(delivery.await.unwrap().offset, 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_brokers_batches_go_to_the_new_leader() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[2, 1]);
    let producer = producer(&fakes, sending(Again::default()));
    let lost = producer.send(order_to(0, "lost")).await.unwrap();
    let _under_way = fakes.next().await;
    fakes.kill(2).await;
    let waits = producer.send(order_to(0, "waits")).await.unwrap();
    // The broker is dead, and nobody has noticed: for a second it is said to lead.
    assert!(fakes.within(1_000).await.is_none());
    assert_eq!(producer.stats().failed, 0);
    assert!(fakes.times_told() > 2, "brokers are asked again and again");
    fakes.topic("orders", &[1, 1]);
    let mut ends = BTreeMap::new();
    for expected in ["lost", "waits"] {
        let (asked, after) = timed(fakes.next()).await;
        assert_eq!((asked.broker, asked.values()), (1, vec![expected.to_owned()]));
        assert!(after <= 1_200, "soon after somebody knows better: {after}");
        asked.append(&mut ends);
    }
    assert_eq!((lost.await.unwrap().offset, waits.await.unwrap().offset), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_comes_back_gets_what_waited_for_it() {
    let (mut fakes, producer) = one(sending(Again::default()));
    let known = producer.send(order("0")).await.unwrap();
    fakes.next().await.accept(0);
    known.await.unwrap();
    fakes.kill(1).await;
    settle().await;
    let (delivery, after) = timed(producer.send(order("1"))).await;
    assert_eq!(after, 0, "nobody can be asked, and the record need not wait for that");
    let delivery = delivery.unwrap();
    tokio::time::sleep(ms(20_000)).await;
    let second = producer.send(order("2")).await.unwrap();
    fakes.start(1);
    let mut ends = BTreeMap::new();
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["1", "2"], "they have waited in one batch");
    asked.append(&mut ends);
    assert_eq!((delivery.await.unwrap().retries, second.await.unwrap().retries), (0, 0), "they were sent once");
}

#[tokio::test(start_paused = true)]
async fn a_partition_without_a_leader_waits_for_one() {
    let (mut fakes, producer) = one(sending(Again::default()));
    fakes.topic_with("orders", TopicId(1), &[None, Some(1)]);
    let waits = producer.send(order_to(0, "waits")).await.unwrap();
    let other = producer.send(order_to(1, "other")).await.unwrap();
    fakes.next().await.accept(0);
    assert!(other.await.is_ok(), "others need not wait");
    let told = fakes.times_told();
    assert!(fakes.within(10_000).await.is_none());
    // After about 100, 300, 700, 1500, 2500 ms and so on.
    let times = fakes.times_told() - told;
    assert!((11..=16).contains(&times), "asked {times} times in ten seconds");
    fakes.topic_with("orders", TopicId(1), &[Some(1), Some(1)]);
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["waits"]);
    asked.accept(0);
    assert_eq!(waits.await.unwrap().retries, 0);
}

#[tokio::test(start_paused = true)]
async fn brokers_are_asked_by_nobody_when_nothing_waits() {
    let (mut fakes, producer) = one(sending(Again { retries: 0, ..Again::default() }));
    let delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::NotLeaderOrFollower);
    assert!(delivery.await.is_err());
    assert!(fakes.within(60_000).await.is_none());
    assert_eq!(fakes.times_told(), 1);
    let delivery = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(0);
    assert!(delivery.await.is_ok());
    assert_eq!(fakes.times_told(), 2, "and the next record has them asked");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_hangs_up_again_and_again_is_not_called_all_the_time() {
    let fakes = Fakes::new(1);
    fakes.topic("orders", &[2]);
    let mut socket = fakes.net.take("broker-2:9092");
    let producer = producer(&fakes, sending(Again { within: 31_000, ..Again::default() }));
    let delivery = producer.send(order("0")).await.unwrap();
    let mut calls = 0;
    while tokio::time::timeout(ms(10_000), socket.next()).await.is_ok() {
        calls += 1;
    }
    assert!((20..=45).contains(&calls), "{calls} calls in 31 s, each a rest after the one before");
    let error = delivery.await.unwrap_err();
    assert!(matches!(error, Error::DeliveryTimedOut { .. }), "{error:?}");
    drop(fakes);
}

#[tokio::test(start_paused = true)]
async fn what_was_compressed_is_not_compressed_again() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1]);
    let mut host = host(fakes.net.clone());
    host.workers = Workers::Threads;
    let cluster = Cluster::new(host, ClientConfig::new(FIRST)).unwrap();
    let config = ProducerConfig { compression: Compression::Zstd, ..sending(Again::default()) };
    let producer = partitioning::producer::Producer::new(cluster, config).unwrap();
    let delivery = producer.send(order("x".repeat(10_000))).await.unwrap();
    let first = fakes.next().await;
    let sent = first.request.clone();
    first.refuse(ErrorCode::CorruptMessage);
    let second = fakes.next().await;
    assert_eq!(second.request, sent);
    assert_eq!(second.values(), ["x".repeat(10_000)]);
    second.accept(0);
    delivery.await.unwrap();
    let stats = producer.stats();
    assert!(stats.sent_bytes < 1_000, "{stats:?}");
}

/// `acks=0`: nobody waits for the answer. It only makes room for the next request.
#[tokio::test(start_paused = true)]
async fn where_no_answer_is_waited_for_records_end_when_they_are_sent() {
    let (mut fakes, producer) = one(alone(2, Again { awaits: false, ..Again::default() }));
    let mut deliveries = Vec::new();
    for number in 0..3 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
    }
    let third = deliveries.pop().unwrap();
    for delivery in deliveries {
        let (metadata, after) = timed(delivery).await;
        let metadata = metadata.unwrap();
        assert_eq!((metadata.offset, metadata.retries, after), (-1, 0, 0));
    }
    assert_eq!(producer.stats().acknowledged, 2);
    let (first, second) = (fakes.next().await, fakes.next().await);
    assert!(fakes.within(1_000).await.is_none(), "two are under way");
    assert_eq!(producer.queued().len(), 1);
    let before = fakes.times_told();
    first.refuse(ErrorCode::NotLeaderOrFollower);
    let asked = fakes.next().await;
    assert_eq!(asked.values(), ["2"], "what was refused is not sent again");
    assert_eq!(third.await.unwrap().offset, -1);
    producer.send(order("3")).await.unwrap();
    settle().await;
    assert_eq!(fakes.times_told(), before + 1, "but it tells that the leader may be another");
    drop(second);
}

#[tokio::test(start_paused = true)]
async fn where_no_answer_is_waited_for_close_still_lets_the_requests_arrive() {
    let (mut fakes, producer) = one(sending(Again { awaits: false, ..Again::default() }));
    let delivery = producer.send(order("0")).await.unwrap();
    let closing = producer.close(ms(5_000));
    let answering = async {
        let asked = fakes.next().await;
        assert_eq!(asked.values(), ["0"]);
        tokio::time::sleep(ms(700)).await;
        asked.accept(0);
    };
    let ((abandoned, ()), after) = timed(async { tokio::join!(closing, answering) }).await;
    assert_eq!((abandoned, after), (0, 700));
    assert_eq!(delivery.await.unwrap().offset, -1);
    let (_fakes, producer) = one(sending(Again { awaits: false, ..Again::default() }));
    let _sent = producer.send(order("0")).await.unwrap();
    assert_eq!(timed(producer.close(Duration::from_secs(2))).await, (0, 2_000), "but not for ever");
}
