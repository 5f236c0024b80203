//! What a cluster promises, and so what may be done to it.
//!
//! No cluster survives everything. If all machines that hold a record lose it, it is lost, and that is no bug. So each run
//! has a limit, which is what stage 04 promises and no less. Of a partition:
//!
//! - **All processes may be killed**, at once or one after the other. What they had written they will have when they are back.
//!   Nobody may be in sync then, but whoever led last leads again, and he has everything.
//! - **`min.insync.replicas - 1` brokers may lose power at once**, or their disks, of those that are known to have everything. Then
//!   somebody must be left of whom that is known, and who has not ended at all: whoever is in doubt is not asked.
//! - **If each append is flushed**, to lose power is no worse than to be killed.
//!
//! Known to have everything is whoever is in sync, and whoever is in the second row (KIP-966). Without a second row nobody may lose
//! anything: the last one in sync stays in the list, dead or not, and those who had left it before are not asked.
//!
//! One thing is easily overlooked. A leader that ends may have asked for another list, and the question may be under way
//! still. If it is granted after his end, the list is the one that he had asked for. So such a list is remembered, and
//! somebody of it must be left as well.
//!
//! Another is the one who led last. He may have lost something, be back, and wait for those who have not; then they must not
//! end at all, for it would be him who leads.

use std::collections::{BTreeMap, BTreeSet};

use partitioning::TopicPartition;
use replication::api::ReplicaRole;
use replication::records::PartitionRecord;
use replication::state::ClusterState;
use replication::topic_config::TopicSettings;

/// What a broker loses when it ends without having stopped in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loses {
    /// What it had in memory.
    Process,
    /// What it had not flushed, too.
    Power,
    /// All that it had.
    Disk,
}

/// A list that a leader asked for before it ended.
#[derive(Debug, Clone)]
struct Ghost {
    at: TopicPartition,
    /// The change of the partition under which it was asked: with the next one it is void.
    partition_epoch: i32,
    in_sync: Vec<i32>,
}

/// Who may have lost something; see the [module](self).
#[derive(Debug)]
pub(super) struct Promise {
    /// Whether there is a second row.
    eligible: bool,
    /// Whether to lose power is no worse than to be killed.
    flushed: bool,
    /// Brokers that have ended otherwise than in order: in which epoch, and what they have lost.
    fallen: BTreeMap<i32, (i64, Loses)>,
    /// Replicas that have lost something, and have not been in a list since.
    lacking: BTreeSet<(TopicPartition, i32)>,
    ghosts: Vec<Ghost>,
}

/// What a replica does just now.
pub(super) type Doing = (TopicPartition, ReplicaRole);

impl Promise {
    pub(super) fn new(eligible: bool, flushed: bool) -> Self {
        Promise { eligible, flushed, fallen: BTreeMap::new(), lacking: BTreeSet::new(), ghosts: Vec::new() }
    }

    /// Whether these brokers may lose that, without notice and all at once. `doing` is what their replicas do just now.
    pub(super) fn allows(&mut self, taken: &[i32], loses: Loses, state: &ClusterState, doing: &[Doing]) -> bool {
        self.forget(state);
        let mut fallen = self.fallen.clone();
        for id in taken {
            let (_, lost) = fallen.entry(*id).or_insert((-1, loses));
            *lost = loses.max(*lost);
        }
        let mut ghosts = self.ghosts.clone();
        ghosts.extend(asked_by(state, doing));
        state.partitions().iter().all(|(at, record)| {
            let ghosts: Vec<_> = ghosts.iter().filter(|ghost| ghost.at == *at).collect();
            !self.leaves_it_to_who_lacks((at, record), taken, &fallen)
                && self.holds(record, min_in_sync(at, record, state), &fallen, &ghosts)
        })
    }

    /// Whether they are the last ones who are known to have everything, and whoever led last has less.
    fn leaves_it_to_who_lacks(
        &self,
        (at, record): (&TopicPartition, &PartitionRecord),
        taken: &[i32],
        fallen: &BTreeMap<i32, (i64, Loses)>,
    ) -> bool {
        let lists = || record.in_sync.iter().chain(&record.eligible);
        let leads = record.last_leader.filter(|_| lists().all(|id| fallen.contains_key(id)));
        lists().any(|id| taken.contains(id)) && leads.is_some_and(|id| self.lacking.contains(&(at.clone(), id)))
    }

