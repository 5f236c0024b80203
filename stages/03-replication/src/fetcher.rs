//! Followers at work: for each broker that replicas here follow, a task that asks it for what comes next.
//!
//! ```text
//!   broker 1 leads orders-0, orders-2          broker 3 leads orders-1
//!        ▲ one request for both                     ▲
//!        │                                          │
//!   task for broker 1                          task for broker 3            this broker
//! ```
//!
//! A follower *pulls*. Its question says where its log ends, and so it is the acknowledgement as well: no other message is
//! needed for the leader to know who has what. And a follower that is slow is not run over.
//!
//! One question at a time for each leader: the next says where the log ends after the answer to the one before. The partitions
//! take turns at the front of it, as there may be more to copy than fits into an answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use partitioning::api::BrokerInfo;
use partitioning::error::{Error, ErrorCode, Refusal};
use partitioning::{Backoff, Client, ClientConfig, Host, Result, TopicPartition};
use segment_log::Fold;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::api::{FollowerFetchPartition, FollowerFetchRequest, FollowerFetchResponse};
use crate::fetching::Fetching;
use crate::manager::ReplicaManager;
use crate::replica::{Ask, Copied, Replica};

/// What followers go by. Names and defaults are Kafka's.
#[derive(Debug, Clone)]
pub struct FetcherConfig {
    /// `replica.fetch.max.bytes`: the most bytes of one partition.
    pub partition_bytes: u32,
    /// `replica.fetch.response.max.bytes`: the most bytes of an answer.
    pub answer_bytes: u32,
    /// `replica.fetch.backoff.ms`: how long a partition rests whose answer was a refusal.
    pub backoff: Duration,
    /// How brokers are talked to (`replica.socket.timeout.ms`); whom to ask first does not count.
    pub client: ClientConfig,
}

impl FetcherConfig {
    /// The defaults.
    pub fn new() -> Self {
        let client = ClientConfig { client_id: "follower".into(), ..ClientConfig::new("leader:0") };
        FetcherConfig { partition_bytes: 1 << 20, answer_bytes: 10 << 20, backoff: Duration::from_secs(1), client }
    }
}

impl Default for FetcherConfig {
    fn default() -> Self {
        Self::new()
    }
}

/// How long a task may sleep before it looks whom to follow, if nobody wakes it.
const LOOK: Duration = Duration::from_secs(1);

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Fetchers<F: Fold> {
    shared: Arc<Shared<F>>,
    /// By leader.
    tasks: BTreeMap<i32, CancellationToken>,
}

#[derive(Debug)]
struct Shared<F: Fold> {
    host: Host,
    manager: Arc<ReplicaManager<F>>,
    fetching: Arc<dyn Fetching>,
    config: FetcherConfig,
    /// The epoch that this broker's registration gave.
    broker_epoch: i64,
}

impl<F: Fold> Fetchers<F> {
    pub(crate) fn new(
        host: Host,
        manager: Arc<ReplicaManager<F>>,
        fetching: Arc<dyn Fetching>,
        config: FetcherConfig,
        broker_epoch: i64,
    ) -> Self {
        let shared = Shared { host, manager, fetching, config, broker_epoch };
        Fetchers { shared: Arc::new(shared), tasks: BTreeMap::new() }
    }

    /// Follows whomever the metadata say, for ever. The tasks end with this future.
    pub(crate) async fn run(mut self) {
        let mut running = JoinSet::new();
        loop {
            let leaders = self.shared.manager.leaders();
            self.tasks.retain(|leader, stop| {
                let stays = leaders.contains(leader);
                if !stays {
                    stop.cancel();
                }
                stays
            });
            for leader in leaders.difference(&self.tasks.keys().copied().collect::<BTreeSet<_>>()) {
                let stop = CancellationToken::new();
                let fetcher = Fetcher {
                    shared: self.shared.clone(),
                    leader: *leader,
                    connection: None,
                    resting: BTreeMap::new(),
                    turn: 0,
                };
                let stopped = stop.clone();
                running.spawn(async move { stopped.run_until_cancelled(fetcher.run()).await.unwrap_or(()) });
                self.tasks.insert(*leader, stop);
            }
            tokio::select! {
                biased;
                Some(ended) = running.join_next() => if let Err(failed) = ended && failed.is_panic() {
                    std::panic::resume_unwind(failed.into_panic());
                },
                () = self.shared.manager.followed.notified() => {}
            }
        }
    }
}

/// The task for one leader.
struct Fetcher<F: Fold> {
    shared: Arc<Shared<F>>,
    leader: i32,
    connection: Option<(BrokerInfo, Client)>,
    /// Partitions that are left alone until a time.
    resting: BTreeMap<TopicPartition, Instant>,
    turn: usize,
}

/// A partition, and what was asked.
type AskedOne<F> = (Arc<Replica<F>>, Ask);
type Asked<F> = Vec<AskedOne<F>>;

