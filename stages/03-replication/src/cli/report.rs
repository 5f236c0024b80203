//! What a process of a cluster tells whoever watches it: how it stands, a line of JSON each time that has changed.
//!
//! Each tells what it knows itself. So a broker that is cut off says that it leads, and the controller says that another one
//! does; and both can be seen.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use partitioning::cli::failure::Failure;
use partitioning::{ErrorCode, Partition, TopicPartition, Workers};
use segment_log::{Fold, Offset};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::api::ReplicaState;
use crate::controller::{Controller, ControllerConfig};
use crate::machine::{Decided, Runner};
use crate::manager::ReplicaManager;
use crate::metadata::Image;
use crate::records::{BrokerRecord, PartitionRecord};
use crate::state::ClusterState;
use crate::topic_config::TopicSettings;

/// How often a process looks whether something has changed.
const EVERY: Duration = Duration::from_millis(50);

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The number of the notice that was read last (`supervised`). How it stands was looked at after that.
    pub heard: u64,
    /// Who tells, and how it stands.
    pub of: Standing,
}

/// How a process stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// The controller.
    Controller(ControllerReport),
    /// A broker.
    Broker(BrokerReport),
}

/// What the controller has decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerReport {
    /// Where it listens.
    pub address: String,
    /// The end of what is decided.
    pub end: Offset,
    /// All brokers that have registered.
    pub brokers: BTreeMap<i32, Membership>,
    /// All partitions, by topic and number.
    pub partitions: Vec<(TopicPartition, Decision)>,
}

/// A broker, as the controller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// It leads nothing, and is in sync nowhere.
    pub fenced: bool,
    /// It has asked to stop.
    pub stopping: bool,
}

/// What is decided of a partition. Brokers by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who leads.
    pub leader: Option<i32>,
    /// How often leadership has changed.
    pub leader_epoch: i32,
    /// How often any of this has changed.
    pub partition_epoch: i32,
    /// Who has a copy, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Whose copy is up to date.
    pub in_sync: Vec<i32>,
    /// Whether it is on its way to other brokers.
    pub is_moving: bool,
    /// How many must be in sync for anything to be committed.
    pub min_in_sync: usize,
}

/// How a broker stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerReport {
    /// Where it listens.
    pub address: String,
    /// It knows of itself that it is a member, and not fenced. One that is cut off goes on knowing that.
    pub is_active: bool,
    /// Up to where it knows what is decided.
    pub knows: Offset,
    /// Where its replicas stand, by name.
    pub replicas: Vec<(TopicPartition, ReplicaState)>,
}

/// The controller, to be looked at.
#[derive(Clone)]
pub(super) struct Deciding {
    pub(super) address: String,
    pub(super) runner: Runner<Controller>,
    pub(super) log: Arc<dyn Partition>,
}

impl Deciding {
    /// Tells how it stands, until nobody listens.
    pub(super) async fn tell(self, heard: watch::Receiver<u64>) -> Failure {
        let mut teller = Teller { heard, told: None };
        loop {
            let heard = teller.look();
            let looking = self.clone();
            let look = move |controller: &mut Controller, _| {
                Ok(Decided::nothing(looking.report(controller.state(), controller.config())))
            };
            match self.runner.ask(look).await {
                Ok(report) => {
                    if let Err(failure) = teller.tell(Report { heard, of: Standing::Controller(report) }).await {
                        return failure;
                    }
                }
                // It is about to end, and its end will tell.
                Err(refusal) if refusal.code == ErrorCode::NotController => return std::future::pending().await,
                // It has too much to do.
                Err(_) => {}
            }
            teller.rest().await;
        }
    }

