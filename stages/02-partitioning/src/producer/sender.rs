//! The sender: one task that turns batches into requests, and answers into deliveries.
//!
//! ```text
//!   look: what is ready? ──▶ a request for each leader that may take one ──▶ again, until nothing more can go
//!     ▲                                                                          │
//!     │            wait for the first of: an answer, a connection,               │
//!     └─────────── something was put in or closed, a batch has lingered ◀────────┘
//! ```
//!
//! Each broker has a [`Lane`]: a connection of the producer's own, and the requests that are under way on it. A request is
//! begun only if there are fewer than `max.in.flight.requests.per.connection`. What is ready and cannot go yet stays in the
//! accumulator, where its batch, if it is open, goes on filling. So a slow broker gets larger batches.
//!
//! Requests of one lane go out in the order in which they were begun, as [`Client::start`] queues each before it returns.
//! Their answers are handled in that order too, first in, first out: only the oldest request of a lane is looked at (as in
//! Kafka's `NetworkClient`). That is why the records of a partition end in their order, whatever threads do meanwhile.
//!
//! Everything that may take long happens elsewhere: connecting in a task of its own, compressing on a worker.
//!
//! When the task ends, for whatever reason, all records that it leaves behind are told (`Drop`).

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use segment_log::Compression;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::accumulator::ProducerBatch;
use super::delivery::{Ticket, closed};
use super::shared::{Leaving, Plan, Shared};
use crate::api::{Produce, ProducePartition, ProduceRequest, ProduceResponse, Produced, RecordBytes, TopicPartition};
use crate::client::{Client, Pending};
use crate::error::{Error, ErrorCode, Result};
use crate::host::Workers;

/// See the [module](self).
pub(super) struct Sender {
    shared: Arc<Shared>,
    /// The number of the first batch that has not ended.
    progress: watch::Sender<u64>,
    /// By broker.
    lanes: BTreeMap<i32, Lane>,
    connecting: JoinSet<Connected>,
}

/// The way to a broker.
#[derive(Default)]
struct Lane {
    line: Line,
    /// Requests under way, the oldest first. When a connection has ended, its requests stand before those of the next one.
    in_flight: VecDeque<InFlight>,
    /// The last partition of the last request: the next one begins behind it.
    after: Option<TopicPartition>,
}

#[derive(Default)]
enum Line {
    #[default]
    None,
    Connecting,
    Open(Client),
}

/// A request that was sent.
struct InFlight {
    answer: Pending<Produce>,
    address: String,
    batches: Vec<Leaving>,
}

/// What came of connecting to a broker.
struct Connected {
    broker: i32,
    client: Result<Client>,
}

/// A request, and what came of it.
type Answered = (InFlight, Result<ProduceResponse>);

impl Sender {
    /// A sender, and the number of the first batch that has not ended, which it tells until it ends itself.
    pub(super) fn new(shared: Arc<Shared>) -> (Self, watch::Receiver<u64>) {
        let (progress, told) = watch::channel(0);
        (Sender { shared, progress, lanes: BTreeMap::new(), connecting: JoinSet::new() }, told)
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
                Some(connected) = self.connecting.join_next() => {
                    self.connected(connected.expect("who connects does not panic"));
                }
                answers = answers(&mut self.lanes) => {
                    answers.into_iter().for_each(|answered| self.answered(answered));
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
                let error = ErrorCode::BrokerNotAvailable.because(format!("{at} has no leader")).into();
                let batches = self.shared.take_where(|other, _| *other == at);
                self.fail(batches.into_iter().map(Leaving::from).collect(), &error);
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
            Line::Open(client) if !client.is_closed() => client.clone(),
            Line::Connecting => return false,
            _ => {
                lane.line = Line::Connecting;
                let cluster = self.shared.cluster.clone();
                self.connecting.spawn(async move { Connected { broker, client: cluster.dedicated(broker).await } });
                return false;
            }
        };
        if lane.in_flight.len() >= self.shared.config.max_in_flight {
            return false;
        }
        let batches = self.shared.drain(broker, lane.after.as_ref());
        if let Some(last) = batches.last() {
            lane.after = Some(last.at().clone());
        }
        let packed = pack_all(batches, self.shared.config.compression, self.shared.cluster.host().workers).await;
        self.request(broker, &client, packed);
        true
    }

