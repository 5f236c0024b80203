//! Topics: made, grown, deleted. What stage 02's broker did for itself is decided here for all.
//!
//! Stage 02 needed two records to delete a topic, as its folders had to go before the name was free. Here the folders are on
//! other machines, some of which may be down for a week. So the name is free at once, and the *topic id* tells an old
//! folder from that of a later topic of the same name: each broker removes what carries an id that is gone (KIP-516).

use std::sync::Arc;

use partitioning::api::{
    CreatePartitionsRequest, DeleteTopicRequest, NewTopic, PartitionInfo, TopicId, TopicInfo, TopicPartition,
};
use partitioning::topics::catalogue::TopicRecord;
use partitioning::topics::name::{CLUSTER_METADATA, is_internal};
use partitioning::{ErrorCode, Refusal};

use super::partition::created;
use super::placement::place;
use super::{Controller, Draft, Ruling};
use crate::machine::Moment;
use crate::topic_config::TopicSettings;

impl Controller {
    /// Makes a topic.
    ///
    /// # Errors
    ///
    /// [`InvalidTopic`](ErrorCode::InvalidTopic), [`TopicAlreadyExists`](ErrorCode::TopicAlreadyExists),
    /// [`InvalidPartitions`](ErrorCode::InvalidPartitions), [`InvalidConfig`](ErrorCode::InvalidConfig);
    /// [`InvalidReplicationFactor`](ErrorCode::InvalidReplicationFactor) if there are not enough brokers, or none is alive;
    /// [`InvalidRequest`](ErrorCode::InvalidRequest) for the metadata log's own name.
    pub fn create_topic(&mut self, new: NewTopic, now: Moment) -> Ruling<TopicInfo> {
        judge_not_ours("made", &new.name)?;
        let record = TopicRecord {
            id: self.new_topic_id(now),
            partitions: new.partitions.unwrap_or(self.config.num_partitions),
            replication_factor: new.replication_factor.unwrap_or(self.config.default_replication_factor),
            configs: new.configs,
            deleted: false,
        };
        self.judge(&new.name, &record)?;
        self.extend(new.name, record, 0)
    }

    /// Gives a topic more partitions: `count` of them, those included that it has.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition);
    /// [`InvalidPartitions`](ErrorCode::InvalidPartitions) if that is no more than it has, or more than there is room for;
    /// [`InvalidReplicationFactor`](ErrorCode::InvalidReplicationFactor) and [`InvalidRequest`](ErrorCode::InvalidRequest) as
    /// for a new topic, and for an internal one.
    pub fn create_partitions(&mut self, request: CreatePartitionsRequest, _now: Moment) -> Ruling<TopicInfo> {
        judge_not_ours("grown", &request.name)?;
        // A key's partition tells who is responsible for it, and depends on how many there are.
        if is_internal(&request.name) {
            let rule = "is internal: what its partitions are responsible for depends on how many there are, so that never changes";
            return Err(ErrorCode::InvalidRequest.because(format!("the topic `{}` {rule}", request.name)));
        }
        let old = self.state.topics().live(&request.name)?;
        let has = old.partitions;
        let record = TopicRecord { partitions: request.count, ..old.clone() };
        self.judge(&request.name, &record)?;
        self.extend(request.name, record, has)
    }

    /// Forgets a topic. Its name is free from here on.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition); [`InvalidRequest`](ErrorCode::InvalidRequest) for the
    /// metadata log's own name.
    pub fn delete_topic(&mut self, request: DeleteTopicRequest, _now: Moment) -> Ruling<()> {
        judge_not_ours("deleted", &request.name)?;
        self.state.topics().live(&request.name)?;
        let mut draft = Draft::new(self);
        for (at, _) in self.state.partitions_in(&request.name) {
            draft.set_partition(at.clone(), None);
        }
        draft.set_topic(request.name, None);
        Ok(draft.decided(()))
    }

    /// Places the partitions that `record` has beyond the first `has`, and describes the whole topic.
    fn extend(&mut self, name: Arc<str>, record: TopicRecord, has: u32) -> Ruling<TopicInfo> {
        let (mut active, mut fenced) = (Vec::new(), Vec::new());
        for (&id, broker) in self.state.brokers().iter().filter(|(_, broker)| !broker.is_leaving()) {
            if broker.is_active() { active.push(id) } else { fenced.push(id) }
        }
        let more = record.partitions - has;
        let placed = place(&active, &fenced, more, record.replication_factor, &mut self.random)?;
        let mut draft = Draft::new(self);
        let mut partitions: Vec<PartitionInfo> = match has {
            0 => Vec::new(),
            _ => self.state.topic_info(&name)?.partitions,
        };
        for (number, replicas) in (has..).zip(placed) {
            let partition = created(record.id, replicas, |id| active.contains(&id));
            partitions.push(partition.info());
            draft.set_partition(TopicPartition::new(name.clone(), number), Some(partition));
        }
        let info = TopicInfo { id: record.id, partitions, configs: record.configs.clone() };
        draft.set_topic(name, Some(record));
        Ok(draft.decided(info))
    }

    /// By stage 02's rules, which know a log's settings and no others.
    fn judge(&self, name: &str, record: &TopicRecord) -> Result<(), Refusal> {
        let (_, logs) = TopicSettings::split(&record.configs, self.config.topic)?;
        self.state.topics().judge(name, Some(&TopicRecord { configs: logs, ..record.clone() }))
    }

    /// A number that no topic has, and none had or will have: one half is by chance, so that no other cluster's topic is likely
    /// to have it, and the other is the time.
    fn new_topic_id(&mut self, now: Moment) -> TopicId {
        loop {
            let by_chance = self.random.u64(1..);
            let id = TopicId(u128::from(by_chance) << 64 | u128::from(now.wall as u64));
            if self.state.topics().iter().all(|(_, record)| record.id != id) {
                return id;
            }
        }
    }
}

fn judge_not_ours(act: &str, name: &str) -> Result<(), Refusal> {
    if name != CLUSTER_METADATA {
        return Ok(());
    }
    let rule = "is the brokers' own: it cannot be";
    Err(ErrorCode::InvalidRequest.because(format!("the topic `{name}` {rule} {act} by a client")))
}
