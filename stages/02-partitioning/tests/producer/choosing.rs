//! Which partition records go to, from the outside.

use std::collections::{BTreeMap, BTreeSet};

use partitioning::Error;
use partitioning::api::TopicId;
use partitioning::producer::partitioner::{Candidate, Partitioner, PartitionerKind, Topic, partition_for_key};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};

use crate::fake_broker::Fakes;
use crate::support::{cluster, config, ms, order, order_to, producer};

/// A broker with so many partitions of `orders`.
fn broker(partitions: usize) -> Fakes {
    let fakes = Fakes::new(1);
    fakes.topic("orders", &vec![1; partitions]);
    fakes
}

/// Sends records with these keys, and gives the partition of each.
async fn partitions(fakes: &mut Fakes, producer: &Producer, keys: &[Option<&str>]) -> Vec<u32> {
    let sending = async {
        let mut deliveries = Vec::new();
        for &key in keys {
            deliveries.push(producer.send(ProducerRecord::new("orders", key, "paid 10")).await.unwrap());
        }
        let mut partitions = Vec::new();
        for delivery in deliveries {
            partitions.push(delivery.await.unwrap().at.partition);
        }
        partitions
    };
    tokio::select! {
        () = fakes.accept_all() => unreachable!("it has no end"),
        partitions = sending => partitions,
    }
}

#[tokio::test(start_paused = true)]
async fn keys_decide_by_default() {
    let mut fakes = broker(6);
    let producer = producer(&fakes, config());
    let keys: Vec<String> = (0..100).map(|number| format!("customer-{}", number % 30)).collect();
    let found = partitions(&mut fakes, &producer, &keys.iter().map(|key| Some(&**key)).collect::<Vec<_>>()).await;
    let expected: Vec<u32> = keys.iter().map(|key| partition_for_key(key.as_bytes(), 6)).collect();
    assert_eq!(found, expected);
}

#[tokio::test(start_paused = true)]
async fn records_without_keys_go_round_or_stick() {
    for (partitioner, expected) in [
        (PartitionerKind::RoundRobin, 6),
        (PartitionerKind::Default, 1),
        (PartitionerKind::Sticky, 1),
        (PartitionerKind::StickyByBytes, 1),
        (PartitionerKind::Key, 1),
    ] {
        let mut fakes = broker(6);
        let producer = producer(&fakes, ProducerConfig { partitioner, ..config() });
        let found = partitions(&mut fakes, &producer, &[None; 12]).await;
        assert_eq!(BTreeSet::from_iter(found).len(), expected, "{partitioner}");
        let stats = producer.stats();
        assert_eq!((stats.batches, stats.sent), (expected as u64, 12), "{partitioner}: sticking makes fewer batches");
    }
}

#[tokio::test(start_paused = true)]
async fn sticking_fills_batches_and_reaches_all_partitions() {
    for partitioner in [PartitionerKind::Default, PartitionerKind::Sticky, PartitionerKind::StickyByBytes] {
        let mut fakes = broker(5);
        let config = ProducerConfig { partitioner, batch_size: 500, linger: ms(1_000), ..config() };
        let producer = producer(&fakes, config);
        let found = partitions(&mut fakes, &producer, &[None; 2_000]).await;
        let mut counts = BTreeMap::new();
        found.iter().for_each(|partition| *counts.entry(partition).or_insert(0) += 1);
        assert!(counts.len() == 5 && counts.values().all(|&count| count > 250), "{partitioner}: {counts:?}");
        // 27 records of 16 bytes fill a batch, or 26 if the last one's most does not fit.
        let stats = producer.stats();
        assert!(stats.batches <= 2_000 / 25 + 1, "{partitioner}: {} batches", stats.batches);
    }
}

