//! The leader's side of replication: answers to followers, and what follows from what they ask.

use partitioning::error::{ErrorCode, Refusal};
use segment_log::{Fold, Offset, Slice};

use super::Replica;
use crate::api::{AlterPartitionRequest, ReplicaRole, ReplicaState};
use crate::epochs::{EpochEnd, LeaderEpochs};
use crate::leader::{NotMine, Settled};
use crate::records::PartitionRecord;
use crate::truncation::{FetchVerdict, judge_fetch};

/// A follower's question, for one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowerAsk {
    /// Its broker.
    pub replica: i32,
    /// The epoch that its registration gave.
    pub broker_epoch: i64,
    /// The epoch of the leader that it believes to ask.
    pub leader_epoch: i32,
    /// The end of its log.
    pub offset: Offset,
    /// The epoch of the record before that, if it is to be looked at.
    pub last_epoch: Option<i32>,
    /// The most bytes.
    pub max_bytes: usize,
    /// Whether the first batch is given whole even if it is larger (KIP-74).
    pub min_one_batch: bool,
    /// Whether it has just come. One that has waited and is looked at again says nothing new about its follower.
    pub is_new: bool,
}

/// What a follower is answered. The bytes are not moved yet.
#[derive(Debug, Clone)]
pub struct Served {
    /// What was found.
    pub found: ServedFound,
    /// The high watermark, this question taken into account.
    pub high_watermark: Offset,
    /// Where the log begins.
    pub log_start: Offset,
    /// There is something to ask the controller.
    pub has_wish: bool,
}

/// What was found.
#[derive(Debug, Clone)]
pub enum ServedFound {
    /// Batches.
    Records(Slice),
    /// The two logs part.
    Diverging(EpochEnd),
    /// The log does not reach there; it ends here.
    OutOfRange(Offset),
}

/// What there is to ask the controller after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToAsk {
    /// Nothing.
    Nothing,
    /// Something else, at once.
    More,
    /// The same, or to make sure, after a while: nobody knows whether something was done.
    Again,
}

/// A look into a replica's log.
#[derive(Debug, Clone)]
pub struct Inspected {
    /// Batches.
    pub slice: Slice,
    /// Its leader epochs.
    pub epochs: LeaderEpochs,
    /// Below this offset everything is flushed.
    pub flushed: Offset,
}

impl<F: Fold> Replica<F> {
    /// Answers a follower, and learns from its question how far it is.
    ///
    /// # Errors
    ///
    /// [`NotLeaderOrFollower`](ErrorCode::NotLeaderOrFollower), [`FencedLeaderEpoch`](ErrorCode::FencedLeaderEpoch),
    /// [`UnknownLeaderEpoch`](ErrorCode::UnknownLeaderEpoch), [`StaleBrokerEpoch`](ErrorCode::StaleBrokerEpoch);
    /// [`StorageError`](ErrorCode::StorageError).
    pub fn serve(&self, ask: FollowerAsk) -> Result<Served, Refusal> {
        self.change(|open, now| {
            let (start, end) = (open.log.log_start(), open.log.end());
            let verdict = judge_fetch(open.epochs(), start, end, ask.offset, ask.last_epoch);
            let leader = open.leading(&self.at)?;
            self.judge_epoch(leader.epoch(), ask.leader_epoch)?;
            let known = match verdict {
                FetchVerdict::Agrees if ask.is_new => {
                    leader.on_fetch(ask.replica, ask.broker_epoch, ask.offset, end, now)
                }
                // How far the follower is, nobody knows until the logs agree.
                _ => leader.judge_follower(ask.replica, ask.broker_epoch),
            };
            known.map_err(|why| self.not_mine(why, ask.replica))?;
            let has_wish = leader.propose(end, now).is_some();
            let high_watermark = leader.high_watermark();
            let found = match verdict {
                FetchVerdict::Diverges(at) => ServedFound::Diverging(at),
                FetchVerdict::OutOfRange => ServedFound::OutOfRange(end),
                FetchVerdict::Agrees => {
                    let found = open.log.read(ask.offset, ask.max_bytes)?;
                    let is_too_large = found.len() > ask.max_bytes && !ask.min_one_batch;
                    ServedFound::Records(if is_too_large { found.first(0) } else { found })
                }
            };
            Ok(Served { found, high_watermark, log_start: start, has_wish })
        })
    }

