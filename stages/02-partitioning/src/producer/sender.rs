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
//! Their answers are handled in that order too, first in, first out (as in Kafka's `NetworkClient`). That is why the records
//! of a partition end in their order, whatever threads do meanwhile.
//!
//! Everything that may take long happens elsewhere: connecting in a task of its own, compressing on a worker.
//!
//! When the task ends, for whatever reason, all records that it leaves behind are told (`Drop`).

use std::collections::BTreeMap;
use std::sync::Arc;

use segment_log::Compression;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::accumulator::ProducerBatch;
use super::delivery::{Ticket, closed};
use super::lane::{End, Lane, Line, UnderWay, next_ended};
use super::shared::{Leaving, Plan, Shared};
use crate::api::{Produce, ProducePartition, ProduceRequest, Produced, RecordBytes, TopicPartition};
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
    connecting: JoinSet<Connected>,
}

/// What came of connecting to a broker.
struct Connected {
    broker: i32,
    client: Result<Client>,
}

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
                ended = next_ended(&mut self.lanes) => {
                    ended.into_iter().for_each(|(batch, outcome)| self.finish(batch, &outcome));
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
                self.give_up(&at);
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

    /// Fails what waits for a partition that nobody leads, once nothing of it is under way any more.
    fn give_up(&mut self, at: &TopicPartition) {
        if self.lanes.values().any(|lane| lane.has(at)) {
            return;
        }
        let error: Error = ErrorCode::BrokerNotAvailable.because(format!("{at} has no leader")).into();
        for batch in self.shared.take_where(|other, _| other == at) {
            self.finish(batch.into(), &Err(error.clone()));
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
        if lane.under_way.len() >= self.shared.config.max_in_flight {
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
        let lane = self.lanes.entry(broker).or_default();
        let (mut batches, mut partitions) = (Vec::new(), Vec::new());
        let mut sent_bytes = 0;
        for (batch, records) in packed {
            match records {
                Ok(records) => {
                    sent_bytes += records.0.len();
                    partitions.push(ProducePartition { at: batch.at.clone(), records });
                    batches.push(batch);
                }
                Err(error) => lane.not_sent(vec![batch], error),
            }
        }
        if batches.is_empty() {
            return;
        }
        match client.start::<Produce>(ProduceRequest { partitions }) {
            Ok(answer) => {
                self.shared.note_request(&batches, sent_bytes);
                let end = End::Answer { answer, address: client.address().to_owned() };
                lane.under_way.push_back(UnderWay { batches, end });
            }
            Err(error) => lane.not_sent(batches, error),
        }
    }

    fn connected(&mut self, Connected { broker, client }: Connected) {
        let lane = self.lanes.entry(broker).or_default();
        match client {
            Ok(client) => lane.line = Line::Open(client),
            Err(error) => {
                lane.line = Line::None;
                let batches = self.shared.take_where(|_, leader| leader == Some(broker));
                lane.not_sent(batches.into_iter().map(Leaving::from).collect(), error);
            }
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
        let under_way = lanes.flat_map(|lane| lane.under_way).flat_map(|UnderWay { batches, end }| {
            let error = end.in_doubt("the producer was closed".to_owned());
            batches.into_iter().map(move |batch| (batch, error.clone()))
        });
        let waiting = self.shared.take_where(|_, _| true).into_iter().map(|batch| (Leaving::from(batch), closed()));
        for (batch, error) in under_way.chain(waiting).collect::<Vec<_>>() {
            self.shared.note_abandoned(batch.tickets.len());
            self.finish(batch, &Err(error));
        }
    }
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

/// Waits for a time, or for ever.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
