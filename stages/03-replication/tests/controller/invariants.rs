//! What may never be, and what a partition may never become.

use std::collections::BTreeSet;

use partitioning::TopicPartition;
use replication::records::PartitionRecord;
use replication::state::ClusterState;
use replication::topic_config::TopicSettings;

use crate::world::World;

impl World {
    /// What may never be.
    pub(crate) fn check(&self, before: &ClusterState) -> Result<(), String> {
        if self.state() != &self.replayed {
            return Err(format!("the records give {:#?}, and the controller knows {:#?}", self.replayed, self.state()));
        }
        for (at, record) in self.state().partitions() {
            self.check_partition(at, record).map_err(|rule| format!("{at}: {rule}: {record:?}"))?;
            if let Some(old) = before.partition(at).filter(|old| old.topic == record.topic) {
                check_step(old, record).map_err(|rule| format!("{at}: {rule}: {old:?} became {record:?}"))?;
            }
        }
        Ok(())
    }

    fn check_partition(&self, at: &TopicPartition, record: &PartitionRecord) -> Result<(), &'static str> {
        let PartitionRecord { replicas, in_sync, leader, adding, removing, eligible, .. } = record;
        let must = |holds: bool, rule| if holds { Ok(()) } else { Err(rule) };
        let different = |list: &[i32]| list.iter().collect::<BTreeSet<_>>().len() == list.len();
        let within = |list: &[i32]| different(list) && list.iter().all(|id| replicas.contains(id));
        must(different(replicas) && !replicas.is_empty(), "a replica is named twice, or there is none")?;
        must(within(in_sync) && within(eligible), "who is in sync or eligible is a replica")?;
        must(!eligible.iter().any(|id| in_sync.contains(id)), "nobody is in sync and eligible")?;
        must(within(adding) && within(removing), "what comes and goes are replicas")?;
        must(leader.is_none_or(|leader| in_sync.contains(&leader)), "the leader is in sync")?;
        let config = self.controller.config();
        must(!in_sync.is_empty() || config.eligible_leader_replicas, "somebody is always in sync")?;
        must(eligible.is_empty() || config.eligible_leader_replicas, "there is a second row")?;
        let broker = |id: &i32| self.state().broker(*id).expect("replicas have registered");
        let has_failed = |id: &i32| self.failed.get(id).is_some_and(|failed| failed.contains(at));
        must(leader.is_none_or(|leader| !broker(&leader).fenced), "the leader is alive")?;
        must(leader.is_none_or(|leader| !has_failed(&leader)), "the leader can use its copy")?;
        let is_last = in_sync.len() == 1 && leader.is_none();
        let counts = |id: &i32| !broker(id).fenced && !has_failed(id);
        must(is_last || in_sync.iter().all(counts), "those in sync are alive")?;
        let could_lead = |id: &i32| broker(id).is_active() && !has_failed(id);
        let row = if in_sync.is_empty() { eligible } else { in_sync };
        must(leader.is_some() || !row.iter().any(could_lead), "somebody leads if somebody can")?;
        let configs = self.state().topic(&at.topic).map(|topic| topic.configs.clone()).unwrap_or_default();
        let is_unclean = TopicSettings::of(&configs, config.topic).unclean;
        must(leader.is_some() || !is_unclean || !replicas.iter().any(could_lead), "anybody leads where anybody may")
    }
}

/// What a partition may never become.
fn check_step(old: &PartitionRecord, new: &PartitionRecord) -> Result<(), &'static str> {
    let must = |holds: bool, rule| if holds { Ok(()) } else { Err(rule) };
    let same = PartitionRecord { leader_epoch: old.leader_epoch, partition_epoch: old.partition_epoch, ..new.clone() };
    let (changes, epochs) = (new.partition_epoch - old.partition_epoch, new.leader_epoch - old.leader_epoch);
    must((0..=1).contains(&changes) && (0..=1).contains(&epochs), "an epoch rises by one at a time")?;
    must(changes == 1 || new == old, "a change is a new partition epoch")?;
    must(epochs == 1 || new.leader == old.leader, "another leader is a new leader epoch")?;
    let is_smaller = old.replicas.iter().any(|id| !new.replicas.contains(id));
    must(
        epochs == 0 || new.leader != old.leader || is_smaller,
        "a new leader epoch is another leader, or fewer replicas",
    )?;
    // A leader that asks for the list that there is gets a change without a difference.
    must(changes == 0 || same != *old || new.leader.is_some(), "a change changes something")
}
