//! The cluster, as the records of its metadata log tell it. The controller judges by this, and every broker works by it.
//!
//! ```text
//!   __cluster_metadata-0   ▐█cluster, broker 1█▌▐█broker 2█▌▐█topic orders, orders-0, orders-1█▌▐█orders-0█▌
//!                                     │ replay                                                      │ replay
//!                                     ▼                                                             ▼
//!   controller             a ClusterState, in which all is known            broker 2   a ClusterState, a moment behind
//! ```
//!
//! There is one type for both, and so there is one meaning of each record. A broker is told nothing that it would have to
//! believe: it reads the log, and comes to what the controller has come to. It is behind, by as much as it has not read; it
//! is never wrong. (Kafka has two: the controller's managers, and the brokers' `MetadataImage`.)
//!
//! Invariants:
//!
//! 1. Nothing but [`replay`](ClusterState::replay) changes it. Two that have seen the same records are equal.
//! 2. It bears any record. Whether something may be so is judged before it is written; what is written is so.
//!
//! Left out: a snapshot of it, from which a reader could start in the middle of the log (stage 08).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use partitioning::api::{
    BrokerInfo, MAX_ENTRIES, MetadataRequest, MetadataResponse, TopicId, TopicInfo, TopicPartition,
};
use partitioning::topics::catalogue::{Catalogue, CatalogueRules, TopicRecord};
use partitioning::topics::name::judge_name;
use partitioning::{ErrorCode, Refusal};
use segment_log::LogConfig;

use crate::records::{BrokerRecord, ClusterId, MetadataRecord, Note, PartitionRecord};

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct ClusterState {
    cluster: Option<ClusterId>,
    brokers: BTreeMap<i32, BrokerRecord>,
    /// Stage 02's catalogue: it also judges new topics, by rules that are no part of what is decided.
    topics: Catalogue,
    /// All topics that there ever were.
    known: BTreeSet<TopicId>,
    partitions: BTreeMap<TopicPartition, PartitionRecord>,
    /// What later stages have decided, by name.
    notes: BTreeMap<Arc<str>, Bytes>,
}

impl ClusterState {
    /// Before the first record. `max_partitions` and `log` are for whoever judges new topics by it.
    pub fn new(max_partitions: usize, log: LogConfig) -> Self {
        let rules = CatalogueRules { brokers: 0, max_partitions, log };
        let (brokers, partitions, notes) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        ClusterState {
            cluster: None,
            brokers,
            topics: Catalogue::new(rules),
            known: BTreeSet::new(),
            partitions,
            notes,
        }
    }

