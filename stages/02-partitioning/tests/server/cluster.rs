//! What a client knows of its cluster. The test answers each question about topics itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use partitioning::api::{BrokerInfo, Metadata, MetadataResponse, PartitionInfo, TopicId, TopicInfo};
use partitioning::net::Net;
use partitioning::wire::Answer;
use partitioning::{ClientConfig, Clock, Cluster, Error, ErrorCode, Host, Limits, Refusal, Router, Server, Workers};
use segment_log::disk::RealDisk;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::support::settle;

/// A question that some broker was asked.
struct Question {
    broker: i32,
    answer: oneshot::Sender<Answer<MetadataResponse>>,
}

/// Brokers 1 to 3, which say what the test says.
struct Brokers {
    cluster: Cluster,
    questions: mpsc::UnboundedReceiver<Question>,
    _stop: Vec<CancellationToken>,
}

fn address(broker: i32) -> String {
    format!("broker-{broker}:9092")
}

impl Brokers {
    /// Brokers, and a client that was told of the first.
    async fn new() -> Self {
        let net = Cables::default();
        let (asked, questions) = mpsc::unbounded_channel();
        let mut _stop = Vec::new();
        for broker in 1..=3 {
            let asked = asked.clone();
            let router = Router::new(1 << 20).route::<Metadata>(move |_, _| {
                let (answer, answered) = oneshot::channel();
                asked.send(Question { broker, answer }).unwrap();
                Box::pin(async move {
                    match answered.await {
                        Ok(answer) => answer,
                        Err(_) => std::future::pending().await,
                    }
                })
            });
            let (listener, stop) = (net.listen(&address(broker)).await.unwrap(), CancellationToken::new());
            tokio::spawn(Server::new(listener, router, Limits::default(), stop.clone()).run());
            _stop.push(stop);
        }
        let clock = Clock::from_fn(|| 0);
        let host = Host { net: Arc::new(net), disk: Arc::new(RealDisk), clock, workers: Workers::Inline };
        let cluster = Cluster::new(host, ClientConfig::new(address(1))).unwrap();
        Brokers { cluster, questions, _stop }
    }

    /// The same, once the client knows `orders`, whose partition 0 the broker 1 leads in epoch 1.
    async fn knowing() -> Self {
        let mut brokers = Self::new().await;
        let asking = brokers.topic();
        brokers.next().await.tell(orders(7, &[(1, 1)]));
        asking.await.unwrap().unwrap();
        brokers
    }

    /// Asks for `orders`.
    fn topic(&self) -> JoinHandle<partitioning::Result<Arc<TopicInfo>>> {
        let cluster = self.cluster.clone();
        tokio::spawn(async move { cluster.topic("orders").await })
    }

    /// Has a broker asked for `orders`.
    fn refresh(&self) -> JoinHandle<partitioning::Result<Arc<TopicInfo>>> {
        let cluster = self.cluster.clone();
        tokio::spawn(async move { cluster.refresh("orders").await })
    }

    /// The leaders of `orders` that are known now.
    async fn known(&self) -> Vec<Option<i32>> {
        leaders(&timeout(Duration::ZERO, self.cluster.topic("orders")).await.expect("at once").unwrap())
    }

    async fn next(&mut self) -> Question {
        timeout(Duration::from_secs(60), self.questions.recv()).await.expect("a question").unwrap()
    }

    fn nothing_more(&mut self) {
        assert!(self.questions.try_recv().is_err(), "nobody is asked");
    }
}

impl Question {
    fn tell(self, topic: Result<TopicInfo, Refusal>) {
        let brokers = (1..=3).map(|id| BrokerInfo { id, address: address(id) }).collect();
        let _ = self.answer.send(Ok(MetadataResponse { brokers, topics: vec![("orders".to_owned(), topic)] }));
    }
}

/// Topic `orders` with this id, and for each partition a leader and its epoch.
fn orders(id: u128, partitions: &[(i32, i32)]) -> Result<TopicInfo, Refusal> {
    let partition = |&(leader, leader_epoch): &(i32, i32)| PartitionInfo {
        leader: Some(leader),
        leader_epoch,
        replicas: vec![],
        in_sync: vec![],
    };
    let partitions = partitions.iter().map(partition).collect();
    Ok(TopicInfo { id: TopicId(id), partitions, configs: BTreeMap::new() })
}

fn leaders(topic: &TopicInfo) -> Vec<Option<i32>> {
    topic.partitions.iter().map(|partition| partition.leader).collect()
}

const OLD: Duration = Duration::from_secs(301);

#[tokio::test(start_paused = true)]
async fn what_is_old_is_asked_again_and_one_waits_for_it() {
    let mut brokers = Brokers::knowing().await;
    sleep(Duration::from_secs(299)).await;
    assert_eq!(brokers.known().await, [Some(1)]);
    settle().await;
    brokers.nothing_more();
    sleep(Duration::from_secs(2)).await;
    let first = brokers.topic();
    let question = brokers.next().await;
    assert_eq!(brokers.known().await, [Some(1)], "the others have what is known");
    assert!(!first.is_finished());
    question.tell(orders(7, &[(2, 2)]));
    assert_eq!(leaders(&first.await.unwrap().unwrap()), [Some(2)]);
    assert_eq!(brokers.known().await, [Some(2)]);
    settle().await;
    brokers.nothing_more();
}

