//! What the broker's other parts ask of its replicas.

use std::collections::BTreeSet;
use std::sync::Arc;

use partitioning::TopicPartition;
use partitioning::api::TopicId;
use partitioning::error::{ErrorCode, Refusal};
use segment_log::{Fold, Timestamp};

use super::{Hosted, ReplicaManager, is_led};
use crate::api::{ReplicaRole, ReplicaState};
use crate::replica::{Ask, Replica};

impl<F: Fold> ReplicaManager<F> {
    /// The brokers that replicas of this one follow.
    pub fn leaders(&self) -> BTreeSet<i32> {
        let metadata = self.metadata();
        let leader = |replica: &Arc<Replica<F>>| metadata.partition(replica.at()).and_then(|record| record.leader);
        self.running().iter().filter_map(leader).filter(|leader| *leader != self.config.node_id).collect()
    }

    /// The replicas that follow broker `leader`, and what each wants to ask it. May wait for the disk.
    pub fn asks(&self, leader: i32) -> Vec<(Arc<Replica<F>>, Ask)> {
        let ask = |replica: Arc<Replica<F>>| replica.ask().map(|ask| (replica, ask));
        self.running().into_iter().filter_map(ask).filter(|(_, ask)| ask.leader == leader).collect()
    }

    /// Looks in all partitions that are led here who is in sync, as time has passed. May wait for the disk.
    pub fn look_around(&self) {
        for replica in self.running().iter().filter(|replica| is_led(&***replica)) {
            if replica.look_around().unwrap_or(false) {
                self.wishes.add(replica.at());
            }
        }
    }

    /// Partitions whose logs cannot be used, and of which topics they are. May wait for the disk.
    pub fn failed(&self) -> Vec<(TopicPartition, TopicId)> {
        let hosted = self.replicas().clone();
        let is_failed = |hosted: &Hosted<F>| match hosted {
            Hosted::Running(replica) => replica.failure().is_some(),
            Hosted::Failed(..) => true,
        };
        hosted.into_iter().filter(|(_, hosted)| is_failed(hosted)).map(|(at, hosted)| (at, hosted.topic())).collect()
    }

    /// Where each replica stands. May wait for the disk.
    pub fn describe(&self) -> Vec<(TopicPartition, ReplicaState)> {
        let hosted = self.replicas().clone();
        let describe = |hosted: Hosted<F>| match hosted {
            Hosted::Running(replica) => replica.describe(),
            Hosted::Failed(_, why) => ReplicaState {
                role: ReplicaRole::Failed(why.message),
                leader_epoch: -1,
                log_start: 0,
                high_watermark: 0,
                end: 0,
            },
        };
        hosted.into_iter().map(|(at, hosted)| (at, describe(hosted))).collect()
    }

    /// Lets time pass in all replicas: retention, flushes that are due; then writes down up to where they are flushed. One that
    /// fails does not keep the others from it.
    pub fn housekeep(&self, now: Timestamp) {
        for replica in self.running() {
            match replica.housekeep(now) {
                Ok(0) => {}
                Ok(removed) => tracing::info!("{}: {removed} old segments went", replica.at()),
                Err(refusal) if is_leaving(&refusal) => {}
                Err(refusal) => tracing::error!("housekeeping of {}: {refusal}", replica.at()),
            }
        }
        if let Some(folder) = &*self.folder()
            && let Err(error) = folder.checkpoint()
        {
            tracing::error!("housekeeping: {error}");
        }
    }
}

/// Whether a partition is not served any more.
pub(super) fn is_leaving(refusal: &Refusal) -> bool {
    matches!(refusal.code, ErrorCode::UnknownTopicOrPartition | ErrorCode::NotLeaderOrFollower)
}