    /// Learns a decision.
    pub fn replay(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Cluster(id) => self.cluster = Some(*id),
            MetadataRecord::Broker(id, record) => {
                set(&mut self.brokers, id, record);
                let usable = self.brokers.values().filter(|broker| !broker.is_leaving()).count();
                self.topics.set_brokers(u16::try_from(usable).unwrap_or(u16::MAX));
            }
            MetadataRecord::Topic(name, record) => {
                self.known.extend(record.iter().map(|record| record.id));
                self.topics.set(name.clone(), record.clone());
            }
            MetadataRecord::Partition(at, record) => set(&mut self.partitions, at, record),
            MetadataRecord::Note(name, value) => set(&mut self.notes, name, value),
        }
    }

    /// The cluster's id; `None` before the first decision.
    pub fn cluster(&self) -> Option<ClusterId> {
        self.cluster
    }

    /// All brokers that have registered, by id.
    pub fn brokers(&self) -> &BTreeMap<i32, BrokerRecord> {
        &self.brokers
    }

    /// A broker, if it has registered.
    pub fn broker(&self, id: i32) -> Option<&BrokerRecord> {
        self.brokers.get(&id)
    }

    /// Whether a broker may lead, and join those in sync: it is registered, not fenced, and not about to stop.
    pub fn active(&self, id: i32) -> bool {
        self.broker(id).is_some_and(BrokerRecord::is_active)
    }

    /// All topics.
    pub fn topics(&self) -> &Catalogue {
        &self.topics
    }

    /// A topic that there is.
    pub fn topic(&self, name: &str) -> Option<&TopicRecord> {
        self.topics.live(name).ok()
    }

    /// Whether there is, or ever was, a topic with this id.
    pub fn knows(&self, topic: TopicId) -> bool {
        self.known.contains(&topic)
    }

    /// All partitions, by topic and number.
    pub fn partitions(&self) -> &BTreeMap<TopicPartition, PartitionRecord> {
        &self.partitions
    }

    /// A partition.
    pub fn partition(&self, at: &TopicPartition) -> Option<&PartitionRecord> {
        self.partitions.get(at)
    }

    /// A partition, or which part of its name is wrong.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition).
    pub fn find(&self, at: &TopicPartition) -> Result<&PartitionRecord, Refusal> {
        let topic = self.topics.live(&at.topic)?;
        self.partition(at).ok_or_else(|| {
            ErrorCode::UnknownTopicOrPartition.because(format!(
                "the topic `{}` has no partition {}: it has {}, from 0",
                at.topic, at.partition, topic.partitions
            ))
        })
    }

    /// What a later stage has decided, if it has.
    ///
    /// # Errors
    ///
    /// [`CorruptMessage`](ErrorCode::CorruptMessage) if it is there and cannot be read: another version of the program wrote it.
    pub fn note<N: Note>(&self) -> Result<Option<N>, Refusal> {
        let Some(bytes) = self.notes.get(N::NAME) else { return Ok(None) };
        N::from_bytes(bytes).map(Some).map_err(|rule| {
            ErrorCode::CorruptMessage.because(format!("the controller's note `{}` cannot be read: {rule}", N::NAME))
        })
    }

    /// The partitions of which a broker has a copy, or gets one.
    pub fn partitions_of(&self, broker: i32) -> impl Iterator<Item = (&TopicPartition, &PartitionRecord)> {
        self.partitions.iter().filter(move |(_, partition)| partition.replicas.contains(&broker))
    }

    /// The partitions of a topic, by number.
    pub fn partitions_in(&self, topic: &str) -> impl Iterator<Item = (&TopicPartition, &PartitionRecord)> {
        let [first, last] = [0, u32::MAX].map(|number| TopicPartition::new(topic, number));
        self.partitions.range(first..=last)
    }

    /// What a client is told: the brokers that can be asked, and topics.
    pub fn metadata(&self, request: &MetadataRequest) -> MetadataResponse {
        MetadataResponse { brokers: self.broker_infos(), topics: self.topic_infos(request.topics.as_deref()) }
    }

    /// The brokers that are not fenced, by id.
    pub fn broker_infos(&self) -> Vec<BrokerInfo> {
        let reachable = self.brokers.iter().filter(|(_, broker)| !broker.fenced);
        reachable.map(|(&id, broker)| BrokerInfo { id, address: broker.address.clone() }).collect()
    }

    /// The topics with these names, each once, in the order of the names; or all topics, by name.
    pub fn topic_infos(&self, names: Option<&[String]>) -> Vec<(String, Result<TopicInfo, Refusal>)> {
        let Some(names) = names else {
            let live = self.topics.iter().filter(|(_, record)| !record.deleted);
            return live.map(|(name, _)| (name.to_string(), self.topic_info(name))).collect();
        };
        let mut seen = BTreeSet::new();
        let once = names.iter().filter(|&name| seen.insert(name));
        once.map(|name| (name.clone(), self.topic_info(name))).collect()
    }

    /// A topic, as a client is told of it.
    ///
    /// # Errors
    ///
    /// [`InvalidTopic`](ErrorCode::InvalidTopic), [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition).
    pub fn topic_info(&self, name: &str) -> Result<TopicInfo, Refusal> {
        judge_name(name)?;
        let record = self.topics.live(name)?;
        let partitions = self.partitions_in(name).map(|(_, partition)| partition.info()).collect();
        Ok(TopicInfo { id: record.id, partitions, configs: record.configs.clone() })
    }
}

/// What is known of a key from now on.
fn set<K: Ord + Clone, V: Clone>(map: &mut BTreeMap<K, V>, key: &K, value: &Option<V>) {
    match value {
        Some(value) => drop(map.insert(key.clone(), value.clone())),
        None => drop(map.remove(key)),
    }
}

/// For whoever judges no topics.
impl Default for ClusterState {
    fn default() -> Self {
        ClusterState::new(MAX_ENTRIES, LogConfig::default())
    }
}

/// By what is decided. The rules for what is yet to be decided do not count.
impl PartialEq for ClusterState {
    fn eq(&self, other: &Self) -> bool {
        let ClusterState { cluster, brokers, topics, known, partitions, notes } = self;
        let decided = (cluster, brokers, known, partitions, notes);
        decided == (&other.cluster, &other.brokers, &other.known, &other.partitions, &other.notes)
            && topics.iter().eq(other.topics.iter())
    }
}
