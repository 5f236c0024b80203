//! What stands in the seam of stage 03's commands ([`Stage`]): the broker and the controller that can be asked to wait, followers
//! that do so, and at the prompt of `cluster` a producer that wants to be sure.

use std::sync::Arc;
use std::time::Duration;

use partitioning::cli::settings::{INT, Setting, Settings};
use partitioning::{Error, Host, Result};
use replication::broker::{self, Broker};
use replication::cli::settings::of_broker;
use replication::cli::stage::{Clients, Stage};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use segment_log::Fold;

use crate::broker::{Patience, open_controller, open_with};
use crate::fetching::LongPolling;
use crate::producer::AckedSending;

/// This stage's.
#[derive(Debug)]
pub enum Acknowledging {}

impl Stage for Acknowledging {
    type Fold = ();
    type BrokerConfig = BrokerConfig;

    fn broker_settings() -> Settings<BrokerConfig> {
        settings()
    }

    async fn open_broker(host: Host, config: BrokerConfig) -> Result<Broker<()>> {
        config.open(host).await
    }

    async fn open_controller(host: Host, config: ControllerProcessConfig) -> Result<ControllerProcess> {
        open_controller(host, config, Patience::default()).await
    }

    /// A record is acknowledged when all in sync have it. What fails is tried again until its time is over.
    fn clients(patience: Duration) -> Clients {
        let sending =
            AckedSending { request_timeout: patience, delivery_timeout: 2 * patience, ..AckedSending::default() };
        Clients { sending: Arc::new(sending), fetching: Arc::new(LongPolling::of_consumer()) }
    }
}

/// What a broker is told: what stage 03's is told, and for how long its own questions may wait at others.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// The settings of stage 03. How it asks is overwritten by the two below.
    pub broker: broker::BrokerConfig,
    /// `replica.fetch.wait.max.ms`.
    pub max_wait: Duration,
    /// `replica.fetch.min.bytes`.
    pub min_bytes: u32,
}

impl From<broker::BrokerConfig> for BrokerConfig {
    /// With Kafka's defaults: half a second, and one byte.
    fn from(broker: broker::BrokerConfig) -> Self {
        BrokerConfig { broker, max_wait: Duration::from_millis(500), min_bytes: 1 }
    }
}

impl BrokerConfig {
    /// Opens a broker that is told so.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a question could wait for longer than somebody has patience; those of [`open`].
    pub async fn open<F: Fold + Default>(self, host: Host) -> Result<Broker<F>> {
        self.open_with(host, F::default).await
    }

    /// The same, and `make` makes what each replica derives from its log.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub async fn open_with<F: Fold>(
        self,
        host: Host,
        make: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<Broker<F>> {
        let BrokerConfig { broker, max_wait, min_bytes } = self;
        let fetching = LongPolling::follower(max_wait, min_bytes)?;
        let impatient = [
            (
                broker.manager.lag_time_max,
                "it is less than replica.lag.time.max.ms: who waits longer looks as if it lagged",
            ),
            (broker.fetcher.client.request_timeout, "it is less than replica.socket.timeout.ms"),
            (broker.controller_timeout, "it is less than request.timeout.ms: decisions are waited for as well"),
        ];
        if let Some((_, rule)) = impatient.into_iter().find(|(patience, _)| max_wait >= *patience) {
            let found = max_wait.as_millis().to_string();
            return Err(Error::Config { key: "replica.fetch.wait.max.ms", found, rule });
        }
        let broker = broker::BrokerConfig { fetching: Arc::new(fetching), ..broker };
        open_with(host, broker, Patience::default(), make).await
    }
}

/// What a broker is told by `--set`.
pub fn settings() -> Settings<BrokerConfig> {
    let below = of_broker();
    let mut own: Vec<Setting<BrokerConfig>> =
        below.own.into_iter().map(|setting| setting.of_part(|config: &mut BrokerConfig| &mut config.broker)).collect();
    own.push(Setting::millis(
        "replica.fetch.wait.max.ms",
        500,
        "how long a follower's question may wait at the leader for something to be there",
        |config: &mut BrokerConfig, time| config.max_wait = time,
    ));
    own.push(Setting::number(
        "replica.fetch.min.bytes",
        1,
        1..=INT,
        "with so many bytes a follower's question is answered at once",
        |config: &mut BrokerConfig, number| config.min_bytes = number as u32,
    ));
    Settings { own, log: |config| &mut config.broker.manager.log }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> BrokerConfig {
        let broker = broker::BrokerConfig::new(1, "data", "127.0.0.1:0", "127.0.0.1:1");
        broker::BrokerConfig { incarnation: 0, ..broker }.into()
    }

    #[test]
    fn defaults_are_what_they_are_said_to_be() {
        let mut set = config();
        for setting in &settings().own {
            settings().set(&mut set, setting.key, &setting.default).unwrap();
        }
        assert_eq!(format!("{set:?}"), format!("{:?}", config()));
    }

    #[test]
    fn every_setting_sets_something() {
        for setting in &settings().own {
            let mut set = config();
            settings().set(&mut set, setting.key, "1234").unwrap();
            assert_ne!(format!("{set:?}"), format!("{:?}", config()), "{}", setting.key);
        }
        let mut set = config();
        settings().set(&mut set, "retention.ms", "1234").unwrap();
        assert_eq!(set.broker.manager.log.retention_ms, Some(1234));
    }

    #[tokio::test]
    async fn nobody_waits_for_longer_than_others_have_patience() {
        for (key, rule) in [
            ("replica.lag.time.max.ms", "less than replica.lag.time.max.ms"),
            ("replica.socket.timeout.ms", "less than replica.socket.timeout.ms"),
            ("request.timeout.ms", "less than request.timeout.ms"),
        ] {
            let mut set = config();
            settings().set(&mut set, key, "500").unwrap();
            let error = set.open::<()>(Host::real()).await.unwrap_err().to_string();
            assert!(
                error.starts_with("replica.fetch.wait.max.ms is 500, and it is ") && error.contains(rule),
                "{error}"
            );
        }
    }
}
