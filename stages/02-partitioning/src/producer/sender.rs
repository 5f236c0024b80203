//! The sender: one task that turns batches into requests, and answers into deliveries.
//!
//! ```text
//!   look: what is ready? ──▶ a request for each leader that may take one ──▶ again, until nothing more can go
//!     ▲                                                                          │
//!     │            wait for the first of: an answer, a connection, something     │
//!     └─────────── was put in or closed, a batch has lingered or rested, ◀───────┘
//!                  a broker rested, a record's time is over
//! ```
//!
//! Each broker has a [`Lane`]: a connection of the producer's own, and the requests that are under way on it. A request is
//! begun only if there are fewer than `max.in.flight.requests.per.connection`. What is ready and cannot go yet stays in the
//! accumulator, where its batch, if it is open, goes on filling. So a slow broker gets larger batches.
//!
//! Requests of one lane go out in the order in which they were begun, as [`start`](super::sending::Sending::start)
//! queues each before it returns.
//! Their answers are handled in that order too, first in, first out (as in Kafka's `NetworkClient`). That is why the records
//! of a partition end in their order, whatever threads do meanwhile.
//!
//! With one request at a time, a partition that has a batch under way is left out of all other requests: its leader may have
//! changed, and the lane to the new one is free. (Kafka *mutes* the partition.)
//!
//! A broker that cannot be reached is left alone for `reconnect.backoff.ms`. What waits for it fails, or waits on: that is for
//! the way of [`sending`](super::sending) to say.
//!
//! Whether the first batch of a partition may leave at all is for [`Sequencing`] to say, and it says what stands in the batch's header.
//! The sender tells it what became of each attempt, and how each batch has ended.
//!
//! Everything that may take long happens elsewhere: connecting in a task of its own, compressing on a worker, asking who leads
//! in tasks of [`Asking`].
//!
//! When the task ends, for whatever reason, all records that it leaves behind are told (`Drop`).

mod ending;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use segment_log::{BatchBuilder, Compression};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::asking::{Asking, Told};
use super::lane::{End, Lane, Line, UnderWay, next_ended};
use super::leaving::Leaving;
use super::record::NO_OFFSET;
use super::sequencing::Sequencing;
use super::shared::{Plan, Shared};
use crate::api::{ProducePartition, Produced, RecordBytes, TopicPartition};
use crate::backoff::Backoff;
use crate::client::Client;
use crate::error::{Error, Result};

/// See the [module](self).
pub(super) struct Sender {
    shared: Arc<Shared>,
    /// `delivery.timeout.ms`, if what fails may be sent again. Then nothing fails before because a broker is away.
    patience: Option<Duration>,
    /// Who numbers batches, and says when each may leave.
    sequencing: Box<dyn Sequencing>,
    /// The number of the first batch that has not ended.
    progress: watch::Sender<u64>,
    /// By broker.
    lanes: BTreeMap<i32, Lane>,
    /// Batches that have left the accumulator, and whose records are being compressed.
    packing: Vec<Leaving>,
    connecting: JoinSet<Connected>,
    asking: Asking,
    /// For the chance in waits.
    random: fastrand::Rng,
}

/// What came of connecting to a broker.
struct Connected {
    broker: i32,
    client: Result<Client>,
}

/// A batch that leaves, and what it is to be built from unless it was sent before.
type Unpacked = (Leaving, Option<BatchBuilder>);

/// A batch that leaves, and its bytes.
type Packed = (Leaving, Result<RecordBytes>);

impl Sender {
    /// A sender, and the number of the first batch that has not ended, which it tells until it ends itself.
    pub(super) fn new(shared: Arc<Shared>) -> (Self, watch::Receiver<u64>) {
        let (progress, told) = watch::channel(0);
        let sending = &shared.config.sending;
        let patience = sending.delivery_timeout();
        let sequencing = sending.sequencing(&shared.cluster, &shared.config, shared.wake.clone());
        // Not the lots that partitioners draw.
        let random = shared.config.seed.map_or_else(fastrand::Rng::new, |seed| fastrand::Rng::with_seed(!seed));
        let (lanes, packing, connecting) = (BTreeMap::new(), Vec::new(), JoinSet::new());
        let asking = Asking::default();
        (Sender { shared, patience, sequencing, progress, lanes, packing, connecting, asking, random }, told)
    }

    /// Sends until the producer is closed, all its records have ended, and no request is under way.
    pub(super) async fn run(mut self) {
        loop {
            self.end_what_is_over();
            let deadline = self.send_all_that_can_go().await;
            if self.shared.is_over() && self.lanes.values().all(|lane| lane.under_way.is_empty()) {
                return;
            }
            let deadline = earlier(deadline, self.next_overdue());
            let shared = self.shared.clone();
            tokio::select! {
                // In this order, so that a run can be repeated.
                biased;
                Some(connected) = self.connecting.join_next() => {
                    self.connected(connected.expect("who connects does not panic"));
                }
                Some(told) = self.asking.next() => self.told(told),
                ended = next_ended(&mut self.lanes) => {
                    ended.into_iter().for_each(|(batch, outcome)| self.ended(batch, outcome));
                }
                () = shared.wake.notified() => {}
                () = until(deadline) => {}
            }
        }
    }

