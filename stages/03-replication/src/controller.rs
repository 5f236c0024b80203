//! The controller: one process decides for all which brokers are alive, who leads which partition, and who is in sync.
//!
//! If the brokers of a partition voted on their leader, each partition would need a majority: three copies to survive one
//! death. With somebody beside them who decides, two do. The price is that he must not err, and must not forget. So he is a
//! [`Machine`]: what he decides is a record of the log `__cluster_metadata-0`, and he is a fold over it. (That he must not die is
//! stage 08's question.)
//!
//! ```text
//!   operators ── create, grow, delete, elect, move ──▶ ┌────────────┐
//!   brokers ──── register, heartbeat ────────────────▶ │ Controller │ ──▶ records ──▶ __cluster_metadata-0
//!   leaders ──── alter in-sync replicas ─────────────▶ │            │                      │
//!                                         time ──────▶ └────────────┘                      │
//!                                                        ▲  ClusterState ◀── replay ◀──────┤
//!   brokers ◀── their ClusterState ◀── replay ◀────────────────── fetch ◀──────────────────┘
//! ```
//!
//! **Whom to believe.** A broker that is silent is dead or cut off, and nobody can tell which. After
//! `broker.session.timeout.ms` it is *fenced*: it leads nothing and is in sync nowhere, whatever it believes itself. It may go on
//! for a while as if it led. That does no harm: to commit something it needs those that are in sync with it, and they
//! follow another by then.
//!
//! **One decision, one batch.** A broker that is fenced, all partitions that it led, and who leads them now: that is one
//! decision, and is written as one batch. Nobody ever sees half of it.
//!
//! | file | what it decides |
//! |---|---|
//! | [`election`], [`partition`], [`alter`], [`reassignment`], [`placement`] | pure functions over one partition |
//! | `draft` | a decision in the making |
//! | `brokers`, `sessions` | who is a member, and alive |
//! | `topics`, `partitions` | what operators and leaders ask for |
//! | [`routes`], [`process`] | the way in; the program around it |
//!
//! Left out: more than one controller (stage 08); racks; changing a topic's settings (10); taking a broker's registration back;
//! moves of leadership that spread the load by more than preference.

pub mod alter;
mod brokers;
mod draft;
pub mod election;
pub mod partition;
mod partitions;
pub mod placement;
pub mod process;
pub mod reassignment;
pub mod routes;
mod sessions;
mod topics;

use std::time::Duration;

use fastrand::Rng;
use partitioning::api::{MAX_ENTRIES, MetadataRequest, MetadataResponse};
use partitioning::{Error, Refusal};
use segment_log::LogConfig;

use crate::machine::{Decided, Machine, Moment};
use crate::records::MetadataRecord;
use crate::state::ClusterState;
use crate::topic_config::TopicSettings;
use draft::Draft;
use election::UncleanRecovery;
use sessions::Sessions;

pub use brokers::MAX_BROKERS;

/// What is decided, and what is said of it once that is committed; or why nothing is decided.
pub type Ruling<T> = Result<Decided<MetadataRecord, T>, Refusal>;

/// What becomes of a broker that starts anew before anybody has noticed that it had ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Restart {
    /// It is treated as one that had died, which it had: it leaves the ISR, and leads nothing until it has caught up (KIP-966).
    #[default]
    LeavesInSync,
    /// It goes on in its place: it leads what it led, and is in sync where it was. So it was with controllers that watched
    /// connections, and saw nothing if one was back soon enough. Loses what the broker had not flushed.
    KeepsPlace,
}

/// What the controller goes by. Names and defaults are Kafka's, but for two that Kafka does not have:
/// `max.broker.partitions`, and `unclean.recovery.strategy`, which KIP-966 names.
#[derive(Debug, Clone)]
pub struct ControllerConfig {
    /// `node.id`: the controller's own number, which no broker can have.
    pub node_id: i32,
    /// `broker.session.timeout.ms`: how long a broker may be silent.
    pub session_timeout: Duration,
    /// `num.partitions`: of a topic for which nobody says how many.
    pub num_partitions: u32,
    /// `default.replication.factor`: likewise.
    pub default_replication_factor: u16,
    /// `max.broker.partitions`: the most partitions of all topics together.
    pub max_partitions: usize,
    /// What topics' logs are kept by, to judge what a new topic sets on top of it.
    pub log: LogConfig,
    /// `min.insync.replicas` and `unclean.leader.election.enable`, where a topic sets nothing else.
    pub topic: TopicSettings,
    /// `auto.leader.rebalance.enable`: whether leadership goes back to preferred leaders by itself.
    pub auto_leader_rebalance: bool,
    /// `leader.imbalance.check.interval.seconds`: how often.
    pub leader_imbalance_check_interval: Duration,
    /// Whether there is a second row behind those in sync (KIP-966; the feature `eligible.leader.replicas.version` in Kafka).
    pub eligible_leader_replicas: bool,
    /// `unclean.recovery.strategy`: whether there is a way out when nobody is in sync or in the second row.
    pub unclean_recovery: UncleanRecovery,
    /// What becomes of a broker that starts anew too soon.
    pub restart: Restart,
}

