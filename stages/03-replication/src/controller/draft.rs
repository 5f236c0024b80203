//! A decision in the making: what is so, and on top of it what this decision has changed already.
//!
//! A decision often has several steps. A broker is fenced, and then each of its partitions gets another leader, who must not
//! be a broker that the same decision fences. So each step sees those before it. At the end each thing that has changed is
//! one record, however often it did: its epochs rise by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::Refusal;
use partitioning::api::TopicPartition;
use partitioning::topics::catalogue::TopicRecord;

use super::Controller;
use super::election::{Election, ElectionRules};
use super::partition::{Gone, gone, hold_election};
use crate::machine::Decided;
use crate::records::{BrokerRecord, ClusterId, MetadataRecord, PartitionRecord};
use crate::topic_config::TopicSettings;

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Draft<'c> {
    controller: &'c Controller,
    cluster: Option<ClusterId>,
    brokers: BTreeMap<i32, BrokerRecord>,
    topics: BTreeMap<Arc<str>, Option<TopicRecord>>,
    partitions: BTreeMap<TopicPartition, Option<PartitionRecord>>,
}

impl<'c> Draft<'c> {
    pub(super) fn new(controller: &'c Controller) -> Self {
        let (brokers, topics, partitions) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Draft { controller, cluster: None, brokers, topics, partitions }
    }

    pub(super) fn broker(&self, id: i32) -> Option<&BrokerRecord> {
        self.brokers.get(&id).or_else(|| self.controller.state.broker(id))
    }

    pub(super) fn partition(&self, at: &TopicPartition) -> Option<&PartitionRecord> {
        match self.partitions.get(at) {
            Some(changed) => changed.as_ref(),
            None => self.controller.state.partition(at),
        }
    }

    /// A partition, or which part of its name is wrong.
    pub(super) fn find(&self, at: &TopicPartition) -> Result<&PartitionRecord, Refusal> {
        let known = self.controller.state.find(at)?;
        Ok(self.partition(at).unwrap_or(known))
    }

    /// The brokers, as they were before this decision.
    pub(super) fn brokers_before(&self) -> &BTreeMap<i32, BrokerRecord> {
        self.controller.state.brokers()
    }

    /// Whether a broker may lead a partition: it is alive, and its copy can be used.
    pub(super) fn may_lead(&self, id: i32, at: &TopicPartition, partition: &PartitionRecord) -> bool {
        let is_active = self.broker(id).is_some_and(BrokerRecord::is_active);
        is_active && !self.has_failed(id, at, partition)
    }

    /// Whether a broker has said that it cannot use its copy.
    pub(super) fn has_failed(&self, id: i32, at: &TopicPartition, partition: &PartitionRecord) -> bool {
        self.controller.sessions.has_failed(id, at, partition.topic)
    }

    /// What a topic's partitions go by.
    pub(super) fn rules(&self, topic: &str) -> ElectionRules {
        let defaults = self.controller.config.topic;
        let record = self.controller.state.topic(topic);
        let TopicSettings { min_in_sync, unclean } =
            record.map_or(defaults, |record| TopicSettings::of(&record.configs, defaults));
        let super::ControllerConfig { eligible_leader_replicas, unclean_recovery, .. } = self.controller.config;
        ElectionRules { eligible_leader_replicas, recovery: unclean_recovery, unclean, min_in_sync }
    }

    pub(super) fn set_cluster(&mut self, id: ClusterId) {
        self.cluster = Some(id);
    }

    pub(super) fn set_broker(&mut self, id: i32, record: BrokerRecord) {
        self.brokers.insert(id, record);
    }

    pub(super) fn set_topic(&mut self, name: Arc<str>, record: Option<TopicRecord>) {
        self.topics.insert(name, record);
    }

    pub(super) fn set_partition(&mut self, at: TopicPartition, mut record: Option<PartitionRecord>) {
        if let (Some(record), Some(before)) = (&mut record, self.controller.state.partition(&at)) {
            record.leader_epoch = record.leader_epoch.min(before.leader_epoch + 1);
            record.partition_epoch = record.partition_epoch.min(before.partition_epoch + 1);
        }
        self.partitions.insert(at, record);
    }