    /// Whether the promise covers a partition when all these have fallen.
    fn holds(
        &self,
        record: &PartitionRecord,
        min_in_sync: usize,
        fallen: &BTreeMap<i32, (i64, Loses)>,
        ghosts: &[&Ghost],
    ) -> bool {
        let known = known_to_have_everything(record, fallen);
        let has_lost = |id: &&i32| fallen.get(id).is_some_and(|(_, lost)| self.is_loss(*lost));
        // A list that was asked for holds whoever is in it, whether he is known by now or not.
        let lists = ghosts.iter().flat_map(|ghost| &ghost.in_sync).chain(&known);
        if !lists.clone().any(|id| has_lost(&id)) {
            return true;
        }
        let may_lose = if self.eligible { min_in_sync - 1 } else { 0 };
        let is_left = |list: &[i32]| list.iter().any(|id| !fallen.contains_key(id));
        // Whoever leaves a list that is shorter than `min.insync.replicas` is in the second row.
        let is_left_by_ghost = |ghost: &&Ghost| ghost.in_sync.len() < min_in_sync || is_left(&ghost.in_sync);
        known.iter().filter(has_lost).count() <= may_lose && is_left(&known) && ghosts.iter().all(is_left_by_ghost)
    }

    /// They have ended.
    pub(super) fn taken(&mut self, taken: &[i32], loses: Loses, state: &ClusterState, doing: &[Doing]) {
        self.ghosts.extend(asked_by(state, doing));
        for &id in taken {
            let Some(broker) = state.broker(id) else { continue };
            let before = self.fallen.get(&id).filter(|(epoch, _)| *epoch == broker.epoch);
            let lost = before.map_or(loses, |(_, before)| loses.max(*before));
            self.fallen.insert(id, (broker.epoch, lost));
            if self.is_loss(lost) {
                let copies = state.partitions().iter().filter(|(_, record)| record.replicas.contains(&id));
                self.lacking.extend(copies.map(|(at, _)| (at.clone(), id)));
            }
        }
    }

    /// Whether something that was written is gone.
    fn is_loss(&self, loses: Loses) -> bool {
        match loses {
            Loses::Process => false,
            Loses::Power => !self.flushed,
            Loses::Disk => true,
        }
    }

    /// Forgets who has registered since, for then he has left the lists; who is in one again, for then he has everything; and which
    /// lists are void.
    fn forget(&mut self, state: &ClusterState) {
        self.fallen.retain(|id, (epoch, _)| state.broker(*id).is_some_and(|broker| broker.epoch == *epoch));
        let is_listed =
            |record: &PartitionRecord, id: i32| record.in_sync.contains(&id) || record.eligible.contains(&id);
        self.lacking.retain(|(at, id)| {
            self.fallen.contains_key(id) || state.partition(at).is_some_and(|record| !is_listed(record, *id))
        });
        self.ghosts.retain(|ghost| {
            state.partition(&ghost.at).is_some_and(|record| record.partition_epoch == ghost.partition_epoch)
        });
    }
}

/// Who is known to have everything. If that is nobody, or all of them have ended and will leave the lists when they are back, whoever
/// led last is asked too.
fn known_to_have_everything(record: &PartitionRecord, fallen: &BTreeMap<i32, (i64, Loses)>) -> Vec<i32> {
    let lists = record.in_sync.iter().chain(&record.eligible);
    let mut known: Vec<_> = lists.copied().collect();
    if known.iter().all(|id| fallen.contains_key(id)) {
        known.extend(record.last_leader);
    }
    known
}

fn min_in_sync(at: &TopicPartition, record: &PartitionRecord, state: &ClusterState) -> usize {
    let defaults = TopicSettings::default();
    let settings = state.topic(&at.topic).map_or(defaults, |topic| TopicSettings::of(&topic.configs, defaults));
    settings.min_in_sync.min(record.replicas.len()).max(1)
}

/// The lists that leaders wait for.
fn asked_by(state: &ClusterState, doing: &[Doing]) -> Vec<Ghost> {
    let ghost = |(at, role): &Doing| match role {
        ReplicaRole::Leader { pending, .. } if !pending.is_empty() => {
            let partition_epoch = state.partition(at)?.partition_epoch;
            Some(Ghost { at: at.clone(), partition_epoch, in_sync: pending.clone() })
        }
        _ => None,
    };
    doing.iter().filter_map(ghost).collect()
}

#[cfg(test)]
mod tests;
