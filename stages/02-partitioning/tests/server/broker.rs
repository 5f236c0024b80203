//! A whole broker behind the door: what its limits mean for those who read.

use std::sync::Arc;
use std::time::Duration;

use partitioning::api::{
    CreateTopic, Fetch, FetchPartition, FetchRequest, FetchResponse, NewTopic, Produce, ProducePartition,
    ProduceRequest, RecordBytes,
};
use partitioning::{Broker, BrokerConfig, ClientConfig, Clock, Cluster, Host, Limits, TopicPartition, Workers};
use segment_log::disk::RealDisk;
use segment_log::{BatchBuilder, Compression, Record};
use tempfile::TempDir;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::support::{ADDRESS, put, request, settle};

/// Bytes of the value of each batch's only record.
const VALUE: usize = 10_000;

/// A cluster of one broker with these limits, and a topic `orders` with so many batches in each of its partitions.
async fn with_batches(limits: Limits, partitions: u32, batches: usize) -> (Cluster, TempDir) {
    let (cluster, folder, _net) = with_batches_on(limits, partitions, batches).await;
    (cluster, folder)
}

/// The same, with the network that they are on.
async fn with_batches_on(limits: Limits, partitions: u32, batches: usize) -> (Cluster, TempDir, Cables) {
    let net = Cables::default();
    let host = Host {
        net: Arc::new(net.clone()),
        disk: Arc::new(RealDisk),
        clock: Clock::from_fn(|| 0),
        workers: Workers::Inline,
    };
    let folder = tempfile::tempdir().unwrap();
    let config =
        BrokerConfig { advertised: Some(ADDRESS.to_owned()), limits, ..BrokerConfig::new(folder.path(), ADDRESS) };
    let broker = Broker::open(host.clone(), config).await.unwrap();
    tokio::spawn(broker.run(CancellationToken::new()));
    let cluster = Cluster::new(host, ClientConfig::new(ADDRESS)).unwrap();
    let new = NewTopic {
        name: "orders".into(),
        partitions: Some(partitions),
        replication_factor: None,
        configs: Default::default(),
    };
    cluster.call::<CreateTopic>(new).await.unwrap();
    for number in 0..partitions {
        for _ in 0..batches {
            let one = ProducePartition { at: TopicPartition::new("orders", number), records: batch() };
            let answer = cluster.call::<Produce>(ProduceRequest { partitions: vec![one] }).await.unwrap();
            answer.partitions[0].1.as_ref().unwrap();
        }
    }
    (cluster, folder, net)
}

fn batch() -> RecordBytes {
    let mut batch = BatchBuilder::new(Compression::None);
    batch.push(&Record::new(0, None, "x".repeat(VALUE)));
    batch.build().unwrap().into_bytes().into()
}

/// For all that there is.
fn all(partitions: u32) -> FetchRequest {
    let part = |number| FetchPartition { at: TopicPartition::new("orders", number), offset: 0, max_bytes: u32::MAX };
    FetchRequest { max_bytes: u32::MAX, partitions: (0..partitions).map(part).collect() }
}

/// Asks for all that there is.
async fn fetch(cluster: &Cluster, partitions: u32) -> partitioning::Result<FetchResponse> {
    cluster.call::<Fetch>(all(partitions)).await
}

/// Bytes of records that each partition gave.
fn sizes(answer: &FetchResponse) -> Vec<usize> {
    answer.partitions.iter().map(|(_, fetched)| fetched.as_ref().unwrap().records.0.len()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_small_limit_of_requests_stops_no_reader() {
    let limits = Limits { max_frame: 50_000, ..Limits::default() };
    let (cluster, _folder) = with_batches(limits, 1, 30).await;
    let found = sizes(&fetch(&cluster, 1).await.unwrap());
    assert!(found[0] > 30 * VALUE, "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn a_fetch_takes_no_more_than_an_answer_holds() {
    for max_answer in [10_100 + 1024, 30_000, 50_000, 100_000] {
        let limits = Limits { max_answer, ..Limits::default() };
        let (cluster, _folder) = with_batches(limits, 3, 10).await;
        let found = sizes(&fetch(&cluster, 3).await.unwrap());
        let all: usize = found.iter().sum();
        assert!(all > VALUE && all <= max_answer, "{found:?}");
        assert!(all >= max_answer.saturating_sub(5_000) || all == found[0], "as much as fits: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_batch_that_no_answer_can_hold_is_told() {
    let limits = Limits { max_answer: 5_000, ..Limits::default() };
    let (cluster, _folder) = with_batches(limits, 1, 1).await;
    let error = fetch(&cluster, 1).await.unwrap_err().to_string();
    assert!(error.starts_with("the answer does not fit: it has 10"), "{error}");
    assert!(error.ends_with(" bytes, and an answer has at most 5000 (UNKNOWN_SERVER_ERROR)"), "{error}");
}

/// Readers that ask for all there is and take nothing: each answer that waits leaves half of the room that it found.
#[tokio::test(start_paused = true)]
async fn who_does_not_take_his_answers_starves_nobody() {
    let limits = Limits { answer_memory: 1_000_000, ..Limits::default() };
    let (cluster, _folder, net) = with_batches_on(limits, 1, 120).await;
    let mut idle = Vec::new();
    for number in 0..8 {
        let mut raw = net.plug_in(ADDRESS).await.unwrap();
        put(&mut raw, &request::<Fetch>(number, &all(1))).await;
        settle().await;
        idle.push(raw);
    }
    let answer = timeout(Duration::from_secs(1), fetch(&cluster, 1)).await;
    let found = sizes(&answer.expect("it does not wait for those who do not read").unwrap());
    assert!(found[0] > VALUE, "{found:?}");
}
