//! What differs from stage to stage in a cluster's program. A seam: the commands are the same, and a later stage has them start
//! its own broker and controller, and ask with its own producer and consumer.
//!
//! ```text
//!   cluster ── starts this program again ──▶ controller ──▶ Stage::open_controller
//!      │                                     serve ───────▶ Stage::open_broker
//!      └─ produce, consume at its prompt ─────────────────▶ Stage::clients
//! ```
//!
//! A stage is a type without values: it stands in the arguments of these commands, so that what is typed is judged by the
//! settings that its broker has.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use partitioning::cli::settings::Settings;
use partitioning::consumer::{self, Polling};
use partitioning::producer::{SendOnce, Sending};
use partitioning::{Host, Result};
use segment_log::Fold;

use crate::broker::{Broker, BrokerConfig};
use crate::controller::process::{ControllerProcess, ControllerProcessConfig};

/// See the [module](self).
pub trait Stage: fmt::Debug + 'static {
    /// What its replicas derive from their logs.
    type Fold: Fold;
    /// What its broker is told: all that this stage's is told, and perhaps more.
    type BrokerConfig: From<BrokerConfig>;

    /// What its broker can be told by `--set`.
    fn broker_settings() -> Settings<Self::BrokerConfig>;

    /// Opens a broker.
    ///
    /// # Errors
    ///
    /// Those of [`Broker::open`].
    fn open_broker(host: Host, config: Self::BrokerConfig) -> impl Future<Output = Result<Broker<Self::Fold>>> + Send;

    /// Opens a controller.
    ///
    /// # Errors
    ///
    /// Those of [`ControllerProcess::open`].
    fn open_controller(
        host: Host,
        config: ControllerProcessConfig,
    ) -> impl Future<Output = Result<ControllerProcess>> + Send;

    /// What brokers of a cluster on this machine go by where nothing else is set, so that a topic has so many copies.
    fn with_copies(copies: u16) -> Vec<(&'static str, String)> {
        vec![("default.replication.factor", copies.to_string())]
    }

    /// How the prompt of `cluster` sends and fetches. A client there waits for an answer for `patience`, and a record has ended
    /// after twice as long.
    fn clients(patience: Duration) -> Clients;
}

/// How clients send and fetch.
#[derive(Debug, Clone)]
pub struct Clients {
    /// What stands in the producer's seam.
    pub sending: Arc<dyn Sending>,
    /// What stands in the consumer's.
    pub fetching: Arc<dyn consumer::Fetching>,
}

/// This stage's.
#[derive(Debug)]
pub enum Replication {}

impl Stage for Replication {
    type Fold = ();
    type BrokerConfig = BrokerConfig;

    fn broker_settings() -> Settings<BrokerConfig> {
        super::settings::of_broker()
    }

    async fn open_broker(host: Host, config: BrokerConfig) -> Result<Broker<()>> {
        Broker::open(host, config).await
    }

    async fn open_controller(host: Host, config: ControllerProcessConfig) -> Result<ControllerProcess> {
        ControllerProcess::open(host, config).await
    }

    fn clients(_: Duration) -> Clients {
        Clients { sending: Arc::new(SendOnce), fetching: Arc::new(Polling::default()) }
    }
}
