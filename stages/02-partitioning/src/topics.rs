//! Topics: what this broker keeps, and the acts that change it.
//!
//! ```text
//!   data/
//!     __cluster_metadata-0/    the catalogue: which topics there are       decides
//!     orders-0/  orders-1/     their partitions' logs, a folder each       follow
//!     payments-0/
//! ```
//!
//! The catalogue is the truth, and the folders follow it. Each act is one record in the catalogue, and the act has
//! happened when that record is durable. What must be there before it is made ready before; what the record makes
//! superfluous goes after.
//!
//! | act | before | the record | after |
//! |---|---|---|---|
//! | create | makes folders, empty | the topic | is served |
//! | grow | makes the new folders, empty | more partitions | is served |
//! | delete | | `deleted` | is not served; folders go; a null frees the name |
//!
//! So a crash between any two steps leaves one of two things, and the next start deals with both: empty folders that no
//! topic has, and folders of a topic that the catalogue calls deleted. **No folder that holds a record is ever removed
//! unless the catalogue says that its topic was deleted.** A log that belongs to nobody is left alone.
//!
//! Two locks. *Admin* is held for a whole act, disk and all: one act at a time. *Served* is held for a look into a
//! map, so that requests to partitions never wait for an act. An act takes admin first, and served for a moment at its
//! end. Everything here is synchronous and may wait for the disk: callers run it on [`Workers`](crate::Workers).
//!
//! Left out: more than one broker, so each partition has one copy, here (stage 03); changing a topic's settings (10).

mod acts;
pub mod catalogue;
mod config;
mod damage;
mod folders;
pub mod name;
mod open;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use segment_log::{Log, Timestamp};

use crate::api::{PartitionInfo, TopicInfo, TopicPartition};
use crate::error::{Error, ErrorCode, Refusal, Result};
use crate::host::{Clock, Host};
use crate::partition::{LocalPartition, Partition};
use crate::service::Partitions;
use catalogue::{Catalogue, TopicRecord, unknown};
use folders::Folders;

pub use config::{TopicsConfig, log_config};
pub use damage::no_decision_is_behind_damage;

/// See the [module](self).
#[derive(Debug)]
pub struct Topics {
    config: TopicsConfig,
    clock: Clock,
    /// `None` once closed.
    admin: Mutex<Option<Admin>>,
    served: RwLock<Served>,
}

/// The topics by name.
type Served = BTreeMap<Arc<str>, Arc<Topic>>;

/// What one act at a time may touch.
#[derive(Debug)]
struct Admin {
    folders: Folders,
    catalogue: Log<Catalogue>,
    random: fastrand::Rng,
}

/// A topic that is served.
#[derive(Debug)]
struct Topic {
    record: TopicRecord,
    /// By number; as many as the record says.
    partitions: Vec<Arc<LocalPartition>>,
}

/// What a round of housekeeping did.
#[derive(Debug, Default)]
pub struct Housekeeping {
    /// Segments that retention took.
    pub removed: usize,
    /// What could not be done.
    pub failed: Vec<(TopicPartition, Refusal)>,
}

impl Topics {
    /// Opens the data folder with all that is in it, and finishes what a crash interrupted. `random` makes ids.
    ///
    /// # Errors
    ///
    /// [`Error::Config`]; [`Error::Log`] if the folder is in use or damaged. Then nothing is served, as a topic with a
    /// part of its partitions would be worse.
    pub fn open(host: &Host, config: TopicsConfig, random: fastrand::Rng) -> Result<Self> {
        let config = config.checked()?;
        let (admin, served) = open::open(host.disk.clone(), &config, random, host.clock.now())?;
        let (admin, served) = (Mutex::new(Some(admin)), RwLock::new(served));
        Ok(Topics { config, clock: host.clock.clone(), admin, served })
    }

    /// The settings.
    pub fn config(&self) -> &TopicsConfig {
        &self.config
    }

    /// Describes the topics with these names, each once, in the order of the names; or all topics, by name.
    pub fn describe(&self, names: Option<&[String]>) -> Vec<(String, Result<TopicInfo, Refusal>)> {
        let served = self.served();
        let Some(names) = names else {
            return served.iter().map(|(name, topic)| (name.to_string(), Ok(self.info(topic)))).collect();
        };
        let mut seen = BTreeSet::new();
        let once = names.iter().filter(|&name| seen.insert(name));
        let describe = |name: &String| {
            name::judge_name(name)?;
            served.get(name.as_str()).map(|topic| self.info(topic)).ok_or_else(|| unknown(name))
        };
        once.map(|name| (name.clone(), describe(name))).collect()
    }

