//! What stands in the seam of stage 03's commands ([`Stage`]): a broker that knows transactions, and at the prompt of `cluster` a reader
//! of what is committed.

use std::sync::Arc;
use std::time::Duration;

use acks::broker::Patience;
use idempotence::cli::stage::{self as numbered, Idempotent};
use partitioning::cli::settings::{INT, SHORT, Setting, Settings};
use partitioning::{Host, Result};
use replication::broker::{self, Broker};
use replication::cli::stage::{Clients, Stage};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};

use crate::broker::{Asking, TransactionSettings, with_transactions};
use crate::consumer::IsolatedFetching;
use crate::coordinator::Epochs;
use crate::partition::{Transactions, Verification};

/// This stage's.
#[derive(Debug)]
pub enum InTransactions {}

impl Stage for InTransactions {
    type Fold = Transactions;
    type BrokerConfig = BrokerConfig;

    fn broker_settings() -> Settings<BrokerConfig> {
        settings()
    }

    async fn open_broker(host: Host, config: BrokerConfig) -> Result<Broker<Transactions>> {
        let BrokerConfig { below: numbered::BrokerConfig { acked, producers }, transactions } = config;
        let settings = TransactionSettings { producers, ..transactions };
        let asking = Asking::of(&acked.broker);
        let broker = acked.open_with(host, settings.fold()).await?;
        Ok(with_transactions(broker, Patience::default(), settings, asking))
    }

    async fn open_controller(host: Host, config: ControllerProcessConfig) -> Result<ControllerProcess> {
        Idempotent::open_controller(host, config).await
    }

    /// The coordinators' topic too: with fewer brokers than copies nobody would be a coordinator.
    fn with_copies(copies: u16) -> Vec<(&'static str, String)> {
        let mut all = Idempotent::with_copies(copies);
        all.push((STATE_REPLICAS, copies.to_string()));
        all.push((STATE_MIN_IN_SYNC, copies.min(2).to_string()));
        all
    }

    fn clients(patience: Duration) -> Clients {
        Clients { fetching: Arc::new(IsolatedFetching::committed()), ..Idempotent::clients(patience) }
    }
}

/// What a broker is told: what stage 05's is told, and how it goes about transactions.
#[derive(Debug, Clone)]
pub struct BrokerConfig {
    /// The settings of stages 03 to 05.
    pub below: numbered::BrokerConfig,
    /// Those of this stage. What producers are remembered by stands in those of stage 05.
    pub transactions: TransactionSettings,
}

impl From<broker::BrokerConfig> for BrokerConfig {
    fn from(broker: broker::BrokerConfig) -> Self {
        BrokerConfig { below: broker.into(), transactions: TransactionSettings::default() }
    }
}

const STATE_REPLICAS: &str = "transaction.state.log.replication.factor";
const STATE_MIN_IN_SYNC: &str = "transaction.state.log.min.isr";

/// What a broker is told by `--set`.
pub fn settings() -> Settings<BrokerConfig> {
    let below = numbered::settings();
    let mut own: Vec<Setting<BrokerConfig>> =
        below.own.into_iter().map(|setting| setting.of_part(|config: &mut BrokerConfig| &mut config.below)).collect();
    let added = of_coordinators().into_iter().chain(of_transactions());
    own.extend(added.map(|setting| setting.of_part(|config: &mut BrokerConfig| &mut config.transactions)));
    Settings { own, log: |config| &mut config.below.acked.broker.manager.log }
}

/// The topic `__transaction_state`, and what its leaders do. A topic that is there stays as it is.
fn of_coordinators() -> Vec<Setting<TransactionSettings>> {
    let default = TransactionSettings::default();
    vec![
        Setting::number(
            "transaction.state.log.num.partitions",
            default.state_partitions.into(),
            1..=1000,
            "how many partitions the coordinators' topic is made with",
            |settings: &mut TransactionSettings, number| settings.state_partitions = number as u32,
        ),
        Setting::number(
            STATE_REPLICAS,
            default.state_replicas.into(),
            1..=SHORT,
            "how many copies; with fewer brokers it is not made",
            |settings: &mut TransactionSettings, number| settings.state_replicas = number as u16,
        ),
        Setting::number(
            STATE_MIN_IN_SYNC,
            default.state_min_in_sync.into(),
            1..=INT,
            "how many of them must be in sync for a decision",
            |settings: &mut TransactionSettings, number| settings.state_min_in_sync = number as u32,
        ),
        Setting::millis(
            "transactional.id.expiration.ms",
            default.coordinator.expiration.as_millis() as u64,
            "how long a transactional id is remembered that nobody uses",
            |settings: &mut TransactionSettings, time| settings.coordinator.expiration = time,
        ),
        Setting::millis(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            default.coordinator.check_interval.as_millis() as u64,
            "how often it is looked for transactions whose time is over",
            |settings: &mut TransactionSettings, time| settings.coordinator.check_interval = time,
        ),
    ]
}

/// What transactions may do.
fn of_transactions() -> Vec<Setting<TransactionSettings>> {
    vec![
        Setting::millis(
            "transaction.max.timeout.ms",
            TransactionSettings::default().coordinator.max_timeout.as_millis() as u64,
            "the longest transaction.timeout.ms that a producer may have",
            |settings: &mut TransactionSettings, time| settings.coordinator.max_timeout = time,
        ),
        Setting::flag(
            "transaction.partition.verification.enable",
            true,
            "whether the coordinator is asked before a transaction's first record is written",
            |settings: &mut TransactionSettings, is_on| {
                settings.verification = if is_on { Verification::BeforeFirstWrite } else { Verification::Off };
            },
        ),
        Setting::choice(
            "transaction.version",
            "2",
            &[("1", Epochs::OfInit), ("2", Epochs::OfTransaction)],
            "2: each transaction has its epoch; 1: a producer has one. The same on all brokers",
            |settings: &mut TransactionSettings, epochs| settings.coordinator.epochs = epochs,
        ),
    ]
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
    fn every_setting_of_this_stage_sets_something() {
        let others = [("transaction.partition.verification.enable", "false"), ("transaction.version", "1")];
        for setting in of_coordinators().into_iter().chain(of_transactions()) {
            let value = others.iter().find(|(key, _)| *key == setting.key).map_or("999", |(_, value)| value);
            let mut set = config();
            settings().set(&mut set, setting.key, value).unwrap();
            assert_ne!(format!("{set:?}"), format!("{:?}", config()), "{}", setting.key);
        }
    }

    #[test]
    fn one_broker_is_enough_for_a_cluster_of_one() {
        let mut set = config();
        for (key, value) in InTransactions::with_copies(1) {
            // The number of copies of a topic is the controller's to know.
            if settings().keys().contains(&key) {
                settings().set(&mut set, key, &value).unwrap();
            }
        }
        let TransactionSettings { state_replicas, state_min_in_sync, .. } = set.transactions;
        assert_eq!((state_replicas, state_min_in_sync), (1, 1));
    }
}
