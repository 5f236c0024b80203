//! Brokers that refuse, hang up, lie, or are not there.

use std::time::Duration;

use partitioning::api::{ProduceResponse, Produced, TopicId};
use partitioning::producer::{Producer, ProducerConfig};
use partitioning::{ClientConfig, Cluster, Error, ErrorCode, Workers};
use segment_log::Compression;

use crate::fake_broker::{FIRST, Fakes};
use crate::support::{NOW, at, config, host, ms, one, order, order_to, producer, settle, timed};

const STORED: Produced = Produced { base_offset: 40, log_append_time: None, log_start: 0 };

/// A broker with these partitions of `orders`, and a record for each that is under way in one request.
macro_rules! under_way {
    ($partitions:literal) => {{
        let mut fakes = Fakes::new(1);
        fakes.topic("orders", &[1; $partitions]);
        let producer = producer(&fakes, config());
        let mut deliveries = Vec::new();
        for partition in 0..$partitions {
            deliveries.push(producer.send(order_to(partition, format!("{partition}"))).await.unwrap());
        }
        let asked = fakes.next().await;
        assert_eq!(asked.partitions().len(), $partitions);
        let deliveries: [_; $partitions] = deliveries.try_into().expect("as many as partitions");
        (fakes, producer, asked, deliveries)
    }};
}

