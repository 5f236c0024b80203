//! Brokers that answer as good ones would, unless a test says otherwise, and note what they were asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use acks::api::ProduceAckedRequest;
use acks::producer::AckedSending;
use partitioning::api::{
    BrokerInfo, Metadata, MetadataResponse, PartitionInfo, ProducePartition, ProduceResponse, Produced, TopicId,
    TopicInfo,
};
use partitioning::net::Net;
use partitioning::producer::{Delivery, ProducerConfig, ProducerRecord};
use partitioning::{
    ClientConfig, Clock, Cluster, ErrorCode, Host, Limits, Refusal, Router, Server, TopicPartition, Workers,
};
use segment_log::BatchView;
use segment_log::disk::RealDisk;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use transactions::api::{
    AddPartitionsToTxn, EndTxn, FindCoordinator, FindCoordinatorResponse, InitTransactions, ProduceInTransaction,
    ProduceInTransactionRequest,
};
use transactions::producer::{TransactionalConfig, TransactionalProducer};
use transactions::records::Identity;

use crate::cables::Cables;

/// What becomes of a request that is not simply answered.
#[derive(Debug, Clone)]
pub(crate) enum Twist {
    /// It is refused, and nothing is done.
    Refuse(ErrorCode),
    /// It is done, and nobody answers.
    DoneInSilence,
    /// Nothing is done, and nobody answers.
    Silence,
    /// It is answered when the test says so.
    Held(Arc<Notify>),
}

/// What the brokers know, and what they are to do.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// By the name of the API: what becomes of the next requests.
    twists: BTreeMap<&'static str, VecDeque<Twist>>,
    heard: Vec<String>,
    /// Who coordinates.
    pub(crate) coordinator: i32,
    /// Who the producer is.
    pub(crate) epoch: i16,
    /// Whether the end of a transaction raises the epoch.
    pub(crate) keeps_epoch: bool,
    ends: BTreeMap<TopicPartition, i64>,
}

impl Script {
    /// All requests of this API are answered from now on.
    pub(crate) fn forget(&mut self, api: &'static str) {
        self.twists.remove(api);
    }
}

pub(crate) const ID: i64 = 7;

/// What stops a broker, and its task.
type Running = (CancellationToken, JoinSet<()>);

/// Two brokers, and a topic `orders` whose partitions they lead in turn.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) net: Cables,
    script: Arc<Mutex<Script>>,
    running: Arc<Mutex<BTreeMap<i32, Running>>>,
}

fn address(broker: i32) -> String {
    format!("broker-{broker}:9092")
}

impl World {
    pub(crate) async fn new() -> Self {
        let script = Script { coordinator: 1, ..Script::default() };
        let world = World { net: Cables::default(), script: Arc::new(Mutex::new(script)), running: Arc::default() };
        world.start(1).await;
        world.start(2).await;
        world
    }