    /// Sends what is ready, as far as the lanes allow. Gives the time at which more will be ready.
    async fn send_all_that_can_go(&mut self) -> Option<Instant> {
        loop {
            let Plan { brokers, not_led, refused, in_doubt, mut deadline } = self.shared.plan(&mut *self.sequencing);
            if self.patience.is_some() {
                deadline = earlier(deadline, self.asking.ask(&self.shared.cluster, &in_doubt, Instant::now()));
            } else {
                not_led.iter().for_each(|at| self.give_up(at));
            }
            let mut has_taken = !refused.is_empty();
            refused.into_iter().for_each(|(at, number, error)| self.refuse(&at, number, error));
            for broker in brokers {
                has_taken |= self.serve(broker).await;
                deadline = earlier(deadline, self.lanes.get(&broker).and_then(Lane::rests_until));
            }
            if !has_taken {
                return deadline;
            }
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
        let after = lane.after.clone();
        let muted = self.muted();
        let batches = self.shared.drain(broker, after.as_ref(), &muted, &mut *self.sequencing);
        let Some((last, _)) = batches.last() else { return false };
        let lane = self.lanes.entry(broker).or_default();
        lane.after = Some(last.at.clone());
        lane.line = Line::Used(client.clone());
        let packed = self.pack(batches).await;
        self.request(broker, &client, packed);
        true
    }

    /// Partitions of which nothing may leave now, as their order would not be kept: those with a batch under way, if one
    /// request at a time is wanted.
    fn muted(&self) -> BTreeSet<TopicPartition> {
        if self.shared.config.max_in_flight > 1 {
            return BTreeSet::new();
        }
        self.lanes.values().flat_map(Lane::batches).map(|batch| batch.at.clone()).collect()
    }

    /// Batches as they are sent. Compressing may take a while, so it is done where nobody waits for it. The records' tickets
    /// stay here: should this task be ended meanwhile, they are told.
    async fn pack(&mut self, batches: Vec<Unpacked>) -> Vec<Packed> {
        let (leaving, builders): (_, Vec<_>) = batches.into_iter().unzip();
        self.packing = leaving;
        let build = |builder: BatchBuilder| match builder.build() {
            Ok(batch) => Ok(batch.into_bytes().into()),
            Err(error) => Err(Error::Compression(error.to_string())),
        };
        let is_long = self.shared.config.compression != Compression::None && builders.iter().any(Option::is_some);
        let work = move || builders.into_iter().map(|builder| builder.map(build)).collect();
        let built: Vec<Option<Result<RecordBytes>>> = match is_long {
            false => work(),
            true => self.shared.cluster.host().workers.run(work).await,
        };
        let packed = |(mut leaving, built): (Leaving, Option<Result<RecordBytes>>)| {
            let records = built.unwrap_or_else(|| Ok(leaving.packed_before()));
            (leaving, records)
        };
        std::mem::take(&mut self.packing).into_iter().zip(built).map(packed).collect()
    }

    /// Sends a request with these batches.
    fn request(&mut self, broker: i32, client: &Client, packed: Vec<Packed>) {
        let (mut batches, mut partitions) = (Vec::new(), Vec::new());
        let mut sent_bytes = 0;
        for (mut batch, records) in packed {
            match records {
                Ok(records) => {
                    sent_bytes += records.0.len();
                    batch.tries.count = batch.tries.count.saturating_add(1);
                    batch.records = Some(records.clone());
                    partitions.push(ProducePartition { at: batch.at.clone(), records });
                    batches.push(batch);
                }
                Err(error) => self.lane(broker).not_sent(vec![batch], error),
            }
        }
        if batches.is_empty() {
            return;
        }
        let sending = self.shared.config.sending.clone();
        match sending.start(client, partitions) {
            Ok(answer) => {
                self.shared.note_request(&batches, sent_bytes);
                if !sending.awaits_answer() {
                    let sent = Produced { base_offset: NO_OFFSET, log_append_time: None, log_start: 0 };
                    batches.iter_mut().for_each(|batch| self.finish(batch, Ok(sent)));
                }
                let end = End::Answer { answer, address: client.address().to_owned() };
                self.lane(broker).under_way.push_back(UnderWay { batches, end });
            }
            Err(error) => self.lane(broker).not_sent(batches, error),
        }
    }

    fn lane(&mut self, broker: i32) -> &mut Lane {
        self.lanes.entry(broker).or_default()
    }

    fn connected(&mut self, Connected { broker, client }: Connected) {
        match client {
            Ok(client) => self.lane(broker).connected(client),
            Err(error) => self.unreachable(broker, error),
        }
    }

    /// A broker cannot be reached. What waits for it fails, or waits for another leader or for this one.
    fn unreachable(&mut self, broker: i32, error: Error) {
        let lane = self.lane(broker);
        lane.failures = lane.failures.saturating_add(1);
        let failures = lane.failures;
        let rest = self.rest(self.shared.config.reconnect_backoff, failures);
        self.lane(broker).failed(error.clone(), rest);
        if self.patience.is_some() {
            self.shared.doubt_led_by(broker);
        } else {
            let batches = self.shared.take_where(|_, leader| leader == Some(broker));
            self.lane(broker).not_sent(batches.into_iter().map(Leaving::from).collect(), error);
        }
    }

    /// A broker has told of a topic, or none could.
    fn told(&mut self, told: Told) {
        let (backoff, random) = (self.shared.config.retry_backoff, &mut self.random);
        self.asking.answered(&told, |times| backoff.jittered(times, random));
        if let Ok(info) = &told.info {
            self.shared.know(&told.topic, info);
        }
    }

    /// How long to wait after so many failures. Chance has a part in it if this producer is one of those that come back.
    fn rest(&mut self, backoff: Backoff, failures: u32) -> Duration {
        match self.patience {
            Some(_) => backoff.jittered(failures, &mut self.random),
            None => backoff.after(failures),
        }
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// Waits for a time, or for ever.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