#[tokio::test(start_paused = true)]
async fn what_is_old_is_better_than_nothing() {
    let mut brokers = Brokers::knowing().await;
    sleep(OLD).await;
    for _ in 0..3 {
        let (began, first) = (Instant::now(), brokers.topic());
        let _no_answer = brokers.next().await;
        assert_eq!(leaders(&first.await.unwrap().unwrap()), [Some(1)]);
        assert_eq!(began.elapsed().as_secs(), 1);
        // One question that is under way is enough.
        assert_eq!(brokers.known().await, [Some(1)]);
        settle().await;
        brokers.nothing_more();
        sleep(Duration::from_secs(31)).await;
    }
    // A refusal that is not about the topic does not make it unknown either.
    let asking = brokers.topic();
    brokers.next().await.tell(Err(ErrorCode::StorageError.because("the disk is full")));
    assert_eq!(leaders(&asking.await.unwrap().unwrap()), [Some(1)]);
    // For a moment nobody asks.
    assert_eq!(brokers.known().await, [Some(1)]);
    settle().await;
    brokers.nothing_more();
    sleep(Duration::from_millis(100)).await;
    for _ in 0..2 {
        let asking = brokers.topic();
        brokers.next().await.tell(Err(ErrorCode::UnknownTopicOrPartition.because("it is gone")));
        assert_eq!(asking.await.unwrap().unwrap_err().code(), Some(ErrorCode::UnknownTopicOrPartition));
    }
}

#[tokio::test(start_paused = true)]
async fn one_question_is_asked_for_all() {
    let mut brokers = Brokers::new().await;
    let all: Vec<_> = (0..50).map(|_| brokers.topic()).collect();
    let question = brokers.next().await;
    settle().await;
    brokers.nothing_more();
    // That one of them goes away does not matter to the others.
    all[0].abort();
    question.tell(orders(7, &[(1, 1)]));
    for one in all.into_iter().skip(1) {
        assert_eq!(leaders(&one.await.unwrap().unwrap()), [Some(1)]);
    }
    brokers.nothing_more();
}

#[tokio::test(start_paused = true)]
async fn all_are_told_that_no_answer_came() {
    let mut brokers = Brokers::new().await;
    let all: Vec<_> = (0..50).map(|_| brokers.topic()).collect();
    let began = Instant::now();
    let _question = brokers.next().await;
    for one in all {
        assert!(matches!(one.await.unwrap(), Err(Error::TimedOut { .. })));
    }
    assert_eq!(began.elapsed().as_secs(), 30);
    brokers.nothing_more();
}

#[tokio::test(start_paused = true)]
async fn an_older_answer_does_not_overwrite_a_newer_one() {
    let mut brokers = Brokers::knowing().await;
    brokers.cluster.broker(2).await.unwrap();
    let (one, other) = (brokers.refresh(), brokers.refresh());
    let (first, second) = (brokers.next().await, brokers.next().await);
    assert_ne!(first.broker, second.broker);
    second.tell(orders(7, &[(3, 5), (2, 1)]));
    settle().await;
    assert_eq!(brokers.known().await, [Some(3), Some(2)]);
    first.tell(orders(7, &[(1, 4)]));
    for answer in [one, other] {
        assert_eq!(leaders(&answer.await.unwrap().unwrap()), [Some(3), Some(2)]);
    }
    assert_eq!(brokers.known().await, [Some(3), Some(2)]);
    // An equal epoch is as new as what is known: it is the newest that was heard.
    let asking = brokers.refresh();
    brokers.next().await.tell(orders(7, &[(2, 5), (1, 0)]));
    assert_eq!(leaders(&asking.await.unwrap().unwrap()), [Some(2), Some(2)]);
    // Another topic of the same name begins anew.
    let asking = brokers.refresh();
    brokers.next().await.tell(orders(8, &[(1, 0)]));
    assert_eq!(leaders(&asking.await.unwrap().unwrap()), [Some(1)]);
}

#[tokio::test(start_paused = true)]
async fn brokers_take_turns() {
    let mut brokers = Brokers::knowing().await;
    for broker in [2, 3] {
        brokers.cluster.broker(broker).await.unwrap();
    }
    let mut asked = Vec::new();
    for _ in 0..6 {
        let asking = brokers.refresh();
        let question = brokers.next().await;
        asked.push(question.broker);
        question.tell(orders(7, &[(1, 1)]));
        asking.await.unwrap().unwrap();
    }
    assert_eq!(asked[..3], asked[3..]);
    asked.sort_unstable();
    assert_eq!(asked, [1, 1, 2, 2, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_does_not_answer_is_the_last_to_be_asked_again() {
    let mut brokers = Brokers::knowing().await;
    let mut silent = Vec::new();
    for _ in 0..2 {
        let asking = brokers.refresh();
        silent.push(brokers.next().await.broker);
        assert!(matches!(asking.await.unwrap(), Err(Error::TimedOut { .. })));
    }
    assert_ne!(silent[0], silent[1]);
    for _ in 0..4 {
        let asking = brokers.refresh();
        let question = brokers.next().await;
        assert!(!silent.contains(&question.broker), "{} was asked, and {silent:?} are silent", question.broker);
        question.tell(orders(7, &[(1, 1)]));
        asking.await.unwrap().unwrap();
    }
}
