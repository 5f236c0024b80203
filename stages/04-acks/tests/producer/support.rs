//! Brokers that read this stage's requests, and producers for them.

use std::sync::Arc;
use std::time::Duration;

use acks::api::{Acks, ProduceAcked, ProduceAckedRequest};
use acks::producer::AckedSending;
use partitioning::api::{Api, ProduceRequest};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::wire::{self, RequestHeader};
use partitioning::{ClientConfig, Clock, Cluster, Host, Workers};
use segment_log::disk::RealDisk;

use crate::cables::Cables;
use crate::fake_broker::{FIRST, Fakes};

/// So many brokers, and a topic `orders` with a partition for each of these leaders.
pub(crate) fn fakes(brokers: i32, leaders: &[i32]) -> Fakes {
    let fakes = Fakes::that_read(brokers, read);
    fakes.topic("orders", leaders);
    fakes
}

fn read(header: &RequestHeader, body: &[u8]) -> (ProduceRequest, String) {
    assert_eq!((header.api, header.version), (ProduceAcked::KEY, ProduceAcked::VERSION));
    let ProduceAckedRequest { acks, timeout_ms, partitions } = wire::decode_body(body).expect("a request");
    (ProduceRequest { partitions }, format!("acks {acks}, {timeout_ms} ms"))
}

/// A machine on this network, on which no time passes.
pub(crate) fn host(net: &Cables) -> Host {
    let clock = Clock::from_fn(|| 1_700_000_000_000);
    Host { net: Arc::new(net.clone()), disk: Arc::new(RealDisk), clock, workers: Workers::Inline }
}

/// One seed, no lingering, each record alone, and this way of sending.
pub(crate) fn config(sending: AckedSending) -> ProducerConfig {
    let sending = Arc::new(sending);
    ProducerConfig { seed: Some(1), linger: Duration::ZERO, batch_size: 0, sending, ..ProducerConfig::default() }
}

pub(crate) fn with(acks: Acks) -> AckedSending {
    AckedSending { acks, ..AckedSending::default() }
}

pub(crate) fn producer(fakes: &Fakes, config: ProducerConfig) -> Producer {
    let cluster = Cluster::new(host(&fakes.net), ClientConfig::new(FIRST)).expect("the settings hold");
    Producer::new(cluster, config).expect("the settings hold")
}

/// A record for a partition of `orders`.
pub(crate) fn order(partition: u32, value: impl Into<String>) -> ProducerRecord {
    ProducerRecord::new("orders", None, value.into()).to_partition(partition)
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Lets everything happen that can happen without the clock.
pub(crate) async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
