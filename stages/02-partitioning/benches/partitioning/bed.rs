//! A broker that is measured, and the topics on it.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use contest::{Outcome, Scratch};
use partitioning::api::{CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic};
use partitioning::net::Net;
use partitioning::{Broker, BrokerConfig, Client, ClientConfig, Cluster, Host, TopicPartition};
use segment_log::LogConfig;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A broker on a port of the loopback network, and the runtime that it shares with its clients.
pub(crate) struct Bed {
    runtime: Runtime,
    address: String,
    stop: CancellationToken,
    broker: JoinHandle<partitioning::Result<bool>>,
    scratch: PathBuf,
    next: AtomicU32,
}

/// One segment for each partition, however much comes: a roll's flush would be measured along.
pub(crate) fn one_segment() -> LogConfig {
    LogConfig { segment_bytes: i32::MAX as u32, retention_ms: None, ..LogConfig::default() }
}

impl Bed {
    pub(crate) fn new(scratch: &Scratch) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let mut config = BrokerConfig::new(scratch.fresh(), "127.0.0.1:0");
        config.topics.log = one_segment();
        let broker = runtime.block_on(Broker::open(Host::real(), config))?;
        let (address, stop) = (broker.address().to_owned(), CancellationToken::new());
        let broker = runtime.spawn(broker.run(stop.clone()));
        Ok(Bed { runtime, address, stop, broker, scratch: scratch.fresh(), next: AtomicU32::new(0) })
    }

    /// Runs what a client does.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A path that nobody has used.
    pub(crate) fn fresh(&self) -> Outcome<PathBuf> {
        std::fs::create_dir_all(&self.scratch)?;
        Ok(self.scratch.join(self.number().to_string()))
    }

    /// What a client knows of the cluster.
    pub(crate) fn cluster(&self) -> Outcome<Cluster> {
        Ok(Cluster::new(Host::real(), ClientConfig::new(&self.address))?)
    }

    /// The same by another network.
    pub(crate) fn cluster_over(&self, net: Arc<dyn Net>) -> Outcome<Cluster> {
        Ok(Cluster::new(Host { net, ..Host::real() }, ClientConfig::new(&self.address))?)
    }

    /// A connection.
    pub(crate) fn client(&self) -> Outcome<Client> {
        Ok(self.run(Client::connect(&Host::real(), &self.address, &ClientConfig::new(&self.address)))?)
    }

    /// A new topic with one partition.
    pub(crate) fn topic(&self) -> Outcome<Topic<'_>> {
        let name = format!("topic-{}", self.number());
        let new = NewTopic {
            name: name.as_str().into(),
            partitions: Some(1),
            replication_factor: Some(1),
            configs: BTreeMap::new(),
        };
        let client = self.client()?;
        self.run(client.call::<CreateTopic>(new))?;
        Ok(Topic { bed: self, client, at: TopicPartition::new(&*name, 0) })
    }

    /// Stops the broker.
    pub(crate) fn close(self) -> Outcome<()> {
        self.stop.cancel();
        self.runtime.block_on(self.broker)??;
        self.runtime.shutdown_timeout(Duration::from_secs(10));
        Ok(())
    }

    fn number(&self) -> u32 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

/// A topic. It is deleted when this is dropped, so that what was written need not reach the disk.
pub(crate) struct Topic<'b> {
    bed: &'b Bed,
    client: Client,
    /// Its only partition.
    pub(crate) at: TopicPartition,
}

impl Topic<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> Arc<str> {
        self.at.topic.clone()
    }
}

impl Drop for Topic<'_> {
    fn drop(&mut self) {
        let request = DeleteTopicRequest { name: self.name() };
        // If it stays, it goes with the scratch folder.
        let _ = self.bed.run(self.client.call::<DeleteTopic>(request));
    }
}
