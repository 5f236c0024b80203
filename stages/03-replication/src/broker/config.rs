//! What a broker is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use partitioning::server::Limits;
use partitioning::{ClientConfig, Error, Result, ServiceLimits};

use crate::fetcher::FetcherConfig;
use crate::fetching::{Fetching, Polling};
use crate::manager::ManagerConfig;

/// Names and defaults are Kafka's, where it has them.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// `log.dirs`: the data folder.
    pub folder: PathBuf,
    /// `listeners`: the port to take, as `host:port`; port 0 is any.
    pub listen: String,
    /// `advertised.listeners`: where others find this broker, if that is not where it listens.
    pub advertised: Option<String>,
    /// Where the controller is, as `host:port` (`controller.quorum.bootstrap.servers`).
    pub controller: String,
    /// What replicas are kept by; `node.id` is in it.
    pub manager: ManagerConfig,
    /// How others are followed.
    pub fetcher: FetcherConfig,
    /// How what comes next is asked for.
    pub fetching: Arc<dyn Fetching>,
    /// What clients may take.
    pub limits: Limits,
    /// What requests may ask for.
    pub service: ServiceLimits,
    /// `broker.heartbeat.interval.ms`.
    pub heartbeat: Duration,
    /// How long the controller may take to answer.
    pub controller_timeout: Duration,
    /// How long a broker that stops waits for leave, before it stops without.
    pub leave: Duration,
    /// `replica.high.watermark.checkpoint.interval.ms`: how often high watermarks are written down.
    pub keep_high_watermarks: Duration,
    /// `log.retention.check.interval.ms`: how often old segments are looked for.
    pub housekeeping: Duration,
    /// A number that no other run of any broker has.
    pub incarnation: u128,
}

impl BrokerConfig {
    /// The defaults, for broker `id` with the data in `folder`, a port of `listen`, and a controller.
    pub fn new(id: i32, folder: impl Into<PathBuf>, listen: impl Into<String>, controller: impl Into<String>) -> Self {
        BrokerConfig {
            folder: folder.into(),
            listen: listen.into(),
            advertised: None,
            controller: controller.into(),
            manager: ManagerConfig::new(id),
            fetcher: FetcherConfig::new(),
            fetching: Arc::new(Polling::default()),
            limits: Limits::default(),
            service: ServiceLimits::default(),
            heartbeat: Duration::from_secs(2),
            controller_timeout: Duration::from_secs(5),
            leave: Duration::from_secs(30),
            keep_high_watermarks: Duration::from_secs(5),
            housekeeping: Duration::from_secs(300),
            incarnation: fastrand::u128(..),
        }
    }

    pub(super) fn checked(mut self) -> Result<Self> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        let (id, min) = (self.manager.node_id, self.manager.min_in_sync);
        must(id >= 0, "node.id", id.to_string(), "it is at least 0")?;
        must(min >= 1, "min.insync.replicas", min.to_string(), "it is at least 1")?;
        let ms = |time: Duration| time.as_millis().to_string();
        let lag = self.manager.lag_time_max;
        must(!lag.is_zero(), "replica.lag.time.max.ms", ms(lag), "it is at least 1")?;
        must(!self.heartbeat.is_zero(), "broker.heartbeat.interval.ms", ms(self.heartbeat), "it is at least 1")?;
        self.controller_client().checked()?;
        self.manager.log = self.manager.log.checked()?;
        Ok(self)
    }

    /// How the controller is talked to.
    pub(super) fn controller_client(&self) -> ClientConfig {
        ClientConfig {
            client_id: format!("broker {}", self.manager.node_id).into(),
            request_timeout: self.controller_timeout,
            connect_timeout: self.controller_timeout,
            ..ClientConfig::new(self.controller.as_str())
        }
    }
}
