//! A consumer before a real broker: over a network in memory, and once over the machine's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use partitioning::api::{
    CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic, Produce, ProducePartition, ProduceRequest, RecordBytes,
};
use partitioning::consumer::Polling;
use partitioning::{
    AutoOffsetReset, Broker, BrokerConfig, ClientConfig, Clock, Cluster, Consumer, ConsumerConfig, Error, Host,
    Position, TopicPartition, Topics, Workers,
};
use segment_log::disk::RealDisk;
use segment_log::{Compression, Offset};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::door::{ms, pass};
use crate::reading::earliest;
use crate::support::{batch, offsets, orders};

const ADDRESS: &str = "broker:9092";

/// A host on a network in memory.
fn host(net: &Cables) -> Host {
    Host {
        net: Arc::new(net.clone()),
        disk: Arc::new(RealDisk),
        clock: Clock::from_fn(|| 1_000_000),
        workers: Workers::Inline,
    }
}

/// A broker that runs.
struct Running {
    topics: Arc<Topics>,
    stop: CancellationToken,
    run: JoinHandle<partitioning::Result<bool>>,
}

impl Running {
    /// Opens `folder` and serves it.
    async fn open(host: Host, folder: &Path, listen: &str) -> (Running, Cluster) {
        let mut config = BrokerConfig::new(folder, listen);
        if listen == ADDRESS {
            config.advertised = Some(ADDRESS.to_owned());
        }
        let broker = Broker::open(host.clone(), config).await.expect("the broker opens");
        let client = ClientConfig::new(broker.address());
        let (topics, stop) = (broker.topics().clone(), CancellationToken::new());
        let run = tokio::spawn(broker.run(stop.clone()));
        (Running { topics, stop, run }, Cluster::new(host, client).expect("the settings are good"))
    }

    async fn close(self) {
        self.stop.cancel();
        self.run.await.expect("the broker ends").expect("the folder is closed");
    }
}

async fn create(cluster: &Cluster, partitions: u32, configs: &[(&str, &str)]) {
    let configs = configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    let topic = NewTopic {
        name: "orders".into(),
        partitions: Some(partitions),
        replication_factor: None,
        configs: configs.collect(),
    };
    cluster.call::<CreateTopic>(topic).await.expect("the topic is created");
}

/// Appends the records that stand at these offsets, which must be the next.
async fn produce(cluster: &Cluster, at: &TopicPartition, offsets: std::ops::Range<Offset>, codec: Compression) {
    let all: Vec<_> = offsets.clone().collect();
    let mut records = batch(offsets.start, &all, offsets.end, codec);
    // A producer does not know the offsets. The log gives them.
    records[..8].fill(0);
    let records = RecordBytes::from(bytes::Bytes::from(records));
    let request = ProduceRequest { partitions: vec![ProducePartition { at: at.clone(), records }] };
    let (_, client) = cluster.leader(at).await.expect("the broker leads it");
    let answer = client.call::<Produce>(request).await.expect("the broker answers");
    let produced = answer.partitions[0].1.as_ref().expect("the batch is taken");
    assert_eq!(produced.base_offset, offsets.start);
}

fn consumer(cluster: &Cluster, config: ConsumerConfig, partitions: u32) -> Consumer {
    let mut consumer = Consumer::new(cluster.clone(), config).expect("the settings are good");
    consumer.assign((0..partitions).map(orders).collect());
    consumer
}

