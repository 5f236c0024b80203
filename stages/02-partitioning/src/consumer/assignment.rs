//! The partitions that a consumer reads, and what it has fetched of them. No network here, and no clock of its own.
//!
//! ```text
//!      the fetcher asks              take() gives records to the application
//!           │    ▲                                 ▲
//!           ▼    │                                 │
//!         ┌────────────────────────────────────────────────┐
//!   line: │ orders-2    orders-0    orders-1    payments-0 │
//!         │ ▐█▌▐█▌▐▒    (asked)     ▐█▌         (paused)   │
//!         └────────────────────────────────────────────────┘
//!           │ drained: to the end of the line, and asked again
//! ```
//!
//! The partitions stand in a line, and the line makes reading fair. The application gets records of the first that has
//! some. When all that was fetched of it is taken, the partition goes to the end. Fetches name the partitions in the same
//! order, so that a busy one cannot fill every answer before the others get into one. (Kafka: `FetchCollector`,
//! `SubscriptionState.movePartitionToEnd`.)
//!
//! A partition with an error waits for its turn like any other, and uses it to tell the error. So one that fails again and
//! again hides nobody's records, and is not hidden by them.
//!
//! A partition is asked again only when nothing of it is left here. What is held of one broker's answers has a bound:
//!
//! > bytes held < `fetch.max.bytes` + one batch
//!
//! for a fetch begins only below `fetch.max.bytes`, and asks for no more than what is left to it. A broker that keeps to the
//! request exceeds it by one batch at most, the first, which it gives whole (KIP-74). That counts bytes as they travel. One
//! batch at a time is open, and takes up to [`DECOMPRESSED_LIMIT`](segment_log::batch::DECOMPRESSED_LIMIT) beside them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use segment_log::Offset;
use tokio::time::Instant;

use super::answer::Answer;
use super::assigned::{Assigned, Progress};
use super::config::ConsumerConfig;
use super::positions::{Cursor, Position};
use super::record::ConsumerRecord;
use super::stats::ConsumerStats;
use crate::api::TopicPartition;
use crate::error::{Error, Result};

/// See the [module](self).
#[derive(Debug)]
pub struct Assignment {
    pub(super) config: ConsumerConfig,
    pub(super) partitions: BTreeMap<TopicPartition, Assigned>,
    /// All partitions, in the order of their turns.
    pub(super) line: VecDeque<TopicPartition>,
    /// The partition that is read now. It keeps its turn until what was fetched of it is taken.
    draining: Option<TopicPartition>,
    /// Brokers that a fetch is under way to.
    pub(super) fetching: BTreeSet<i32>,
    pub(super) stats: ConsumerStats,
    /// How many versions were given out.
    versions: u64,
}

impl Assignment {
    /// No partitions.
    pub fn new(config: ConsumerConfig) -> Self {
        Assignment {
            config,
            partitions: BTreeMap::new(),
            line: VecDeque::new(),
            draining: None,
            fetching: BTreeSet::new(),
            stats: ConsumerStats::default(),
            versions: 0,
        }
    }

    /// Reads these partitions and no others. Those that were read before go on where they are; the others begin where
    /// `auto.offset.reset` says.
    pub fn assign(&mut self, partitions: impl IntoIterator<Item = TopicPartition>) {
        let mut before = std::mem::take(&mut self.partitions);
        for at in partitions {
            if self.partitions.contains_key(&at) {
                continue;
            }
            let assigned = before.remove(&at).unwrap_or_else(|| {
                self.line.push_back(at.clone());
                self.versions += 1;
                Assigned::new(Cursor::new(self.config.auto_offset_reset), self.versions)
            });
            self.partitions.insert(at, assigned);
        }
        self.line.retain(|at| self.partitions.contains_key(at));
        for gone in before.into_values() {
            gone.progress.held.iter().for_each(|(_, answer)| self.stats.discard(answer));
        }
    }

    /// The settings.
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// The partitions that are read, by name.
    pub fn partitions(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }

    /// Where the consumer stands in a partition.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn cursor(&self, at: &TopicPartition) -> Result<&Cursor> {
        Ok(&self.get(at)?.cursor)
    }

    /// How many offsets lie between the consumer and the end of a partition, as far as both are known.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn lag(&self, at: &TopicPartition) -> Result<Option<i64>> {
        let assigned = self.get(at)?;
        let lag = |(end, next): (Offset, Offset)| end.saturating_sub(next).max(0);
        Ok(assigned.high_watermark.zip(assigned.cursor.offset()).map(lag))
    }

    /// How many offsets from the position on are here already.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn ahead(&self, at: &TopicPartition) -> Result<i64> {
        let held = self.get(at)?.progress.held.as_ref();
        Ok(held.map_or(0, |(_, answer)| answer.end() - answer.next()))
    }

    /// Goes elsewhere in a partition.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn seek(&mut self, at: &TopicPartition, to: Position) -> Result<()> {
        self.begin_anew(at)?.cursor.seek(to);
        Ok(())
    }

    /// Leaves a partition alone, or takes it up again where it was. What is held of it is thrown away: what nobody takes
    /// would fill the room that the others need. (Kafka keeps it, KAFKA-7548, and has no such bound.)
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn set_paused(&mut self, at: &TopicPartition, paused: bool) -> Result<()> {
        if self.get(at)?.paused != paused {
            self.begin_anew(at)?.paused = paused;
        }
        Ok(())
    }

    /// Whether [`take`](Self::take) has something to give.
    pub fn is_ready(&self) -> bool {
        self.partitions.values().any(Assigned::is_ready)
    }

    /// The next records, at most `max.poll.records`: of one partition or several, in the order of offsets within each. None,
    /// if nothing is here.
    ///
    /// # Errors
    ///
    /// What the partition whose turn it is has to tell. Records that were fetched are not lost by it.
    pub fn take(&mut self, now: Instant) -> Result<Vec<ConsumerRecord>> {
        let mut records = Vec::new();
        while records.len() < self.config.max_poll_records
            && let Some(at) = self.whose_turn()
        {
            let assigned = self.partitions.get_mut(&at).expect("the line names what is assigned");
            if assigned.progress.held.is_some() {
                self.drain(&at, &mut records, now);
            } else if records.is_empty() {
                let trouble = assigned.take_trouble(&at).expect("what is ready has records or trouble");
                self.send_to_the_end(&at);
                return Err(trouble);
            } else {
                // Records first. The error has the next turn.
                break;
            }
        }
        self.stats.records += records.len() as u64;
        Ok(records)
    }

    /// What was done so far.
    pub fn stats(&self) -> ConsumerStats {
        ConsumerStats { held_bytes: self.held_bytes(), ..self.stats }
    }

    /// Bytes of one broker's answers that are here and not yet taken.
    pub fn held_bytes_of(&self, broker: i32) -> usize {
        self.held().filter(|(from, _)| *from == broker).map(|(_, answer)| answer.size()).sum()
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.held().map(|(_, answer)| answer.size()).sum()
    }

    fn held(&self) -> impl Iterator<Item = &(i32, Answer)> {
        self.partitions.values().filter_map(|assigned| assigned.progress.held.as_ref())
    }

    fn get(&self, at: &TopicPartition) -> Result<&Assigned> {
        self.partitions.get(at).ok_or_else(|| Error::NotAssigned(at.clone()))
    }

    /// The partition, with its past forgotten: what came, what is on its way, what went wrong.
    fn begin_anew(&mut self, at: &TopicPartition) -> Result<&mut Assigned> {
        let assigned = self.partitions.get_mut(at).ok_or_else(|| Error::NotAssigned(at.clone()))?;
        self.versions += 1;
        assigned.version = self.versions;
        let past = std::mem::take(&mut assigned.progress);
        past.held.iter().for_each(|(_, answer)| self.stats.discard(answer));
        Ok(assigned)
    }

    fn whose_turn(&self) -> Option<TopicPartition> {
        let ready = |at: &&TopicPartition| self.partitions.get(*at).is_some_and(Assigned::is_ready);
        self.draining.as_ref().filter(ready).or_else(|| self.line.iter().find(ready)).cloned()
    }

    /// Takes what is held of a partition, up to the bound of a poll.
    fn drain(&mut self, at: &TopicPartition, records: &mut Vec<ConsumerRecord>, now: Instant) {
        let (most, check_crcs) = (self.config.max_poll_records, self.config.check_crcs);
        let assigned = self.partitions.get_mut(at).expect("the line names what is assigned");
        let Progress { held, trouble, .. } = &mut assigned.progress;
        let Some((_, answer)) = held else { return };
        let taken = answer.take(most, check_crcs, records);
        assigned.cursor.advance(answer.next());
        match taken {
            Ok(()) if !answer.is_drained() => self.draining = Some(at.clone()),
            Ok(()) => {
                *held = None;
                self.send_to_the_end(at);
            }
            Err(corrupt) => {
                // It is fetched again after a while: the damage may have happened on the way.
                (*held, *trouble) = (None, Some(corrupt));
                assigned.failed(self.config.retry_backoff, now);
            }
        }
    }

    fn send_to_the_end(&mut self, at: &TopicPartition) {
        self.draining = None;
        if let Some(place) = self.line.iter().position(|other| other == at) {
            self.line.remove(place);
            self.line.push_back(at.clone());
        }
    }
}
