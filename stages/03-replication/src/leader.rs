//! What a leader knows of its followers, and what it makes of it: the high watermark and the in-sync replicas. A pure state
//! machine: it does no I/O, and `now` is an argument.
//!
//! ```text
//!   a follower fetches from offset 5  ──▶ it has all before 5        ──▶ the high watermark may rise
//!                                     ──▶ it has caught up           ──▶ ask the controller to let it in
//!   time passes                       ──▶ one has not caught up
//!                                         for replica.lag.time.max.ms ──▶ ask the controller to put it out
//! ```
//!
//! **Who is in sync** is not the leader's to decide alone: if the leader dies, one of those is elected, by a controller that
//! must know the same list. So each change is asked of the controller (`AlterPartition`, KIP-497), under the partition epoch
//! that the leader knows; a leader that knows an old one is refused.
//!
//! **While it waits for the answer** nobody knows which list holds. So the leader counts both: the high watermark waits for
//! those that are in the list, and for those that will be in it if the controller agrees. If one is to be put out, it still
//! counts; if one is to be let in, it counts already.
//!
//! **Caught up** means: it has fetched up to where the leader's log ended when it fetched the last time. So a follower that is
//! a little behind all the time, on a partition that is written to all the time, is in sync; one that falls further and further
//! behind is not (KIP-16).

mod answer;
mod progress;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use segment_log::Offset;

use crate::api::AlterPartitionRequest;
use crate::records::PartitionRecord;
use crate::watermark::leader_high_watermark;

pub use answer::Settled;
pub use progress::Progress;

/// Time since some beginning, on a clock that never goes back.
pub type Uptime = Duration;

/// What a leader goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaderConfig {
    /// `replica.lag.time.max.ms`: for how long a replica may not have caught up and still be in sync.
    pub lag_time_max: Duration,
    /// `min.insync.replicas`: with fewer in sync nothing is committed.
    pub min_in_sync: usize,
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Leader {
    /// This broker.
    id: i32,
    config: LeaderConfig,
    /// What the controller has decided last.
    record: PartitionRecord,
    /// Where the log ended when this epoch began.
    epoch_start: Offset,
    /// Which replicas the controller would let in, and the epoch of each of these brokers.
    eligible: BTreeMap<i32, i64>,
    /// What the controller was asked for, until it is known what became of that.
    wish: Option<Wish>,
    /// All replicas but this one.
    followers: BTreeMap<i32, Progress>,
    /// Those that have asked for records since they were put out, or refused. Only such a one is let in: its end alone does not
    /// say that it is alive and reaches this leader, and while nothing is committed it goes on looking good enough.
    askers: BTreeSet<i32>,
    high_watermark: Offset,
}

/// A list of replicas in sync that the controller was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wish {
    /// The list.
    asked: BTreeSet<i32>,
    /// Everybody who is in a list that was asked for under this partition epoch: any of these lists may hold by now.
    may_hold: BTreeSet<i32>,
    /// The broker epoch in which whoever is to join has fetched. It does not change with what is learned later: what was
    /// caught up is that process's log, and not that of its successor (KIP-903).
    joins: BTreeMap<i32, i64>,
    /// It was asked before, and no answer came. So that question may yet be answered.
    is_in_doubt: bool,
}

/// A leader that was asked something that it cannot answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotMine {
    /// Who fetches has no replica of this partition.
    NotAReplica,
    /// It fetches in the name of a broker that has registered anew since.
    StaleBrokerEpoch,
}

impl Leader {
    /// Begins to lead at `log_end`. Nothing is known of the others in this epoch, and those in sync are given time to say
    /// something.
    pub fn new(
        id: i32,
        record: PartitionRecord,
        log_end: Offset,
        high_watermark: Offset,
        config: LeaderConfig,
        now: Uptime,
    ) -> Self {
        let others = record.replicas.iter().copied().filter(|&replica| replica != id);
        let followers =
            others.map(|replica| (replica, Progress::new(record.in_sync.contains(&replica), now))).collect();
        let mut leader = Leader {
            id,
            config,
            record,
            epoch_start: log_end,
            eligible: BTreeMap::new(),
            wish: None,
            followers,
            askers: BTreeSet::new(),
            high_watermark,
        };
        leader.advance(log_end, now);
        leader
    }

