//! How a replica comes to be, and how it changes its role.

use std::collections::BTreeMap;
use std::sync::Mutex;

use partitioning::TopicPartition;
use partitioning::api::TopicId;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::news::News;
use segment_log::{Fold, Offset, Timestamp};
use tokio::time::Instant;

use super::{Open, Replica, ReplicaLog, Role, State};
use crate::api::{FollowerSeen, ReplicaRole};
use crate::epochs::checkpoint;
use crate::leader::{Leader, LeaderConfig};
use crate::records::PartitionRecord;
use crate::truncation::Truncation;

/// What a leader is told.
#[derive(Debug, Clone)]
pub struct Leading {
    /// The controller's decision.
    pub record: PartitionRecord,
    /// The brokers that may join those in sync, and their epochs.
    pub eligible: BTreeMap<i32, i64>,
    /// What it goes by.
    pub config: LeaderConfig,
}

/// What a follower is told.
#[derive(Debug, Clone, Copy)]
pub struct Following {
    /// Whom to follow; `None` if nobody leads.
    pub leader: Option<i32>,
    /// In which epoch.
    pub epoch: i32,
}

impl<F: Fold> Replica<F> {
    /// A replica of `at` on broker `id`, kept in `log`. It was known to be committed up to `high_watermark` when that was last
    /// written down. Uptimes count from `began`. It waits for a role, in the latest epoch that its log has heard of.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError) if the checkpoint of its epochs cannot be read.
    pub fn new(
        (at, topic): (TopicPartition, TopicId),
        id: i32,
        mut log: ReplicaLog<F>,
        high_watermark: Offset,
        truncation: Truncation,
        began: Instant,
    ) -> Result<Self, Refusal> {
        let noted = match log.read_beside(checkpoint::FILE)? {
            None => Vec::new(),
            Some(bytes) => checkpoint::parse(&bytes).map_err(|rule| {
                let file = log.dir().join(checkpoint::FILE);
                ErrorCode::StorageError.because(format!("{} cannot be read: {rule}", file.display()))
            })?,
        };
        let (start, end) = (log.log_start(), log.end());
        let epochs = &mut log.fold_mut().0;
        epochs.take_in(&noted, end);
        // A crash may have taken all that was written in the latest epoch: what was noted of it is not forgotten.
        let epoch = epochs.latest().max(noted.last().map(|entry| entry.epoch)).unwrap_or(-1);
        let high_watermark = high_watermark.clamp(start, end);
        let open = Open { log, role: Role::Waiting { epoch }, high_watermark, checkpointed: noted };
        let news = News::new(open.offsets());
        let state = Mutex::new(State::Open(Box::new(open)));
        Ok(Replica { at, topic, id, truncation, began, state, news })
    }

    /// Leads, or goes on leading, as the controller has decided. A decision that is older than what it knows changes nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError): then it does not lead, and waits. [`FencedLeaderEpoch`](ErrorCode::FencedLeaderEpoch)
    /// if its log has heard of that epoch, and this replica does not lead in it: it did before it was started again, or somebody
    /// else did. Another leader's records may be under way under that number.
    pub fn lead(&self, told: Leading) -> Result<(), Refusal> {
        self.change(|open, now| {
            let (epoch, known, end) = (told.record.leader_epoch, open.epoch(), open.log.end());
            if epoch < known {
                return Ok(());
            }
            if let Role::Leader(leader) = &mut open.role
                && epoch == known
            {
                leader.set_config(told.config);
                leader.set_eligible(told.eligible);
                leader.on_record(told.record, end, now);
                leader.advance(end, now);
                return Ok(());
            }
            if epoch == known {
                return Err(ErrorCode::FencedLeaderEpoch.because(format!(
                    "broker {} is to lead {} in epoch {epoch}, of which its log has heard: a leader begins an epoch of its own",
                    self.id, self.at
                )));
            }
            open.step_down(Role::Waiting { epoch: known });
            open.begin_epoch(epoch)?;
            let mut leader = Leader::new(self.id, told.record, end, open.high_watermark, told.config, now);
            leader.set_eligible(told.eligible);
            open.role = Role::Leader(Box::new(leader));
            Ok(())
        })
    }

    /// Follows, or waits for somebody to follow. A decision that is older than what it knows changes nothing. Gives where its
    /// log was cut, if the policy cuts it here.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError).
    pub fn follow(&self, told: Following, now: Timestamp) -> Result<Option<Offset>, Refusal> {
        self.change(|open, _| {
            let is_same = matches!(open.role, Role::Follower { leader, epoch }
                if (Some(leader), epoch) == (told.leader, told.epoch));
            if told.epoch < open.epoch() || is_same {
                return Ok(None);
            }
            let Some(leader) = told.leader else {
                open.step_down(Role::Waiting { epoch: told.epoch });
                return Ok(None);
            };
            open.step_down(Role::Follower { leader, epoch: told.epoch });
            match self.truncation {
                Truncation::ToHighWatermark if open.high_watermark < open.log.end() => {
                    open.truncate(open.high_watermark, now).map(Some)
                }
                _ => Ok(None),
            }
        })
    }
}

impl<F: Fold> Open<F> {
    /// Notes that an epoch begins at the end of the log, durably, before anything is written in it (KAFKA-7415).
    fn begin_epoch(&mut self, epoch: i32) -> Result<(), Refusal> {
        let end = self.log.end();
        self.log.fold_mut().0.note(epoch, end);
        self.keep_epochs()
    }

    /// Writes the epochs down beside the log, if that has not been done.
    pub(super) fn keep_epochs(&mut self) -> Result<(), Refusal> {
        if self.epochs().entries() != self.checkpointed {
            let text = checkpoint::render(self.epochs().entries());
            self.log.write_beside(checkpoint::FILE, text.as_bytes())?;
            self.checkpointed = self.epochs().entries().to_vec();
        }
        Ok(())
    }
}

impl Leader {
    /// For whoever looks at the cluster.
    pub(super) fn describe(&self) -> ReplicaRole {
        let followers = self.followers().iter().map(|(id, progress)| FollowerSeen { id: *id, end: progress.end() });
        ReplicaRole::Leader {
            in_sync: self.record().in_sync.clone(),
            pending: self.pending().into_iter().flatten().copied().collect(),
            followers: followers.collect(),
        }
    }
}
