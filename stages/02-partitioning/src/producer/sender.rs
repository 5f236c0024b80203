//! The sender: one task that turns batches into requests, and answers into deliveries.
//!
//! ```text
//!   look: what is ready? ──▶ a request for each leader that may take one ──▶ again, until nothing more can go
//!     ▲                                                                          │
//!     │            wait for the first of: an answer, a connection,               │
//!     └─────────── something was put in or closed, a batch has lingered ◀────────┘
//! ```
//!
//! Each broker has a [`Lane`]: a connection of the producer's own, and a count of the requests that are under way on it. A
//! request is begun only if there are fewer than `max.in.flight.requests.per.connection`. What is ready and cannot go yet
//! stays in the accumulator, where its batch, if it is open, goes on filling. So a slow broker gets larger batches.
//!
//! Requests of one lane go out in the order in which they were begun, as [`Client::start`] queues each before it returns.
//! Everything that may take long happens elsewhere: connecting and waiting for answers in tasks of their own, compressing
//! on a worker.
//!
//! When the task ends, for whatever reason, all records that it leaves behind are told (`Drop`).

use std::collections::BTreeMap;
use std::sync::Arc;

use segment_log::{BatchBuilder, Compression};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::accumulator::ProducerBatch;
use super::delivery::{Ticket, closed};
use super::shared::{Leaving, Plan, Shared};
use crate::api::{Produce, ProducePartition, ProduceRequest, ProduceResponse, Produced, RecordBytes, TopicPartition};
use crate::client::Client;
use crate::error::{Error, ErrorCode, Result};
use crate::host::Workers;

/// See the [module](self).
pub(super) struct Sender {
    shared: Arc<Shared>,
    /// The number of the first batch that has not ended.
    progress: watch::Sender<u64>,
    /// By broker.
    lanes: BTreeMap<i32, Lane>,
    /// Requests whose answers have not come, by number.
    in_flight: BTreeMap<u64, InFlight>,
    next_request: u64,
    events: JoinSet<Event>,
}

/// The way to a broker.
#[derive(Default)]
struct Lane {
    line: Line,
    /// Requests under way.
    in_flight: usize,
    /// The last partition of the last request: the next one begins behind it.
    after: Option<TopicPartition>,
}

#[derive(Default)]
enum Line {
    #[default]
    None,
    Connecting,
    /// Nothing was sent on it yet.
    Fresh(Client),
    Used(Client),
}

/// A request that was sent.
struct InFlight {
    broker: i32,
    address: String,
    batches: Vec<Leaving>,
}

/// What the sender waits for.
enum Event {
    Connected { broker: i32, client: Result<Client> },
    Answered { request: u64, answer: Result<ProduceResponse> },
}

impl Sender {
    /// A sender, and the number of the first batch that has not ended, which it tells until it ends itself.
    pub(super) fn new(shared: Arc<Shared>) -> (Self, watch::Receiver<u64>) {
        let (progress, told) = watch::channel(0);
        let (lanes, in_flight, events) = (BTreeMap::new(), BTreeMap::new(), JoinSet::new());
        (Sender { shared, progress, lanes, in_flight, next_request: 0, events }, told)
    }

    /// Sends until the producer is closed and all its records have ended.
    pub(super) async fn run(mut self) {
        loop {
            let deadline = self.send_all_that_can_go().await;
            if self.shared.is_over() {
                return;
            }
            let shared = self.shared.clone();
            tokio::select! {
                // In this order, so that a run can be repeated.
                biased;
                Some(event) = self.events.join_next() => {
                    self.on(event.expect("who connects or waits for an answer does not panic"));
                }
                () = shared.wake.notified() => {}
                () = until(deadline) => {}
            }
        }
    }

    /// Sends what is ready, as far as the lanes allow. Gives the time at which more will be ready.
    async fn send_all_that_can_go(&mut self) -> Option<Instant> {
        loop {
            let Plan { brokers, not_led, deadline } = self.shared.plan();
            for at in not_led {
                let error = ErrorCode::LeaderNotAvailable.because(format!("{at} has no leader")).into();
                let batches = self.shared.take_where(|other, _| *other == at);
                self.fail(batches, &error);
            }
            let mut has_sent = false;
            for broker in brokers {
                has_sent |= self.serve(broker).await;
            }
            if !has_sent {
                return deadline;
            }
        }
    }

    /// Sends one request to a broker if its lane allows it. Gives whether it did.
    async fn serve(&mut self, broker: i32) -> bool {
        let lane = self.lanes.entry(broker).or_default();
        let client = match &lane.line {
            // If it has ended already, sending will say so, and what waits fails. To connect once more instead would be to
            // try for ever, as fast as the network can, where a broker hangs up at once.
            Line::Fresh(client) => client.clone(),
            Line::Used(client) if !client.is_closed() => client.clone(),
            Line::Connecting => return false,
            Line::None | Line::Used(_) => {
                lane.line = Line::Connecting;
                let cluster = self.shared.cluster.clone();
                self.events.spawn(async move {
                    let client = cluster.dedicated(broker).await;
                    Event::Connected { broker, client }
                });
                return false;
            }
        };
        if lane.in_flight >= self.shared.config.max_in_flight {
            return false;
        }
        let batches = self.shared.drain(broker, lane.after.as_ref());
        if let Some(last) = batches.last() {
            lane.after = Some(last.at().clone());
            lane.line = Line::Used(client.clone());
        }
        // The tickets stay here. If this task ends while others pack, they are told at once.
        let (leaving, builders): (Vec<_>, Vec<_>) = batches.into_iter().map(leave).unzip();
        let packed = pack(builders, self.shared.config.compression, self.shared.cluster.host().workers).await;
        self.request(broker, &client, leaving.into_iter().zip(packed));
        true
    }