    /// What the controller has decided last.
    pub fn record(&self) -> &PartitionRecord {
        &self.record
    }

    /// The epoch in which it leads.
    pub fn epoch(&self) -> i32 {
        self.record.leader_epoch
    }

    /// Up to where the partition is committed.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// The list that was asked for and is not decided.
    pub fn pending(&self) -> Option<&BTreeSet<i32>> {
        self.wish.as_ref().map(|wish| &wish.asked)
    }

    /// The others, and what is known of them.
    pub fn followers(&self) -> &BTreeMap<i32, Progress> {
        &self.followers
    }

    /// How many replicas must be in sync: `min.insync.replicas`, but never more than there are.
    pub fn min_in_sync(&self) -> usize {
        self.config.min_in_sync.min(self.record.replicas.len())
    }

    /// The settings changed.
    pub fn set_config(&mut self, config: LeaderConfig) {
        self.config = config;
    }

    /// These brokers may join those in sync, and these are their epochs: they are registered, and neither fenced nor on their
    /// way out (KIP-841, KIP-903).
    pub fn set_eligible(&mut self, eligible: BTreeMap<i32, i64>) {
        self.eligible = eligible;
    }

    /// The controller has decided anew, in this leader's epoch: it answered, or the decision came through the metadata log. An
    /// older decision changes nothing. Gives whether this one was news.
    pub fn on_record(&mut self, record: PartitionRecord, log_end: Offset, now: Uptime) -> bool {
        if record.leader_epoch != self.record.leader_epoch || record.partition_epoch <= self.record.partition_epoch {
            return false;
        }
        let id = self.id;
        for &replica in record.replicas.iter().filter(|&&replica| replica != id) {
            let is_in_sync = record.in_sync.contains(&replica);
            self.followers.entry(replica).or_insert_with(|| Progress::new(is_in_sync, now));
        }
        self.followers.retain(|replica, _| record.replicas.contains(replica));
        let was_put_out = |replica: &i32| self.record.in_sync.contains(replica) && !record.in_sync.contains(replica);
        self.askers.retain(|replica| record.replicas.contains(replica) && !was_put_out(replica));
        self.record = record;
        self.wish = None;
        self.advance(log_end, now);
        true
    }

    /// Whether this leader has something to say to a follower.
    ///
    /// # Errors
    ///
    /// [`NotMine`].
    pub fn judge_follower(&self, follower: i32, broker_epoch: i64) -> Result<(), NotMine> {
        let progress = self.followers.get(&follower).ok_or(NotMine::NotAReplica)?;
        let known = self.eligible.get(&follower).copied().max(progress.broker_epoch());
        if known > Some(broker_epoch) { Err(NotMine::StaleBrokerEpoch) } else { Ok(()) }
    }

    /// Records were appended here.
    pub fn on_append(&mut self, log_end: Offset, now: Uptime) {
        self.advance(log_end, now);
    }

    /// A follower asks for the records from `its_end` on, so it has all before. Its question was judged before: the two logs
    /// agree up to there ([`judge_fetch`](crate::truncation::judge_fetch)).
    ///
    /// # Errors
    ///
    /// [`NotMine`]: then nothing has changed.
    pub fn on_fetch(
        &mut self,
        follower: i32,
        broker_epoch: i64,
        its_end: Offset,
        log_end: Offset,
        now: Uptime,
    ) -> Result<(), NotMine> {
        self.judge_follower(follower, broker_epoch)?;
        let progress = self.followers.get_mut(&follower).ok_or(NotMine::NotAReplica)?;
        progress.fetched(broker_epoch, its_end, log_end, now);
        self.askers.insert(follower);
        self.advance(log_end, now);
        Ok(())
    }

