//! Reading partitions from a place on, up to an end or without one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use segment_log::Offset;

use super::super::describe;
use super::super::failure::Failure;
use crate::{Cluster, Consumer, ConsumerConfig, ConsumerRecord, Error, Position, TopicPartition};

/// How often it looks, while nothing comes, whether anybody still reads.
const LOOK_UP: Duration = Duration::from_millis(250);
/// How often it looks whether it is at the end already: an empty partition gives no records by which to tell.
const END_CHECK: Duration = Duration::from_millis(10);

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The topic.
    pub topic: String,
    /// Its partitions; none for all that there are now.
    pub partitions: Vec<u32>,
    /// Where to begin in each.
    pub from: Position,
    /// End after so many records.
    pub max: Option<u64>,
    /// End where the partitions end now.
    pub until_end: bool,
    /// How to read.
    pub config: ConsumerConfig,
}

impl Wanted {
    /// All records that a topic has now.
    pub fn all_of(topic: impl Into<String>) -> Self {
        let (topic, partitions, config) = (topic.into(), Vec::new(), ConsumerConfig::default());
        Wanted { topic, partitions, from: Position::Beginning, max: None, until_end: true, config }
    }
}

/// Reads, and hands over what comes as it comes. Now and then it hands over nothing, for whoever wants to stop it meanwhile.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked; those of `take`.
pub async fn read(
    cluster: Cluster,
    wanted: &Wanted,
    mut take: impl FnMut(&[ConsumerRecord]) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let partitions = partitions(wanted, &cluster).await?;
    let mut reading = Reading::begin(wanted, cluster, partitions).await?;
    let read = reading.hand_over(&mut take).await;
    reading.consumer.close().await;
    read
}

/// The partitions to read, each once.
async fn partitions(wanted: &Wanted, cluster: &Cluster) -> Result<Vec<TopicPartition>, Failure> {
    let name = &wanted.topic;
    let topic = cluster.topic(name).await?;
    let count = topic.partitions.len() as u32;
    if let Some(&partition) = wanted.partitions.iter().find(|&&partition| partition >= count) {
        return Err(Error::NoPartition { topic: name.clone(), partition, count }.into());
    }
    let is_asked = |at: &TopicPartition| wanted.partitions.is_empty() || wanted.partitions.contains(&at.partition);
    Ok(describe::partitions(name, &topic).filter(is_asked).collect())
}

/// A consumer at work, and when it is done.
struct Reading<'a> {
    wanted: &'a Wanted,
    consumer: Consumer,
    /// Where to end in each partition that has not ended yet; none if it is to go on.
    ends: Option<BTreeMap<TopicPartition, Offset>>,
    /// How many fetches had brought nothing when all that are left stood behind their ends.
    behind_since: Option<u64>,
    left: u64,
}

impl<'a> Reading<'a> {
    async fn begin(wanted: &'a Wanted, cluster: Cluster, partitions: Vec<TopicPartition>) -> Result<Self, Failure> {
        let mut consumer = Consumer::new(cluster, wanted.config.clone())?;
        let ends = match wanted.until_end {
            true => Some(consumer.end_offsets(&partitions).await?),
            false => None,
        };
        consumer.assign(partitions.clone());
        for at in &partitions {
            consumer.seek(at, wanted.from)?;
        }
        Ok(Reading { wanted, consumer, ends, behind_since: None, left: wanted.max.unwrap_or(u64::MAX) })
    }

    async fn hand_over(
        &mut self,
        take: &mut impl FnMut(&[ConsumerRecord]) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        let wait = if self.ends.is_some() { END_CHECK } else { LOOK_UP };
        while self.left > 0 && !self.is_at_end()? {
            let mut records = self.consumer.poll(wait).await?;
            records.retain(|record| is_wanted(record, self.ends.as_ref()));
            records.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= records.len() as u64;
            if take(&records)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether all partitions have been read up to where they ended. Leaves those alone that have.
    fn is_at_end(&mut self) -> Result<bool, Failure> {
        let Some(ends) = &mut self.ends else { return Ok(false) };
        let mut all_are_behind = true;
        for (at, end) in std::mem::take(ends) {
            let position = self.consumer.position(&at)?;
            // An offset behind the end may be one that the partition does not hold: that is the broker's to say.
            let is_behind = position.is_some_and(|at| at > end && self.wanted.from == Position::Offset(at));
            match position.is_some_and(|position| position >= end && !is_behind) {
                true => self.consumer.pause(&at)?,
                false => {
                    all_are_behind &= is_behind;
                    ends.insert(at, end);
                }
            }
        }
        if ends.is_empty() || !all_are_behind {
            self.behind_since = None;
            return Ok(ends.is_empty());
        }
        // It has said nothing of that: the offset is there, and not committed. At most as many brokers are asked as there are
        // partitions left, and each that is asked answers once at least.
        let empty = self.consumer.stats().empty_fetches;
        Ok(empty - *self.behind_since.get_or_insert(empty) >= ends.len() as u64)
    }
}

/// Whether a record was there when the end was looked up.
fn is_wanted(record: &ConsumerRecord, ends: Option<&BTreeMap<TopicPartition, Offset>>) -> bool {
    ends.is_none_or(|ends| ends.get(&record.at).is_some_and(|end| record.offset < *end))
}
