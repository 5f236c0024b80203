//! The programs that run on the machines. A seam: a later stage brings a broker that keeps more than a log, and the rest of the
//! simulation does not notice.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partitioning::api::TopicId;
use partitioning::net::BoxFuture;
use partitioning::{Host, Result, TopicPartition};
use replication::api::ReplicaState;
use replication::broker::{Broker, BrokerConfig};
use replication::controller::process::{ControllerProcess, ControllerProcessConfig};
use replication::fetching::{Fetching, Polling};
use replication::manager::ReplicaManager;
use segment_log::{Fold, Offset, batches};
use tokio_util::sync::CancellationToken;

use super::settings::Settings;
use crate::broker::{Patience, open, open_controller};
use crate::fetching::LongPolling;

/// See the [module](self).
pub trait Programs: Send + Sync + 'static {
    /// Opens a broker.
    fn broker(&self, host: Host, config: BrokerConfig) -> BoxFuture<'static, Result<Box<dyn Member>>>;

    /// Opens the controller.
    fn controller(&self, host: Host, config: ControllerProcessConfig) -> BoxFuture<'static, Result<ControllerProcess>>;

    /// How the brokers of a run ask for what comes next.
    fn fetching(&self, settings: &Settings) -> Arc<dyn Fetching>;
}

/// A broker that was opened.
pub trait Member: Send {
    /// Its replicas, for whoever looks from outside.
    fn look(&self) -> Arc<dyn Look>;

    /// Serves until `stop` is cancelled. Gives what [`Broker::run`] gives.
    fn run(self: Box<Self>, stop: CancellationToken) -> BoxFuture<'static, Result<bool>>;
}

/// The replicas of a broker, seen from outside. Looking takes no simulated time, and changes nothing.
pub trait Look: Send + Sync {
    /// Where each of them stands.
    fn states(&self) -> Vec<(TopicPartition, ReplicaState)>;

    /// Of which topic one of them is.
    fn topic(&self, at: &TopicPartition) -> Option<TopicId>;

    /// The batches of one of them from an offset on, each with its offsets, its leader epoch and its checksum.
    fn batches(&self, at: &TopicPartition, from: Offset) -> Vec<BatchSeen>;
}

/// A batch in a replica's log. Two logs that hold the same batch at the same place hold the same records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchSeen {
    /// Its first offset.
    pub base_offset: i64,
    /// The offset behind its last one.
    pub next_offset: i64,
    /// The leader that wrote it.
    pub leader_epoch: i32,
    /// Its CRC-32C, over all that does not change on the way.
    pub crc: u32,
}

impl<F: Fold> Member for Broker<F> {
    fn look(&self) -> Arc<dyn Look> {
        self.manager().clone()
    }

    fn run(self: Box<Self>, stop: CancellationToken) -> BoxFuture<'static, Result<bool>> {
        Box::pin(Broker::run(*self, stop))
    }
}

/// How much of a log is looked at at a time, in bytes.
const LOOK_BYTES: usize = 1 << 20;

impl<F: Fold> Look for ReplicaManager<F> {
    fn states(&self) -> Vec<(TopicPartition, ReplicaState)> {
        self.describe()
    }

    fn topic(&self, at: &TopicPartition) -> Option<TopicId> {
        Some(self.replica(at).ok()?.topic())
    }

    fn batches(&self, at: &TopicPartition, from: Offset) -> Vec<BatchSeen> {
        let mut seen = Vec::new();
        let Ok(replica) = self.replica(at) else { return seen };
        let mut from = replica.describe().log_start.max(from);
        while let Ok(inspected) = replica.inspect(from, LOOK_BYTES) {
            let bytes = inspected.slice.to_bytes().unwrap_or_default();
            let before = from;
            for batch in batches(&bytes).map_while(|batch| batch.ok()) {
                let (base_offset, next_offset) = (batch.base_offset(), batch.next_offset());
                seen.push(BatchSeen { base_offset, next_offset, leader_epoch: batch.leader_epoch(), crc: batch.crc() });
                from = next_offset;
            }
            if from == before {
                break;
            }
        }
        seen
    }
}

/// The programs of this stage.
#[derive(Clone, Copy, Default)]
pub struct AcksPrograms {
    /// What brokers bear of requests that wait.
    pub patience: Patience,
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
