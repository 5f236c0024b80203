//! What was ever committed, written down by somebody who forgets nothing.
//!
//! A record below a leader's high watermark is committed: no leader after it may have another there, or nothing. Clients find a
//! loss when they come to read it, and what nobody has read may be lost unnoticed. So the simulation looks at each leader now and
//! then, and writes down the batches below its high watermark. A batch that does not fit to what is written is found in that
//! moment, with its cause still near.
//!
//! ```text
//!   ledger     ▐█0█▌▐█1 2█▌▐█3█▌                     what some leader has called committed
//!   leader     ▐█0█▌▐█1 2█▌▐█3█▌▐█4█▌  HW 5     ──▶  4 is written down
//!   a later one▐█0█▌▐█1 2█▌▐█5█▌  HW 4          ──▶  a finding: offset 3 was another batch
//! ```
//!
//! It takes what leaders say for true, also that of a leader that has been replaced and does not know it: it cannot
//! commit anything any more, or something is wrong.

use std::collections::BTreeMap;

use partitioning::TopicPartition;
use partitioning::api::TopicId;
use replication::api::{ReplicaRole, ReplicaState};
use replication::look::{BatchSeen, Look};
use replication::state::ClusterState;
use segment_log::Offset;

/// The batches of each partition that were committed, by their offsets.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    partitions: BTreeMap<TopicPartition, Page>,
}

#[derive(Debug)]
struct Page {
    topic: TopicId,
    batches: Vec<BatchSeen>,
}

impl Page {
    fn end(&self) -> Offset {
        self.batches.last().map_or(0, |batch| batch.next_offset)
    }
}

impl Ledger {
    /// Looks at all that a broker leads. Gives what does not fit.
    pub(super) fn look_at(&mut self, broker: i32, look: &dyn Look, state: &ClusterState) -> Vec<String> {
        let leads = |(_, state): &(TopicPartition, ReplicaState)| matches!(state.role, ReplicaRole::Leader { .. });
        let led = look.states().into_iter().filter(leads);
        led.filter_map(|(at, replica)| self.look_at_one(broker, look, (&at, &replica), state)).collect()
    }

    fn look_at_one(
        &mut self,
        broker: i32,
        look: &dyn Look,
        (at, replica): (&TopicPartition, &ReplicaState),
        state: &ClusterState,
    ) -> Option<String> {
        let topic = look.topic(at)?;
        // A broker may hold a topic that is deleted, and one of the same name may be there already.
        state.partition(at).filter(|record| record.topic == topic)?;
        let page = self.partitions.entry(at.clone()).or_insert(Page { topic, batches: Vec::new() });
        if page.topic != topic {
            *page = Page { topic, batches: Vec::new() };
        }
        // The last of those written down is looked at again: there the two logs must meet.
        let from = page.batches.last().map_or(0, |last| last.base_offset);
        if replica.high_watermark <= from {
            return None;
        }
        let is_committed = |batch: &BatchSeen| batch.next_offset <= replica.high_watermark;
        let committed: Vec<_> = look.batches(at, from).into_iter().filter(is_committed).collect();
        let differs = |batch: &&BatchSeen| !page.fits(batch);
        if let Some(other) = committed.iter().find(differs) {
            let written = page.batches.iter().rev().find(|written| written.next_offset > other.base_offset);
            return Some(format!(
                "broker {broker} calls {other:?} of {at} committed, in epoch {}, where {written:?} was committed before",
                replica.leader_epoch
            ));
        }
        let end = page.end();
        page.batches.extend(committed.into_iter().filter(|batch| batch.base_offset >= end));
        None
    }

    /// What is missing in a copy that must have everything.
    pub(super) fn missing_in(&self, broker: i32, look: &dyn Look, state: &ClusterState) -> Vec<String> {
        let mut missing = Vec::new();
        for (at, page) in &self.partitions {
            if look.topic(at) != Some(page.topic) || state.partition(at).is_none() {
                continue;
            }
            let copy = look.batches(at, 0);
            let lost = page.batches.iter().find(|batch| {
                copy.binary_search_by_key(&batch.base_offset, |one| one.base_offset).ok().map(|place| copy[place])
                    != Some(**batch)
            });
            missing.extend(lost.map(|batch| format!("broker {broker} lacks {batch:?} of {at}, which was committed")));
        }
        missing
    }
}

