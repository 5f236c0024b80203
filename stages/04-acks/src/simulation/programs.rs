//! The programs that run on the machines. A seam: a later stage brings a broker that keeps more than a log, and the rest of the
//! simulation does not notice.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partitioning::net::BoxFuture;
use partitioning::{Host, Result};
use replication::broker::BrokerConfig;
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::fetching::{Fetching, Polling};
use replication::look::Member;

use super::settings::{Policy, Settings};
use crate::broker::{Patience, open, open_controller};
use crate::fetching::LongPolling;
use crate::produce::WaitPolicy;

/// See the [module](self).
pub trait Programs: Send + Sync + 'static {
    /// Opens a broker.
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, Result<Box<dyn Member>>>;

    /// Opens the controller.
    fn controller(&self, host: Host, config: ControllerProcessConfig) -> BoxFuture<'static, Result<ControllerProcess>>;

    /// How the brokers of a run ask for what comes next.
    fn fetching(&self, settings: &Settings) -> Arc<dyn Fetching>;

    /// What they have counted, for the run's report.
    fn counts(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }
}

/// The programs of this stage.
#[derive(Clone, Copy, Default)]
pub struct AcksPrograms {
    /// What brokers bear of requests that wait.
    pub patience: Patience,
}

impl AcksPrograms {
    /// Those that go by a rule.
    pub fn by(policy: Policy) -> Self {
        let mut programs = AcksPrograms::default();
        if policy == Policy::HighWatermarkAlone {
            programs.patience.acks.policy = WaitPolicy::HighWatermark;
        }
        programs
    }
}

impl Programs for AcksPrograms {
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, Result<Box<dyn Member>>> {
        let patience = self.patience;
        Box::pin(async move { Ok(Box::new(open::<()>(host, config, patience).await?) as Box<dyn Member>) })
    }

    fn controller(&self, host: Host, config: ControllerProcessConfig) -> BoxFuture<'static, Result<ControllerProcess>> {
        Box::pin(open_controller(host, config, self.patience))
    }

    fn fetching(&self, settings: &Settings) -> Arc<dyn Fetching> {
        match settings.long_polls {
            // No longer than a follower has patience.
            true => {
                let wait = (settings.lag / 2).min(Duration::from_millis(500));
                Arc::new(LongPolling::follower(wait, 1).expect("half a second is no bad setting"))
            }
            false => Arc::new(Polling::default()),
        }
    }
}

impl fmt::Debug for AcksPrograms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcksPrograms")
    }
}