    pub(crate) async fn start(&self, broker: i32) {
        let (listener, stop) = (self.net.listen(&address(broker)).await.unwrap(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        let server = Server::new(listener, self.router(broker), Limits::default(), stop.clone());
        tasks.spawn(server.run());
        self.running.lock().unwrap().insert(broker, (stop, tasks));
    }

    /// Its connections end, and nobody listens where it was.
    pub(crate) async fn kill(&self, broker: i32) {
        let (stop, mut tasks) = self.running.lock().unwrap().remove(&broker).expect("a broker that runs");
        stop.cancel();
        tasks.join_next().await;
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// So the next requests of this API are answered.
    pub(crate) fn next(&self, api: &'static str, twists: impl IntoIterator<Item = Twist>) {
        self.script().twists.entry(api).or_default().extend(twists);
    }

    pub(crate) fn refuse(&self, api: &'static str, code: ErrorCode) {
        self.next(api, [Twist::Refuse(code)]);
    }

    /// The next request of this API is answered when what this gives is told.
    pub(crate) fn hold(&self, api: &'static str) -> Arc<Notify> {
        let until = Arc::new(Notify::new());
        self.next(api, [Twist::Held(until.clone())]);
        until
    }

    /// What was asked since the last call, questions of who is where left out.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.script().heard)
    }

    pub(crate) fn host(&self) -> Host {
        host(&self.net)
    }

    pub(crate) fn cluster(&self) -> Cluster {
        Cluster::new(self.host(), ClientConfig::new(address(1))).unwrap()
    }

    /// `pay-1`, each record alone, without lingering.
    pub(crate) fn producer(&self) -> TransactionalProducer {
        self.producer_with(TransactionalConfig::new("pay-1"))
    }

    pub(crate) fn producer_with(&self, config: TransactionalConfig) -> TransactionalProducer {
        let how = ProducerConfig { seed: Some(1), linger: Duration::ZERO, batch_size: 0, ..ProducerConfig::default() };
        TransactionalProducer::new(self.cluster(), how, config).unwrap()
    }

    /// The same, which has begun.
    pub(crate) async fn begun(&self) -> TransactionalProducer {
        let mut producer = self.producer();
        producer.init().await.unwrap();
        producer.begin().unwrap();
        self.heard();
        producer
    }

    fn router(&self, broker: i32) -> Router {
        let world = |_: ()| self.clone();
        let (init, add, end, produce, find) = (world(()), world(()), world(()), world(()), world(()));
        Router::new(1 << 20)
            .route::<Metadata>(|request, _| Box::pin(async move { Ok(metadata(request.topics.unwrap_or_default())) }))
            .route::<FindCoordinator>(move |_, _| {
                let world = find.clone();
                Box::pin(async move {
                    world.twisted("FindCoordinator", None).await?;
                    Ok(FindCoordinatorResponse { broker: world.script().coordinator })
                })
            })
            .route::<InitTransactions>(move |request, _| {
                let world = init.clone();
                Box::pin(async move {
                    let expected = request.expected.map_or(String::new(), |who| format!(", was {}", shown(who)));
                    let what = format!("init {}, {} ms{expected}", request.transactional_id, request.timeout_ms);
                    world.coordinate(broker, "InitProducerId", what, |script| script.epoch += 1).await
                })
            })
            .route::<AddPartitionsToTxn>(move |request, _| {
                let world = add.clone();
                Box::pin(async move {
                    let partitions: Vec<_> = request.partitions.iter().map(ToString::to_string).collect();
                    let what = format!("add {} as {}", partitions.join(" "), shown(request.producer));
                    world.coordinate(broker, "AddPartitionsToTxn", what, |_| ()).await.map(drop)
                })
            })
            .route::<EndTxn>(move |request, _| {
                let world = end.clone();
                Box::pin(async move {
                    let what =
                        format!("{} as {}", if request.commit { "commit" } else { "abort" }, shown(request.producer));
                    let done = move |script: &mut Script| {
                        // One that asks again is told what was decided.
                        if !script.keeps_epoch && request.producer.epoch == script.epoch {
                            script.epoch += 1;
                        }
                    };
                    world.coordinate(broker, "EndTxn", what, done).await
                })
            })
            .route::<ProduceInTransaction>(move |request, _| {
                let world = produce.clone();
                Box::pin(async move { world.produce(request).await })
            })
    }

    async fn coordinate(
        &self,
        broker: i32,
        api: &'static str,
        what: String,
        done: impl FnOnce(&mut Script) + Send,
    ) -> Result<Identity, Refusal> {
        let coordinator = {
            let mut script = self.script();
            script.heard.push(format!("{broker}: {what}"));
            script.coordinator
        };
        if broker != coordinator {
            return Err(ErrorCode::NotCoordinator.because("another broker coordinates"));
        }
        let done = |script: &mut Script| {
            done(script);
            Identity { id: ID, epoch: script.epoch }
        };
        let mut done = Some(done);
        let silent = self
            .twisted(
                api,
                Some(&mut || {
                    done.take().map(|done| done(&mut self.script()));
                }),
            )
            .await?;
        if silent {
            std::future::pending::<()>().await;
        }
        match done {
            Some(done) => Ok(done(&mut self.script())),
            None => Ok(Identity { id: ID, epoch: self.script().epoch }),
        }
    }

    /// Plays what the test wants of this request. Gives whether nobody is to answer; what is done in silence is done here.
    async fn twisted(&self, api: &'static str, done: Option<&mut (dyn FnMut() + Send)>) -> Result<bool, Refusal> {
        let twist = self.script().twists.get_mut(api).and_then(VecDeque::pop_front);
        match twist {
            None => Ok(false),
            Some(Twist::Refuse(code)) => Err(code.because("refused by the test")),
            Some(Twist::Silence) => Ok(true),
            Some(Twist::DoneInSilence) => {
                if let Some(done) = done {
                    done();
                }
                Ok(true)
            }
            Some(Twist::Held(until)) => {
                until.notified().await;
                Ok(false)
            }
        }
    }

    async fn produce(&self, request: ProduceInTransactionRequest) -> Result<ProduceResponse, Refusal> {
        let ProduceInTransactionRequest { transactional_id, produce: ProduceAckedRequest { partitions, .. } } = request;
        let id = transactional_id.unwrap_or_else(|| "nobody".to_owned());
        let mut answers = Vec::new();
        for ProducePartition { at, records } in partitions {
            let batch = BatchView::parse(&records.0).expect("a batch");
            let kind = if batch.is_transactional() { "of a transaction" } else { "alone" };
            let stamp =
                format!("{} epoch {} number {}", batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
            self.script().heard.push(format!("{at}: {stamp}, {kind}, {id}"));
            let count = batch.records_count();
            let answer = match self.twisted("Produce", None).await {
                Ok(true) => std::future::pending().await,
                Ok(false) => Ok(()),
                Err(refusal) => Err(refusal),
            };
            let produced = answer.map(|()| {
                let mut script = self.script();
                let end = script.ends.entry(at.clone()).or_default();
                *end += i64::from(count);
                Produced { base_offset: *end - i64::from(count), log_append_time: None, log_start: 0 }
            });
            answers.push((at, produced));
        }
        Ok(ProduceResponse { partitions: answers })
    }
}

fn metadata(topics: Vec<String>) -> MetadataResponse {
    let led = |leader| PartitionInfo { leader: Some(leader), leader_epoch: 0, replicas: vec![], in_sync: vec![] };
    let orders = TopicInfo { id: TopicId(1), partitions: vec![led(1), led(2), led(1)], configs: Default::default() };
    let brokers = [1, 2].map(|id| BrokerInfo { id, address: address(id) }).to_vec();
    let told = |name: String| {
        let unknown = || ErrorCode::UnknownTopicOrPartition.because(format!("there is no topic {name}"));
        let info = if name == "orders" { Ok(orders.clone()) } else { Err(unknown()) };
        (name, info)
    };
    MetadataResponse { brokers, topics: topics.into_iter().map(told).collect() }
}

fn shown(who: Identity) -> String {
    format!("{} epoch {}", who.id, who.epoch)
}

/// A machine on this network, on which no time passes.
pub(crate) fn host(net: &Cables) -> Host {
    let clock = Clock::from_fn(|| 1_700_000_000_000);
    Host { net: Arc::new(net.clone()), disk: Arc::new(RealDisk), clock, workers: Workers::Inline }
}

/// A record for a partition of `orders`.
pub(crate) fn order(partition: u32, value: &str) -> ProducerRecord {
    ProducerRecord::new("orders", None, value.to_owned()).to_partition(partition)
}

/// Sends a record.
pub(crate) async fn put(producer: &TransactionalProducer, partition: u32) -> Delivery {
    producer.send(order(partition, "paid 10")).await.unwrap()
}

/// Records have so long, in milliseconds.
pub(crate) fn within(delivery: u64) -> TransactionalConfig {
    let sending = AckedSending { delivery_timeout: ms(delivery), ..AckedSending::default() };
    TransactionalConfig { sending, ..TransactionalConfig::new("pay-1") }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Lets everything happen that can happen without the clock.
pub(crate) async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