impl Page {
    /// Whether a batch is the one that was written down, or lies behind all that was.
    fn fits(&self, batch: &BatchSeen) -> bool {
        if batch.base_offset >= self.end() {
            return true;
        }
        let written = self.batches.binary_search_by_key(&batch.base_offset, |written| written.base_offset);
        written.is_ok_and(|place| self.batches[place] == *batch)
    }
}

#[cfg(test)]
mod tests {
    use replication::records::{MetadataRecord, PartitionRecord};
    use replication::replica::Inspected;

    use super::*;

    /// A broker that leads one partition.
    struct Leads {
        topic: TopicId,
        high_watermark: Offset,
        log: Vec<BatchSeen>,
    }

    fn orders() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    impl Look for Leads {
        fn states(&self) -> Vec<(TopicPartition, ReplicaState)> {
            let role = ReplicaRole::Leader { in_sync: vec![1], pending: Vec::new(), followers: Vec::new() };
            let (high_watermark, end) = (self.high_watermark, self.log.len() as Offset);
            vec![(orders(), ReplicaState { role, leader_epoch: 0, log_start: 0, high_watermark, end })]
        }

        fn topic(&self, _: &TopicPartition) -> Option<TopicId> {
            Some(self.topic)
        }

        fn inspect(&self, _: &TopicPartition, _: Offset, _: usize) -> Option<Inspected> {
            None
        }

        fn batches(&self, _: &TopicPartition, from: Offset) -> Vec<BatchSeen> {
            self.log[from as usize..].to_vec()
        }
    }

    fn log(crcs: &[u32]) -> Vec<BatchSeen> {
        let batch = |(offset, &crc): (usize, &u32)| {
            let base_offset = offset as Offset;
            BatchSeen { base_offset, next_offset: base_offset + 1, leader_epoch: 0, crc }
        };
        crcs.iter().enumerate().map(batch).collect()
    }

    fn leads(high_watermark: Offset, crcs: &[u32]) -> Leads {
        Leads { topic: TopicId(1), high_watermark, log: log(crcs) }
    }

    fn cluster(topic: u128) -> ClusterState {
        let mut state = ClusterState::default();
        let record = PartitionRecord {
            topic: TopicId(topic),
            replicas: vec![1],
            in_sync: vec![1],
            leader: Some(1),
            leader_epoch: 0,
            partition_epoch: 0,
            adding: Vec::new(),
            removing: Vec::new(),
            eligible: Vec::new(),
            last_leader: None,
        };
        state.replay(&MetadataRecord::Partition(orders(), Some(record)));
        state
    }

    #[test]
    fn a_leader_that_goes_on_fits() {
        let (mut ledger, state) = (Ledger::default(), cluster(1));
        assert!(ledger.look_at(1, &leads(2, &[5, 6, 7]), &state).is_empty());
        assert!(ledger.look_at(2, &leads(3, &[5, 6, 8]), &state).is_empty(), "offset 2 was not committed");
        assert!(ledger.look_at(2, &leads(1, &[5, 6, 8]), &state).is_empty(), "it does not know yet how far it is");
        assert!(ledger.missing_in(2, &leads(3, &[5, 6, 8]), &state).is_empty());
    }

    #[test]
    fn another_batch_where_one_was_committed_is_found() {
        let (mut ledger, state) = (Ledger::default(), cluster(1));
        assert!(ledger.look_at(1, &leads(2, &[5, 6]), &state).is_empty());
        assert_eq!(ledger.look_at(2, &leads(2, &[5, 9]), &state).len(), 1);
    }

    #[test]
    fn what_a_copy_lacks_is_found() {
        let (mut ledger, state) = (Ledger::default(), cluster(1));
        ledger.look_at(1, &leads(3, &[5, 6, 7]), &state);
        assert_eq!(ledger.missing_in(2, &leads(0, &[5, 6]), &state).len(), 1);
        assert_eq!(ledger.missing_in(2, &leads(0, &[5, 9, 7]), &state).len(), 1);
    }

    #[test]
    fn a_topic_of_the_same_name_is_another() {
        let mut ledger = Ledger::default();
        ledger.look_at(1, &leads(2, &[5, 6]), &cluster(1));
        let again = Leads { topic: TopicId(2), ..leads(2, &[8, 9]) };
        assert!(ledger.look_at(1, &again, &cluster(1)).is_empty(), "the one of the ledger is there still");
        assert!(ledger.look_at(1, &again, &cluster(2)).is_empty());
        assert!(ledger.missing_in(1, &again, &cluster(2)).is_empty());
    }
}
