//! A cluster that is measured: a controller and three brokers on the loopback network, and the runtime that they share with
//! their clients.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use acks::broker::{Patience, open, open_controller};
use acks::fetching::LongPolling;
use acks::producer::{AckedConfig, AckedSending};
use contest::{Outcome, Scratch};
use partitioning::api::{CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic};
use partitioning::net::BoxFuture;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, Sending};
use partitioning::{ClientConfig, Cluster, Host};
use replication::broker::{Broker, BrokerConfig};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use segment_log::{Fold, LogConfig};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::slow::Slow;

/// How many brokers there are.
const BROKERS: i32 = 3;

pub(crate) struct Bed {
    runtime: Runtime,
    addresses: Vec<String>,
    stop: CancellationToken,
    running: Vec<JoinHandle<partitioning::Result<bool>>>,
    next: AtomicU32,
    /// What one of the followers is made to wait.
    pub(crate) slow: Slow,
}

/// What runs: a later stage measures its own.
pub(crate) struct Programs {
    pub(crate) broker: fn(Host, BrokerConfig) -> Opening<(String, Serving)>,
    pub(crate) controller: fn(Host, ControllerProcessConfig) -> Opening<ControllerProcess>,
}

/// What is being opened.
type Opening<T> = BoxFuture<'static, partitioning::Result<T>>;

/// A broker, once it is told when to stop.
pub(crate) type Serving = Box<dyn FnOnce(CancellationToken) -> BoxFuture<'static, partitioning::Result<bool>> + Send>;

/// A broker that is ready to serve, and where it is.
pub(crate) fn serving<F: Fold>(broker: Broker<F>) -> (String, Serving) {
    (broker.address().to_owned(), Box::new(move |stop| Box::pin(broker.run(stop))))
}

/// This stage's.
#[allow(dead_code, reason = "a later stage has its own")]
pub(crate) const ACKS: Programs = Programs {
    broker: |host, config| Box::pin(async move { Ok(serving(open::<()>(host, config, Patience::default()).await?)) }),
    controller: |host, config| Box::pin(open_controller(host, config, Patience::default())),
};

impl Bed {
    /// All of it, once all brokers are members.
    #[allow(dead_code, reason = "a later stage has its own programs")]
    pub(crate) fn new(scratch: &Scratch) -> Outcome<Self> {
        Self::with(&ACKS, scratch)
    }

    /// The same of these programs.
    pub(crate) fn with(programs: &Programs, scratch: &Scratch) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (stop, slow) = (CancellationToken::new(), Slow::default());
        let (mut running, mut addresses) = (Vec::new(), Vec::new());
        let config = ControllerProcessConfig::new(scratch.fresh(), "127.0.0.1:0");
        let controller = runtime.block_on((programs.controller)(Host::real(), config))?;
        let at = controller.address().to_owned();
        running.push(runtime.spawn(controller.run(stop.clone())));
        for id in 1..=BROKERS {
            let mut config = BrokerConfig::new(id, scratch.fresh(), "127.0.0.1:0", at.as_str());
            // One segment for each partition, however much comes: a roll's flush would be measured along.
            config.manager.log =
                LogConfig { segment_bytes: i32::MAX as u32, retention_ms: None, ..LogConfig::default() };
            config.fetching = Arc::new(LongPolling::of_follower());
            if id == BROKERS {
                config.fetching = Arc::new(slow.clone());
            }
            let (address, serve) = runtime.block_on((programs.broker)(Host::real(), config))?;
            addresses.push(address);
            running.push(runtime.spawn(serve(stop.clone())));
        }
        let bed = Bed { runtime, addresses, stop, running, next: AtomicU32::new(0), slow };
        bed.topic(BROKERS as u16, 1)?;
        Ok(bed)
    }

    /// Runs what a client does.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A producer, by settings of Kafka's.
    pub(crate) fn producer(&self, config: ProducerConfig, acks: &str) -> Outcome<Producer> {
        self.producer_that(config, acks, |sending, _| Arc::new(sending))
    }

    /// The same that sends otherwise.
    pub(crate) fn producer_that(
        &self,
        mut config: ProducerConfig,
        acks: &str,
        sends: impl FnOnce(AckedSending, &mut ProducerConfig) -> Arc<dyn Sending>,
    ) -> Outcome<Producer> {
        let mut acked = AckedConfig::default();
        acked.set("acks", acks)?;
        let mut client = self.client();
        acked.apply(&mut config, &mut client);
        config.sending = sends(acked.sending, &mut config);
        let cluster = Cluster::new(Host::real(), client)?;
        Ok(self.run(async { Producer::new(cluster, config) })?)
    }

    pub(crate) fn cluster(&self) -> Outcome<Cluster> {
        Ok(Cluster::new(Host::real(), self.client())?)
    }

    fn client(&self) -> ClientConfig {
        ClientConfig { bootstrap: self.addresses.clone(), ..ClientConfig::new("") }
    }

    /// A new topic with one partition, so many replicas, and all of them in sync. It is led by a broker that is not slow.
    pub(crate) fn topic(&self, replicas: u16, min_in_sync: u16) -> Outcome<Topic<'_>> {
        let name: Arc<str> = format!("topic-{}", self.next.fetch_add(1, Ordering::Relaxed)).into();
        let configs = BTreeMap::from([("min.insync.replicas".to_owned(), min_in_sync.to_string())]);
        let new = NewTopic { name: name.clone(), partitions: Some(1), replication_factor: Some(replicas), configs };
        let (cluster, deadline) = (self.cluster()?, Instant::now() + Duration::from_secs(30));
        loop {
            let made = self.run(cluster.call::<CreateTopic>(new.clone()));
            match made {
                Ok(made)
                    if made.partitions[0].leader != Some(BROKERS)
                        && made.partitions[0].in_sync.len() == usize::from(replicas) =>
                {
                    return self.ready(Topic { bed: self, name });
                }
                Ok(_) => self.delete(&name),
                // Not all brokers are members yet.
                Err(error) if Instant::now() > deadline => return Err(error.into()),
                Err(_) => {}
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whoever made a topic has heard of it, and its leader may not have yet. A producer with acks=0 would not notice.
    fn ready<'b>(&'b self, topic: Topic<'b>) -> Outcome<Topic<'b>> {
        let producer = self.producer(ProducerConfig::default(), "all")?;
        self.run(async {
            let first = ProducerRecord::new(topic.name.clone(), None, "first").to_partition(0);
            producer.send(first).await?.await?;
            producer.close(Duration::from_secs(10)).await;
            Ok::<_, partitioning::Error>(())
        })?;
        Ok(topic)
    }

    fn delete(&self, name: &Arc<str>) {
        // If it stays, it goes with the scratch folder.
        if let Ok(cluster) = self.cluster() {
            let _ = self.run(cluster.call::<DeleteTopic>(DeleteTopicRequest { name: name.clone() }));
        }
    }

    /// Stops everything.
    pub(crate) fn close(self) -> Outcome<()> {
        self.stop.cancel();
        for task in self.running {
            self.runtime.block_on(task)??;
        }
        self.runtime.shutdown_timeout(Duration::from_secs(10));
        Ok(())
    }
}

/// A topic. It is deleted when this is dropped, so that what was written need not reach the disk.
pub(crate) struct Topic<'b> {
    bed: &'b Bed,
    pub(crate) name: Arc<str>,
}

impl Drop for Topic<'_> {
    fn drop(&mut self) {
        self.bed.delete(&self.name);
    }
}
