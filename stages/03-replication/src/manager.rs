//! The replicas of this broker, kept as the metadata says.
//!
//! The controller decides who has a copy of what, and who leads. A broker learns it from the metadata log, and sees to it
//! that its folders and its replicas follow:
//!
//! | the metadata says | this broker |
//! |---|---|
//! | a partition has a replica here | opens its log, or makes it |
//! | this broker leads it | leads, from the log's end on |
//! | another broker leads it | follows that one ([`fetcher`](crate::fetcher)) |
//! | nobody leads it | waits |
//! | there is no replica here any more, or no such topic | removes the folder |
//!
//! A topic's name can come back as another topic. So each folder says of which topic it is (`partition.metadata`, with the
//! topic's id, KIP-516). A folder of another topic than the metadata's is removed before the new one is made.
//!
//! A folder is removed only if the metadata log, read to the point where this broker has registered, has no place for it. And
//! a broker does not register with a cluster that its data are not of. A folder that does not say of which topic it is holds
//! somebody's records, as far as anybody knows, and is left alone.
//!
//! **A log that cannot be opened keeps nothing else from running.** Its partition is reported to the controller as failed: it
//! has other copies.

mod close;
mod config;
mod hosting;
mod look;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use partitioning::api::TopicId;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::{Host, Partition, Partitions, TopicPartition};
use segment_log::{Fold, LogDir, Offset, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::leader::LeaderConfig;
use crate::records::PartitionRecord;
use crate::replica::{Following, Leading, Replica};
use crate::state::ClusterState;
use crate::topic_config::TopicSettings;
use crate::wishes::Wishes;

pub use config::ManagerConfig;

/// See the [module](self).
pub struct ReplicaManager<F: Fold> {
    host: Host,
    config: ManagerConfig,
    /// `None` once closed.
    folder: Mutex<Option<LogDir>>,
    /// Makes what is derived from a log, before its first batch.
    make: Box<dyn Fn() -> F + Send + Sync>,
    /// The high watermarks that were written down before this start, of logs that are not removed since.
    known_before: Mutex<BTreeMap<String, Offset>>,
    replicas: RwLock<BTreeMap<TopicPartition, Hosted<F>>>,
    metadata: RwLock<Arc<ClusterState>>,
    /// What leaders want of the controller.
    wishes: Wishes,
    /// Whom to follow may have changed.
    pub(crate) followed: Notify,
    began: Instant,
}

/// A replica of this broker.
#[derive(Debug)]
enum Hosted<F: Fold> {
    Running(Arc<Replica<F>>),
    /// Its log could not be opened, or it could not take its role.
    Failed(TopicId, Refusal),
}

impl<F: Fold> Clone for Hosted<F> {
    fn clone(&self) -> Self {
        match self {
            Hosted::Running(replica) => Hosted::Running(replica.clone()),
            Hosted::Failed(topic, why) => Hosted::Failed(*topic, why.clone()),
        }
    }
}

impl<F: Fold> ReplicaManager<F> {
    /// Keeps its replicas in `folder`. There are none until the metadata are known. `make` makes what each derives from its log.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError) if the high watermarks cannot be read.
    pub fn new(
        host: Host,
        config: ManagerConfig,
        folder: LogDir,
        make: impl Fn() -> F + Send + Sync + 'static,
    ) -> Result<Self, Refusal> {
        let known_before = folder.read_offsets(close::HIGH_WATERMARKS)?;
        Ok(ReplicaManager {
            host,
            config,
            folder: Mutex::new(Some(folder)),
            make: Box::new(make),
            known_before: Mutex::new(known_before),
            replicas: RwLock::default(),
            metadata: RwLock::default(),
            wishes: Wishes::default(),
            followed: Notify::new(),
            began: Instant::now(),
        })
    }

    fn known_before(&self) -> MutexGuard<'_, BTreeMap<String, Offset>> {
        self.known_before.lock().expect("nothing panics while it looks an offset up")
    }

    /// The settings.
    pub fn config(&self) -> &ManagerConfig {
        &self.config
    }

    /// What leaders of this broker want of the controller.
    pub fn wishes(&self) -> &Wishes {
        &self.wishes
    }

    /// The metadata that the replicas follow.
    pub fn metadata(&self) -> Arc<ClusterState> {
        self.metadata.read().expect("nothing panics while it holds the metadata").clone()
    }

    /// Makes the replicas follow `metadata`, which differ from those before in these partitions, and in `brokers` if that is
    /// set. May wait for the disk.
    pub fn follow_metadata(&self, metadata: Arc<ClusterState>, changed: &BTreeSet<TopicPartition>, brokers: bool) {
        *self.metadata.write().expect("nothing panics while it holds the metadata") = metadata.clone();
        let now = self.host.clock.now();
        self.drop_replicas(changed.iter().filter(|at| self.place(at, &metadata).is_none()));
        for at in changed {
            self.settle(at, &metadata, now);
        }
        if brokers {
            // Who may join those in sync has changed, for all partitions that are led here.
            for replica in self.running().into_iter().filter(|replica| !changed.contains(replica.at())) {
                if is_led(&*replica) {
                    self.settle(replica.at(), &metadata, now);
                }
            }
        }
        self.followed.notify_one();
    }

    /// A partition that has a replica here, as the metadata say.
    fn place<'m>(&self, at: &TopicPartition, metadata: &'m ClusterState) -> Option<&'m PartitionRecord> {
        metadata.partition(at).filter(|record| record.replicas.contains(&self.config.node_id))
    }

    /// Makes one replica what the metadata say, if it has a place here.
    fn settle(&self, at: &TopicPartition, metadata: &ClusterState, now: Timestamp) {
        let Some(record) = self.place(at, metadata) else { return };
        let hosted = self.hosted(at, record, metadata, now);
        let Hosted::Running(replica) = &hosted else { return };
        if let Err(refusal) = self.take_role(replica, record, metadata, now) {
            tracing::error!("{at}: {refusal}");
            if replica.failure().is_none() {
                self.set_hosted(at, Hosted::Failed(record.topic, refusal));
            }
        }
    }

    fn take_role(
        &self,
        replica: &Replica<F>,
        record: &PartitionRecord,
        metadata: &ClusterState,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if record.leader == Some(self.config.node_id) {
            let topic = metadata.topics().live(&replica.at().topic)?;
            let settings = TopicSettings::of(&topic.configs, self.config.defaults());
            let config = LeaderConfig { lag_time_max: self.config.lag_time_max, min_in_sync: settings.min_in_sync };
            let active = |id: &i32| metadata.broker(*id).filter(|broker| broker.is_active());
            let eligible = record.replicas.iter().filter_map(|id| Some((*id, active(id)?.epoch))).collect();
            return replica.lead(Leading { record: record.clone(), eligible, config });
        }
        let told = Following { leader: record.leader, epoch: record.leader_epoch };
        if let Some(end) = replica.follow(told, now)? {
            tracing::info!("{} was cut to its high watermark: it ends at {end}", replica.at());
        }
        Ok(())
    }

    /// A replica of this broker.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition),
    /// [`NotLeaderOrFollower`](ErrorCode::NotLeaderOrFollower) if the partition is elsewhere,
    /// [`StorageError`](ErrorCode::StorageError) if it has failed.
    pub fn replica(&self, at: &TopicPartition) -> Result<Arc<Replica<F>>, Refusal> {
        match self.replicas().get(at) {
            Some(Hosted::Running(replica)) => Ok(replica.clone()),
            Some(Hosted::Failed(_, why)) => Err(why.clone()),
            None => Err(self.not_here(at)),
        }
    }

    fn not_here(&self, at: &TopicPartition) -> Refusal {
        match self.metadata().find(at) {
            Err(unknown) => unknown,
            Ok(record) => ErrorCode::NotLeaderOrFollower
                .because(format!("this broker has no replica of {at}: brokers {:?} have one", record.replicas)),
        }
    }

    fn running(&self) -> Vec<Arc<Replica<F>>> {
        let running = |hosted: &Hosted<F>| match hosted {
            Hosted::Running(replica) => Some(replica.clone()),
            Hosted::Failed(..) => None,
        };
        self.replicas().values().filter_map(running).collect()
    }

    fn replicas(&self) -> RwLockReadGuard<'_, BTreeMap<TopicPartition, Hosted<F>>> {
        self.replicas.read().expect("nothing panics while it holds the map")
    }

    fn replicas_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<TopicPartition, Hosted<F>>> {
        self.replicas.write().expect("nothing panics while it holds the map")
    }

    fn folder(&self) -> MutexGuard<'_, Option<LogDir>> {
        self.folder.lock().expect("nothing panics while it holds the folder")
    }
}

/// Whether a partition is led here. Only a leader counts who is in sync.
fn is_led(partition: &dyn Partition) -> bool {
    partition.offsets().in_sync > 0
}

impl<F: Fold> Partitions for ReplicaManager<F> {
    /// Clients are served by leaders alone.
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal> {
        let replica = self.replica(at)?;
        match is_led(&*replica) {
            true => Ok(replica),
            false => {
                let leader = self.metadata().partition(at).and_then(|record| record.leader);
                let who = leader.map_or_else(|| "nobody does now".to_owned(), |leader| format!("broker {leader} does"));
                Err(ErrorCode::NotLeaderOrFollower.because(format!("this broker does not lead {at}: {who}")))
            }
        }
    }
}

impl<F: Fold> fmt::Debug for ReplicaManager<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplicaManager(broker {})", self.config.node_id)
    }
}
