//! The sender: one task that turns batches into requests, and answers into deliveries.
//!
//! ```text
//!   look: what is ready? ──▶ a request for each leader that may take one ──▶ again, until nothing more can go
//!     ▲                                                                          │
//!     │            wait for the first of: an answer, a connection, something     │
//!     └─────────── was put in or closed, a batch has lingered, a broker rested ◀─┘
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
//! A broker that cannot be reached fails the batches that wait for it, and is left alone for `reconnect.backoff.ms`.
//!
//! Everything that may take long happens elsewhere: connecting in a task of its own, compressing on a worker.
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
use super::lane::{End, Lane, Line, UnderWay, next_ended};
use super::shared::{Leaving, Plan, Shared};
use crate::api::{Produce, ProducePartition, ProduceRequest, Produced, RecordBytes, TopicPartition};
use crate::client::Client;
use crate::error::{Error, ErrorCode, Result};

/// See the [module](self).
pub(super) struct Sender {
    shared: Arc<Shared>,
    /// The number of the first batch that has not ended.
    progress: watch::Sender<u64>,
    /// By broker.
    lanes: BTreeMap<i32, Lane>,
    /// Batches that have left the accumulator, and whose records are being compressed.
    packing: Vec<Leaving>,
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
        let (lanes, packing, connecting) = (BTreeMap::new(), Vec::new(), JoinSet::new());
        (Sender { shared, progress, lanes, packing, connecting }, told)
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
            let Plan { brokers, not_led, mut deadline } = self.shared.plan();
            for at in not_led {
                self.give_up(&at);
            }
            let mut has_taken = false;
            for broker in brokers {
                has_taken |= self.serve(broker).await;
                let again = self.lanes.get(&broker).and_then(Lane::rests_until);
                deadline = deadline.into_iter().chain(again).min();
            }
            if !has_taken {
                return deadline;
            }
        }
    }

    /// Fails what waits for a partition that nobody leads, once nothing of it is under way any more.
    fn give_up(&mut self, at: &TopicPartition) {
        if self.lanes.values().any(|lane| lane.has(at)) {
            return;
        }
        let error: Error = ErrorCode::LeaderNotAvailable.because(format!("{at} has no leader")).into();
        for batch in self.shared.take_where(|other, _| other == at) {
            self.finish(batch.into(), &Err(error.clone()));
        }
    }

    /// Sends one request to a broker if its lane allows it. Gives whether batches have left the accumulator.
    async fn serve(&mut self, broker: i32) -> bool {
        let lane = self.lanes.entry(broker).or_default();
        let client = match &lane.line {
            // If it has ended already, sending will say so, and what waits fails. To connect once more instead would be to
            // try for ever, as fast as the network can, where a broker hangs up at once.
            Line::Fresh(client) => client.clone(),
            Line::Used(client) if !client.is_closed() => client.clone(),
            Line::Connecting => return false,
            Line::Failed(again) if *again > Instant::now() => return false,
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
        let Some(last) = batches.last() else { return false };
        lane.after = Some(last.at().clone());
        lane.line = Line::Used(client.clone());
        let packed = self.pack(batches).await;
        self.request(broker, &client, packed);
        true
    }

    /// Batches as they are sent. Compressing may take a while, so it is done where nobody waits for it. The records' tickets
    /// stay here: should this task be ended meanwhile, they are told.
    async fn pack(&mut self, batches: Vec<ProducerBatch<Ticket>>) -> Vec<(Leaving, Result<RecordBytes>)> {
        let (leaving, builders): (_, Vec<_>) = batches.into_iter().map(parts).unzip();
        self.packing = leaving;
        let build = |builder: BatchBuilder| match builder.build() {
            Ok(batch) => Ok(batch.into_bytes().into()),
            Err(error) => Err(Error::Compression(error.to_string())),
        };
        let work = move || builders.into_iter().map(build).collect();
        let packed: Vec<Result<RecordBytes>> = match self.shared.config.compression {
            Compression::None => work(),
            _ => self.shared.cluster.host().workers.run(work).await,
        };
        std::mem::take(&mut self.packing).into_iter().zip(packed).collect()
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
            Ok(client) => lane.connected(client),
            Err(error) => {
                lane.failed(self.shared.config.reconnect_backoff);
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
        self.shared.abandon();
        let lanes = std::mem::take(&mut self.lanes).into_values();
        let under_way = lanes.flat_map(|lane| lane.under_way).flat_map(|UnderWay { batches, end }| {
            let error = end.in_doubt("the producer was closed".to_owned());
            batches.into_iter().map(move |batch| (batch, error.clone()))
        });
        let packing = std::mem::take(&mut self.packing).into_iter();
        let waiting = self.shared.take_where(|_, _| true).into_iter().map(Leaving::from);
        let not_sent = packing.chain(waiting).map(|batch| (batch, closed()));
        for (batch, error) in under_way.chain(not_sent).collect::<Vec<_>>() {
            self.finish(batch, &Err(error));
        }
    }
}

impl From<ProducerBatch<Ticket>> for Leaving {
    /// For a batch that is not sent.
    fn from(batch: ProducerBatch<Ticket>) -> Self {
        parts(batch).0
    }
}

/// What is kept of a batch until it has ended, and what is sent.
fn parts(batch: ProducerBatch<Ticket>) -> (Leaving, BatchBuilder) {
    let (number, at, plain_bytes) = (batch.number(), batch.at().clone(), batch.bytes());
    let (builder, tickets) = batch.into_parts();
    (Leaving { number, at, plain_bytes, tickets }, builder)
}

/// Waits for a time, or for ever.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
