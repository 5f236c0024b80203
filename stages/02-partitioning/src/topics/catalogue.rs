//! The catalogue: which topics there are. It is a fold over a log.
//!
//! A broker could keep its list of topics in a file and write the file anew at each change. Then it would need a way to
//! do so without losing half of it in a crash, and later a way to tell the other brokers. A log has both. So each
//! decision about a topic is one record in the log `__cluster_metadata-0`, and the
//! list is what the records give, one after the other:
//!
//! ```text
//!   offset        0                1                2                3                4
//!   key        orders           payments         orders           payments         payments
//!   value      2 partitions     1 partition      3 partitions     deleted          null
//!              ─────────────────────────────────────────────────────────────────────────────▶
//!   topics     orders: 2        orders: 2        orders: 3        orders: 3        orders: 3
//!                               payments: 1      payments: 1      (payments)
//! ```
//!
//! A deletion takes two records. The first, `deleted`, is the decision: from then on the topic is gone, and its folders
//! may be removed. The second, a null (a *tombstone*), says that they are, and that the name is free. So after a crash
//! between the two the catalogue itself knows what is left to do. Both have the topic's name as their key, and the last
//! record of a key says all: this log can be compacted (stage 10).
//!
//! Invariants:
//!
//! 1. A decision is judged before it is written ([`Catalogue::judge`]), and it has happened once it is durable.
//! 2. Whatever the log holds is learned, whether it would be allowed today or not: a limit that was lowered since does
//!    not undo the past.
//! 3. A record that cannot be read is neither skipped nor guessed at. It is kept as [`Catalogue::fault`], and nothing
//!    after it is learned. A broker with a fault does not start: it would take the topics that it does not know for
//!    rubbish, or give their names away.
//!
//! Kafka has such a log since KRaft (KIP-500). Its records are finer (a topic, each partition, each setting), have no keys,
//! and are replaced by snapshots of the whole state (KIP-630) instead of being compacted.
//!
//! Left out: who leads which partition (stage 03 brings records for that) and more than one copy of this log (stage 08).

mod record;

use std::collections::BTreeMap;
use std::sync::Arc;

use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::codec;
use segment_log::{Appended, BatchView, Fold, LogConfig, Origin, Rejection, Verdict};

use super::config::log_config;
use super::name::{collide, judge_name, shown};
use crate::api::MAX_ENTRIES;
use crate::error::{ErrorCode, Refusal};

pub use record::{TopicRecord, decision};

/// The log's name, and its folder's.
pub const CATALOGUE_LOG: &str = "__cluster_metadata-0";
const SNAPSHOT_VERSION: u8 = 1;

/// What is allowed, apart from what the format demands.
#[derive(Debug, Clone)]
pub struct CatalogueRules {
    /// How many brokers there are: no topic can have more copies.
    pub brokers: u16,
    /// The most partitions of all topics together.
    pub max_partitions: usize,
    /// What a topic's own settings are set on top of.
    pub log: LogConfig,
}

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct Catalogue {
    rules: CatalogueRules,
    topics: BTreeMap<Arc<str>, TopicRecord>,
    /// The first record that could not be read.
    fault: Option<String>,
}

impl Catalogue {
    /// Before the first decision.
    pub fn new(rules: CatalogueRules) -> Self {
        Catalogue { rules, topics: BTreeMap::new(), fault: None }
    }

    /// From here on there are so many brokers. (One, until stage 03.)
    pub fn set_brokers(&mut self, brokers: u16) {
        self.rules.brokers = brokers;
    }

    /// Learns one decision: what is known of a name from now on, or that the name is free. As a batch of this log's own
    /// does, for whoever has such decisions among others in a log (stage 03's controller).
    pub fn set(&mut self, name: Arc<str>, record: Option<TopicRecord>) {
        match record {
            Some(record) => drop(self.topics.insert(name, record)),
            None => drop(self.topics.remove(&name)),
        }
    }

