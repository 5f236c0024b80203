//! Brokers that read stage 04's requests, producers for them, and somebody who says who they are.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::api::{ProduceAcked, ProduceAckedRequest};
use acks::producer::AckedSending;
use idempotence::producer::{IdempotentSending, Ids};
use idempotence::sequences::Identity;
use partitioning::api::{Api, ProduceRequest};
use partitioning::net::BoxFuture;
use partitioning::producer::sequencing::Stamp;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::wire::{self, RequestHeader};
use partitioning::{ClientConfig, Clock, Cluster, Host, Result, Workers};
use segment_log::BatchView;
use segment_log::disk::RealDisk;

use crate::cables::Cables;
use crate::fake_broker::{Asked, FIRST, Fakes};

/// Says what the test has given it, and then ids from 7 on, each with epoch 0.
#[derive(Debug, Default)]
pub(crate) struct Given {
    answers: Mutex<VecDeque<Result<Identity>>>,
    times: Mutex<i64>,
}

impl Given {
    pub(crate) fn answers(answers: impl IntoIterator<Item = Result<Identity>>) -> Arc<Self> {
        Arc::new(Given { answers: Mutex::new(answers.into_iter().collect()), times: Mutex::default() })
    }

    /// How often it was asked.
    pub(crate) fn times(&self) -> i64 {
        *self.times.lock().unwrap()
    }
}

impl Ids for Given {
    fn next(&self, _: &Cluster) -> BoxFuture<'static, Result<Identity>> {
        let mut times = self.times.lock().unwrap();
        *times += 1;
        let next = Ok(Identity { producer_id: 6 + *times, epoch: 0 });
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(next);
        Box::pin(async { answer })
    }
}

/// So many brokers, and a topic `orders` with a partition for each of these leaders.
pub(crate) fn fakes(brokers: i32, leaders: &[i32]) -> Fakes {
    let fakes = Fakes::that_read(brokers, read);
    fakes.topic("orders", leaders);
    fakes
}

fn read(header: &RequestHeader, body: &[u8]) -> (ProduceRequest, String) {
    assert_eq!((header.api, header.version), (ProduceAcked::KEY, ProduceAcked::VERSION));
    let ProduceAckedRequest { acks, partitions, .. } = wire::decode_body(body).expect("a request");
    assert_eq!(acks, -1, "all must have it");
    (ProduceRequest { partitions }, String::new())
}

/// A machine on this network, on which no time passes.
pub(crate) fn host(net: &Cables) -> Host {
    let clock = Clock::from_fn(|| 1_700_000_000_000);
    Host { net: Arc::new(net.clone()), disk: Arc::new(RealDisk), clock, workers: Workers::Inline }
}

/// One seed, no lingering, each record alone, and these ids.
pub(crate) fn config(sending: AckedSending, ids: Arc<dyn Ids>) -> ProducerConfig {
    let sending = Arc::new(IdempotentSending { sending, ids });
    ProducerConfig { seed: Some(1), linger: Duration::ZERO, batch_size: 0, sending, ..ProducerConfig::default() }
}

pub(crate) fn producer(fakes: &Fakes, config: ProducerConfig) -> Producer {
    let cluster = Cluster::new(host(&fakes.net), ClientConfig::new(FIRST)).expect("the settings hold");
    Producer::new(cluster, config).expect("the settings hold")
}

/// One broker that leads `orders-0`, and a producer with these ids.
pub(crate) fn one(ids: &Arc<Given>) -> (Fakes, Producer) {
    let fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(AckedSending::default(), ids.clone()));
    (fakes, producer)
}

/// A record for a partition of `orders`.
pub(crate) fn order(partition: u32, value: impl Into<String>) -> ProducerRecord {
    ProducerRecord::new("orders", None, value.into()).to_partition(partition)
}

/// What stands in the header of a request's one batch: producer id, epoch, number.
pub(crate) fn stamp(asked: &Asked) -> (i64, i16, i32) {
    let batch = BatchView::parse(&asked.request.partitions[0].records.0).expect("a batch");
    batch.verify().expect("it is signed");
    let Stamp { producer_id, epoch, base_sequence } = Stamp::of(&batch);
    (producer_id, epoch, base_sequence)
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
