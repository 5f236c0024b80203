//! A producer.

use std::sync::Arc;
use std::time::Duration;

use history::{Client, Sent};
use partitioning::net::BoxFuture;
use partitioning::{Cluster, TopicPartition};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::super::draw::Draw;
use super::super::workload::{Program, Seat};
use super::Shared;
use super::sending::send;

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
    let places = Arc::new(Semaphore::new(shared.plan.in_flight));
    while !seat.over.is_cancelled() {
        let cluster = seat.cluster(&name);
        let mut sending = JoinSet::new();
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
            sending.spawn(one(shared.clone(), client.clone(), cluster.clone(), seat.clone(), (at, padding), place));
            while sending.try_join_next().is_some() {}
        }
        match seat.over.is_cancelled() {
            // What is under way is waited for.
            true => while sending.join_next().await.is_some() {},
            // In the middle of its work: what is under way is left in doubt.
            false => sending.shutdown().await,
        }
    }
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

async fn one(
    shared: Arc<Shared>,
    client: Client,
    cluster: Cluster,
    seat: Seat,
    (at, padding): (TopicPartition, usize),
    _place: OwnedSemaphorePermit,
) {
    let value = shared.value();
    let mut bytes = value.to_be_bytes().to_vec();
    bytes.resize(bytes.len() + padding, b'.');
    let sending = client.send(seat.now(), &at.to_string().into(), value);
    let sent = send(&cluster, &at, bytes, shared.plan.acks, seat.session).await;
    if matches!(sent, Sent::Acked { .. }) {
        seat.acked.tell(&at);
    }
    sending.end(seat.now(), sent);
}