/// The offsets of all records that come until nothing comes for a second, by partition.
async fn read(consumer: &mut Consumer) -> BTreeMap<u32, Vec<Offset>> {
    let mut found: BTreeMap<u32, Vec<Offset>> = BTreeMap::new();
    loop {
        let records = consumer.poll(ms(1_000)).await.expect("nothing has failed");
        if records.is_empty() {
            return found;
        }
        for (record, offset) in records.iter().zip(offsets(&records)) {
            found.entry(record.at.partition).or_default().push(offset);
        }
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[tokio::test(start_paused = true)]
async fn what_was_produced_is_consumed_whatever_it_was_packed_with() {
    let (net, folder) = (Cables::default(), folder());
    let (broker, cluster) = Running::open(host(&net), folder.path(), ADDRESS).await;
    create(&cluster, 3, &[]).await;
    for (index, codec) in (0..).zip(Compression::ALL) {
        for number in 0..3 {
            let count = 10 * (i64::from(number) + 1);
            produce(&cluster, &orders(number), index * count..(index + 1) * count, codec).await;
        }
    }
    let mut consumer = consumer(&cluster, ConsumerConfig { max_poll_records: 7, ..earliest() }, 3);
    let found = read(&mut consumer).await;
    let expected = (0..3).map(|number| (number, (0..50 * (i64::from(number) + 1)).collect()));
    assert_eq!(found, expected.collect());
    consumer.close().await;
    broker.close().await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_overtaken_by_retention() {
    for policy in [AutoOffsetReset::Earliest, AutoOffsetReset::Latest, AutoOffsetReset::None] {
        let (net, folder) = (Cables::default(), folder());
        let (broker, cluster) = Running::open(host(&net), folder.path(), ADDRESS).await;
        create(&cluster, 1, &[("segment.bytes", "1000"), ("retention.bytes", "1000")]).await;
        for start in (0..100).step_by(10) {
            produce(&cluster, &orders(0), start..start + 10, Compression::None).await;
        }
        let fetched =
            ConsumerConfig { max_partition_fetch_bytes: 1, auto_offset_reset: policy, ..ConsumerConfig::default() };
        let mut consumer = consumer(&cluster, fetched, 1);
        consumer.seek(&orders(0), Position::Beginning).unwrap();
        let first = consumer.poll(ms(1_000)).await.unwrap();
        assert_eq!(offsets(&first), (0..10).collect::<Vec<_>>());
        // While the application works, the next batch is fetched. It will be read although the log has it no more.
        pass(5).await;
        assert!(broker.topics.housekeep(1_000_000).removed > 0);
        let start = consumer.beginning_offsets(&[orders(0)]).await.unwrap()[&orders(0)];
        assert!(start > 20, "the log begins at {start}");
        match policy {
            AutoOffsetReset::Earliest => {
                let expected: Vec<_> = (10..20).chain(start..100).collect();
                assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, expected)]));
            }
            AutoOffsetReset::Latest => {
                assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, (10..20).collect())]));
                produce(&cluster, &orders(0), 100..103, Compression::None).await;
                assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, vec![100, 101, 102])]));
            }
            AutoOffsetReset::None => {
                consumer.poll(ms(1_000)).await.unwrap();
                let error = consumer.poll(ms(1_000)).await.unwrap_err();
                assert!(matches!(error, Error::NoOffset { asked: 20, end: 100, .. }), "{error}");
            }
        }
        consumer.close().await;
        broker.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_outlives_its_broker() {
    let (net, folder) = (Cables::default(), folder());
    let (broker, cluster) = Running::open(host(&net), folder.path(), ADDRESS).await;
    create(&cluster, 2, &[]).await;
    produce(&cluster, &orders(0), 0..30, Compression::Lz4).await;
    let mut consumer = consumer(&cluster, ConsumerConfig { max_poll_records: 20, ..earliest() }, 2);
    assert_eq!(consumer.poll(ms(1_000)).await.unwrap().len(), 20);
    broker.close().await;
    assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, (20..30).collect())]), "what is here");
    let (broker, cluster) = Running::open(host(&net), folder.path(), ADDRESS).await;
    produce(&cluster, &orders(0), 30..35, Compression::None).await;
    produce(&cluster, &orders(1), 0..5, Compression::None).await;
    let expected = BTreeMap::from([(0, (30..35).collect()), (1, (0..5).collect())]);
    assert_eq!(read(&mut consumer).await, expected);
    consumer.close().await;
    broker.close().await;
}

/// Another topic of the same name: the old position is beyond its end.
#[tokio::test(start_paused = true)]
async fn a_topic_that_is_deleted_and_made_again() {
    let (net, folder) = (Cables::default(), folder());
    let (broker, cluster) = Running::open(host(&net), folder.path(), ADDRESS).await;
    create(&cluster, 1, &[]).await;
    produce(&cluster, &orders(0), 0..30, Compression::None).await;
    let mut consumer = consumer(&cluster, earliest(), 1);
    assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, (0..30).collect())]));
    cluster.call::<DeleteTopic>(DeleteTopicRequest { name: "orders".into() }).await.expect("it is deleted");
    assert_eq!(read(&mut consumer).await, BTreeMap::new());
    create(&cluster, 1, &[]).await;
    produce(&cluster, &orders(0), 0..4, Compression::None).await;
    assert_eq!(read(&mut consumer).await, BTreeMap::from([(0, (0..4).collect())]));
    consumer.close().await;
    broker.close().await;
}

/// Real sockets, real threads, real time. A producer writes while the consumer reads, in small fetches and small polls.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_machines_own_network() {
    const COUNT: Offset = 2_000;
    let folder = folder();
    let (broker, cluster) = Running::open(Host::real(), folder.path(), "127.0.0.1:0").await;
    create(&cluster, 2, &[]).await;
    let writing = cluster.clone();
    let producer = tokio::spawn(async move {
        for (start, codec) in (0..COUNT).step_by(50).zip(Compression::ALL.into_iter().cycle()) {
            for number in 0..2 {
                produce(&writing, &orders(number), start..start + 50, codec).await;
            }
        }
    });
    let small = ConsumerConfig {
        fetch_max_bytes: 8_000,
        max_partition_fetch_bytes: 3_000,
        max_poll_records: 30,
        fetching: Arc::new(Polling { rest: ms(1) }),
        ..earliest()
    };
    let mut consumer = consumer(&cluster, small, 2);
    let mut next: BTreeMap<TopicPartition, Offset> = (0..2).map(|number| (orders(number), 0)).collect();
    while next.values().any(|next| *next < COUNT) {
        let records = consumer.poll(Duration::from_secs(30)).await.expect("nothing has failed");
        assert!(!records.is_empty(), "nothing came for 30 s: {next:?} of {COUNT}");
        for (record, offset) in records.iter().zip(offsets(&records)) {
            let due = next.get_mut(&record.at).expect("it is assigned");
            assert_eq!(*due, offset, "of {}", record.at);
            *due += 1;
        }
    }
    producer.await.expect("all was produced");
    let stats = consumer.stats();
    assert_eq!((stats.records, stats.discarded_bytes), (2 * COUNT as u64, 0));
    assert!(stats.most_held_bytes <= 8_000, "{stats:?}");
    consumer.close().await;
    broker.close().await;
}
