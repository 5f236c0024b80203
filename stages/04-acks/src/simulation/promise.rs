//! What a cluster promises, and so what may be done to it.
//!
//! No cluster survives everything. If all machines that hold a record lose it, it is lost, and that is no bug. So each run
//! has a limit, which is what Kafka promises and no less: **of each partition there is always somebody left who is known to
//! have everything that was committed, and who has not lost it.**
//!
//! Known to have everything is whoever is in sync, and whoever is in the second row (KIP-966). Whoever ends without having
//! stopped in order may have lost what was not flushed, and counts no more until he has registered anew, for then he has
//! left both lists. With `min.insync.replicas=2` there are always two in the two lists, so one broker can always be taken.
//!
//! One thing is easily overlooked. A leader that is killed may have asked for another list, and the question may be under
//! way still. If it is granted after his death, the list is the one that he had asked for. So such a list is
//! remembered, and somebody of it must be left as well.

use std::collections::BTreeMap;

use partitioning::TopicPartition;
use replication::api::ReplicaRole;
use replication::state::ClusterState;

/// A list that a leader asked for before it died.
#[derive(Debug, Clone)]
struct Ghost {
    at: TopicPartition,
    /// The change of the partition under which it was asked: with the next one it is void.
    partition_epoch: i32,
    in_sync: Vec<i32>,
}

/// Who may have lost something; see the [module](self).
#[derive(Debug, Default)]
pub(super) struct Promise {
    /// Brokers that ended otherwise than in order, with the epoch in which they did.
    fallen: BTreeMap<i32, i64>,
    ghosts: Vec<Ghost>,
}

/// A list that a leader waits to be granted.
pub(super) type Pending = (TopicPartition, ReplicaRole);

impl Promise {
    /// Whether these brokers may be taken without notice, all at once. `pending` is what their replicas do just now.
    pub(super) fn allows(&mut self, taken: &[i32], state: &ClusterState, pending: &[Pending]) -> bool {
        self.forget(state);
        let mut ghosts = self.ghosts.clone();
        ghosts.extend(asked_by(state, pending));
        let is_left = |list: &mut dyn Iterator<Item = &i32>| {
            let mut left = list.filter(|id| !taken.contains(id) && !self.fallen.contains_key(id));
            left.next().is_some()
        };
        state.partitions().iter().all(|(at, record)| {
            let safe = |list: &[i32]| is_left(&mut list.iter().chain(&record.eligible));
            let mut lists = ghosts.iter().filter(|ghost| ghost.at == *at);
            // What nobody who is taken has a copy of is as safe as before.
            let is_touched = record.replicas.iter().any(|id| taken.contains(id));
            !is_touched || (safe(&record.in_sync) && lists.all(|ghost| safe(&ghost.in_sync)))
        })
    }

    /// They are gone.
    pub(super) fn taken(&mut self, taken: &[i32], state: &ClusterState, pending: &[Pending]) {
        for &id in taken {
            if let Some(broker) = state.broker(id) {
                self.fallen.insert(id, broker.epoch);
            }
        }
        // Whoever has fallen by now lacks something when the list is granted, though he may have registered anew by then.
        self.ghosts.extend(asked_by(state, pending));
        for ghost in &mut self.ghosts {
            ghost.in_sync.retain(|id| !self.fallen.contains_key(id));
        }
    }

    /// Forgets who has registered since, and which lists are void.
    fn forget(&mut self, state: &ClusterState) {
        self.fallen.retain(|id, epoch| state.broker(*id).is_some_and(|broker| broker.epoch == *epoch));
        self.ghosts.retain(|ghost| {
            state.partition(&ghost.at).is_some_and(|record| record.partition_epoch == ghost.partition_epoch)
        });
    }
}

