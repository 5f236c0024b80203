//! A broker from outside: whoever runs it, or looks at its replicas, need not know what they derive from their logs.
//!
//! Each stage has another `F` in its [`Broker<F>`](Broker). A story, a simulation and a later stage's program treat all of them
//! alike, so here the `F` is forgotten.

use std::sync::Arc;

use partitioning::api::TopicId;
use partitioning::net::BoxFuture;
use partitioning::{Result, TopicPartition};
use segment_log::{Fold, Offset, batches};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::api::ReplicaState;
use crate::broker::Broker;
use crate::manager::ReplicaManager;
use crate::metadata::Image;
use crate::replica::Inspected;

/// A broker that was opened. Its methods are those of [`Broker`].
pub trait Member: Send {
    /// Its replicas.
    fn look(&self) -> Arc<dyn Look>;

    /// The metadata as it knows them.
    fn image(&self) -> watch::Receiver<Image>;

    /// Serves until `stop` is cancelled. Gives what [`Broker::run`] gives.
    fn run(self: Box<Self>, stop: CancellationToken) -> BoxFuture<'static, Result<bool>>;
}

/// The replicas of a broker. Looking changes nothing, and may wait for the disk.
pub trait Look: Send + Sync {
    /// Where each of them stands.
    fn states(&self) -> Vec<(TopicPartition, ReplicaState)>;

    /// Of which topic one of them is; `None` if it is not here, or cannot be used.
    fn topic(&self, at: &TopicPartition) -> Option<TopicId>;

    /// What one of them holds from an offset on; `None` if it holds nothing there.
    fn inspect(&self, at: &TopicPartition, from: Offset, max_bytes: usize) -> Option<Inspected>;

    /// The batches of one of them from an offset on.
    fn batches(&self, at: &TopicPartition, from: Offset) -> Vec<BatchSeen>;
}

/// A batch in a replica's log. Two logs that hold the same batch at the same place hold the same records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BatchSeen {
    /// Its first offset.
    pub base_offset: Offset,
    /// The offset behind its last one.
    pub next_offset: Offset,
    /// The leader that wrote it.
    pub leader_epoch: i32,
    /// Its CRC-32C, over all that does not change on the way.
    pub crc: u32,
}

impl<F: Fold> Member for Broker<F> {
    fn look(&self) -> Arc<dyn Look> {
        self.manager().clone()
    }

    fn image(&self) -> watch::Receiver<Image> {
        Broker::image(self)
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

    fn inspect(&self, at: &TopicPartition, from: Offset, max_bytes: usize) -> Option<Inspected> {
        self.replica(at).ok()?.inspect(from, max_bytes).ok()
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
