//! Against the real broker, over a network in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use partitioning::api::{CreateTopic, Fetch, FetchPartition, FetchRequest, NewTopic};
use partitioning::producer::partitioner::PartitionerKind;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, RecordMetadata};
use partitioning::{Broker, BrokerConfig, ClientConfig, Cluster, ErrorCode, Result, TopicPartition};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::{Compression, Header, Record, batches};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::support::{NOW, config, host, ms, order, timed};

const BROKER: &str = "broker:9092";

/// A broker that runs, with its data in a folder of its own.
struct Running {
    net: Cables,
    stop: CancellationToken,
    running: JoinHandle<Result<bool>>,
    _folder: tempfile::TempDir,
}

impl Running {
    async fn start() -> Self {
        let (net, stop) = (Cables::default(), CancellationToken::new());
        let folder = tempfile::tempdir().unwrap();
        let mut config = BrokerConfig::new(folder.path(), BROKER);
        config.advertised = Some(BROKER.to_owned());
        let broker = Broker::open(host(net.clone()), config).await.unwrap();
        let running = tokio::spawn(broker.run(stop.clone()));
        Running { net, stop, running, _folder: folder }
    }

    fn cluster(&self) -> Cluster {
        Cluster::new(host(self.net.clone()), ClientConfig::new(BROKER)).unwrap()
    }

    async fn create(&self, name: &str, partitions: u32, configs: &[(&str, &str)]) {
        let configs = configs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        let new = NewTopic { name: name.into(), partitions: Some(partitions), replication_factor: None, configs };
        self.cluster().call::<CreateTopic>(new).await.unwrap();
    }

    /// All records of a partition, with their offsets.
    async fn records(&self, topic: &str, partition: u32) -> Vec<(i64, Record)> {
        let at = TopicPartition::new(topic, partition);
        let partitions = vec![FetchPartition { at, offset: 0, max_bytes: 100 << 20 }];
        let request = FetchRequest { max_bytes: 50 << 20, partitions };
        let answer = self.cluster().call::<Fetch>(request).await.unwrap();
        let [(_, fetched)] = &answer.partitions[..] else { panic!("one answer") };
        let mut found = Vec::new();
        for batch in batches(&fetched.as_ref().unwrap().records.0) {
            let records = batch.unwrap().records(DECOMPRESSED_LIMIT).unwrap();
            found
                .extend(records.iter().map(|record| record.map(|record| (record.offset, record.to_record())).unwrap()));
        }
        found
    }

    async fn stop(self) {
        self.stop.cancel();
        assert!(self.running.await.unwrap().unwrap(), "a clean stop");
    }
}

