//! The topics that a producer sends to: what is known of each, and its partitioner.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::accumulator::Accumulator;
use super::partitioner::{Candidate, Partitioner, Topic, existing};
use crate::api::{TopicId, TopicInfo, TopicPartition};
use crate::error::{Error, Result};

/// Makes a partitioner for a topic.
pub(super) type MakePartitioner = Box<dyn FnMut(fastrand::Rng) -> Box<dyn Partitioner> + Send>;

/// See the [module](self).
pub(super) struct Topics {
    known: BTreeMap<Arc<str>, Known>,
    make: MakePartitioner,
    random: fastrand::Rng,
}

struct Known {
    info: Arc<TopicInfo>,
    partitioner: Box<dyn Partitioner>,
    /// Something went wrong that another leader, or another topic of that name, could be the reason for.
    is_stale: bool,
}

/// Where a record goes.
pub(super) struct Choice {
    pub(super) at: TopicPartition,
    /// A batch was full and could not take the record.
    pub(super) has_filled: bool,
}

impl Topics {
    pub(super) fn new(make: MakePartitioner, random: fastrand::Rng) -> Self {
        Topics { known: BTreeMap::new(), make, random }
    }

    /// Learns what a broker said of a topic. A topic does not shrink, so what says that it did is older than what is known.
    /// Gives whether another topic had the name until now.
    pub(super) fn know(&mut self, name: &Arc<str>, info: &Arc<TopicInfo>) -> bool {
        match self.known.get_mut(name) {
            Some(known) if known.info.id == info.id => {
                known.is_stale = false;
                if known.info.partitions.len() <= info.partitions.len() {
                    known.info = info.clone();
                }
                false
            }
            // Unknown until now, or deleted and made anew.
            _ => {
                let partitioner = (self.make)(self.random.fork());
                let known = Known { info: info.clone(), partitioner, is_stale: false };
                self.known.insert(name.clone(), known).is_some()
            }
        }
    }

    /// Whether a broker must be asked before the next record.
    pub(super) fn is_stale(&self, name: &str) -> bool {
        self.known.get(name).is_some_and(|known| known.is_stale)
    }

    /// The topics that a broker must be asked about.
    pub(super) fn stale(&self) -> impl Iterator<Item = &Arc<str>> {
        self.known.iter().filter(|(_, known)| known.is_stale).map(|(name, _)| name)
    }

    /// Whether the topic is known, and has the partition that a record names, or any if it names none.
    pub(super) fn has(&self, name: &str, named: Option<u32>) -> bool {
        let index = named.unwrap_or(0) as usize;
        self.known.get(name).is_some_and(|known| index < known.info.partitions.len())
    }

    /// Which topic it is that has the name.
    pub(super) fn id(&self, name: &str) -> Option<TopicId> {
        self.known.get(name).map(|known| known.info.id)
    }

    /// Lets a broker be asked before the next record.
    pub(super) fn doubt(&mut self, name: &str) {
        if let Some(known) = self.known.get_mut(name) {
            known.is_stale = true;
        }
    }

    /// The broker that leads the partition, if one is known.
    pub(super) fn leader(&self, at: &TopicPartition) -> Option<i32> {
        self.known.get(&at.topic)?.info.partitions.get(at.partition as usize)?.leader
    }

    /// The partition for a record: the one that it names, or the one that the partitioner chooses.
    pub(super) fn choose<T>(
        &mut self,
        name: &Arc<str>,
        named: Option<u32>,
        record: &Candidate<'_>,
        accumulator: &mut Accumulator<T>,
    ) -> Result<Choice> {
        let unknown = || Error::NoPartition { topic: name.to_string(), partition: named.unwrap_or(0), count: 0 };
        let Known { info, partitioner, .. } = self.known.get_mut(name).ok_or_else(unknown)?;
        let mut view = View { name, info, accumulator, has_filled: false };
        let count = view.partitions();
        let partition = match named {
            Some(partition) => partition,
            // A partitioner may rely on there being a partition.
            None if count == 0 => return Err(unknown()),
            None => partitioner.partition(record, &mut view),
        };
        let at = view.at(existing(partition, name, count)?);
        Ok(Choice { at, has_filled: view.has_filled })
    }

    /// Tells the partitioner what the record that it chose for has taken.
    pub(super) fn appended(&mut self, record: &Candidate<'_>, at: &TopicPartition, bytes: usize) {
        if let Some(known) = self.known.get_mut(&at.topic) {
            known.partitioner.appended(record, at.partition, bytes);
        }
    }
}

/// A topic as its partitioner sees it.
struct View<'a, T> {
    name: &'a Arc<str>,
    info: &'a TopicInfo,
    accumulator: &'a mut Accumulator<T>,
    has_filled: bool,
}

impl<T> View<'_, T> {
    fn at(&self, partition: u32) -> TopicPartition {
        TopicPartition { topic: self.name.clone(), partition }
    }
}

impl<T> Topic for View<'_, T> {
    fn partitions(&self) -> u32 {
        self.info.partitions.len() as u32
    }

    fn has_leader(&self, partition: u32) -> bool {
        self.info.partitions.get(partition as usize).is_some_and(|partition| partition.leader.is_some())
    }

    fn waiting(&self, partition: u32) -> usize {
        self.accumulator.waiting(&self.at(partition))
    }

    fn offer(&mut self, partition: u32, bytes: usize) -> bool {
        let is_taken = self.accumulator.offer(&self.at(partition), bytes);
        self.has_filled |= !is_taken;
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Topics;
    use crate::api::{PartitionInfo, TopicId, TopicInfo, TopicPartition};
    use crate::producer::partitioner::RoundRobin;

    /// Two tasks may ask, and the one with the older answer may come last.
    #[test]
    fn an_older_answer_does_not_take_partitions_away() {
        let info = |id, count| {
            let partition = PartitionInfo { leader: Some(1), leader_epoch: 0, replicas: vec![], in_sync: vec![] };
            Arc::new(TopicInfo { id: TopicId(id), partitions: vec![partition; count], configs: Default::default() })
        };
        let mut topics = Topics::new(Box::new(|_| Box::new(RoundRobin::new())), fastrand::Rng::with_seed(1));
        let (name, third) = (Arc::from("orders"), TopicPartition::new("orders", 2));
        topics.know(&name, &info(1, 3));
        topics.know(&name, &info(1, 2));
        assert_eq!(topics.leader(&third), Some(1));
        topics.know(&name, &info(2, 2));
        assert_eq!(topics.leader(&third), None, "it is another topic");
    }
}