    /// Whether both speak of the same leader (KIP-320). A zombie that believes to lead is not followed by whoever knows
    /// better, and who follows an old leader's successor without knowing it is told.
    fn judge_epoch(&self, mine: i32, asked: i32) -> Result<(), Refusal> {
        match asked.cmp(&mine) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Less => Err(ErrorCode::FencedLeaderEpoch
                .because(format!("{} is led in epoch {mine}, and epoch {asked} is over", self.at))),
            std::cmp::Ordering::Greater => Err(ErrorCode::UnknownLeaderEpoch
                .because(format!("{} is led in epoch {mine} here, and epoch {asked} is not known yet", self.at))),
        }
    }

    fn not_mine(&self, why: NotMine, replica: i32) -> Refusal {
        let at = &self.at;
        match why {
            NotMine::NotAReplica => {
                ErrorCode::NotLeaderOrFollower.because(format!("broker {replica} has no replica of {at}"))
            }
            NotMine::StaleBrokerEpoch => ErrorCode::StaleBrokerEpoch
                .because(format!("broker {replica} has registered anew since it asked for {at}")),
        }
    }

    /// Looks who is in sync, as time has passed. Gives whether there is something to ask the controller.
    ///
    /// # Errors
    ///
    /// If it is closed or deleted.
    pub fn look_around(&self) -> Result<bool, Refusal> {
        self.change(|open, now| {
            let end = open.log.end();
            let Ok(leader) = open.leading(&self.at) else { return Ok(false) };
            Ok(leader.propose(end, now).is_some() || leader.pending().is_some())
        })
    }

    /// What it wants of the controller, if it leads and wants something.
    pub fn wish(&self) -> Option<AlterPartitionRequest> {
        self.with(|open| Ok(open.leading(&self.at)?.request())).ok().flatten()
    }

    /// The controller's answer to a wish, or that there was none. Gives what is to be asked now.
    ///
    /// # Errors
    ///
    /// If it is closed or deleted.
    pub fn answered(
        &self,
        asked: &AlterPartitionRequest,
        answer: Result<PartitionRecord, Option<ErrorCode>>,
    ) -> Result<ToAsk, Refusal> {
        let more = |is_some| if is_some { ToAsk::More } else { ToAsk::Nothing };
        self.change(|open, now| {
            let end = open.log.end();
            let Ok(leader) = open.leading(&self.at) else { return Ok(ToAsk::Nothing) };
            if leader.request().as_ref() != Some(asked) {
                // It has learned better since.
                return Ok(more(leader.pending().is_some()));
            }
            Ok(match leader.on_answer(answer, end, now) {
                Settled::Again => ToAsk::Again,
                Settled::Done => more(leader.propose(end, now).is_some()),
                Settled::WaitForNews => ToAsk::Nothing,
            })
        })
    }

    /// What its log holds from `from` on, committed or not, for whoever looks at the replica itself. Clients read through
    /// [`Partition::read`](partitioning::Partition::read).
    ///
    /// # Errors
    ///
    /// If it is closed or deleted; [`OffsetOutOfRange`](ErrorCode::OffsetOutOfRange),
    /// [`StorageError`](ErrorCode::StorageError).
    pub fn inspect(&self, from: Offset, max_bytes: usize) -> Result<Inspected, Refusal> {
        self.with(|open| {
            Ok(Inspected {
                slice: open.log.read(from, max_bytes)?,
                epochs: open.epochs().clone(),
                flushed: open.log.recovery_point(),
            })
        })
    }

    /// What a later stage derives from the log, for whoever looks at it.
    ///
    /// # Errors
    ///
    /// If it is closed or deleted.
    pub fn derived<T>(&self, look: impl FnOnce(&F) -> T) -> Result<T, Refusal> {
        self.with(|open| Ok(look(&open.log.fold().1)))
    }

    /// The same, to note in it what no batch tells, and what need not be known after the next start (stage 06).
    ///
    /// # Errors
    ///
    /// If it is closed or deleted; [`NotLeaderOrFollower`](ErrorCode::NotLeaderOrFollower) if it does not lead.
    pub fn note<T>(&self, note: impl FnOnce(&mut F) -> T) -> Result<T, Refusal> {
        self.change(|open, _| {
            open.leading(&self.at)?;
            Ok(note(&mut open.log.fold_mut().1))
        })
    }

    /// Where it stands, for whoever looks at the cluster.
    pub fn describe(&self) -> ReplicaState {
        let described = self.with(|open| {
            let role = match &open.role {
                super::Role::Waiting { .. } => ReplicaRole::Waiting,
                super::Role::Follower { leader, .. } => ReplicaRole::Follower(*leader),
                super::Role::Leader(leader) => leader.describe(),
            };
            let role = open.log.stopped().map_or(role, ReplicaRole::Failed);
            Ok((role, open.offsets()))
        });
        let (role, offsets) =
            described.unwrap_or_else(|refusal| (ReplicaRole::Failed(refusal.message), self.news.now()));
        ReplicaState {
            role,
            leader_epoch: offsets.leader_epoch,
            log_start: offsets.log_start,
            high_watermark: offsets.high_watermark,
            end: offsets.end,
        }
    }
}
