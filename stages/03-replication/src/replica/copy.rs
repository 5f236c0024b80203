//! The follower's side of replication: what to ask its leader, and what to do with the answer.

use bytes::BytesMut;
use partitioning::error::{ErrorCode, Refusal};
use segment_log::{Batch, BatchError, Fold, Offset, Origin, Timestamp, batches};

use super::{Open, Replica, Role};
use crate::api::{FetchFound, FollowerFetched};
use crate::epochs::EpochEnd;
use crate::truncation::{Truncation, truncation_point};
use crate::watermark::follower_high_watermark;

/// What a follower asks its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Whom.
    pub leader: i32,
    /// In which epoch.
    pub leader_epoch: i32,
    /// The end of its log.
    pub offset: Offset,
    /// The epoch of the record before that.
    pub last_epoch: Option<i32>,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// So many bytes were appended; 0, if there was nothing new.
    Appended(usize),
    /// The log was cut, and ends here now.
    Truncated(Offset),
    /// It came too late: the replica follows somebody else by now, or nobody, or has moved on.
    Stale,
}

impl<F: Fold> Replica<F> {
    /// What to ask, if it follows somebody.
    pub fn ask(&self) -> Option<Ask> {
        let ask = |open: &mut Open<F>| match open.role {
            Role::Follower { leader, epoch } => {
                let end = open.log.end();
                let last_epoch = match self.truncation {
                    Truncation::ByLeaderEpoch => open.epochs().before(end),
                    Truncation::ToHighWatermark => None,
                };
                Ok(Some(Ask { leader, leader_epoch: epoch, offset: end, last_epoch }))
            }
            _ => Ok(None),
        };
        self.with(ask).ok().flatten()
    }

    /// Does what the leader's answer to `asked` says: copies, or cuts.
    ///
    /// # Errors
    ///
    /// [`CorruptMessage`](ErrorCode::CorruptMessage) if what came are no batches that continue this log;
    /// [`StorageError`](ErrorCode::StorageError).
    pub fn copy(&self, asked: Ask, answer: FollowerFetched, now: Timestamp) -> Result<Copied, Refusal> {
        self.change(|open, _| {
            let follows = matches!(open.role, Role::Follower { leader, epoch }
                if (leader, epoch) == (asked.leader, asked.leader_epoch));
            if !follows || open.log.end() != asked.offset {
                return Ok(Copied::Stale);
            }
            let FollowerFetched { found, high_watermark, log_start } = answer;
            let copied = match found {
                FetchFound::Records(records) => {
                    let size = records.0.len();
                    self.append_copies(open, asked, records.into_mut(), now)?;
                    Copied::Appended(size)
                }
                FetchFound::Diverging(at) => Copied::Truncated(open.cut_where_logs_part(at, now)?),
                FetchFound::OutOfRange { end } => Copied::Truncated(open.start_over(log_start, end, now)?),
            };
            // What the leader has deleted goes here as well.
            let start = log_start.min(open.log.end());
            open.log.delete_before(start, now)?;
            open.high_watermark = follower_high_watermark(high_watermark, open.log.end()).max(open.log.log_start());
            Ok(copied)
        })
    }

    /// Appends the batches as they are: they were judged by the leader. Only their place is looked at, and their checksums.
    fn append_copies(
        &self,
        open: &mut Open<F>,
        asked: Ask,
        mut bytes: BytesMut,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let wrong = |rule: String| {
            ErrorCode::CorruptMessage
                .because(format!("{}: broker {} sent at offset {}: {rule}", self.at, asked.leader, asked.offset))
        };
        while let Some(whole) = first_batch(&bytes) {
            let (size, epoch) = whole.map_err(|rule| wrong(rule.to_string()))?;
            if epoch > asked.leader_epoch {
                return Err(wrong(format!("a batch of epoch {epoch}, and it leads in epoch {}", asked.leader_epoch)));
            }
            let batch = Batch::from_bytes(bytes.split_to(size)).map_err(|rule| wrong(rule.to_string()))?;
            open.log.append(batch, Origin::Replication, now)?;
        }
        Ok(())
    }
}

/// Size and leader epoch of the batch at the front, if it is there in full.
fn first_batch(bytes: &[u8]) -> Option<Result<(usize, i32), BatchError>> {
    let first = batches(bytes).next()?;
    Some(first.map(|batch| (batch.size(), batch.leader_epoch())))
}

impl<F: Fold> Open<F> {
    /// Cuts the log where it parts from the leader's, which has `leaders` as the end of an epoch that this one may know.
    fn cut_where_logs_part(&mut self, leaders: EpochEnd, now: Timestamp) -> Result<Offset, Refusal> {
        let point = truncation_point(self.epochs(), self.log.end(), leaders);
        self.truncate(point, now)
    }

    /// The leader's log begins behind this one's end: nothing here connects to it, and this log starts anew there. Or it ends
    /// before: then this one is cut to that.
    fn start_over(&mut self, leaders_start: Offset, leaders_end: Offset, now: Timestamp) -> Result<Offset, Refusal> {
        if self.log.end() < leaders_start {
            self.log.reset(leaders_start, now)?;
            self.noted.clear();
            self.keep_epochs()?;
            return Ok(self.log.end());
        }
        if self.log.end() > leaders_end {
            return self.truncate(leaders_end, now);
        }
        let (end, epoch) = (self.log.end(), self.epochs().latest());
        Err(ErrorCode::OffsetOutOfRange
            .because(format!("the leader's log reaches beyond {end}, and knows nothing of its last epoch, {epoch:?}")))
    }

    /// Cuts the log, and forgets epochs with it.
    pub(super) fn truncate(&mut self, offset: Offset, now: Timestamp) -> Result<Offset, Refusal> {
        let end = self.log.truncate(offset, now)?;
        self.noted.retain(|entry| entry.start < end);
        let noted = self.noted.clone();
        self.log.fold_mut().0.take_in(&noted, end);
        self.high_watermark = self.high_watermark.min(end);
        self.keep_epochs()?;
        Ok(end)
    }
}
