//! A reader says how much it may see, in each question.

use std::sync::{Arc, Mutex};

use partitioning::api::{Aborted, FetchResponse, Fetched, FoundOffset, ListOffsetsResponse, OffsetSpec, RecordBytes};
use partitioning::net::Net;
use partitioning::{
    AutoOffsetReset, ClientConfig, Cluster, Consumer, ConsumerConfig, Limits, Position, Router, Server, TopicPartition,
};
use segment_log::control::{Marker, Outcome};
use segment_log::{Batch, BatchBuilder, Compression, Record};
use tokio_util::sync::{CancellationToken, DropGuard};
use transactions::api::{FetchIsolated, Isolated, IsolationLevel, ListOffsetsIsolated};
use transactions::consumer::IsolatedFetching;

use crate::support::{World, ms};

/// The log of `orders-2`: a record of none, a transaction that is aborted, one that is committed, and one that is open.
fn log() -> Vec<Batch> {
    let record = |value: &str, producer: Option<(i64, i16, i32)>| {
        let mut batch = BatchBuilder::new(Compression::None);
        if let Some((id, epoch, number)) = producer {
            batch = batch.producer(id, epoch, number).transactional();
        }
        batch.push(&Record::new(0, None::<&str>, value.to_owned()));
        batch.build().unwrap()
    };
    let marker = |outcome, id, epoch| {
        BatchBuilder::control(Marker { outcome, coordinator_epoch: 0 }, id, epoch, 0).build().unwrap()
    };
    let mut log = vec![
        record("of none", None),
        record("aborted", Some((7, 0, 0))),
        record("committed", Some((8, 0, 0))),
        marker(Outcome::Abort, 7, 1),
        marker(Outcome::Commit, 8, 1),
        record("open", Some((9, 0, 0))),
    ];
    for (offset, batch) in (0..).zip(&mut log) {
        batch.set_place(offset, 0);
    }
    log
}

const STABLE: i64 = 5;
const END: i64 = 6;

/// Answers readers of committed records with what is stable, and others with everything.
async fn broker(world: &World, heard: &Arc<Mutex<Vec<String>>>) -> (Cluster, DropGuard) {
    let (listed, stop) = (heard.clone(), CancellationToken::new());
    let end = |level| if level == IsolationLevel::ReadCommitted { STABLE } else { END };
    let router = Router::new(1 << 20)
        .route::<partitioning::api::Metadata>(|_, _| Box::pin(async { Ok(cluster()) }))
        .route::<FetchIsolated>(move |request: Isolated<_>, _| {
            let (level, asked) = (request.level, request.question.question.partitions[0].clone());
            let wait = request.question.max_wait_ms;
            Box::pin(async move {
                let shown: Vec<_> = log().into_iter().skip(asked.offset as usize).collect();
                let count = (end(level) - asked.offset).max(0) as usize;
                let bytes: Vec<u8> =
                    shown.into_iter().take(count).flat_map(|batch| batch.into_bytes().to_vec()).collect();
                if bytes.is_empty() {
                    tokio::time::sleep(ms(wait.into())).await;
                }
                let aborted = match level {
                    IsolationLevel::ReadCommitted => vec![Aborted { producer_id: 7, first_offset: 1 }],
                    IsolationLevel::ReadUncommitted => Vec::new(),
                };
                let fetched = Fetched {
                    log_start: 0,
                    high_watermark: END,
                    last_stable: STABLE,
                    records: RecordBytes::from(bytes::Bytes::from(bytes)),
                    aborted,
                };
                Ok(FetchResponse { partitions: vec![(asked.at, Ok(fetched))] })
            })
        })
        .route::<ListOffsetsIsolated>(move |request: Isolated<_>, _| {
            listed.lock().unwrap().push(format!("{:?}", request.level));
            Box::pin(async move {
                let found = |(at, spec)| {
                    let offset = if matches!(spec, OffsetSpec::Earliest) { 0 } else { end(request.level) };
                    (at, Ok(Some(FoundOffset { offset, timestamp: None })))
                };
                Ok(ListOffsetsResponse { partitions: request.question.partitions.into_iter().map(found).collect() })
            })
        });
    let listener = world.net.listen("reader-1:9092").await.unwrap();
    tokio::spawn(Server::new(listener, router, Limits::default(), stop.clone()).run());
    let cluster = Cluster::new(world.host(), ClientConfig::new("reader-1:9092")).unwrap();
    (cluster, stop.drop_guard())
}

fn cluster() -> partitioning::api::MetadataResponse {
    use partitioning::api::{BrokerInfo, MetadataResponse, PartitionInfo, TopicId, TopicInfo};
    let partition = PartitionInfo { leader: Some(1), leader_epoch: 0, replicas: vec![1], in_sync: vec![1] };
    let topic = TopicInfo { id: TopicId(1), partitions: vec![partition], configs: Default::default() };
    let brokers = vec![BrokerInfo { id: 1, address: "reader-1:9092".to_owned() }];
    MetadataResponse { brokers, topics: vec![("orders".to_owned(), Ok(topic))] }
}

async fn read(level: IsolationLevel) -> (Vec<String>, i64, Vec<String>) {
    let (world, heard) = (World::new().await, Arc::default());
    let (cluster, _stop) = broker(&world, &heard).await;
    let fetching = Arc::new(IsolatedFetching { level, ..IsolatedFetching::committed() });
    let config = ConsumerConfig { auto_offset_reset: AutoOffsetReset::Earliest, fetching, ..ConsumerConfig::default() };
    let mut consumer = Consumer::new(cluster, config).unwrap();
    let at = TopicPartition::new("orders", 0);
    consumer.assign(vec![at.clone()]);
    let mut seen = Vec::new();
    for _ in 0..4 {
        for record in consumer.poll(ms(1_000)).await.unwrap() {
            seen.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
        }
    }
    let end = consumer.end_offsets(std::slice::from_ref(&at)).await.unwrap()[&at];
    consumer.seek(&at, Position::End).unwrap();
    assert!(consumer.poll(ms(100)).await.unwrap().is_empty() || level == IsolationLevel::ReadCommitted);
    assert_eq!(consumer.position(&at).unwrap(), Some(end), "the end is where it may read to");
    consumer.close().await;
    let levels = heard.lock().unwrap().clone();
    (seen, end, levels)
}

#[tokio::test(start_paused = true)]
async fn committed_records_are_given_and_no_others() {
    let (seen, end, levels) = read(IsolationLevel::ReadCommitted).await;
    assert_eq!(seen, ["of none", "committed"]);
    assert_eq!(end, STABLE);
    assert!(levels.len() >= 3 && levels.iter().all(|level| level == "ReadCommitted"), "{levels:?}");
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_all_is_given_all() {
    let (seen, end, levels) = read(IsolationLevel::ReadUncommitted).await;
    assert_eq!(seen, ["of none", "aborted", "committed", "open"]);
    assert_eq!(end, END);
    assert!(levels.iter().all(|level| level == "ReadUncommitted"), "{levels:?}");
}
