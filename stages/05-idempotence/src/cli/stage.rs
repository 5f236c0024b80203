//! What stands in the seam of stage 03's commands ([`Stage`]): a broker whose partitions know their producers, a controller that gives
//! out ids, and at the prompt of `cluster` a producer whose retries are no duplicates.

use std::sync::Arc;
use std::time::Duration;

use acks::broker::Patience;
use acks::cli::stage::{self as acked, Acknowledging};
use acks::producer::AckedSending;
use partitioning::cli::settings::{Setting, Settings};
use partitioning::{Host, Result};
use replication::broker::{self, Broker};
use replication::cli::stage::{Clients, Stage};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};

use crate::broker::{open_controller, with_producers};
use crate::producer::IdempotentSending;
use crate::producers::{Producers, ProducersConfig};

/// This stage's.
#[derive(Debug)]
pub enum Idempotent {}

impl Stage for Idempotent {
    type Fold = Producers;
    type BrokerConfig = BrokerConfig;

    fn broker_settings() -> Settings<BrokerConfig> {
        settings()
    }

    async fn open_broker(host: Host, config: BrokerConfig) -> Result<Broker<Producers>> {
        let BrokerConfig { acked, producers } = config;
        Ok(with_producers(acked.open_with(host, move || Producers::new(producers)).await?))
    }

    async fn open_controller(host: Host, config: ControllerProcessConfig) -> Result<ControllerProcess> {
        open_controller(host, config, Patience::default()).await
    }

    fn clients(patience: Duration) -> Clients {
        let acked =
            AckedSending { request_timeout: patience, delivery_timeout: 2 * patience, ..AckedSending::default() };
        Clients { sending: Arc::new(IdempotentSending::new(acked)), ..Acknowledging::clients(patience) }
    }
}

/// What a broker is told: what stage 04's is told, and what it remembers its producers by.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// The settings of stages 03 and 04.
    pub acked: acked::BrokerConfig,
    /// `producer.id.expiration.ms`, and what is taken from a producer that is not known.
    pub producers: ProducersConfig,
}

impl From<broker::BrokerConfig> for BrokerConfig {
    fn from(broker: broker::BrokerConfig) -> Self {
        BrokerConfig { acked: broker.into(), producers: ProducersConfig::default() }
    }
}

/// What a broker is told by `--set`.
pub fn settings() -> Settings<BrokerConfig> {
    let below = acked::settings();
    let mut own: Vec<Setting<BrokerConfig>> =
        below.own.into_iter().map(|setting| setting.of_part(|config: &mut BrokerConfig| &mut config.acked)).collect();
    own.push(Setting::millis(
        "producer.id.expiration.ms",
        ProducersConfig::default().expiration.as_millis() as u64,
        "how long a partition remembers a producer that it does not hear of",
        |config: &mut BrokerConfig, time| config.producers.expiration = time,
    ));
    Settings { own, log: |config| &mut config.acked.broker.manager.log }
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
        assert_eq!(set.acked.broker.manager.log.retention_ms, Some(1234));
    }
}