impl Default for ControllerConfig {
    fn default() -> Self {
        ControllerConfig {
            node_id: 0,
            session_timeout: Duration::from_millis(9_000),
            num_partitions: 1,
            default_replication_factor: 1,
            max_partitions: MAX_ENTRIES,
            log: LogConfig::default(),
            topic: TopicSettings::default(),
            auto_leader_rebalance: true,
            leader_imbalance_check_interval: Duration::from_secs(300),
            eligible_leader_replicas: true,
            unclean_recovery: UncleanRecovery::default(),
            restart: Restart::default(),
        }
    }
}

impl ControllerConfig {
    /// The settings, if a cluster can be kept by them.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting and its range; those of [`LogConfig::checked`].
    pub fn checked(mut self) -> Result<Self, Error> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        let millis = |time: Duration| time.as_millis().to_string();
        let (partitions, copies, most) = (self.num_partitions, self.default_replication_factor, self.max_partitions);
        let (session, check) = (self.session_timeout, self.leader_imbalance_check_interval);
        let is_count = |count: usize| (1..=MAX_ENTRIES).contains(&count);
        must(self.node_id >= 0, "node.id", self.node_id.to_string(), "it is at least 0")?;
        must(!session.is_zero(), "broker.session.timeout.ms", millis(session), "it is at least 1")?;
        must(is_count(partitions as usize), "num.partitions", partitions.to_string(), "it is from 1 to 10000")?;
        must(copies >= 1, "default.replication.factor", copies.to_string(), "it is at least 1")?;
        must(is_count(most), "max.broker.partitions", most.to_string(), "it is from 1 to 10000")?;
        let least = self.topic.min_in_sync;
        must(least >= 1, "min.insync.replicas", least.to_string(), "it is from 1 to 2147483647")?;
        let key = "leader.imbalance.check.interval.seconds";
        must(!check.is_zero(), key, check.as_secs().to_string(), "it is at least 1")?;
        self.log = self.log.checked()?;
        Ok(self)
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Controller {
    config: ControllerConfig,
    state: ClusterState,
    /// Who was heard of when. No decision, and gone with this process.
    sessions: Sessions,
    random: Rng,
    /// The uptime at which leadership goes back to preferred leaders the next time.
    balance_at: Duration,
}

impl Controller {
    /// Before the first decision. `random` makes ids and places replicas.
    pub fn new(config: ControllerConfig, random: Rng) -> Self {
        let state = ClusterState::new(config.max_partitions, config.log.clone());
        let balance_at = config.leader_imbalance_check_interval;
        Controller { config, state, sessions: Sessions::default(), random, balance_at }
    }

    /// What is decided.
    pub fn state(&self) -> &ClusterState {
        &self.state
    }

    /// What it goes by.
    pub fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// The cluster, as a client is told of it.
    pub fn metadata(&self, request: &MetadataRequest) -> MetadataResponse {
        self.state.metadata(request)
    }
}

impl Machine for Controller {
    type Record = MetadataRecord;

    fn replay(&mut self, record: &MetadataRecord) {
        self.state.replay(record);
    }

    /// Fences brokers that were silent for too long, and gives leadership back when it is time.
    fn tick(&mut self, now: Moment) -> Vec<MetadataRecord> {
        let is_time = self.config.auto_leader_rebalance && now.uptime >= self.balance_at;
        if is_time {
            self.balance_at = now.uptime + self.config.leader_imbalance_check_interval;
        }
        let mut draft = Draft::new(self);
        draft.fence(&self.silent(now));
        if is_time {
            draft.prefer_preferred();
        }
        draft.into_records()
    }

    fn deadline(&self) -> Option<Duration> {
        let balance = Some(self.balance_at).filter(|_| self.config.auto_leader_rebalance);
        self.next_silence().into_iter().chain(balance).min()
    }
}