    /// Takes a step with a partition. `step` is told what is so, who may lead, and what the topic goes by. Gives whether that
    /// has changed anything.
    pub(super) fn change(
        &mut self,
        at: &TopicPartition,
        step: impl FnOnce(&PartitionRecord, &dyn Fn(i32) -> bool, ElectionRules) -> Option<PartitionRecord>,
    ) -> bool {
        let Some(record) = self.partition(at) else { return false };
        let next = step(record, &|id| self.may_lead(id, at, record), self.rules(&at.topic));
        let has_changed = next.is_some();
        if has_changed {
            self.set_partition(at.clone(), next);
        }
        has_changed
    }

    /// Fences brokers, all of them before the first partition looks for another leader.
    pub(super) fn fence(&mut self, brokers: &[i32]) {
        for &id in brokers {
            if let Some(record) = self.broker(id).cloned() {
                self.set_broker(id, BrokerRecord { fenced: true, ..record });
            }
        }
        for &id in brokers {
            self.leaves(id, Gone::Away);
        }
    }

    /// A broker leaves all ISRs, and what it led is led by others.
    pub(super) fn leaves(&mut self, id: i32, how: Gone) {
        for at in self.counted_on(id) {
            self.change(&at, |record, may_lead, rules| gone(record, id, how, may_lead, rules));
        }
    }

    /// A broker has lost all that it had. So it is not the one that knows most, though it led last.
    pub(super) fn has_nothing(&mut self, id: i32) {
        for at in self.where_it_holds(|record| record.last_leader == Some(id)) {
            self.change(&at, |record, _, _| {
                let partition_epoch = record.partition_epoch + 1;
                Some(PartitionRecord { last_leader: None, partition_epoch, ..record.clone() })
            });
        }
    }

    /// Partitions without a leader may have one now.
    pub(super) fn elect_where_nobody_leads(&mut self) {
        for at in self.where_it_holds(|record| record.leader.is_none()) {
            self.change(&at, |record, may_lead, rules| hold_election(record, rules.usual(), may_lead, rules));
        }
    }

    /// Gives leadership back to preferred leaders that may lead.
    pub(super) fn prefer_preferred(&mut self) {
        for at in self.where_it_holds(|record| record.leader.is_some() && record.leader != preferred(record)) {
            self.change(&at, |record, may_lead, rules| {
                let next = hold_election(record, Election::Preferred, may_lead, rules);
                next.filter(|next| next.leader == preferred(next))
            });
        }
    }

    /// The partitions in which a broker is counted on: as in sync, or as one that could lead.
    pub(super) fn counted_on(&self, id: i32) -> Vec<TopicPartition> {
        self.where_it_holds(|record| record.in_sync.contains(&id) || record.eligible.contains(&id))
    }

    /// The partitions of which a broker has a copy, or gets one.
    pub(super) fn copies_of(&self, id: i32) -> Vec<TopicPartition> {
        self.where_it_holds(|record| record.replicas.contains(&id))
    }

    fn where_it_holds(&self, holds: impl Fn(&PartitionRecord) -> bool) -> Vec<TopicPartition> {
        let all = self.controller.state.partitions().keys();
        all.filter(|at| self.partition(at).is_some_and(&holds)).cloned().collect()
    }

    /// The decision, with what is said once it is committed.
    pub(super) fn decided<T>(self, reply: T) -> Decided<MetadataRecord, T> {
        Decided { records: self.into_records(), reply }
    }

    pub(super) fn into_records(self) -> Vec<MetadataRecord> {
        let cluster = self.cluster.into_iter().map(MetadataRecord::Cluster);
        let brokers = self.brokers.into_iter().map(|(id, record)| MetadataRecord::Broker(id, Some(record)));
        let topics = self.topics.into_iter().map(|(name, record)| MetadataRecord::Topic(name, record));
        let partitions = self.partitions.into_iter().map(|(at, record)| MetadataRecord::Partition(at, record));
        cluster.chain(brokers).chain(topics).chain(partitions).collect()
    }
}

fn preferred(record: &PartitionRecord) -> Option<i32> {
    record.replicas.first().copied()
}
