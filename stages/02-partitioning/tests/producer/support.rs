//! Producers for these tests, and waits that are measured.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use partitioning::api::ProducePartition;
use partitioning::net::Net;
use partitioning::producer::sending::Answer;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, SendOnce, Sending};
use partitioning::{Client, ClientConfig, Clock, Cluster, Error, Host, Result, TopicPartition, Workers};
use segment_log::disk::RealDisk;
use tokio::time::Instant;

use crate::fake_broker::{FIRST, Fakes};

/// The time of day in these tests, in milliseconds since 1970.
pub(crate) const NOW: i64 = 1_700_000_000_000;

/// A machine on this network, on which it is always [`NOW`].
pub(crate) fn host(net: impl Net) -> Host {
    Host { net: Arc::new(net), disk: Arc::new(RealDisk), clock: Clock::from_fn(|| NOW), workers: Workers::Inline }
}

/// The defaults, with one seed.
pub(crate) fn config() -> ProducerConfig {
    ProducerConfig { seed: Some(1), ..ProducerConfig::default() }
}

/// A way of sending that sends again what may succeed a little later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Again {
    /// `retries`
    pub(crate) retries: u32,
    /// `delivery.timeout.ms`
    pub(crate) within: u64,
    /// Whether records end with the answer, or when they are sent.
    pub(crate) awaits: bool,
}

impl Default for Again {
    fn default() -> Self {
        Again { retries: u32::MAX, within: 120_000, awaits: true }
    }
}

impl Sending for Again {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        SendOnce.start(broker, partitions)
    }

    fn awaits_answer(&self) -> bool {
        self.awaits
    }

    fn again(&self, error: &Error, attempts: u32) -> bool {
        error.is_retriable() && attempts <= self.retries
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        Some(ms(self.within))
    }
}

/// The defaults, with one seed, and this way of sending.
pub(crate) fn sending(again: Again) -> ProducerConfig {
    ProducerConfig { sending: Arc::new(again), ..config() }
}

/// Each record in a request of its own, and so many requests at a time.
pub(crate) fn alone(max_in_flight: usize, again: Again) -> ProducerConfig {
    ProducerConfig { linger: Duration::ZERO, batch_size: 0, max_in_flight, ..sending(again) }
}

/// What the cluster of these brokers is to a client.
pub(crate) fn cluster(fakes: &Fakes) -> Cluster {
    Cluster::new(host(fakes.net.clone()), ClientConfig::new(FIRST)).expect("the settings hold")
}

/// A producer to these brokers.
pub(crate) fn producer(fakes: &Fakes, config: ProducerConfig) -> Producer {
    Producer::new(cluster(fakes), config).expect("the settings hold")
}

/// One broker and a topic `orders` with one partition, and a producer.
pub(crate) fn one(config: ProducerConfig) -> (Fakes, Producer) {
    let fakes = Fakes::new(1);
    fakes.topic("orders", &[1]);
    let producer = producer(&fakes, config);
    (fakes, producer)
}

/// A record for `orders`, without a key.
pub(crate) fn order(value: impl Into<String>) -> ProducerRecord {
    ProducerRecord::new("orders", None, value.into())
}

/// The same for this partition.
pub(crate) fn order_to(partition: u32, value: impl Into<String>) -> ProducerRecord {
    order(value).to_partition(partition)
}

pub(crate) fn at(partition: u32) -> TopicPartition {
    TopicPartition::new("orders", partition)
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What came, and after how many milliseconds.
pub(crate) async fn timed<T>(waiting: impl Future<Output = T>) -> (T, u128) {
    let began = Instant::now();
    let value = waiting.await;
    (value, began.elapsed().as_millis())
}

/// Lets everything happen that can happen without the clock.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
