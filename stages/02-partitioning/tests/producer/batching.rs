//! When records leave, and with which others.

use std::sync::Arc;
use std::time::Duration;

use partitioning::api::MAX_ENTRIES;
use partitioning::producer::partitioner::PartitionerKind;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::{ClientConfig, Cluster};
use segment_log::{BatchView, Compression, Header, Record};

use crate::fake_broker::{FIRST, Fakes};
use crate::support::{NOW, at, config, host, ms, one, order, order_to, producer, settle, timed};

#[tokio::test(start_paused = true)]
async fn a_record_waits_for_linger_ms_and_no_longer() {
    let (mut fakes, producer) = one(ProducerConfig { linger: ms(50), ..config() });
    let delivery = producer.send(order("paid 10")).await.unwrap();
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (vec!["paid 10".to_owned()], 50));
    asked.accept(7);
    let place = delivery.await.unwrap();
    assert_eq!((place.at, place.offset, place.timestamp), (at(0), 7, NOW));
}

#[tokio::test(start_paused = true)]
async fn records_that_come_meanwhile_go_with_it() {
    let (mut fakes, producer) = one(ProducerConfig { linger: ms(50), ..config() });
    let mut deliveries = Vec::new();
    for number in 0..4 {
        deliveries.push(producer.send(order(format!("{number}"))).await.unwrap());
        tokio::time::sleep(ms(12)).await;
    }
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values(), after), (["0", "1", "2", "3"].map(str::to_owned).to_vec(), 2));
    asked.accept(100);
    for (number, delivery) in (0..).zip(deliveries) {
        assert_eq!(delivery.await.unwrap().offset, 100 + number);
    }
}

#[tokio::test(start_paused = true)]
async fn without_linger_a_record_leaves_at_once() {
    let (mut fakes, producer) = one(ProducerConfig { linger: Duration::ZERO, ..config() });
    producer.send(order("paid 10")).await.unwrap();
    let (_, after) = timed(fakes.next()).await;
    assert_eq!(after, 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_does_not_linger() {
    let (mut fakes, producer) = one(ProducerConfig { linger: ms(3_600_000), batch_size: 1_000, ..config() });
    for number in 0..10 {
        producer.send(order(format!("{number:0>100}"))).await.unwrap();
    }
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values().len(), after), (8, 0), "61 + 8 * 109 bytes are within 1000");
    assert!(fakes.within(3_599_999).await.is_none(), "the other two linger");
    assert_eq!(fakes.next().await.values().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_request_to_a_broker_has_a_batch_for_each_of_its_partitions() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[1, 2, 1, 2]);
    let producer = producer(&fakes, config());
    for partition in [3, 1, 0, 2] {
        producer.send(order_to(partition, "paid 10")).await.unwrap();
    }
    let mut asked = [fakes.next().await, fakes.next().await].map(|asked| (asked.broker, asked.partitions()));
    asked.sort();
    assert_eq!(asked, [(1, vec![0, 2]), (2, vec![1, 3])]);
}