    /// Sends a request with these batches.
    fn request(&mut self, broker: i32, client: &Client, packed: Vec<(Leaving, Result<RecordBytes>)>) {
        let (mut batches, mut partitions) = (Vec::new(), Vec::new());
        let mut sent_bytes = 0;
        for (batch, records) in packed {
            match records {
                Ok(records) => {
                    sent_bytes += records.0.len();
                    partitions.push(ProducePartition { at: batch.at.clone(), records });
                    batches.push(batch);
                }
                Err(error) => self.fail(vec![batch], &error),
            }
        }
        if batches.is_empty() {
            return;
        }
        match client.start::<Produce>(ProduceRequest { partitions }) {
            Ok(answer) => {
                self.shared.note_request(&batches, sent_bytes);
                let request = InFlight { answer, address: client.address().to_owned(), batches };
                self.lanes.entry(broker).or_default().in_flight.push_back(request);
            }
            Err(error) => self.fail(batches, &error),
        }
    }

    fn connected(&mut self, Connected { broker, client }: Connected) {
        let lane = self.lanes.entry(broker).or_default();
        match client {
            Ok(client) => lane.line = Line::Open(client),
            Err(error) => {
                lane.line = Line::None;
                let batches = self.shared.take_where(|_, leader| leader == Some(broker));
                self.fail(batches.into_iter().map(Leaving::from).collect(), &error);
            }
        }
    }

    fn answered(&mut self, (InFlight { address, batches, .. }, answer): Answered) {
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

    fn fail(&mut self, batches: Vec<Leaving>, error: &Error) {
        for batch in batches {
            self.finish(batch, &Err(error.clone()));
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
        self.shared.close();
        let lanes = std::mem::take(&mut self.lanes).into_values();
        let in_flight = lanes.flat_map(|lane| lane.in_flight).flat_map(|InFlight { address, batches, .. }| {
            let error = in_doubt(&address, "the producer was closed".to_owned());
            batches.into_iter().map(move |batch| (batch, error.clone()))
        });
        let waiting = self.shared.take_where(|_, _| true).into_iter().map(|batch| (Leaving::from(batch), closed()));
        for (batch, error) in in_flight.chain(waiting).collect::<Vec<_>>() {
            self.shared.note_abandoned(batch.tickets.len());
            self.finish(batch, &Err(error));
        }
    }
}

impl Lane {
    /// The oldest request, if its answer is there or will not come. The younger ones wait behind it.
    fn poll_answer(&mut self, context: &mut task::Context<'_>) -> Poll<Answered> {
        let Some(oldest) = self.in_flight.front_mut() else { return Poll::Pending };
        let answer = task::ready!(Pin::new(&mut oldest.answer).poll(context));
        let oldest = self.in_flight.pop_front().expect("it was just looked at");
        Poll::Ready((oldest, answer))
    }
}

/// Waits until a lane has an answer. Takes one of each that has, so that a fast broker does not keep others waiting.
///
/// Dropping the future loses nothing: what it takes it gives in the same moment.
async fn answers(lanes: &mut BTreeMap<i32, Lane>) -> Vec<Answered> {
    poll_fn(|context| {
        let mut answers = Vec::new();
        for lane in lanes.values_mut() {
            if let Poll::Ready(answered) = lane.poll_answer(context) {
                answers.push(answered);
            }
        }
        if answers.is_empty() { Poll::Pending } else { Poll::Ready(answers) }
    })
    .await
}

impl From<ProducerBatch<Ticket>> for Leaving {
    /// For a batch that is not sent.
    fn from(batch: ProducerBatch<Ticket>) -> Self {
        let (number, at, plain_bytes) = (batch.number(), batch.at().clone(), batch.bytes());
        Leaving { number, at, plain_bytes, tickets: batch.into_tickets() }
    }
}

/// Batches as they are sent. Compressing may take a while, so it is done where nobody waits for it.
async fn pack_all(
    batches: Vec<ProducerBatch<Ticket>>,
    compression: Compression,
    workers: Workers,
) -> Vec<(Leaving, Result<RecordBytes>)> {
    let work = || batches.into_iter().map(pack).collect();
    match compression {
        Compression::None => work(),
        _ => workers.run(work).await,
    }
}

fn pack(batch: ProducerBatch<Ticket>) -> (Leaving, Result<RecordBytes>) {
    let (number, at, plain_bytes) = (batch.number(), batch.at().clone(), batch.bytes());
    let (packed, tickets) = batch.build();
    let packed = packed.map(|batch| batch.into_bytes().into());
    (Leaving { number, at, plain_bytes, tickets }, packed.map_err(|error| Error::Compression(error.to_string())))
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
