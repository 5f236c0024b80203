//! One copy of a partition, and what this broker does with it.
//!
//! ```text
//!              becomes leader                                   becomes follower
//!   append ─▶ [ log, epochs, F ]  ◀── followers fetch    copy ─▶ [ log, epochs, F ]  ──▶ cut where the logs part
//!               │                                                  │
//!               └─ Leader: who has what, high watermark            └─ the leader's high watermark, as far as it has the records
//! ```
//!
//! The rules are in pure modules: [`leader`](crate::leader), [`watermark`](crate::watermark),
//! [`truncation`](crate::truncation), [`epochs`](crate::epochs). A replica holds a log and a role under one lock, and applies
//! the rules to both in one step. So nobody appends in an epoch that is over, and no follower is answered with records that
//! are being cut off.
//!
//! Its epochs are a fold over its log, and `F` is another, of a later stage: producers' sequences (05), transactions (06).
//! Followers learn both from the batches they copy, and forget with the log what they cut.
//!
//! Invariants:
//!
//! 1. A replica's leader epoch never goes back, not even over a restart: its log remembers. A role of an older epoch is not
//!    taken up.
//! 2. Only a leader appends, in its own epoch, and it has noted where the epoch begins before its first append. It leads once
//!    in an epoch: a log that has lost its end in a crash must not get other records there under the same number.
//! 3. `log start <= high watermark <= end`. A leader's high watermark does not go back.
//! 4. Clients read from a leader alone, and only what is committed.
//! 5. Retention takes what is committed, and nothing else.

mod copy;
mod roles;
mod serve;

use std::fmt;
use std::sync::{Mutex, MutexGuard};

