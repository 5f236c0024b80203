//! The follower's side of replication: what to ask its leader, and what to do with the answer.

use bytes::BytesMut;
use partitioning::error::{ErrorCode, Refusal};
use segment_log::{Batch, BatchError, Error, Fold, Offset, Origin, Timestamp, batches};

use super::{Open, Replica, Role};
use crate::api::{FetchFound, FollowerFetched};
use crate::epochs::EpochEnd;
use crate::truncation::{Truncation, truncation_point};
use crate::watermark::follower_high_watermark;

/// What a follower asks its leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Whole batches of so many bytes were appended; 0, if there was nothing new.
    Appended(usize),
    /// The log was cut, and ends here now.
    Truncated(Offset),
    /// It came too late: the replica follows somebody else by now, or nobody, or has moved on.
    Stale,
}

impl<F: Fold> Replica<F> {
    /// What to ask, if it follows somebody.
    pub fn ask(&self) -> Option<Ask> {
        self.with(|open| Ok(open.ask(self.truncation))).ok().flatten()
    }

    /// Does what the leader's answer to `asked` says: copies, or cuts.
    ///
    /// # Errors
    ///
    /// [`CorruptMessage`](ErrorCode::CorruptMessage) if what came are no batches that continue this log, and
    /// [`OffsetOutOfRange`](ErrorCode::OffsetOutOfRange) if it is no place to cut at: then the log has all that came before the
    /// fault, and nothing of it. [`StorageError`](ErrorCode::StorageError).
    pub fn copy(&self, asked: Ask, answer: FollowerFetched, now: Timestamp) -> Result<Copied, Refusal> {
        self.change(|open, _| {
            if open.ask(self.truncation) != Some(asked) {
                return Ok(Copied::Stale);
            }
            let FollowerFetched { found, high_watermark, log_start } = answer;
            match found {
                FetchFound::Records(records) => {
                    let copied = self.append_copies(open, asked, records.into_mut(), now)?;
                    open.follow_bounds(high_watermark, log_start, now)?;
                    Ok(Copied::Appended(copied))
                }
                // Where the logs part, and below, is not known to be the same yet. So the leader's high watermark says nothing
                // about this log.
                FetchFound::Diverging(at) => open.cut_where_logs_part(at, now).map(Copied::Truncated),
                FetchFound::OutOfRange { end } => open.start_over(log_start, end, now).map(Copied::Truncated),
            }
        })
    }

    /// Appends the batches as they are: they were judged by the leader. Only their place is looked at, and their checksums.
    /// Gives how many bytes they have.
    fn append_copies(
        &self,
        open: &mut Open<F>,
        asked: Ask,
        mut bytes: BytesMut,
        now: Timestamp,
    ) -> Result<usize, Refusal> {
        let wrong = |rule: String| {
            ErrorCode::CorruptMessage
                .because(format!("{}: broker {} sent at offset {}: {rule}", self.at, asked.leader, asked.offset))
        };
        let mut copied = 0;
        while let Some(whole) = first_batch(&bytes) {
            let (size, epoch) = whole.map_err(|rule| wrong(rule.to_string()))?;
            if epoch > asked.leader_epoch {
                return Err(wrong(format!("a batch of epoch {epoch}, and it leads in epoch {}", asked.leader_epoch)));
            }
            let batch = Batch::from_bytes(bytes.split_to(size)).map_err(|rule| wrong(rule.to_string()))?;
            open.make_room(&batch, now)?;
            match open.log.append(batch, Origin::Replication, now) {
                Err(error @ Error::OutOfOrder { .. }) => return Err(wrong(error.to_string())),
                appended => drop(appended?),
            }
            copied += size;
        }
        Ok(copied)
    }
}

/// Size and leader epoch of the batch at the front, if it is there in full.
fn first_batch(bytes: &[u8]) -> Option<Result<(usize, i32), BatchError>> {
    let first = batches(bytes).next()?;
    Some(first.map(|batch| (batch.size(), batch.leader_epoch())))
}

impl<F: Fold> Open<F> {
    fn ask(&self, truncation: Truncation) -> Option<Ask> {
        let Role::Follower { leader, epoch } = self.role else { return None };
        // A question says that all before its offset is kept as the settings demand. Of a log that has stopped nobody knows that.
        if self.log.stopped().is_some() {
            return None;
        }
        let end = self.log.end();
        let last_epoch = match truncation {
            Truncation::ByLeaderEpoch => self.epochs().before(end),
            Truncation::ToHighWatermark => None,
        };
        Some(Ask { leader, leader_epoch: epoch, offset: end, last_epoch })
    }

    /// The leader's log may begin inside a batch, and gives that batch whole. A log that holds nothing yet, and waits there,
    /// then begins where the batch does.
    fn make_room(&mut self, batch: &Batch, now: Timestamp) -> Result<(), Refusal> {
        let (batch, end) = (batch.view(), self.log.end());
        let holds_end = batch.base_offset() < end && batch.last_offset() >= end;
        if holds_end && self.log.log_start() == end {
            self.log.reset(batch.base_offset(), now)?;
            self.high_watermark = batch.base_offset();
        }
        Ok(())
    }

    /// After a copy, when this log is the leader's up to its own end: it begins where the leader's does, is committed up to where
    /// that one is, as far as it has the records, and the epochs that came are written down.
    fn follow_bounds(&mut self, high_watermark: Offset, log_start: Offset, now: Timestamp) -> Result<(), Refusal> {
        let end = self.log.end();
        self.log.delete_before(log_start.min(end), now)?;
        self.high_watermark = follower_high_watermark(high_watermark, end).max(self.log.log_start());
        self.keep_epochs()
    }

    /// Cuts the log where it parts from the leader's, which has `leaders` as the end of an epoch that this one may know.
    fn cut_where_logs_part(&mut self, leaders: EpochEnd, now: Timestamp) -> Result<Offset, Refusal> {
        let end = self.log.end();
        let point = truncation_point(self.epochs(), end, leaders);
        if !(0..end).contains(&point) {
            let EpochEnd { epoch, end: theirs } = leaders;
            return Err(ErrorCode::OffsetOutOfRange.because(format!(
                "the leader says that the logs part at the end of epoch {epoch}, at {theirs}, and this log ends at {end}"
            )));
        }
        self.truncate(point, now)
    }

    /// The leader's log begins behind this one's end: nothing here connects to it, and this log starts anew there. Or it ends
    /// before: then this one is cut to that.
    fn start_over(&mut self, leaders_start: Offset, leaders_end: Offset, now: Timestamp) -> Result<Offset, Refusal> {
        let end = self.log.end();
        if end < leaders_start {
            self.log.reset(leaders_start, now)?;
            self.high_watermark = leaders_start;
            self.keep_epochs()?;
            return Ok(leaders_start);
        }
        if (0..end).contains(&leaders_end) {
            return self.truncate(leaders_end, now);
        }
        let epoch = self.epochs().latest();
        Err(ErrorCode::OffsetOutOfRange
            .because(format!("the leader's log reaches beyond {end}, and knows nothing of its last epoch, {epoch:?}")))
    }

    /// Cuts the log, and forgets epochs with it.
    pub(super) fn truncate(&mut self, offset: Offset, now: Timestamp) -> Result<Offset, Refusal> {
        let cut = self.log.truncate(offset, now);
        let end = self.log.end();
        self.log.fold_mut().0.truncate(end);
        self.high_watermark = self.high_watermark.min(end);
        cut?;
        self.keep_epochs()?;
        Ok(end)
    }
}
