//! What a story says of its cluster. The times are shorter than Kafka's, so that a story passes in a moment.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use replication::broker::BrokerConfig;
use replication::controller::Restart;
use replication::controller::process::ControllerProcessConfig;
use replication::truncation::Truncation;

use super::messages::Watched;
use super::text::Millis;

/// See the [module](self).
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    session: Duration,
    heartbeat: Duration,
    lag: Duration,
    min_in_sync: usize,
    truncation: Truncation,
    restart: Restart,
    eligible: bool,
    pub(super) by_hand: bool,
    /// The most bytes of decisions that a broker gets at a time. One batch comes, however large it is.
    pub(super) decisions: u32,
    flush: bool,
    housekeeping: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            session: Duration::from_secs(1),
            heartbeat: Duration::from_millis(200),
            lag: Duration::from_secs(2),
            min_in_sync: 1,
            truncation: Truncation::default(),
            restart: Restart::default(),
            eligible: true,
            by_hand: false,
            decisions: u32::MAX,
            flush: false,
            housekeeping: Duration::from_secs(300),
        }
    }
}

impl Settings {
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
        match key {
            "broker.session.timeout.ms" => self.session = millis(value)?,
            "broker.heartbeat.interval.ms" => self.heartbeat = millis(value)?,
            "replica.lag.time.max.ms" => self.lag = millis(value)?,
            "log.retention.check.interval.ms" => self.housekeeping = millis(value)?,
            "min.insync.replicas" => self.min_in_sync = value.parse()?,
            "fetch" => self.by_hand = one_of(value, &[("by-hand", true), ("always", false)])?,
            "decisions" => self.decisions = one_of(value, &[("one-by-one", 1), ("many", u32::MAX)])?,
            "flush" => self.flush = one_of(value, &[("every-append", true), ("never", false)])?,
            "eligible.leader.replicas.enable" => self.eligible = value.parse()?,
            "truncation" => {
                let policies = [
                    ("to-high-watermark", Truncation::ToHighWatermark),
                    ("by-leader-epoch", Truncation::ByLeaderEpoch),
                ];
                self.truncation = one_of(value, &policies)?;
            }
            "restart" => {
                let policies = [("keeps-place", Restart::KeepsPlace), ("leaves-in-sync", Restart::LeavesInSync)];
                self.restart = one_of(value, &policies)?;
            }
            _ => return Err("the cluster has no such setting".into()),
        }
        Ok(())
    }

    pub(super) fn broker(&self, config: &mut BrokerConfig, fetching: Watched) {
        config.heartbeat = self.heartbeat;
        config.controller_timeout = self.session;
        config.fetcher.client.connect_timeout = self.session;
        config.fetcher.client.request_timeout = self.lag;
        config.fetcher.backoff = Duration::from_millis(100);
        config.manager.lag_time_max = self.lag;
        config.manager.min_in_sync = self.min_in_sync;
        config.manager.truncation = self.truncation;
        // The policy of a broker is not to flush: other machines have a copy.
        if self.flush {
            config.manager.log.flush = Arc::new(segment_log::EveryAppend);
        }
        config.leave = self.session;
        config.housekeeping = self.housekeeping;
        config.keep_high_watermarks = Duration::from_millis(50);
        config.fetching = Arc::new(fetching);
    }

    pub(super) fn controller(&self, config: &mut ControllerProcessConfig) {
        let config = &mut config.controller;
        config.session_timeout = self.session;
        config.topic.min_in_sync = self.min_in_sync;
        config.restart = self.restart;
        config.eligible_leader_replicas = self.eligible;
    }
}

fn one_of<T: Copy>(value: &str, known: &[(&str, T)]) -> Result<T, Box<dyn Error>> {
    let found = known.iter().find(|(name, _)| *name == value).map(|(_, found)| *found);
    found.ok_or_else(|| {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        format!("it is one of {}", names.join(", ")).into()
    })
}

fn millis(text: &str) -> Result<Duration, Box<dyn Error>> {
    let Millis(time) = text.parse()?;
    Ok(Duration::from_millis(time.try_into()?))
}