fn text(bytes: &Option<bytes::Bytes>) -> &str {
    std::str::from_utf8(bytes.as_ref().unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn records_are_where_the_deliveries_say() {
    let broker = Running::start().await;
    broker.create("orders", 4, &[]).await;
    for compression in Compression::ALL {
        let settings = ProducerConfig { compression, batch_size: 1_000, ..config() };
        let producer = Producer::new(broker.cluster(), settings).unwrap();
        let mut deliveries = Vec::new();
        for number in 0..200 {
            let mut record =
                ProducerRecord::new("orders", &*format!("key-{}", number % 17), format!("{compression} {number}"));
            record.headers.push(Header { key: "number".to_owned(), value: Some(number.to_string().into()) });
            deliveries.push((record.clone(), producer.send(record).await.unwrap()));
        }
        let mut stored = BTreeMap::new();
        for partition in 0..4 {
            producer.flush().await;
            stored.insert(partition, broker.records("orders", partition).await);
        }
        for (sent, delivery) in deliveries {
            let place = delivery.await.unwrap();
            let (offset, record) = &stored[&place.at.partition][place.offset as usize];
            assert_eq!((*offset, record.timestamp), (place.offset, NOW));
            assert_eq!((&record.key, &record.value, &record.headers), (&sent.key, &sent.value, &sent.headers));
        }
        assert_eq!(producer.close(ms(1_000)).await, 0);
    }
    broker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn order_holds_in_a_partition() {
    let broker = Running::start().await;
    broker.create("orders", 3, &[]).await;
    let settings = ProducerConfig { batch_size: 300, partitioner: PartitionerKind::RoundRobin, ..config() };
    let producer = Producer::new(broker.cluster(), settings).unwrap();
    for number in 0..1_000 {
        producer.send(ProducerRecord::new("orders", None, format!("{number}"))).await.unwrap();
    }
    producer.flush().await;
    for partition in 0..3 {
        let found: Vec<u32> = broker
            .records("orders", partition)
            .await
            .iter()
            .map(|(_, record)| text(&record.value).parse().unwrap())
            .collect();
        assert_eq!(found, (0..1_000).filter(|number| number % 3 == partition).collect::<Vec<_>>());
    }
    let stats = producer.stats();
    assert_eq!((stats.acknowledged, stats.failed), (1_000, 0));
    drop(producer);
    broker.stop().await;
}

/// Five requests are under way at a time, and their answers come while other threads are at work.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callbacks_come_in_order_whatever_the_threads_do() {
    const RECORDS: u32 = 5_000;
    let broker = Running::start().await;
    broker.create("orders", 1, &[]).await;
    let settings = ProducerConfig { linger: Duration::ZERO, batch_size: 0, ..config() };
    let producer = Producer::new(broker.cluster(), settings).unwrap();
    let heard: Arc<Mutex<Vec<(u32, i64)>>> = Arc::default();
    for number in 0..RECORDS {
        let heard = heard.clone();
        let note = move |outcome: Result<RecordMetadata>| heard.lock().unwrap().push((number, outcome.unwrap().offset));
        producer.send_with(order(number.to_string()), note).await.unwrap();
    }
    producer.flush().await;
    let expected: Vec<_> = (0..RECORDS).map(|number| (number, i64::from(number))).collect();
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let swapped = heard.iter().zip(&expected).find(|(heard, expected)| heard != expected);
    assert_eq!((heard.len(), swapped), (expected.len(), None));
    drop(producer);
    broker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn several_tasks_share_a_producer_and_its_memory() {
    let broker = Running::start().await;
    broker.create("orders", 2, &[]).await;
    let settings = ProducerConfig { buffer_memory: 2_000, batch_size: 500, ..config() };
    let producer = Arc::new(Producer::new(broker.cluster(), settings).unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..5_u32 {
        let producer = producer.clone();
        tasks.spawn(async move {
            for number in 0..100 {
                let record = ProducerRecord::new("orders", &*format!("task-{task}"), format!("{number}"));
                drop(producer.send(record).await.unwrap());
            }
        });
    }
    tasks.join_all().await;
    producer.flush().await;
    let mut found: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for partition in 0..2 {
        for (_, record) in broker.records("orders", partition).await {
            found.entry(text(&record.key).to_owned()).or_default().push(text(&record.value).parse().unwrap());
        }
    }
    assert_eq!(found.len(), 5);
    assert!(found.values().all(|numbers| numbers.iter().copied().eq(0..100)), "each task's records are in order");
    assert!(producer.stats().waits > 0, "memory was short");
    drop(producer);
    broker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_log_sets_the_time_where_the_topic_says_so() {
    let broker = Running::start().await;
    broker.create("orders", 1, &[("message.timestamp.type", "LogAppendTime")]).await;
    let producer = Producer::new(broker.cluster(), config()).unwrap();
    let record = ProducerRecord::new("orders", None, "paid 10").at_time(5);
    assert_eq!(producer.send(record).await.unwrap().await.unwrap().timestamp, NOW);
    drop(producer);
    broker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_the_topic_does_not_take_fails_its_records() {
    let broker = Running::start().await;
    broker.create("orders", 1, &[("max.message.bytes", "200")]).await;
    let producer = Producer::new(broker.cluster(), config()).unwrap();
    let [small, large] = [10, 500].map(|length| ProducerRecord::new("orders", None, "x".repeat(length)));
    let delivery = producer.send(large).await.unwrap();
    let error = delivery.await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::MessageTooLarge));
    assert_eq!(producer.send(small).await.unwrap().await.unwrap().offset, 0);
    drop(producer);
    broker.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_deleted_is_gone_for_the_producer_too() {
    let broker = Running::start().await;
    broker.create("orders", 1, &[]).await;
    let producer = Producer::new(broker.cluster(), config()).unwrap();
    let send = async || producer.send(ProducerRecord::new("orders", None, "paid 10")).await;
    assert_eq!(send().await.unwrap().await.unwrap().offset, 0);
    let request = partitioning::api::DeleteTopicRequest { name: "orders".into() };
    broker.cluster().call::<partitioning::api::DeleteTopic>(request).await.unwrap();
    // What is known of the topic is fresh, so the record goes out, and comes back.
    let error = send().await.unwrap().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::UnknownTopicOrPartition));
    // Now it is asked for first, until `max.block.ms` is over.
    let (error, after) = timed(send()).await;
    assert_eq!((error.unwrap_err().code(), after), (Some(ErrorCode::UnknownTopicOrPartition), 60_000));
    broker.create("orders", 1, &[]).await;
    assert_eq!(send().await.unwrap().await.unwrap().offset, 0);
    drop(producer);
    broker.stop().await;
}