use partitioning::api::TopicId;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::news::News;
use partitioning::{Isolation, Offsets, Partition, Read, ReadRequest, TopicPartition, Writer};
use segment_log::{Appended, Batch, Fold, Log, Offset, ReadCommitted, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::epochs::{EpochEntry, LeaderEpochs};
use crate::leader::{Leader, Uptime};
use crate::truncation::Truncation;

pub use copy::{Ask, Copied};
pub use roles::{Following, Leading};
pub use serve::{FollowerAsk, Inspected, Served, ServedFound, ToAsk};

/// See the [module](self).
pub struct Replica<F: Fold = ()> {
    at: TopicPartition,
    topic: TopicId,
    /// This broker.
    id: i32,
    truncation: Truncation,
    /// Uptimes count from here.
    began: Instant,
    state: Mutex<State<F>>,
    /// Where it stands, told beside the lock: who only asks never waits for somebody else's flush.
    news: News<Offsets>,
}

/// The log, and the epochs and what a later stage derives from it.
pub type ReplicaLog<F> = Log<(LeaderEpochs, F)>;

enum State<F: Fold> {
    Open(Box<Open<F>>),
    /// The broker stops.
    Closed,
    /// The broker has this partition no more.
    Deleted,
}

/// What a replica is while its log is open.
struct Open<F: Fold> {
    log: ReplicaLog<F>,
    role: Role,
    /// As a leader says it, or as it was known last. A leader's own is in its role.
    high_watermark: Offset,
    /// The epochs, as the checkpoint beside the log holds them.
    checkpointed: Vec<EpochEntry>,
}

enum Role {
    /// Nobody leads, as far as this broker knows.
    Waiting {
        epoch: i32,
    },
    Leader(Box<Leader>),
    Follower {
        leader: i32,
        epoch: i32,
    },
}

impl<F: Fold> Replica<F> {
    /// Which partition it is a copy of.
    pub fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// Of which topic.
    pub fn topic(&self) -> TopicId {
        self.topic
    }

    /// Up to where it knows the partition to be committed; `None` once it is closed.
    pub fn high_watermark(&self) -> Option<Offset> {
        self.with(|open| Ok(open.high_watermark())).ok()
    }

    /// Why its log takes no writes any more, if it does not.
    pub fn failure(&self) -> Option<String> {
        match self.with(|open| Ok(open.log.stopped())) {
            Ok(stopped) => stopped,
            Err(refusal) if refusal.code == ErrorCode::StorageError => Some(refusal.message),
            // Closed in order, or deleted.
            Err(_) => None,
        }
    }

    /// Lets time pass: old committed segments go, and what has waited long enough is flushed. Gives how many segments went.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError), or that it is closed or deleted.
    pub fn housekeep(&self, now: Timestamp) -> Result<usize, Refusal> {
        self.change(|open, _| {
            let removed = open.log.retain_below(open.high_watermark(), now)?;
            open.log.flush_if_due(now)?;
            Ok(removed.len())
        })
    }

    /// Closes the log in order. Requests that come later are refused; so is closing it twice.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError): then the next start recovers the log.
    pub fn close(&self) -> Result<(), Refusal> {
        match self.leave(State::Closed)? {
            State::Open(open) => Ok(open.log.close()?),
            before => Err(before.refuse(&self.at)),
        }
    }

    /// Lets go of the log, whose files may then be removed. Slices that were read before stay good.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError) if a request failed in a way that nobody foresaw.
    pub fn retire(&self) -> Result<(), Refusal> {
        self.leave(State::Deleted).map(drop)
    }

    /// Refuses from here on, and ends the news: in this order, so that who is woken by their end is refused.
    fn leave(&self, next: State<F>) -> Result<State<F>, Refusal> {
        let before = self.lock().map(|mut state| std::mem::replace(&mut *state, next));
        self.news.end();
        before
    }

    fn with<T>(&self, work: impl FnOnce(&mut Open<F>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        match &mut *self.lock()? {
            State::Open(open) => work(open),
            other => Err(other.refuse(&self.at)),
        }
    }

    /// Does `work`, and tells where the replica stands then, whatever became of the work: a batch whose flush failed is in the
    /// log. Told under the lock, so that news never overtake each other: an end may go back here.
    fn change<T>(&self, work: impl FnOnce(&mut Open<F>, Uptime) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.with(|open| {
            // Read here: somebody else's flush may have taken long.
            let done = work(open, self.began.elapsed());
            let high_watermark = open.high_watermark();
            open.log.fold_mut().committed(high_watermark);
            self.news.change(|_| open.offsets());
            done
        })
    }

    fn lock(&self) -> Result<MutexGuard<'_, State<F>>, Refusal> {
        // Whoever panicked was in the middle of something: nobody knows what the log is now.
        self.state.lock().map_err(|_| {
            ErrorCode::StorageError.because(format!(
                "a request to {} failed in a way that nobody foresaw: the replica is out of use until the broker is started \
                 again",
                self.at
            ))
        })
    }
}

impl<F: Fold> Open<F> {
    fn epoch(&self) -> i32 {
        match &self.role {
            Role::Waiting { epoch } | Role::Follower { epoch, .. } => *epoch,
            Role::Leader(leader) => leader.epoch(),
        }
    }

    fn high_watermark(&self) -> Offset {
        match &self.role {
            Role::Leader(leader) => leader.high_watermark(),
            _ => self.high_watermark,
        }
    }

    fn epochs(&self) -> &LeaderEpochs {
        &self.log.fold().0
    }

    fn offsets(&self) -> Offsets {
        let high_watermark = self.high_watermark();
        let (in_sync, min_in_sync) = match &self.role {
            Role::Leader(leader) => (leader.record().in_sync.len(), leader.min_in_sync()),
            _ => (0, 1),
        };
        let (unstable, log_start) = (self.log.fold().unstable(), self.log.log_start());
        Offsets {
            log_start,
            // Retention may have taken the beginning of what is not decided.
            last_stable: unstable.map_or(high_watermark, |unstable| unstable.max(log_start).min(high_watermark)),
            high_watermark,
            end: self.log.end(),
            leader_epoch: self.epoch(),
            in_sync,
            min_in_sync,
        }
    }

    /// Gives its role up, for another.
    fn step_down(&mut self, role: Role) {
        self.high_watermark = self.high_watermark();
        self.role = role;
    }

    /// The leader, if this replica leads.
    fn leading(&mut self, at: &TopicPartition) -> Result<&mut Leader, Refusal> {
        match &mut self.role {
            Role::Leader(leader) => Ok(leader),
            other => Err(other.not_leader(at)),
        }
    }
}

impl Role {
    fn not_leader(&self, at: &TopicPartition) -> Refusal {
        let why = match self {
            Role::Follower { leader, epoch } => format!("broker {leader} does, in epoch {epoch}"),
            Role::Waiting { epoch } => format!("nobody does in epoch {epoch}"),
            Role::Leader(_) => "it does".to_owned(),
        };
        ErrorCode::NotLeaderOrFollower.because(format!("this broker does not lead {at}: {why}"))
    }
}

impl<F: Fold> State<F> {
    fn refuse(&self, at: &TopicPartition) -> Refusal {
        match self {
            State::Deleted => {
                ErrorCode::UnknownTopicOrPartition.because(format!("{at} is not on this broker any more"))
            }
            _ => ErrorCode::NotLeaderOrFollower.because(format!("{at} is closed: the broker stops")),
        }
    }
}

impl<F: Fold> Partition for Replica<F> {
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal> {
        self.change(|open, uptime| {
            let epoch = open.leading(&self.at)?.epoch();
            let appended = open.log.append(batch, by.in_epoch(epoch), now);
            let end = open.log.end();
            open.leading(&self.at)?.on_append(end, uptime);
            Ok(appended?)
        })
    }

    fn read(&self, request: ReadRequest, isolation: Isolation) -> Result<Read, Refusal> {
        self.with(|open| {
            open.leading(&self.at)?;
            let (ReadRequest { from, max_bytes, min_one_batch }, offsets) = (request, open.offsets());
            let until = isolation.end(&offsets);
            let (found, aborted) = match isolation {
                Isolation::LastStable => {
                    let ReadCommitted { slice, aborted } = open.log.read_committed(from, until, max_bytes)?;
                    (slice, aborted)
                }
                _ => (open.log.read_below(from, until, max_bytes)?, Vec::new()),
            };
            // A log gives at least one batch. If that is too large, the reader may have asked not to get it.
            let is_too_large = found.len() > max_bytes && !min_one_batch;
            let slice = if is_too_large { found.first(0) } else { found };
            Ok(Read { slice, aborted, offsets })
        })
    }

    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
        self.with(|open| {
            let committed = open.leading(&self.at)?.high_watermark();
            Ok(open.log.find_time(time)?.filter(|(_, offset)| *offset < committed))
        })
    }

    fn offsets(&self) -> Offsets {
        self.news.now()
    }

    fn watch(&self) -> watch::Receiver<Offsets> {
        self.news.listen()
    }
}

impl<F: Fold> fmt::Debug for Replica<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replica({} on broker {}, {:?})", self.at, self.id, self.news.now())
    }
}
