//! A producer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use history::{Client, Sent};
use partitioning::net::BoxFuture;
use partitioning::producer::{NO_OFFSET, Producer, ProducerConfig, ProducerRecord, RecordMetadata};
use partitioning::{Result, TopicPartition};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::super::draw::Draw;
use super::super::workload::{Program, Seat};
use super::closing::fresh_everywhere;
use super::{ACKED, Shared};
use crate::api::Acks;
use crate::producer::AckedSending;

/// Records of a producer that may be on their way.
const UNDER_WAY: usize = 40;

/// A program that sends a record every few milliseconds, to one partition or another.
pub(super) struct Produces {
    name: String,
    shared: Arc<Shared>,
}

impl Produces {
    pub(super) fn new(shared: &Arc<Shared>, number: usize) -> Self {
        Produces { name: format!("{}-producer-{number}", shared.name), shared: shared.clone() }
    }
}

impl Program for Produces {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&self, seat: Seat) -> BoxFuture<'static, ()> {
        // One that comes back after a crash knows nothing of what it had sent.
        let name = match seat.restarts {
            0 => self.name.clone(),
            restarts => format!("{}.{restarts}", self.name),
        };
        Box::pin(run(self.shared.clone(), seat, name))
    }
}

async fn run(shared: Arc<Shared>, mut seat: Seat, name: String) {
    let client = shared.recorder.client(name.as_str());
    let places = Arc::new(Semaphore::new(UNDER_WAY));
    loop {
        let producer = producer(&shared, &mut seat, &name, shared.plan.acks);
        let mut deliveries = JoinSet::new();
        seat.nudge.mark_unchanged();
        loop {
            let pause = pause(&mut seat.draw);
            let place = tokio::select! {
                biased;
                () = seat.over.cancelled() => break,
                _ = seat.nudge.changed() => break,
                place = next(&places, pause) => place,
            };
            let at = seat.draw.one_of(&shared.partitions);
            let padding = seat.draw.from_to(0, 200) as usize;
            if let Some(delivery) = send(&shared, (&client, &seat), &producer, (at, padding), place).await {
                deliveries.spawn(delivery);
            }
            while deliveries.try_join_next().is_some() {}
        }
        let is_calm = seat.over.is_cancelled();
        if is_calm {
            // Whoever has lived through the storm must be able to go on. And a storm can leave nobody any room: then it is the calm
            // that gives readers something to be judged by.
            fresh_everywhere(&shared, (&client, &seat), &producer).await;
            while shared.acked.load(Ordering::Relaxed) < ACKED {
                fresh_everywhere(&shared, (&client, &seat), &producer).await;
            }
        }
        let patience = match is_calm {
            // What is under way is waited for.
            true => Duration::from_secs(60),
            // In the middle of its work.
            false => seat.draw.time(Duration::ZERO, Duration::from_millis(300)),
        };
        producer.close(patience).await;
        while deliveries.join_next().await.is_some() {}
        if is_calm {
            return;
        }
    }
}

/// A producer of this stage, with the plan's settings.
pub(super) fn producer(shared: &Shared, seat: &mut Seat, name: &str, acks: Acks) -> Producer {
    let linger = shared.plan.linger;
    let request_timeout = seat.request_timeout();
    let sending = AckedSending {
        acks,
        request_timeout: request_timeout / 2,
        delivery_timeout: linger + request_timeout + Duration::from_secs(6),
        ..AckedSending::default()
    };
    let config = ProducerConfig {
        batch_size: shared.plan.batch_size,
        linger,
        max_block: request_timeout,
        max_in_flight: shared.plan.in_flight,
        seed: Some(seat.draw.seed()),
        sending: (shared.plan.sends.with)(sending),
        ..ProducerConfig::default()
    };
    Producer::new(seat.cluster(name), config).expect("the settings are good")
}

/// A place among those that may be under way, after a pause.
async fn next(places: &Arc<Semaphore>, pause: Duration) -> OwnedSemaphorePermit {
    sleep(pause).await;
    places.clone().acquire_owned().await.expect("the places are never closed")
}

fn pause(draw: &mut Draw) -> Duration {
    match draw.chance(20) {
        true => Duration::ZERO,
        false => draw.time(Duration::from_millis(1), Duration::from_millis(60)),
    }
}

/// Sends a record. Gives what waits until it is known what became of it.
async fn send(
    shared: &Shared,
    (client, seat): (&Client, &Seat),
    producer: &Producer,
    (at, padding): (TopicPartition, usize),
    place: OwnedSemaphorePermit,
) -> Option<impl Future<Output = Sent> + Send + 'static> {
    let value = shared.value();
    let mut bytes = value.to_be_bytes().to_vec();
    bytes.resize(bytes.len() + padding, b'.');
    let sending = client.send(seat.now(), &at.to_string().into(), value);
    let record = ProducerRecord::new(at.topic.clone(), None, bytes).to_partition(at.partition);
    let delivery = match producer.send(record).await {
        Ok(delivery) => delivery,
        // It was not sent.
        Err(error) => {
            seat.say(&shared.name, format_args!("value {value} is not sent: {error}"));
            sending.failed(seat.now());
            return None;
        }
    };
    let (seat, acked) = (seat.clone(), shared.acked.clone());
    Some(async move {
        let sent = sent(&delivery.await);
        if matches!(sent, Sent::Acked { .. }) {
            seat.acked.tell(&at);
            acked.fetch_add(1, Ordering::Relaxed);
        }
        sending.end(seat.now(), sent);
        drop(place);
        sent
    })
}

/// What is known of a record.
pub(super) fn sent(delivered: &Result<RecordMetadata>) -> Sent {
    match delivered {
        Ok(record) => Sent::Acked { offset: Some(record.offset).filter(|&offset| offset != NO_OFFSET) },
        Err(error) if error.is_in_doubt() => Sent::Unknown,
        Err(_) => Sent::Failed,
    }
}