    /// Whether the high watermark waits for a replica: it is in sync, or would be if the controller agrees, or it has caught
    /// up and waits to be let in. Kafka counts the last kind as well: on a partition that is written to all the time, the high
    /// watermark would else run ahead of a newcomer for ever.
    pub fn counts(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let may_be = self.wish.as_ref().is_some_and(|wish| wish.may_hold.contains(&replica));
        self.record.in_sync.contains(&replica) || may_be || self.waits_to_join(replica, log_end, now)
    }

    fn waits_to_join(&self, replica: i32, log_end: Offset, now: Uptime) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };
        self.is_eligible(replica, progress) && progress.is_caught_up(log_end, now, self.config.lag_time_max)
    }

    fn is_eligible(&self, replica: i32, progress: &Progress) -> bool {
        self.eligible.get(&replica).is_some_and(|&epoch| progress.broker_epoch() == Some(epoch))
    }

    /// Moves the high watermark, if what it rests on has changed.
    pub(crate) fn advance(&mut self, log_end: Offset, now: Uptime) {
        let others = self.followers.iter().filter(|(replica, _)| self.counts(**replica, log_end, now));
        let counted = others.map(|(_, progress)| progress.end()).chain([Some(log_end)]);
        let in_sync = self.record.in_sync.len();
        self.high_watermark = leader_high_watermark(self.high_watermark, counted, in_sync, self.min_in_sync());
    }

    /// Looks around, as time has passed. Gives what to ask the controller for, if there is something: to put out who has not
    /// caught up for too long, else to let in who has. One change is asked for at a time. From here on it is pending, until the
    /// controller's answer is known.
    pub fn propose(&mut self, log_end: Offset, now: Uptime) -> Option<AlterPartitionRequest> {
        // Whoever waited to join, and has fallen silent, is not waited for any more.
        self.advance(log_end, now);
        if self.wish.is_some() {
            return None;
        }
        let asked = self.wanted(log_end, now)?;
        let new = asked.iter().filter(|replica| !self.record.in_sync.contains(replica));
        let joins = new.filter_map(|&replica| Some((replica, self.followers.get(&replica)?.broker_epoch()?))).collect();
        self.wish = Some(Wish { may_hold: asked.clone(), asked, joins, is_in_doubt: false });
        self.request()
    }

    /// What is pending, as it was asked and is to be asked again if no answer came.
    pub fn request(&self) -> Option<AlterPartitionRequest> {
        let wish = self.wish.as_ref()?;
        let member = |&replica: &i32| (replica, wish.joins.get(&replica).copied().unwrap_or(-1));
        Some(AlterPartitionRequest {
            leader: self.id,
            leader_epoch: self.record.leader_epoch,
            partition_epoch: self.record.partition_epoch,
            in_sync: wish.asked.iter().map(member).collect(),
        })
    }

    fn wanted(&self, log_end: Offset, now: Uptime) -> Option<BTreeSet<i32>> {
        let in_sync: BTreeSet<i32> = self.record.in_sync.iter().copied().collect();
        let late = self.out_of_sync(log_end, now);
        if !late.is_empty() {
            return Some(in_sync.difference(&late).copied().collect());
        }
        let joins = self.askers.iter().copied().find(|&replica| self.may_join(replica))?;
        Some(in_sync.into_iter().chain([joins]).collect())
    }

    /// Those in sync that have not caught up for too long.
    pub fn out_of_sync(&self, log_end: Offset, now: Uptime) -> BTreeSet<i32> {
        let members = self.record.in_sync.iter().filter_map(|replica| self.followers.get_key_value(replica));
        let late = members.filter(|(_, progress)| !progress.is_caught_up(log_end, now, self.config.lag_time_max));
        late.map(|(replica, _)| *replica).collect()
    }

    /// Whether a replica that is not in sync may be let in. It must have all that is committed, and all that was there when
    /// this epoch began: what lies between the two may be committed too, and this leader does not know it yet (KAFKA-7128).
    pub fn may_join(&self, replica: i32) -> bool {
        let Some(progress) = self.followers.get(&replica) else { return false };
        let has_all = progress.end().is_some_and(|end| end >= self.high_watermark && end >= self.epoch_start);
        !self.record.in_sync.contains(&replica) && has_all && self.is_eligible(replica, progress)
    }
}