#[tokio::test(start_paused = true)]
async fn one_partition_may_refuse_while_others_take() {
    let (_fakes, producer, asked, [first, second, third]) = under_way!(3);
    asked.reply(|at| match at.partition {
        1 => Err(ErrorCode::MessageTooLarge.because("the batch has 88 bytes, and max.message.bytes allows 80")),
        _ => Ok(STORED),
    });
    assert_eq!(first.await.unwrap().offset, 40);
    let refused = second.await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::MessageTooLarge));
    let told = "the batch has 88 bytes, and max.message.bytes allows 80 (MESSAGE_TOO_LARGE)";
    assert_eq!((refused.to_string(), refused.is_in_doubt()), (told.to_owned(), false));
    assert_eq!(third.await.unwrap().at, at(2));
    let stats = producer.stats();
    assert_eq!((stats.acknowledged, stats.failed), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_log_may_set_the_time() {
    let (_fakes, _producer, asked, [delivery]) = under_way!(1);
    asked.reply(|_| Ok(Produced { log_append_time: Some(NOW + 77), ..STORED }));
    assert_eq!(delivery.await.unwrap().timestamp, NOW + 77);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_refused_whole_fails_all_its_records() {
    let (_fakes, _producer, asked, deliveries) = under_way!(2);
    asked.answer(Err(ErrorCode::UnsupportedVersion.because("Produce 1 is not served")));
    for delivery in deliveries {
        assert_eq!(delivery.await.unwrap_err().code(), Some(ErrorCode::UnsupportedVersion));
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_does_not_say_is_in_doubt() {
    for partitions in [
        vec![],
        vec![(at(0), Ok(STORED))],
        vec![(at(0), Ok(STORED)), (at(5), Ok(STORED))],
        vec![(at(0), Ok(STORED)), (at(0), Ok(STORED))],
    ] {
        let (_fakes, _producer, asked, [_, second]) = under_way!(2);
        asked.answer(Ok(ProduceResponse { partitions }));
        let error = second.await.unwrap_err();
        let reason = "its answer does not say what became of orders-1";
        let told = format!("the connection to broker-1:9092 ended before the answer came: {reason}");
        assert_eq!((error.to_string(), error.is_in_doubt()), (told, true));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_fails_what_is_under_way_and_nothing_else() {
    let (mut fakes, producer) =
        one(ProducerConfig { linger: Duration::ZERO, batch_size: 0, max_in_flight: 2, ..config() });
    let mut deliveries = Vec::new();
    for number in 0..4 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
    }
    let (first, second) = (fakes.next().await, fakes.next().await);
    let asked_before = fakes.times_told();
    first.hang_up();
    for lost in deliveries.drain(..2) {
        let error = lost.await.unwrap_err();
        assert!(matches!(error, Error::Disconnected { .. }), "{error:?}");
        assert!(error.is_in_doubt());
    }
    second.accept(1);
    // A new connection brings the others, in their order.
    for (offset, delivery) in (2..).zip(deliveries) {
        let asked = fakes.next().await;
        assert_eq!(asked.values(), [format!("{offset}")]);
        asked.accept(offset);
        assert_eq!(delivery.await.unwrap().offset, offset);
    }
    assert_eq!(fakes.times_told(), asked_before, "who waits does not ask");
    producer.send(order("4")).await.unwrap();
    assert_eq!(fakes.times_told(), asked_before + 1, "the next record asks whether the leader is another now");
    producer.send(order("5")).await.unwrap();
    assert_eq!(fakes.times_told(), asked_before + 1, "once");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_ends_the_connection() {
    let (mut fakes, producer) = one(config());
    let delivery = producer.send(order("0")).await.unwrap();
    let silent = fakes.next().await;
    let (error, after) = timed(delivery).await;
    let error = error.unwrap_err();
    let told = "no answer from broker-1:9092 within 30000 ms";
    assert_eq!((error.to_string(), error.is_in_doubt(), after), (told.to_owned(), true, 30_000));
    let next = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(1);
    assert_eq!(next.await.unwrap().offset, 1);
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_is_gone_fails_what_waits_for_it() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2]);
    let producer = producer(&fakes, config());
    fakes.kill(2).await;
    let lost = producer.send(order_to(1, "lost")).await.unwrap();
    let other = producer.send(order_to(0, "other")).await.unwrap();
    fakes.next().await.accept(0);
    assert!(other.await.is_ok());
    let error = lost.await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { address, .. } if address == "broker-2:9092"), "{error:?}");
    assert!(!error.is_in_doubt());
    // The partition has another leader now. The producer learns of it with the next record.
    fakes.topic("orders", &[1, 1]);
    let moved = producer.send(order_to(1, "moved")).await.unwrap();
    let asked = fakes.next().await;
    assert_eq!((asked.broker, asked.partitions()), (1, vec![1]));
    asked.accept(0);
    assert!(moved.await.is_ok());
}

/// While the sender compresses for broker 1, broker 2 hangs up, on a connection that nothing was ever sent on.
#[tokio::test(start_paused = true)]
async fn a_broker_that_hangs_up_at_once_is_not_called_for_ever() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1, 2]);
    let mut socket = fakes.net.take("broker-2:9092");
    let mut host = host(fakes.net.clone());
    host.workers = Workers::Threads;
    let cluster = Cluster::new(host, ClientConfig::new(FIRST)).unwrap();
    let producer = Producer::new(cluster, ProducerConfig { compression: Compression::Gzip, ..config() }).unwrap();
    let mut noise = vec![0; 1_000_000];
    fastrand::Rng::with_seed(1).fill(&mut noise);
    let mut large = order_to(0, "");
    large.value = Some(noise.into());
    let calls = async {
        let mut calls = 0;
        while tokio::time::timeout(ms(1_000), socket.next()).await.is_ok() {
            calls += 1;
        }
        calls
    };
    let sending = async {
        let taken = producer.send(large).await.unwrap();
        let lost = producer.send(order_to(1, "lost")).await.unwrap();
        fakes.next().await.accept(0);
        assert!(taken.await.is_ok());
        lost.await.unwrap_err()
    };
    let (calls, error) = tokio::join!(calls, sending);
    // It depends on how long compressing takes whether the request was sent.
    assert!(matches!(error, Error::Unreachable { .. } | Error::Disconnected { .. }), "{error:?}");
    assert_eq!(calls, 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_cannot_be_reached_is_left_alone_for_a_while() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[2]);
    let producer = producer(&fakes, ProducerConfig { linger: Duration::ZERO, ..config() });
    fakes.kill(2).await;
    let mut waits = Vec::new();
    for number in 0..8 {
        let lost = producer.send(order(format!("{number}"))).await.unwrap();
        let (lost, after) = timed(lost).await;
        assert!(matches!(lost, Err(Error::Unreachable { .. })), "{lost:?}");
        waits.push(after);
    }
    assert_eq!(waits, [0, 50, 100, 200, 400, 800, 1_000, 1_000], "each record waits for the next attempt");
    fakes.start(2);
    let (asked, after) = timed(async {
        drop(producer.send(order("there")).await.unwrap());
        fakes.next().await
    })
    .await;
    assert_eq!((asked.values(), after), (vec!["there".to_owned()], 1_000));
    asked.accept(0);
    producer.flush().await;
    // It counts from the start again.
    fakes.kill(2).await;
    for expected in [0, 50] {
        let lost = producer.send(order("lost again")).await.unwrap();
        assert_eq!(timed(lost).await.1, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_comes_back_is_found() {
    let (mut fakes, producer) = one(config());
    let delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.accept(0);
    delivery.await.unwrap();
    fakes.kill(1).await;
    settle().await;
    let lost = producer.send(order("1")).await.unwrap();
    assert!(matches!(lost.await, Err(Error::Unreachable { .. })));
    let (nobody, after) = timed(producer.send(order("2"))).await;
    assert!(matches!(nobody, Err(Error::Unreachable { .. })), "nobody can be asked");
    assert_eq!(after, 60_000, "max.block.ms");
    fakes.start(1);
    let delivery = producer.send(order("3")).await.unwrap();
    fakes.next().await.accept(1);
    assert_eq!(delivery.await.unwrap().offset, 1);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_nobody_knows_is_asked_for_until_the_time_is_over() {
    let (fakes, producer) = one(ProducerConfig { max_block: ms(5_000), ..config() });
    let mut record = order("0");
    record.topic = "oders".into();
    let (error, after) = timed(producer.send(record)).await;
    let told = "there is no topic oders (UNKNOWN_TOPIC_OR_PARTITION)";
    assert_eq!((error.unwrap_err().to_string(), after), (told.to_owned(), 5_000), "the broker's last word");
    assert_eq!(fakes.times_told(), 8, "after 0, 100, 300, 700, 1500, 2500, 3500 and 4500 ms");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_made_meanwhile_is_found() {
    let mut fakes = Fakes::new(1);
    let producer = producer(&fakes, config());
    let making = async {
        tokio::time::sleep(ms(1_000)).await;
        fakes.topic("orders", &[1]);
    };
    let ((delivery, ()), after) = timed(async { tokio::join!(producer.send(order("0")), making) }).await;
    assert_eq!(after, 1_500);
    fakes.next().await.accept(0);
    assert_eq!(delivery.unwrap().await.unwrap().offset, 0);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_comes_meanwhile_is_found() {
    let (mut fakes, producer) = one(config());
    fakes.kill(1).await;
    let coming = async {
        tokio::time::sleep(ms(1_000)).await;
        fakes.start(1);
    };
    let ((delivery, ()), after) = timed(async { tokio::join!(producer.send(order("0")), coming) }).await;
    assert_eq!(after, 1_500);
    fakes.next().await.accept(0);
    assert_eq!(delivery.unwrap().await.unwrap().offset, 0);
}

#[tokio::test(start_paused = true)]
async fn a_question_without_an_answer_says_nothing_of_the_record() {
    let client = ClientConfig { request_timeout: ms(1_000), ..ClientConfig::new(FIRST) };
    let fakes = Fakes::new(1);
    fakes.told.lock().unwrap().is_silent = true;
    let cluster = Cluster::new(host(fakes.net.clone()), client).unwrap();
    let producer = Producer::new(cluster, ProducerConfig { max_block: ms(5_000), ..config() }).unwrap();
    let (error, after) = timed(producer.send(order("0"))).await;
    let error = error.unwrap_err();
    assert!(matches!(error, Error::NoMetadata { .. }), "{error:?}");
    assert_eq!((error.is_in_doubt(), after), (false, 5_000));
    assert!(fakes.times_told() > 1, "it asks again when a question has timed out");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_says_nothing_of_a_topic_is_not_waited_for_for_ever() {
    let (fakes, producer) = one(ProducerConfig { max_block: ms(1_500), ..config() });
    fakes.told.lock().unwrap().is_silent = true;
    let (error, after) = timed(producer.send(order("0"))).await;
    let told = "nothing is known of the topic orders after max.block.ms = 1500";
    assert_eq!((error.unwrap_err().to_string(), after), (told.to_owned(), 1_500));
}

#[tokio::test(start_paused = true)]
async fn a_topic_without_partitions_takes_nothing() {
    let (fakes, producer) = one(config());
    fakes.topic("orders", &[]);
    let error = producer.send(order("0")).await.unwrap_err();
    assert_eq!(error.to_string(), "the topic orders has no partition 0: it has 0, numbered from 0");
}

#[tokio::test(start_paused = true)]
async fn a_partition_without_a_leader_fails_and_is_asked_for_again() {
    let (mut fakes, producer) = one(config());
    fakes.topic_with("orders", TopicId(1), &[None]);
    let delivery = producer.send(order("0")).await.unwrap();
    let error = delivery.await.unwrap_err();
    assert_eq!(error.to_string(), "orders-0 has no leader (LEADER_NOT_AVAILABLE)");
    fakes.topic("orders", &[1]);
    let delivery = producer.send(order("1")).await.unwrap();
    fakes.next().await.accept(0);
    assert!(delivery.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn after_an_unknown_partition_the_next_record_asks_again() {
    let (mut fakes, producer, asked, [delivery]) = under_way!(1);
    asked.refuse(ErrorCode::UnknownTopicOrPartition);
    assert_eq!(delivery.await.unwrap_err().code(), Some(ErrorCode::UnknownTopicOrPartition));
    // The topic was deleted and made anew, with other partitions.
    fakes.topic_with("orders", TopicId(2), &[Some(1); 2]);
    let delivery = producer.send(order_to(1, "1")).await.unwrap();
    let asked = fakes.next().await;
    assert_eq!(asked.partitions(), [1]);
    asked.accept(0);
    assert!(delivery.await.is_ok());
    assert_eq!(fakes.times_told(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_stays_true_asks_nobody() {
    let (fakes, producer, asked, [delivery]) = under_way!(1);
    asked.refuse(ErrorCode::InvalidRecord);
    assert!(delivery.await.is_err());
    producer.send(order("1")).await.unwrap();
    assert_eq!(fakes.times_told(), 1);
}