    fn report(&self, state: &ClusterState, config: &ControllerConfig) -> ControllerReport {
        let membership = |(&id, broker): (&i32, &BrokerRecord)| {
            (id, Membership { fenced: broker.fenced, stopping: broker.stopping })
        };
        let decision = |at: &TopicPartition, record: &PartitionRecord| {
            let configs = state.topic(&at.topic).map(|topic| &topic.configs);
            let settings = configs.map_or(config.topic, |configs| TopicSettings::of(configs, config.topic));
            Decision {
                leader: record.leader,
                leader_epoch: record.leader_epoch,
                partition_epoch: record.partition_epoch,
                replicas: record.replicas.clone(),
                in_sync: record.in_sync.clone(),
                is_moving: !record.adding.is_empty() || !record.removing.is_empty(),
                min_in_sync: settings.min_in_sync.min(record.replicas.len()),
            }
        };
        ControllerReport {
            address: self.address.clone(),
            end: self.log.offsets().high_watermark,
            brokers: state.brokers().iter().map(membership).collect(),
            partitions: state.partitions().iter().map(|(at, record)| (at.clone(), decision(at, record))).collect(),
        }
    }
}

/// A broker, to be looked at.
pub(super) struct Serving<F: Fold> {
    pub(super) id: i32,
    /// The number of this run.
    pub(super) incarnation: u128,
    pub(super) address: String,
    pub(super) manager: Arc<ReplicaManager<F>>,
    pub(super) image: watch::Receiver<Image>,
}

// By hand: `derive` would want the fold to be copied as well.
impl<F: Fold> Clone for Serving<F> {
    fn clone(&self) -> Self {
        let Serving { id, incarnation, address, manager, image } = self;
        Serving {
            id: *id,
            incarnation: *incarnation,
            address: address.clone(),
            manager: manager.clone(),
            image: image.clone(),
        }
    }
}

impl<F: Fold> Serving<F> {
    /// Ends when the broker is a member, and not fenced.
    pub(super) async fn begun(&mut self) {
        let (id, incarnation) = (self.id, self.incarnation);
        if self.image.wait_for(|image| is_active(image, id, incarnation)).await.is_err() {
            // Nobody reads the metadata any more: it is about to end, and its end will tell.
            std::future::pending().await
        }
    }

    /// How many replicas it has, by what it knows.
    pub(super) fn replicas(&self) -> usize {
        self.image.borrow().state.partitions_of(self.id).count()
    }

    /// Tells how it stands, until nobody listens.
    pub(super) async fn tell(self, heard: watch::Receiver<u64>) -> Failure {
        let mut teller = Teller { heard, told: None };
        loop {
            let heard = teller.look();
            let (is_active, knows) = {
                let image = self.image.borrow();
                (is_active(&image, self.id, self.incarnation), image.end)
            };
            let manager = self.manager.clone();
            let replicas = Workers::Threads.run(move || manager.describe()).await;
            let report = BrokerReport { address: self.address.clone(), is_active, knows, replicas };
            if let Err(failure) = teller.tell(Report { heard, of: Standing::Broker(report) }).await {
                return failure;
            }
            teller.rest().await;
        }
    }
}

fn is_active(image: &Image, id: i32, incarnation: u128) -> bool {
    image.state.broker(id).is_some_and(|broker| broker.incarnation == incarnation && broker.is_active())
}

/// Who writes reports.
struct Teller {
    heard: watch::Receiver<u64>,
    told: Option<Report>,
}

impl Teller {
    /// The number of the last notice. What is looked at from now on is newer.
    fn look(&mut self) -> u64 {
        *self.heard.borrow_and_update()
    }

    /// Writes a report, if it is another than the one before.
    async fn tell(&mut self, report: Report) -> Result<(), Failure> {
        if self.told.as_ref() == Some(&report) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(&report).expect("names, numbers and lists can be written as JSON");
        line.push(b'\n');
        self.told = Some(report);
        // Whoever watches may be slow to read.
        let written = Workers::Threads.run(move || {
            let mut out = std::io::stdout().lock();
            out.write_all(&line).and_then(|()| out.flush())
        });
        written.await.map_err(|_| super::supervised::GONE)
    }

    /// Waits for a while, or until it is asked.
    async fn rest(&mut self) {
        if let Ok(Err(_)) = timeout(EVERY, self.heard.changed()).await {
            // Nobody is left to ask: the process is about to end.
            sleep(EVERY).await;
        }
    }
}
