//! Questions that wait at the broker: what is asked, and that nothing is waited for beside the answer.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::api::{Waiting, WaitingFetch, WaitingFollowerFetch};
use acks::fetching::LongPolling;
use partitioning::api::{
    BrokerInfo, FetchRequest, FetchResponse, Fetched, Metadata, MetadataResponse, PartitionInfo, RecordBytes, TopicId,
    TopicInfo,
};
use partitioning::net::Net;
use partitioning::{
    AutoOffsetReset, Client, ClientConfig, Cluster, Consumer, ConsumerConfig, Limits, Position, Router, Server,
    TopicPartition, consumer,
};
use replication::api::{FollowerFetchRequest, FollowerFetchResponse};
use replication::fetching::Fetching;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::support::{host, ms};

const ADDRESS: &str = "broker-1:9092";

/// What was asked, and when, in milliseconds from the beginning.
type Heard = Arc<Mutex<Vec<(String, u128)>>>;

/// A broker that has nothing, and says so when the time of the question is over.
async fn broker(net: &Cables, heard: &Heard) -> CancellationToken {
    let (began, stop) = (Instant::now(), CancellationToken::new());
    let (of_consumers, of_followers) = (heard.clone(), heard.clone());
    let router = Router::new(1 << 20)
        .route::<Metadata>(|_, _| Box::pin(async { Ok(cluster()) }))
        .route::<WaitingFetch>(move |request: Waiting<FetchRequest>, _| {
            let Waiting { max_wait_ms, min_bytes, question } = request;
            let what = format!("{} partitions, {min_bytes} bytes, {max_wait_ms} ms", question.partitions.len());
            of_consumers.lock().unwrap().push((what, began.elapsed().as_millis()));
            Box::pin(async move {
                tokio::time::sleep(ms(max_wait_ms.into())).await;
                let nothing = Fetched {
                    log_start: 0,
                    high_watermark: 0,
                    last_stable: 0,
                    records: RecordBytes::default(),
                    aborted: Vec::new(),
                };
                let one = |asked: partitioning::api::FetchPartition| (asked.at, Ok(nothing.clone()));
                Ok(FetchResponse { partitions: question.partitions.into_iter().map(one).collect() })
            })
        })
        .route::<WaitingFollowerFetch>(move |request: Waiting<FollowerFetchRequest>, _| {
            let Waiting { max_wait_ms, min_bytes, question } = request;
            let what = format!("replica {}, {min_bytes} bytes, {max_wait_ms} ms", question.replica);
            of_followers.lock().unwrap().push((what, began.elapsed().as_millis()));
            Box::pin(async { Ok(FollowerFetchResponse { partitions: vec![] }) })
        });
    let listener = net.listen(ADDRESS).await.unwrap();
    let _: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(Server::new(listener, router, Limits::default(), stop.clone()).run());
    stop
}

fn cluster() -> MetadataResponse {
    let partition = PartitionInfo { leader: Some(1), leader_epoch: 0, replicas: vec![1], in_sync: vec![1] };
    let topic = TopicInfo { id: TopicId(1), partitions: vec![partition; 2], configs: Default::default() };
    let brokers = vec![BrokerInfo { id: 1, address: ADDRESS.to_owned() }];
    MetadataResponse { brokers, topics: vec![("orders".to_owned(), Ok(topic))] }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_asks_again_as_soon_as_it_is_answered() {
    let (net, heard) = (Cables::default(), Heard::default());
    let stop = broker(&net, &heard).await;
    let cluster = Cluster::new(host(&net), ClientConfig::new(ADDRESS)).unwrap();
    let config = ConsumerConfig {
        auto_offset_reset: AutoOffsetReset::None,
        fetching: Arc::new(LongPolling::of_consumer()),
        ..ConsumerConfig::default()
    };
    let mut consumer = Consumer::new(cluster, config).unwrap();
    let partitions = [0, 1].map(|partition| TopicPartition::new("orders", partition));
    consumer.assign(partitions.to_vec());
    for at in &partitions {
        consumer.seek(at, Position::Offset(0)).unwrap();
    }
    assert!(consumer.poll(ms(1_900)).await.unwrap().is_empty());
    let expected = [0, 500, 1_000, 1_500].map(|time| ("2 partitions, 1 bytes, 500 ms".to_owned(), time));
    assert_eq!(*heard.lock().unwrap(), expected);
    consumer.close().await;
    stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn a_follower_asks_with_its_own_settings() {
    let (net, heard) = (Cables::default(), Heard::default());
    let _stop = broker(&net, &heard).await;
    let client = Client::connect(&host(&net), ADDRESS, &ClientConfig::new(ADDRESS)).await.unwrap();
    let request = FollowerFetchRequest { replica: 7, broker_epoch: 0, max_bytes: 100, partitions: vec![] };
    LongPolling::of_follower().follow(&client, request.clone()).await.unwrap();
    LongPolling::follower(ms(40), 9).unwrap().follow(&client, request).await.unwrap();
    let heard: Vec<String> = heard.lock().unwrap().iter().map(|(what, _)| what.clone()).collect();
    assert_eq!(heard, ["replica 7, 1 bytes, 500 ms", "replica 7, 9 bytes, 40 ms"]);
}

#[test]
fn there_is_no_rest_after_an_answer() {
    assert_eq!(consumer::Fetching::rest(&LongPolling::of_consumer()), Duration::ZERO);
    assert_eq!(LongPolling::consumer(ms(500), 1).unwrap(), LongPolling::of_consumer());
    assert_eq!(LongPolling::follower(ms(500), 1).unwrap(), LongPolling::of_follower());
}

#[test]
fn a_question_that_never_waits_or_waits_too_long_is_refused() {
    let rule = "it is from 1 to 2147483647";
    let told = |made: partitioning::Result<LongPolling>| made.unwrap_err().to_string();
    assert_eq!(told(LongPolling::consumer(ms(0), 1)), format!("fetch.max.wait.ms is 0, and {rule}"));
    assert_eq!(told(LongPolling::consumer(ms(1), 0)), format!("fetch.min.bytes is 0, and {rule}"));
    assert_eq!(told(LongPolling::consumer(ms(1), 1 << 31)), format!("fetch.min.bytes is 2147483648, and {rule}"));
    assert_eq!(told(LongPolling::follower(ms(0), 1)), format!("replica.fetch.wait.max.ms is 0, and {rule}"));
    assert_eq!(told(LongPolling::follower(ms(1), 0)), format!("replica.fetch.min.bytes is 0, and {rule}"));
    let client = ClientConfig::new(ADDRESS);
    let config = |wait| ConsumerConfig {
        fetching: Arc::new(LongPolling::consumer(ms(wait), 1).unwrap()),
        ..ConsumerConfig::default()
    };
    assert!(config(29_999).checked(&client).is_ok());
    let error = config(30_000).checked(&client).unwrap_err().to_string();
    assert_eq!(error, "fetch.max.wait.ms is 30000, and it is less than request.timeout.ms");
}