    /// Lets time pass in all partitions: retention, flushes that are due; then writes down up to where they are flushed.
    /// A partition that fails does not keep the others from it.
    pub fn housekeep(&self, now: Timestamp) -> Housekeeping {
        let partitions: Vec<_> = self.served().values().flat_map(|topic| topic.partitions.clone()).collect();
        let mut done = Housekeeping::default();
        for partition in partitions {
            match partition.housekeep(now) {
                Ok(removed) => done.removed += removed,
                // A topic may be deleted, and the broker stopped, while this goes on.
                Err(refusal) if is_leaving(&refusal) => {}
                Err(refusal) => done.failed.push((partition.at().clone(), refusal)),
            }
        }
        if let Ok(admin) = self.admin()
            && let Err(error) = admin.folders.checkpoint()
        {
            done.failed.push((TopicPartition::new(name::CLUSTER_METADATA, 0), error.into()));
        }
        for (partition, refusal) in &done.failed {
            tracing::error!("housekeeping of {partition}: {refusal}");
        }
        done
    }

    /// Closes all logs in order, the catalogue last, and then the folder. Gives whether the next start can believe all
    /// of them without reading them. Requests that come later are refused.
    ///
    /// # Errors
    ///
    /// The first thing that failed; the rest was closed all the same. [`Error::Closed`] the second time.
    pub fn close(&self) -> Result<bool> {
        let Admin { folders, catalogue, .. } = self.lock_admin()?.take().ok_or(Error::Closed("the data folder"))?;
        let partitions: Vec<_> = self.served().values().flat_map(|topic| topic.partitions.clone()).collect();
        let mut first = None;
        for partition in partitions {
            if let Err(refusal) = partition.close() {
                tracing::error!("closing {}: {refusal}", partition.at());
                first.get_or_insert(Error::Refused(refusal));
            }
        }
        let closed = catalogue.close().and_then(|()| folders.close());
        match first {
            Some(error) => Err(error),
            None => Ok(closed?),
        }
    }

    fn info(&self, topic: &Topic) -> TopicInfo {
        let here = self.config.node_id;
        let partition =
            PartitionInfo { leader: Some(here), leader_epoch: 0, replicas: vec![here], in_sync: vec![here] };
        TopicInfo {
            id: topic.record.id,
            partitions: vec![partition; topic.partitions.len()],
            configs: topic.record.configs.clone(),
        }
    }

    /// For an act. Waits for the one before.
    fn admin(&self) -> Result<AdminGuard<'_>, Refusal> {
        let guard = self.lock_admin()?;
        match guard.is_some() {
            true => Ok(AdminGuard(guard)),
            false => Err(ErrorCode::BrokerNotAvailable.because("the broker stops, and takes no more acts on topics")),
        }
    }

    fn lock_admin(&self) -> Result<MutexGuard<'_, Option<Admin>>, Refusal> {
        self.admin.lock().map_err(|_| {
            ErrorCode::UnknownServerError.because(
                "an act on topics failed in a way that nobody foresaw: there are no more until the broker is started again",
            )
        })
    }

    fn served(&self) -> RwLockReadGuard<'_, Served> {
        self.served.read().expect("nothing panics while it holds the map")
    }

    fn served_mut(&self) -> RwLockWriteGuard<'_, Served> {
        self.served.write().expect("nothing panics while it holds the map")
    }
}

impl Partitions for Topics {
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal> {
        let served = self.served();
        let topic = served.get(&at.topic).ok_or_else(|| unknown(&at.topic))?;
        match topic.partitions.get(at.partition as usize) {
            Some(partition) => Ok(partition.clone()),
            None => Err(ErrorCode::UnknownTopicOrPartition.because(format!(
                "the topic `{}` has no partition {}: it has {}, from 0",
                at.topic,
                at.partition,
                topic.partitions.len()
            ))),
        }
    }
}

/// Whether a partition is not served any more.
fn is_leaving(refusal: &Refusal) -> bool {
    matches!(refusal.code, ErrorCode::UnknownTopicOrPartition | ErrorCode::NotLeaderOrFollower)
}

/// The admin lock, taken before the topics were closed.
struct AdminGuard<'t>(MutexGuard<'t, Option<Admin>>);

impl std::ops::Deref for AdminGuard<'_> {
    type Target = Admin;

    fn deref(&self) -> &Admin {
        self.0.as_ref().expect("it was there when the lock was taken")
    }
}

impl std::ops::DerefMut for AdminGuard<'_> {
    fn deref_mut(&mut self) -> &mut Admin {
        self.0.as_mut().expect("it was there when the lock was taken")
    }
}