    /// Sends a request with these batches.
    fn request(&mut self, broker: i32, client: &Client, packed: impl Iterator<Item = (Leaving, Result<RecordBytes>)>) {
        let (mut batches, mut partitions) = (Vec::new(), Vec::new());
        let mut sent_bytes = 0;
        for (batch, records) in packed {
            match records {
                Ok(records) => {
                    sent_bytes += records.0.len();
                    partitions.push(ProducePartition { at: batch.at.clone(), records });
                    batches.push(batch);
                }
                Err(error) => self.finish(batch, &Err(error)),
            }
        }
        if batches.is_empty() {
            return;
        }
        match client.start::<Produce>(ProduceRequest { partitions }) {
            Ok(pending) => {
                let request = self.next_request;
                self.next_request += 1;
                self.shared.note_request(&batches, sent_bytes);
                self.events.spawn(async move { Event::Answered { request, answer: pending.await } });
                self.lanes.entry(broker).or_default().in_flight += 1;
                self.in_flight.insert(request, InFlight { broker, address: client.address().to_owned(), batches });
            }
            Err(error) => batches.into_iter().for_each(|batch| self.finish(batch, &Err(error.clone()))),
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Connected { broker, client: Ok(client) } => {
                self.lanes.entry(broker).or_default().line = Line::Fresh(client);
            }
            Event::Connected { broker, client: Err(error) } => self.give_up(broker, &error),
            Event::Answered { request, answer } => self.answered(request, answer),
        }
    }

    fn answered(&mut self, request: u64, answer: Result<ProduceResponse>) {
        let InFlight { broker, address, batches } =
            self.in_flight.remove(&request).expect("a request is answered once");
        self.lanes.entry(broker).or_default().in_flight -= 1;
        let mut outcomes = answer.map(|answer| answer.partitions.into_iter());
        for batch in batches {
            let outcome = match &mut outcomes {
                Err(error) => Err(error.clone()),
                Ok(outcomes) => match outcomes.next() {
                    Some((at, outcome)) if at == batch.at => outcome.map_err(Error::from),
                    _ => Err(in_doubt(&address, format!("its answer does not say what became of {}", batch.at))),
                },
            };
            self.finish(batch, &outcome);
        }
    }

    /// There is no way to a broker: all that waits for it fails.
    fn give_up(&mut self, broker: i32, error: &Error) {
        self.lanes.entry(broker).or_default().line = Line::None;
        let batches = self.shared.take_where(|_, leader| leader == Some(broker));
        self.fail(batches, error);
    }

    /// Batches that are not sent.
    fn fail(&mut self, batches: Vec<ProducerBatch<Ticket>>, error: &Error) {
        for batch in batches {
            self.finish(leave(batch).0, &Err(error.clone()));
        }
    }

    fn finish(&mut self, batch: Leaving, outcome: &Result<Produced>) {
        let first = self.shared.finish(batch, outcome);
        self.progress.send_replace(first);
    }
}

impl Drop for Sender {
    /// Nobody will send any more. What was sent and not answered may be in a log; what waits is not.
    fn drop(&mut self) {
        self.shared.abandon();
        let in_flight = std::mem::take(&mut self.in_flight).into_values();
        let in_flight = in_flight.flat_map(|InFlight { address, batches, .. }| {
            let error = in_doubt(&address, "the producer was closed".to_owned());
            batches.into_iter().map(move |batch| (batch, error.clone()))
        });
        let waiting = self.shared.take_where(|_, _| true).into_iter().map(|batch| (leave(batch).0, closed()));
        for (batch, error) in in_flight.chain(waiting).collect::<Vec<_>>() {
            self.finish(batch, &Err(error));
        }
    }
}

/// A batch that leaves the accumulator, and what it will be packed from.
fn leave(batch: ProducerBatch<Ticket>) -> (Leaving, BatchBuilder) {
    let (number, at, plain_bytes) = (batch.number(), batch.at().clone(), batch.bytes());
    let (builder, tickets) = batch.into_parts();
    (Leaving { number, at, plain_bytes, tickets }, builder)
}

/// Batches as they are sent. Compressing may take a while, so it is done where nobody waits for it.
async fn pack(builders: Vec<BatchBuilder>, compression: Compression, workers: Workers) -> Vec<Result<RecordBytes>> {
    let pack_one = |builder: BatchBuilder| match builder.build() {
        Ok(batch) => Ok(batch.into_bytes().into()),
        Err(error) => Err(Error::Compression(error.to_string())),
    };
    let work = move || builders.into_iter().map(pack_one).collect();
    match compression {
        Compression::None => work(),
        _ => workers.run(work).await,
    }
}

/// The records may be in the log or not.
fn in_doubt(address: &str, reason: String) -> Error {
    Error::Disconnected { address: address.to_owned(), reason }
}

/// Waits for a time, or for ever.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