    /// All names that are not free, in order, deleted topics among them.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &TopicRecord)> {
        self.topics.iter()
    }

    /// What is known of a name, deleted topics among them.
    pub fn get(&self, name: &str) -> Option<&TopicRecord> {
        self.topics.get(name)
    }

    /// A topic that there is.
    ///
    /// # Errors
    ///
    /// [`UnknownTopicOrPartition`](ErrorCode::UnknownTopicOrPartition).
    pub fn live(&self, name: &str) -> Result<&TopicRecord, Refusal> {
        self.get(name).filter(|record| !record.deleted).ok_or_else(|| unknown(name))
    }

    /// Partitions of all topics that there are.
    pub fn partitions(&self) -> usize {
        self.topics.values().filter(|record| !record.deleted).map(|record| record.partitions as usize).sum()
    }

    /// Which record could not be read, and why.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Judges a decision. Pure: it changes nothing.
    ///
    /// What a record means follows from what was known before it. Of a name that is free, it is a new topic. With the
    /// id of the topic that there is, it is that topic, grown or deleted. With another id, it is a second topic of the
    /// same name, which cannot be.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] that says which rule it breaks.
    pub fn judge(&self, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
        match (self.topics.get(name), record) {
            (None, Some(new)) if !new.deleted => self.judge_new(name, new),
            (None, _) => Err(unknown(name)),
            (Some(old), Some(new)) if old.id != new.id || old.deleted => Err(taken(name, old)),
            (Some(_), Some(new)) if new.deleted => Ok(()),
            (Some(old), Some(new)) => self.judge_growth(name, old, new),
            (Some(old), None) if old.deleted => Ok(()),
            (Some(_), None) => Err(ErrorCode::InvalidRequest
                .because(format!("the topic `{name}` is not deleted, so its name cannot be free"))),
        }
    }

    fn judge_new(&self, name: &str, new: &TopicRecord) -> Result<(), Refusal> {
        judge_name(name)?;
        if let Some(known) = self.topics.keys().find(|known| collide(known, name)) {
            return Err(ErrorCode::InvalidTopic.because(format!(
                "the topic name `{name}` collides with `{known}`: names must differ in more than `.` and `_`"
            )));
        }
        let (copies, brokers) = (new.replication_factor, self.rules.brokers);
        if !(1..=brokers).contains(&copies) {
            return Err(ErrorCode::InvalidReplicationFactor.because(format!(
                "the topic `{name}` would have {copies} copies of each partition, and {brokers} can be kept: one for each \
                 broker that there is"
            )));
        }
        judge_partitions(name, new.partitions)?;
        log_config(&self.rules.log, &new.configs)?;
        self.judge_room(name, new.partitions as usize)
    }

    fn judge_growth(&self, name: &str, old: &TopicRecord, new: &TopicRecord) -> Result<(), Refusal> {
        let (has, wanted) = (old.partitions, new.partitions);
        if wanted <= has {
            let rule = match wanted == has {
                true => "to grow it takes more".to_owned(),
                false => format!("with {wanted} it would lose records: a topic never shrinks"),
            };
            return Err(
                ErrorCode::InvalidPartitions.because(format!("the topic `{name}` has {has} partitions: {rule}"))
            );
        }
        judge_partitions(name, wanted)?;
        self.judge_room(name, (wanted - has) as usize)
    }

    fn judge_room(&self, name: &str, more: usize) -> Result<(), Refusal> {
        let (has, limit) = (self.partitions(), self.rules.max_partitions);
        if has + more <= limit {
            return Ok(());
        }
        Err(ErrorCode::InvalidPartitions.because(format!(
            "the topic `{name}` needs {more} more partitions, and max.broker.partitions = {limit} leaves room for {}",
            limit.saturating_sub(has)
        )))
    }

    /// The decision in a batch, which holds one.
    fn read_one(batch: &BatchView<'_>) -> Result<(Arc<str>, Option<TopicRecord>), Refusal> {
        let broken = |rule: String| ErrorCode::InvalidRecord.because(rule);
        let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| broken(error.to_string()))?;
        let mut records = records.iter();
        match (records.next(), records.next()) {
            (Some(record), None) => record::read(&record.map_err(|error| broken(error.to_string()))?).map_err(broken),
            _ => Err(broken(format!("a batch of {CATALOGUE_LOG} holds one decision"))),
        }
    }

    /// Learns the decisions in a batch, whether they would be allowed today or not: a value is what is known of its name
    /// from now on, and a null frees the name.
    ///
    /// # Errors
    ///
    /// Which record cannot be read, and why. What stands before it is learned.
    fn learn(&mut self, batch: &BatchView<'_>) -> Result<(), String> {
        let in_batch = |error: &dyn std::fmt::Display| format!("the batch at offset {}: {error}", batch.base_offset());
        let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| in_batch(&error))?;
        for record in records.iter() {
            let record = record.map_err(|error| in_batch(&error))?;
            let (name, value) = record::read(&record)?;
            match value {
                Some(value) => self.topics.insert(name, value),
                None => self.topics.remove(&name),
            };
        }
        Ok(())
    }
}

impl Fold for Catalogue {
    fn check(&self, batch: &BatchView<'_>, _origin: &Origin) -> Result<Verdict, Rejection> {
        let (name, record) = Self::read_one(batch).map_err(Rejection::new)?;
        self.judge(&name, record.as_ref()).map_err(Rejection::new)?;
        Ok(Verdict::Write)
    }

    fn apply(&mut self, batch: &BatchView<'_>, _at: &Appended) {
        // A control batch is for the log's own keepers (stage 08), and no decision.
        if self.fault.is_none() && !batch.is_control() {
            self.fault = self.learn(batch).err();
        }
    }

    fn snapshot(&self) -> Vec<u8> {
        codec::encode(SNAPSHOT_VERSION, &(&self.topics, &self.fault))
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        (self.topics, self.fault) = (BTreeMap::new(), None);
        if let Some(snapshot) = snapshot {
            (self.topics, self.fault) = codec::decode(SNAPSHOT_VERSION, snapshot).map_err(Rejection::new)?;
        }
        Ok(())
    }
}

/// How many partitions a topic can have at all: an answer that tells of all of them is a list in a message.
fn judge_partitions(name: &str, partitions: u32) -> Result<(), Refusal> {
    if (1..=MAX_ENTRIES).contains(&(partitions as usize)) {
        return Ok(());
    }
    Err(ErrorCode::InvalidPartitions.because(format!(
        "the topic `{}` would have {partitions} partitions, and a topic has 1 to {MAX_ENTRIES}",
        shown(name)
    )))
}

/// There is no such topic.
pub(crate) fn unknown(name: &str) -> Refusal {
    ErrorCode::UnknownTopicOrPartition.because(format!("there is no topic `{}`", shown(name)))
}

fn taken(name: &str, by: &TopicRecord) -> Refusal {
    ErrorCode::TopicAlreadyExists.because(match by.deleted {
        false => format!("the topic `{name}` exists already"),
        true => format!("the topic `{name}` is deleted, and its name is free once its folders are removed"),
    })
}
