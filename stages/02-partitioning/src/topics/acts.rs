//! The acts: create, grow, delete. Each is judged, made ready, recorded, and then shown, in this order.

use std::sync::Arc;

use segment_log::{Origin, Timestamp};

use super::catalogue::{TopicRecord, decision};
use super::name::CLUSTER_METADATA;
use super::{Admin, Topic, Topics, log_config};
use crate::api::{NewTopic, TopicId, TopicInfo, TopicPartition};
use crate::error::{ErrorCode, Refusal, Result};

impl Topics {
    /// Makes a topic.
    ///
    /// # Errors
    ///
    /// [`InvalidTopic`](ErrorCode::InvalidTopic), [`TopicAlreadyExists`](ErrorCode::TopicAlreadyExists),
    /// [`InvalidPartitions`](ErrorCode::InvalidPartitions),
    /// [`InvalidReplicationFactor`](ErrorCode::InvalidReplicationFactor), [`InvalidConfig`](ErrorCode::InvalidConfig);
    /// [`InvalidRequest`](ErrorCode::InvalidRequest) for the catalogue's own name;
    /// [`StorageError`](ErrorCode::StorageError); [`BrokerNotAvailable`](ErrorCode::BrokerNotAvailable) once closed.
    pub fn create(&self, new: &NewTopic) -> Result<TopicInfo, Refusal> {
        let mut admin = self.admin_for("made", &new.name)?;
        let record = TopicRecord {
            id: admin.new_id(),
            partitions: new.partitions.unwrap_or(self.config.num_partitions),
            replication_factor: new.replication_factor.unwrap_or(self.config.default_replication_factor),
            configs: new.configs.clone(),
            deleted: false,
        };
        admin.catalogue.fold().judge(&new.name, Some(&record))?;
        self.extend(&mut admin, &new.name, record, Vec::new())
    }

    /// Gives a topic more partitions: `count` of them, those included that it has. Those keep what they hold, though
    /// keys may go to other partitions from now on.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition);
    /// [`InvalidPartitions`](ErrorCode::InvalidPartitions) if that is no more than it has, or more than the broker has
    /// room for; the last three of [`create`](Self::create).
    pub fn grow(&self, name: &Arc<str>, count: u32) -> Result<TopicInfo, Refusal> {
        let mut admin = self.admin_for("grown", name)?;
        let record = TopicRecord { partitions: count, ..admin.catalogue.fold().live(name)?.clone() };
        admin.catalogue.fold().judge(name, Some(&record))?;
        let before = self.served().get(name).map(|topic| topic.partitions.clone()).unwrap_or_default();
        self.extend(&mut admin, name, record, before)
    }

    /// Makes the partitions that `record` has beyond `before`, records the topic, and shows it.
    fn extend(
        &self,
        admin: &mut Admin,
        name: &Arc<str>,
        record: TopicRecord,
        before: Vec<Arc<super::LocalPartition>>,
    ) -> Result<TopicInfo, Refusal> {
        let (config, now) = (log_config(&self.config.log, &record.configs)?, self.clock.now());
        let made = admin.folders.make(name, before.len() as u32..record.partitions, &config, now)?;
        if let Err(refusal) = admin.decide(name, Some(&record), now) {
            // If it is recorded after all, the next start makes the folders again: nothing was in them.
            admin.folders.unmake(&made);
            return Err(refusal);
        }
        let topic = Arc::new(Topic { record, partitions: before.into_iter().chain(made).collect() });
        self.served_mut().insert(name.clone(), topic.clone());
        Ok(self.info(&topic))
    }

    /// Forgets a topic, with all that is in it. When this returns it is gone for good. Requests that have found one of
    /// its partitions are finished or refused; what was read and not yet sent can still be sent.
    ///
    /// Its folders go before this returns, too. If one cannot be removed, that is logged, and the name is not free until
    /// a later start of the broker has removed it.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition); the last three of [`create`](Self::create).
    pub fn delete(&self, name: &str) -> Result<(), Refusal> {
        let mut admin = self.admin_for("deleted", name)?;
        let record = TopicRecord { deleted: true, ..admin.catalogue.fold().live(name)?.clone() };
        let now = self.clock.now();
        admin.decide(name, Some(&record), now)?;
        // In a step of its own: what it frees may take a moment, and nobody should wait for that.
        let topic = self.served_mut().remove(name);
        for partition in topic.iter().flat_map(|topic| &topic.partitions) {
            partition.retire();
        }
        admin.bury(name, record.partitions, now);
        Ok(())
    }

    fn admin_for(&self, act: &str, name: &str) -> Result<super::AdminGuard<'_>, Refusal> {
        if name == CLUSTER_METADATA {
            return Err(ErrorCode::InvalidRequest
                .because(format!("the topic `{name}` is the brokers' own: it cannot be {act} by a client")));
        }
        let mut admin = self.admin()?;
        // There is nothing to flush, unless a flush has failed. Then the last decision is in doubt, the log has stopped,
        // and nothing may be built on what the catalogue seems to know.
        admin.catalogue.flush().map_err(undecided)?;
        Ok(admin)
    }
}

impl Admin {
    /// Records a decision. It is durable when this returns.
    fn decide(&mut self, name: &str, record: Option<&TopicRecord>, now: Timestamp) -> Result<(), Refusal> {
        let batch = decision(name, record, now);
        match self.catalogue.append(batch, Origin::Coordinator { leader_epoch: 0 }, now) {
            Ok(_) => Ok(()),
            Err(segment_log::Error::Rejected(rejection)) => Err(match rejection.reason::<Refusal>() {
                Some(refusal) => refusal.clone(),
                None => ErrorCode::UnknownServerError.because(rejection.to_string()),
            }),
            Err(error) => Err(undecided(error)),
        }
    }

    /// Removes the folders of a topic that is recorded as deleted, and frees its name. Whatever keeps it from that is
    /// logged, and the next start tries again.
    pub(super) fn bury(&mut self, name: &str, partitions: u32, now: Timestamp) {
        let topic: Arc<str> = name.into();
        for number in 0..partitions {
            let at = TopicPartition::new(topic.clone(), number);
            if let Err(error) = self.folders.remove(&at) {
                tracing::warn!("{at} is deleted, and its folder is still there: {error}; its name is not free yet");
                return;
            }
        }
        if let Err(refusal) = self.decide(name, None, now) {
            tracing::warn!("the topic {name} is deleted, and its name is not free yet: {refusal}");
        }
    }

    /// A number that no topic of this catalogue had or will have: one half is by chance, so that no other catalogue's is
    /// likely to, and the other half is the offset of the record that makes the topic.
    fn new_id(&mut self) -> TopicId {
        let by_chance = self.random.u64(1..);
        TopicId(u128::from(by_chance) << 64 | self.catalogue.end() as u128)
    }
}

fn undecided(error: segment_log::Error) -> Refusal {
    ErrorCode::StorageError.because(format!("the catalogue takes no decision: {error}"))
}