/// The lists that leaders wait for.
fn asked_by(state: &ClusterState, pending: &[Pending]) -> Vec<Ghost> {
    let ghost = |(at, role): &Pending| match role {
        ReplicaRole::Leader { pending, .. } if !pending.is_empty() => {
            let partition_epoch = state.partition(at)?.partition_epoch;
            Some(Ghost { at: at.clone(), partition_epoch, in_sync: pending.clone() })
        }
        _ => None,
    };
    pending.iter().filter_map(ghost).collect()
}

#[cfg(test)]
mod tests {
    use partitioning::api::TopicId;
    use replication::records::{BrokerRecord, MetadataRecord, PartitionRecord};

    use super::*;

    fn orders() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    fn broker(state: &mut ClusterState, id: i32, epoch: i64) {
        let record = BrokerRecord { epoch, incarnation: 0, address: String::new(), fenced: false, stopping: false };
        state.replay(&MetadataRecord::Broker(id, Some(record)));
    }

    fn partition(state: &mut ClusterState, in_sync: &[i32], eligible: &[i32], partition_epoch: i32) {
        let record = PartitionRecord {
            topic: TopicId(1),
            replicas: vec![1, 2, 3],
            in_sync: in_sync.to_vec(),
            leader: in_sync.first().copied(),
            leader_epoch: 0,
            partition_epoch,
            adding: Vec::new(),
            removing: Vec::new(),
            eligible: eligible.to_vec(),
            last_leader: None,
        };
        state.replay(&MetadataRecord::Partition(orders(), Some(record)));
    }

    fn cluster() -> ClusterState {
        let mut state = ClusterState::default();
        (1..=4).for_each(|id| broker(&mut state, id, id.into()));
        partition(&mut state, &[1, 2], &[], 0);
        state
    }

    fn asks_for(list: &[i32]) -> Vec<Pending> {
        let role = ReplicaRole::Leader { in_sync: vec![1, 2], pending: list.to_vec(), followers: Vec::new() };
        vec![(orders(), role)]
    }

    #[test]
    fn somebody_in_sync_must_be_left() {
        let (state, mut promise) = (cluster(), Promise::default());
        assert!(promise.allows(&[1], &state, &[]));
        assert!(promise.allows(&[2, 3, 4], &state, &[]));
        assert!(!promise.allows(&[1, 2], &state, &[]));
    }

    #[test]
    fn whoever_has_fallen_counts_again_when_he_has_registered() {
        let (mut state, mut promise) = (cluster(), Promise::default());
        promise.taken(&[1], &state, &[]);
        assert!(!promise.allows(&[2], &state, &[]));
        // He is back and has left the list; then he is in sync again.
        broker(&mut state, 1, 9);
        partition(&mut state, &[2], &[], 1);
        assert!(!promise.allows(&[2], &state, &[]));
        partition(&mut state, &[2, 1], &[], 2);
        assert!(promise.allows(&[2], &state, &[]));
    }

    #[test]
    fn the_second_row_counts() {
        let (mut state, mut promise) = (cluster(), Promise::default());
        partition(&mut state, &[1], &[2], 1);
        assert!(promise.allows(&[1], &state, &[]));
        partition(&mut state, &[1], &[], 2);
        assert!(!promise.allows(&[1], &state, &[]));
    }

    #[test]
    fn a_list_that_the_dead_had_asked_for_counts_until_it_is_void() {
        let (mut state, mut promise) = (cluster(), Promise::default());
        assert!(
            !promise.allows(&[1], &state, &asks_for(&[1])),
            "granted after its death, the list holds the dead alone"
        );
        assert!(promise.allows(&[1], &state, &asks_for(&[1, 2, 3])));
        promise.taken(&[1], &state, &asks_for(&[1, 3]));
        broker(&mut state, 1, 9);
        assert!(!promise.allows(&[3], &state, &[]), "3 is all that is left of the list that may come");
        partition(&mut state, &[2], &[], 1);
        assert!(promise.allows(&[3], &state, &[]));
    }
}