impl<F: Fold> Fetcher<F> {
    async fn run(mut self) {
        let mut failures = 0;
        loop {
            match self.round().await {
                Ok(true) => failures = 0,
                Ok(false) => {
                    failures = 0;
                    sleep(self.shared.fetching.rest()).await;
                }
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::info!("broker {} cannot be followed: {error}", self.leader);
                    }
                    self.connection = None;
                    sleep(Backoff::RECONNECT.after(failures)).await;
                }
            }
        }
    }

    /// Asks once, and does what the answers say. Gives whether anything came of it.
    async fn round(&mut self) -> Result<bool> {
        let asked = self.asks().await;
        if asked.is_empty() {
            let wait =
                self.resting.values().min().map_or(LOOK, |until| until.saturating_duration_since(Instant::now()));
            sleep(wait.min(LOOK)).await;
            return Ok(true);
        }
        let request = self.request(&asked);
        let client = self.client().await?;
        let patience = self.shared.config.client.request_timeout;
        let answer = match timeout(patience, self.shared.fetching.follow(&client, request)).await {
            Ok(answer) => answer?,
            Err(_) => return Err(Error::TimedOut { address: client.address().to_owned(), after: patience }),
        };
        self.copy(asked, answer).await
    }

    async fn asks(&mut self) -> Asked<F> {
        let (manager, leader) = (self.shared.manager.clone(), self.leader);
        let mut asked = self.shared.host.workers.run(move || manager.asks(leader)).await;
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        asked.retain(|(replica, _)| !self.resting.contains_key(replica.at()));
        // A message has room for so many; they take turns.
        self.turn = self.turn.wrapping_add(1);
        let first = self.turn % asked.len().max(1);
        asked.rotate_left(first);
        asked.truncate(partitioning::api::MAX_ENTRIES);
        asked
    }

    fn request(&self, asked: &Asked<F>) -> FollowerFetchRequest {
        let config = &self.shared.config;
        let partition = |(replica, ask): &AskedOne<F>| FollowerFetchPartition {
            at: replica.at().clone(),
            topic: replica.topic(),
            leader_epoch: ask.leader_epoch,
            offset: ask.offset,
            last_epoch: ask.last_epoch,
            max_bytes: config.partition_bytes,
        };
        FollowerFetchRequest {
            replica: self.shared.manager.config().node_id,
            broker_epoch: self.shared.broker_epoch,
            max_bytes: config.answer_bytes,
            partitions: asked.iter().map(partition).collect(),
        }
    }

    /// A connection to where the leader is now.
    async fn client(&mut self) -> Result<Client> {
        let id = self.leader;
        let metadata = self.shared.manager.metadata();
        let broker = metadata.broker(id).ok_or_else(|| Error::Unreachable {
            address: format!("broker {id}"),
            reason: "no broker of that number is known".to_owned(),
        })?;
        let info = BrokerInfo { id, address: broker.address.clone() };
        if let Some((known, client)) = &self.connection
            && *known == info
            && !client.is_closed()
        {
            return Ok(client.clone());
        }
        let client = Client::connect(&self.shared.host, &info.address, &self.shared.config.client).await?;
        self.connection = Some((info, client.clone()));
        Ok(client)
    }

    async fn copy(&mut self, asked: Asked<F>, answer: FollowerFetchResponse) -> Result<bool> {
        let as_asked = answer.partitions.len() == asked.len()
            && asked.iter().zip(&answer.partitions).all(|((replica, _), (at, _))| replica.at() == at);
        if !as_asked {
            return Err(ErrorCode::UnknownServerError.because("the leader answered what was not asked").into());
        }
        let now = self.shared.host.clock.now();
        let work = move || {
            let answers = asked.into_iter().zip(answer.partitions);
            let one = |((replica, ask), (at, fetched)): (AskedOne<F>, (TopicPartition, Result<_, Refusal>))| {
                (at, fetched.and_then(|fetched| replica.copy(ask, fetched, now)))
            };
            answers.map(one).collect::<Vec<_>>()
        };
        let mut is_new = false;
        for (at, copied) in self.shared.host.workers.run(work).await {
            match copied {
                Ok(Copied::Appended(0) | Copied::Stale) => {}
                Ok(Copied::Appended(_)) => is_new = true,
                Ok(Copied::Truncated(end)) => {
                    tracing::info!("{at} was cut where it parts from its leader's: it ends at {end}");
                    is_new = true;
                }
                Err(refusal) => self.rest(at, &refusal),
            }
        }
        Ok(is_new)
    }

    /// Leaves a partition alone for a while. That a leader has changed is no news: both sides will hear of it.
    fn rest(&mut self, at: TopicPartition, refusal: &Refusal) {
        use ErrorCode::{FencedLeaderEpoch, NotLeaderOrFollower, UnknownLeaderEpoch, UnknownTopicOrPartition};
        let is_change = matches!(
            refusal.code,
            FencedLeaderEpoch | NotLeaderOrFollower | UnknownLeaderEpoch | UnknownTopicOrPartition
        );
        let config = &self.shared.config;
        let pause = if is_change { self.shared.fetching.rest().min(config.backoff) } else { config.backoff };
        match is_change {
            true => tracing::debug!("{at} is not copied now: {refusal}"),
            false => tracing::warn!("{at} is not copied now: {refusal}"),
        }
        self.resting.insert(at, Instant::now() + pause);
    }
}