#[tokio::test(start_paused = true)]
async fn a_request_is_not_carried_past_its_size() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1; 4]);
    let producer = producer(&fakes, ProducerConfig { max_request_size: 2_000, batch_size: 5_000, ..config() });
    for partition in 0..4 {
        producer.send(order_to(partition, "x".repeat(900))).await.unwrap();
    }
    let asked = [fakes.next().await, fakes.next().await].map(|asked| asked.partitions());
    assert_eq!(asked, [[0, 1], [2, 3]]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_no_longer_than_a_request() {
    let (mut fakes, producer) = one(ProducerConfig { max_request_size: 2_000, batch_size: 5_000, ..config() });
    for _ in 0..4 {
        producer.send(order("x".repeat(900))).await.unwrap();
    }
    let asked = [fakes.next().await, fakes.next().await].map(|asked| asked.values().len());
    assert_eq!(asked, [2, 2]);
}

/// The sender hears of a batch that is closed in passing.
#[tokio::test(start_paused = true)]
async fn a_full_batch_that_is_left_for_another_leaves_at_once() {
    let mut fakes = Fakes::new(1);
    fakes.topic("orders", &[1, 1]);
    let partitioner = PartitionerKind::Sticky;
    let config = ProducerConfig { partitioner, linger: ms(3_600_000), batch_size: 1_000, ..config() };
    let producer = producer(&fakes, config);
    for partition in 0..2 {
        producer.send(order_to(partition, "opens a batch")).await.unwrap();
    }
    settle().await;
    // The first partition takes eight of these. The ninth goes to the other, where a batch is open already.
    for _ in 0..9 {
        producer.send(order("x".repeat(100))).await.unwrap();
    }
    let (asked, after) = timed(fakes.next()).await;
    assert_eq!((asked.values().len(), asked.partitions().len(), after), (11, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn batches_are_compressed_whole() {
    for compression in Compression::ALL {
        let (mut fakes, producer) = one(ProducerConfig { compression, ..config() });
        for _ in 0..100 {
            producer.send(order("the same again")).await.unwrap();
        }
        let asked = fakes.next().await;
        let bytes = &asked.request.partitions[0].records.0;
        let batch = BatchView::parse(bytes).unwrap();
        assert!(batch.verify().is_ok());
        assert_eq!((batch.compression().unwrap(), batch.records_count()), (compression, 100));
        assert_eq!(asked.values(), vec!["the same again"; 100]);
        let sent_bytes = bytes.len() as u64;
        asked.accept(0);
        producer.flush().await;
        let stats = producer.stats();
        assert_eq!(
            (stats.records, stats.acknowledged, stats.requests, stats.batches, stats.sent),
            (100, 100, 1, 1, 100)
        );
        assert_eq!((stats.plain_bytes, stats.sent_bytes), (2_197, sent_bytes), "{compression}");
        assert!(compression == Compression::None || sent_bytes < 700, "{compression}: {sent_bytes} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_a_record_arrives() {
    let (mut fakes, producer) = one(config());
    let headers = vec![Header { key: "trace".to_owned(), value: None }];
    let mut full = order("paid 10").at_time(5);
    full.key = Some("alice".into());
    full.headers = headers.clone();
    let mut tombstone = order("");
    tombstone.value = None;
    let deliveries = [producer.send(full).await.unwrap(), producer.send(tombstone).await.unwrap()];
    let asked = fakes.next().await;
    let expected = [
        Record { timestamp: 5, key: Some("alice".into()), value: Some("paid 10".into()), headers },
        Record { timestamp: NOW, key: None, value: None, headers: vec![] },
    ];
    assert_eq!(asked.records()[&at(0)], expected);
    asked.accept(0);
    let [full, tombstone] = deliveries;
    assert_eq!((full.await.unwrap().timestamp, tombstone.await.unwrap().timestamp), (5, NOW));
}

#[tokio::test(start_paused = true)]
async fn a_flush_sends_what_lingers() {
    let (mut fakes, producer) = one(ProducerConfig { linger: ms(3_600_000), ..config() });
    producer.send(order("paid 10")).await.unwrap();
    settle().await;
    let flush = producer.flush();
    tokio::pin!(flush);
    tokio::select! {
        () = &mut flush => panic!("it was not answered"),
        (asked, after) = timed(fakes.next()) => {
            assert_eq!(after, 0);
            asked.accept(0);
        }
    }
    flush.await;
}

/// As many partitions as a request may have, with the longest name, and batches of as many bytes as they may have.
#[tokio::test(start_paused = true)]
async fn a_full_request_with_all_its_names_fits_into_a_frame() {
    const BATCH: usize = 80;
    let topic: Arc<str> = "n".repeat(249).into();
    let mut fakes = Fakes::new(1);
    fakes.topic(&topic, &[1; MAX_ENTRIES]);
    let max_request_size = BATCH * MAX_ENTRIES;
    let client = ClientConfig { max_frame: max_request_size + (4 << 20), ..ClientConfig::new(FIRST) };
    let cluster = Cluster::new(host(fakes.net.clone()), client).unwrap();
    let producer = Producer::new(cluster, ProducerConfig { max_request_size, linger: ms(1_000), ..config() }).unwrap();
    for partition in 0..MAX_ENTRIES as u32 {
        let record = ProducerRecord { topic: topic.clone(), ..order_to(partition, "x".repeat(BATCH - 68)) };
        producer.send(record).await.unwrap();
    }
    assert!(producer.queued().iter().all(|batch| batch.bytes == BATCH));
    let asked = fakes.next().await;
    assert_eq!(asked.partitions().len(), MAX_ENTRIES);
    asked.accept(0);
    producer.flush().await;
    assert_eq!(producer.stats().acknowledged, MAX_ENTRIES as u64);
}
