//! What a run is like: drawn from its seed, before anything begins.
//!
//! Faults that hide behind one setting show under another. A log that never rolls has no roll that could go wrong, and a broker
//! that flushes each append loses nothing in a power failure. So each seed has settings of its own. Times are shorter than
//! Kafka's, all in proportion, so that a minute holds many elections.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use replication::broker::BrokerConfig;
use replication::controller::Restart;
use replication::controller::process::ControllerProcessConfig;
use replication::truncation::Truncation;
use segment_log::{EveryAppend, EveryMessages, FlushPolicy, PageCache};

use super::draw::Draw;

/// A rule that is known to be wrong, put in the place of the right one: to see that a run finds it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// All rules are right.
    #[default]
    Right,
    /// Followers cut their logs at their own high watermark, as before KIP-101.
    ToHighWatermark,
    /// A broker that is back before anybody noticed keeps its place, whatever it has lost.
    KeepsPlace,
    /// A producer is told "safe" by the high watermark alone, whoever leads by then.
    HighWatermarkAlone,
}

impl Policy {
    /// All of them, by name.
    pub const ALL: [(&'static str, Policy); 4] = [
        ("right", Policy::Right),
        ("to-high-watermark", Policy::ToHighWatermark),
        ("keeps-place", Policy::KeepsPlace),
        ("high-watermark-alone", Policy::HighWatermarkAlone),
    ];
}

/// When a broker's logs are flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// When a segment is closed.
    AtRolls,
    /// Before each answer.
    EveryAppend,
    /// Once so many records wait.
    Every(u64),
}

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct Settings {
    /// The run's number.
    pub seed: u64,
    /// For how long there are faults.
    pub storm: Duration,
    /// A wrong rule, if there is one.
    pub policy: Policy,
    /// How many brokers there are; they are numbered from 1.
    pub brokers: i32,
    /// `broker.session.timeout.ms`.
    pub session: Duration,
    /// `broker.heartbeat.interval.ms`.
    pub heartbeat: Duration,
    /// `replica.lag.time.max.ms`.
    pub lag: Duration,
    /// The most that a message takes from machine to machine while nothing is wrong. Most take a fraction of it.
    pub latency: Duration,
    /// The most that a call takes that may wait for a disk, while nothing is wrong.
    pub pause: Duration,
    /// When logs are flushed.
    pub flush: Flush,
    /// `segment.bytes`.
    pub segment_bytes: u32,
    /// `eligible.leader.replicas.version` (KIP-966).
    pub eligible: bool,
    /// `leader.imbalance.check.interval.seconds`.
    pub balance: Duration,
    /// Whether followers wait at their leaders for something to be there.
    pub long_polls: bool,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    pub keep_high_watermarks: Duration,
}

impl Settings {
    /// Those of a seed.
    pub fn drawn(seed: u64, storm: Duration, policy: Policy) -> Self {
        let mut draw = Draw::new(seed, "settings");
        let millis = Duration::from_millis;
        let session = draw.time(millis(800), millis(2_500));
        Settings {
            seed,
            storm,
            policy,
            brokers: draw.from_to(3, 5) as i32,
            session,
            heartbeat: session / 5,
            lag: draw.time(millis(700), millis(3_000)),
            latency: millis(draw.one_of(&[1, 2, 5, 10, 25])),
            pause: millis(draw.one_of(&[0, 1, 3, 8])),
            flush: draw.one_of(&[Flush::AtRolls, Flush::AtRolls, Flush::EveryAppend, Flush::Every(10)]),
            segment_bytes: draw.one_of(&[2 << 10, 8 << 10, 64 << 10, 1 << 20]),
            eligible: draw.chance(90),
            balance: draw.time(millis(3_000), millis(20_000)),
            long_polls: draw.chance(70),
            keep_high_watermarks: draw.time(millis(50), millis(2_000)),
        }
    }

    /// What a broker goes by.
    pub(super) fn broker(&self, config: &mut BrokerConfig) {
        config.heartbeat = self.heartbeat;
        config.controller_timeout = self.session;
        config.leave = self.session * 2;
        config.keep_high_watermarks = self.keep_high_watermarks;
        config.housekeeping = Duration::from_secs(7);
        config.fetcher.client.connect_timeout = self.session;
        config.fetcher.client.request_timeout = self.lag;
        config.fetcher.backoff = Duration::from_millis(100);
        config.limits.drain = self.session;
        // A connection whose other end has vanished is found out by that alone.
        config.limits.idle = Duration::from_secs(30);
        config.manager.lag_time_max = self.lag;
        config.manager.log.flush = self.flush.policy();
        config.manager.log.index_interval_bytes = 256;
        // Enough for the largest segment of a run. The room is made in advance, and a loss of power can leave each file with it.
        config.manager.log.segment_index_bytes = 64 << 10;
        if self.policy == Policy::ToHighWatermark {
            config.manager.truncation = Truncation::ToHighWatermark;
        }
    }

    /// What the controller goes by.
    pub(super) fn controller(&self, config: &mut ControllerProcessConfig) {
        config.limits.drain = self.session;
        config.limits.idle = Duration::from_secs(30);
        let config = &mut config.controller;
        config.session_timeout = self.session;
        config.eligible_leader_replicas = self.eligible;
        config.leader_imbalance_check_interval = self.balance;
        if self.policy == Policy::KeepsPlace {
            config.restart = Restart::KeepsPlace;
        }
    }
}

impl Flush {
    fn policy(self) -> Arc<dyn FlushPolicy> {
        match self {
            Flush::AtRolls => Arc::new(PageCache),
            Flush::EveryAppend => Arc::new(EveryAppend),
            Flush::Every(messages) => Arc::new(EveryMessages(messages)),
        }
    }
}

impl fmt::Display for Settings {
    /// In one line, by Kafka's names where it has them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            brokers, session, lag, latency, pause, flush, segment_bytes, eligible, policy, long_polls, ..
        } = self;
        write!(f, "{brokers} brokers, broker.session.timeout.ms={}", session.as_millis())?;
        write!(f, " replica.lag.time.max.ms={} segment.bytes={segment_bytes}", lag.as_millis())?;
        write!(f, " eligible.leader.replicas={eligible} flush={flush:?} long polls={long_polls}")?;
        write!(f, ", messages up to {} ms, disks up to {} ms", latency.as_millis(), pause.as_millis())?;
        let wrong = Policy::ALL.iter().find(|(_, named)| named == policy && *policy != Policy::Right);
        wrong.map_or(Ok(()), |(name, _)| write!(f, ", and a wrong rule: {name}"))
    }
}
