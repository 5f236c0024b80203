//! What to ask next: the fetcher's decisions, without its network.
//!
//! | a partition that has | leads to |
//! |---|---|
//! | no leader that is known | [`Job::Leaders`], one for each topic |
//! | no offset yet | [`Job::Lookup`], one for each broker |
//! | an offset, nothing held, and is not paused | [`Job::Fetch`], one for each broker at a time |
//!
//! A job names the versions of its partitions. By the time its answer comes, the application may have gone elsewhere.
//! Then the version is another, and the answer is thrown away ([`outcome`](super::outcome)).

use std::collections::BTreeMap;
use std::sync::Arc;

use segment_log::Offset;
use tokio::time::Instant;

use super::assigned::Assigned;
use super::assignment::Assignment;
use super::positions::{Sought, State};
use crate::api::{FetchPartition, FetchRequest, MAX_ENTRIES, TopicPartition};

/// Something to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Who leads the partitions of a topic.
    Leaders(Leaders),
    /// Where partitions begin and end.
    Lookup(Lookup),
    /// For records.
    Fetch(Fetch),
}

/// A partition, and which version of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned {
    /// The partition.
    pub at: TopicPartition,
    /// It changes when the application changes its mind.
    pub version: u64,
}

/// See [`Job::Leaders`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaders {
    /// The topic.
    pub topic: Arc<str>,
    /// What is known of it may be wrong: a broker is to be asked now.
    pub again: bool,
    /// Whose leaders are wanted.
    pub partitions: Vec<Versioned>,
}

/// See [`Job::Lookup`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Whom to ask.
    pub broker: i32,
    /// Partitions, and what is sought in each.
    pub partitions: Vec<(Versioned, Sought)>,
}

/// See [`Job::Fetch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Whom to ask.
    pub broker: i32,
    /// `fetch.max.bytes`, less what is held of this broker's answers.
    pub max_bytes: u32,
    /// Partitions in the order of their turns, and the offset to read each from.
    pub partitions: Vec<(Versioned, Offset)>,
}

impl Fetch {
    /// The request, with at most so many bytes of each partition.
    pub fn request(&self, max_partition_bytes: u32) -> FetchRequest {
        let partition = |(asked, offset): &(Versioned, Offset)| FetchPartition {
            at: asked.at.clone(),
            offset: *offset,
            max_bytes: max_partition_bytes,
        };
        FetchRequest { max_bytes: self.max_bytes, partitions: self.partitions.iter().map(partition).collect() }
    }
}

/// What to do now, and when to look again if nothing else happens.
#[derive(Debug, Default)]
pub struct Plan {
    /// To be begun now.
    pub jobs: Vec<Job>,
    /// When the next partition has waited long enough.
    pub wake: Option<Instant>,
}

impl Assignment {
    /// What to ask now. All that is in it counts as asked from here on.
    pub fn plan(&mut self, now: Instant) -> Plan {
        let mut draft = Draft { room: self.room(), ..Draft::default() };
        let (mut resting, mut wake) = (Vec::new(), None::<Instant>);
        for at in &self.line {
            let assigned = self.partitions.get_mut(at).expect("the line names what is assigned");
            if !assigned.is_wanting() {
                continue;
            }
            match assigned.waits(now) {
                None => assigned.progress.asked = draft.add(at, assigned),
                Some(time) => {
                    wake = Some(wake.map_or(time, |earlier| earlier.min(time)));
                    resting.push(at);
                }
            }
        }
        // Partitions that rest come along when their broker is asked anyway. Otherwise each idle partition would soon have
        // a rhythm of its own, and a fetch of its own.
        for at in resting {
            let assigned = self.partitions.get_mut(at).expect("it was there before");
            let asked = assigned.leader.is_some_and(|broker| draft.fetches.contains_key(&broker));
            if asked && assigned.is_resting() {
                assigned.progress.asked = draft.add(at, assigned);
            }
        }
        self.fetching.extend(draft.fetches.keys());
        Plan { jobs: draft.jobs(), wake }
    }

    /// How many bytes each broker may be asked for. None, while it is being asked.
    fn room(&self) -> BTreeMap<i32, u32> {
        let most = self.config.fetch_max_bytes;
        let mut room: BTreeMap<i32, u32> =
            self.partitions.values().filter_map(|known| known.leader).map(|id| (id, most)).collect();
        for (broker, answer) in self.partitions.values().filter_map(|assigned| assigned.progress.held.as_ref()) {
            if let Some(room) = room.get_mut(broker) {
                *room = room.saturating_sub(u32::try_from(answer.size()).unwrap_or(u32::MAX));
            }
        }
        room.retain(|broker, _| !self.fetching.contains(broker));
        room
    }
}

/// Jobs that are being put together. What is added may find no place in one: then that is to be tried again later.
#[derive(Default)]
struct Draft {
    /// Bytes that may be asked for, by broker.
    room: BTreeMap<i32, u32>,
    leaders: BTreeMap<Arc<str>, Leaders>,
    lookups: BTreeMap<i32, Lookup>,
    fetches: BTreeMap<i32, Fetch>,
}

impl Draft {
    /// Adds what a partition wants to the job that it belongs to, and says whether it has found a place there.
    fn add(&mut self, at: &TopicPartition, assigned: &Assigned) -> bool {
        let asked = Versioned { at: at.clone(), version: assigned.version };
        match (assigned.leader, assigned.cursor.state()) {
            (None, _) => self.leaders(asked, assigned.has_failed()),
            (Some(broker), State::Awaiting(sought)) => self.lookup(broker, asked, sought),
            (Some(broker), State::At(offset)) => self.fetch(broker, asked, offset),
            (Some(_), State::Failed(_)) => false,
        }
    }

    fn leaders(&mut self, asked: Versioned, again: bool) -> bool {
        let topic = asked.at.topic.clone();
        let fresh = || Leaders { topic: topic.clone(), again: false, partitions: Vec::new() };
        let job = self.leaders.entry(topic.clone()).or_insert_with(fresh);
        job.again |= again;
        job.partitions.push(asked);
        true
    }

    fn lookup(&mut self, broker: i32, asked: Versioned, sought: Sought) -> bool {
        let job = self.lookups.entry(broker).or_insert_with(|| Lookup { broker, partitions: Vec::new() });
        // Two questions for each partition.
        let fits = job.partitions.len() < MAX_ENTRIES / 2;
        if fits {
            job.partitions.push((asked, sought));
        }
        fits
    }

    fn fetch(&mut self, broker: i32, asked: Versioned, offset: Offset) -> bool {
        let max_bytes = self.room.get(&broker).copied().unwrap_or(0);
        if max_bytes == 0 {
            return false;
        }
        let job = self.fetches.entry(broker).or_insert_with(|| Fetch { broker, max_bytes, partitions: Vec::new() });
        let fits = job.partitions.len() < MAX_ENTRIES;
        if fits {
            job.partitions.push((asked, offset));
        }
        fits
    }

    fn jobs(self) -> Vec<Job> {
        let leaders = self.leaders.into_values().map(Job::Leaders);
        let lookups = self.lookups.into_values().map(Job::Lookup);
        let fetches = self.fetches.into_values().map(Job::Fetch);
        leaders.chain(lookups).chain(fetches).collect()
    }
}