#[tokio::test(start_paused = true)]
async fn a_seed_makes_a_run_that_can_be_repeated() {
    let run = async |seed| {
        let mut fakes = broker(50);
        let producer = producer(&fakes, ProducerConfig { seed, batch_size: 100, ..config() });
        partitions(&mut fakes, &producer, &[None; 30]).await
    };
    assert_eq!(run(Some(5)).await, run(Some(5)).await);
    assert_ne!(run(Some(5)).await, run(Some(6)).await);
    assert_ne!(run(None).await, run(None).await);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_a_record_names_wins() {
    let mut fakes = broker(6);
    let producer = producer(&fakes, config());
    let mut record = order_to(2, "paid 10");
    record.key = Some("alice".into());
    assert_ne!(partition_for_key(b"alice", 6), 2);
    let delivery = producer.send(record).await.unwrap();
    fakes.next().await.accept(0);
    assert_eq!(delivery.await.unwrap().at.partition, 2);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_not_there_is_an_error() {
    let fakes = broker(3);
    let producer = producer(&fakes, config());
    let error = producer.send(order_to(3, "paid 10")).await.unwrap_err();
    assert_eq!(error.to_string(), "the topic orders has no partition 3: it has 3, numbered from 0");
    assert_eq!(producer.stats().records, 0);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_has_grown_has_the_new_partition() {
    let mut fakes = broker(3);
    let producer = producer(&fakes, config());
    producer.send(order_to(2, "before")).await.unwrap();
    fakes.next().await.accept(0);
    assert_eq!(fakes.times_told(), 1);
    fakes.topic("orders", &[1; 5]);
    let delivery = producer.send(order_to(4, "after")).await.unwrap();
    let asked = fakes.next().await;
    assert_eq!((asked.partitions(), fakes.times_told()), (vec![4], 2));
    asked.accept(0);
    assert!(delivery.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_topic_made_anew_gets_a_new_partitioner() {
    let mut fakes = broker(50);
    let producer = producer(&fakes, ProducerConfig { seed: Some(3), ..config() });
    let first = partitions(&mut fakes, &producer, &[None]).await[0];
    assert!(first >= 2, "the seed is chosen so: {first}");
    fakes.topic_with("orders", TopicId(2), &[Some(1); 2]);
    // What is known is five minutes old now.
    tokio::time::advance(ms(300_000)).await;
    let found = partitions(&mut fakes, &producer, &[None; 5]).await;
    assert!(found.iter().all(|&partition| partition < 2), "{found:?}");
}

/// Answers with what its records' keys say, or panics.
#[derive(Debug)]
struct Obedient;

impl Partitioner for Obedient {
    fn partition(&mut self, record: &Candidate<'_>, topic: &mut dyn Topic) -> u32 {
        assert_eq!((topic.partitions(), topic.has_leader(0), topic.waiting(0)), (3, true, 0));
        std::str::from_utf8(record.key.unwrap()).unwrap().parse().expect("a partition as its key")
    }
}

#[tokio::test(start_paused = true)]
async fn a_partitioner_of_ones_own_is_held_to_its_topic() {
    let mut fakes = broker(3);
    let producer = Producer::with_partitioner(cluster(&fakes), config(), |_| Box::new(Obedient)).unwrap();
    let send = async |key| producer.send(ProducerRecord::new("orders", key, "paid 10")).await;
    let delivery = send("2").await.unwrap();
    let error = send("3").await.unwrap_err();
    assert!(matches!(error, Error::NoPartition { partition: 3, count: 3, .. }), "{error:?}");
    fakes.next().await.accept(0);
    assert_eq!(delivery.await.unwrap().at.partition, 2);
}

#[tokio::test(start_paused = true)]
async fn a_partitioner_that_panics_harms_only_who_asked() {
    let mut fakes = broker(3);
    let producer = Producer::with_partitioner(cluster(&fakes), config(), |_| Box::new(Obedient)).unwrap();
    let producer = std::sync::Arc::new(producer);
    let other = producer.clone();
    let sending = tokio::spawn(async move {
        drop(other.send(ProducerRecord::new("orders", "no number", "paid 10")).await);
    });
    assert!(sending.await.unwrap_err().is_panic());
    let delivery = producer.send(order_to(1, "paid 10")).await.unwrap();
    fakes.next().await.accept(0);
    assert!(delivery.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn each_topic_has_a_partitioner_of_its_own() {
    let mut fakes = broker(3);
    fakes.topic_with("payments", TopicId(2), &[Some(1); 3]);
    let producer = producer(&fakes, ProducerConfig { partitioner: PartitionerKind::RoundRobin, ..config() });
    let found = partitions(&mut fakes, &producer, &[None; 2]).await;
    assert_eq!(found, [0, 1]);
    let mut record = order("paid 10");
    record.topic = "payments".into();
    let delivery = producer.send(record).await.unwrap();
    fakes.next().await.accept(0);
    assert_eq!(delivery.await.unwrap().at.partition, 0);
}

#[tokio::test(start_paused = true)]
async fn topics_do_not_draw_the_same_lots() {
    let mut fakes = broker(1_000);
    fakes.topic_with("payments", TopicId(2), &[Some(1); 1_000]);
    let producer = producer(&fakes, config());
    let orders = partitions(&mut fakes, &producer, &[None]).await[0];
    let delivery = producer.send(ProducerRecord::new("payments", None, "paid 10")).await.unwrap();
    fakes.next().await.accept(0);
    assert_ne!(delivery.await.unwrap().at.partition, orders);
}

#[tokio::test(start_paused = true)]
async fn records_that_name_a_partition_take_nothing_from_its_turn() {
    let mut fakes = broker(1_000);
    let producer = producer(&fakes, ProducerConfig { batch_size: 1_000, ..config() });
    let turn = partitions(&mut fakes, &producer, &[None]).await[0];
    for _ in 0..5 {
        let delivery = producer.send(order_to(turn, "x".repeat(900))).await.unwrap();
        fakes.next().await.accept(0);
        assert_eq!(delivery.await.unwrap().at.partition, turn);
    }
    assert_eq!(partitions(&mut fakes, &producer, &[None]).await, [turn]);
}
