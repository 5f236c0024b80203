//! Appending: judge, write, learn.

use super::Log;
use super::roll::{RollQuestion, should_roll};
use crate::batch::{Batch, BatchError, BatchView, DECOMPRESSED_LIMIT};
use crate::error::{Error, Result};
use crate::flush::Unflushed;
use crate::fold::{Fold, Verdict};
use crate::{Offset, Timestamp};

/// Who brings a batch, and what the log does with it for that reason (Kafka's `AppendOrigin`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A producer. Nothing is believed, and this log gives the offsets.
    Client {
        /// The epoch in which this log leads (stage 03); it is written into the batch.
        leader_epoch: i32,
    },
    /// A coordinator of ours, which may write control batches. This log gives the offsets.
    Coordinator {
        /// As above.
        leader_epoch: i32,
    },
    /// The leader's log. The batch was judged there, and keeps its offsets and its epoch.
    Replication,
}

/// Where a batch is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Offset of its first record.
    pub base_offset: Offset,
    /// Offset of its last record.
    pub last_offset: Offset,
    /// The timestamp that the log gave all its records, if it does so (`LogAppendTime`).
    pub log_append_time: Option<Timestamp>,
}

impl Appended {
    /// Where a stored batch says it is.
    pub fn of(batch: &BatchView<'_>) -> Self {
        Appended {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            log_append_time: batch.is_log_append_time().then(|| batch.max_timestamp()),
        }
    }
}

impl<F: Fold> Log<F> {
    /// Appends a batch at the end. When this returns, readers of this machine see it; whether a power failure would take
    /// it is the [`FlushPolicy`](crate::FlushPolicy)'s choice. A batch that the fold knows already is not written again,
    /// and its first place is returned.
    ///
    /// `now` is the time in milliseconds since 1970. The log has no clock of its own.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidBatch`], [`Error::BatchTooLarge`], [`Error::OutOfOrder`], [`Error::Rejected`]: the batch is at
    /// fault, and the log is as before. [`Error::Io`]: the log is as before if the write failed; if a flush or a roll
    /// failed, it takes no more writes ([`Error::Stopped`]).
    pub fn append(&mut self, mut batch: Batch, origin: Origin, now: Timestamp) -> Result<Appended> {
        self.ensure_running()?;
        self.judge_size(&batch.view(), origin)?;
        match origin {
            Origin::Replication => self.judge_copied(&batch.view())?,
            Origin::Client { leader_epoch } => {
                let largest = judge_produced(&batch.view())?;
                self.place(&mut batch, leader_epoch, now, largest)?;
            }
            Origin::Coordinator { leader_epoch } => {
                let largest = batch.view().max_timestamp();
                self.place(&mut batch, leader_epoch, now, largest)?;
            }
        }
        let view = batch.view();
        if !matches!(origin, Origin::Replication) {
            match self.fold.check(&view, &origin)? {
                Verdict::Write => {}
                Verdict::Duplicate(first_place) => return Ok(first_place),
            }
        }
        if should_roll(&RollQuestion::about(self.active(), &view, now), &self.config).is_some() {
            self.roll(view.base_offset(), now)?;
        }
        self.write(&view, now)
    }

    fn write(&mut self, batch: &BatchView<'_>, now: Timestamp) -> Result<Appended> {
        match self.active_mut().append(batch) {
            Ok(_) => {}
            // The segment took the write back, so the log goes on.
            Err(error @ Error::Io { .. }) => return Err(error),
            Err(error) => return self.or_stop(Err(error)),
        }
        let appended = Appended::of(batch);
        self.end = batch.next_offset();
        self.fold.apply(batch, &appended);
        let noted = self.note_aborted();
        self.or_stop(noted)?;
        if self.unflushed.messages == 0 {
            // The first that waits is the oldest, whatever the clock says later.
            self.unflushed.since = now;
        }
        self.unflushed.messages += (appended.last_offset - appended.base_offset + 1) as u64;
        self.unflushed.bytes += batch.size() as u64;
        self.flush_if_due(now)?;
        Ok(appended)
    }

    /// Asks the flush policy again, as an append does. For whoever lets time pass without appending.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub fn flush_if_due(&mut self, now: Timestamp) -> Result<()> {
        let unflushed = Unflushed { now, ..self.unflushed };
        if unflushed.messages > 0 && self.config.flush.is_due(&unflushed) {
            self.flush()?;
        }
        Ok(())
    }

    fn judge_size(&self, batch: &BatchView<'_>, origin: Origin) -> Result<()> {
        let size = batch.size();
        let refuse = |limit: u32, setting| Err(Error::BatchTooLarge { size, limit: limit as usize, setting });
        if size > self.config.segment_bytes as usize {
            return refuse(self.config.segment_bytes, "segment.bytes");
        }
        // A copy was small enough for its leader, whose setting may have changed since.
        if matches!(origin, Origin::Client { .. }) && size > self.config.max_message_bytes as usize {
            return refuse(self.config.max_message_bytes, "max.message.bytes");
        }
        Ok(())
    }

    fn judge_copied(&self, batch: &BatchView<'_>) -> Result<()> {
        if batch.base_offset() < self.end {
            return Err(Error::OutOfOrder { base: batch.base_offset(), end: self.end });
        }
        Ok(())
    }

    /// Writes this log's end and epoch into a batch, and the time where the log sets it.
    fn place(&self, batch: &mut Batch, leader_epoch: i32, now: Timestamp, largest: Timestamp) -> Result<()> {
        let next = self.end.checked_add(i64::from(batch.view().last_offset_delta()) + 1);
        if next.is_none() {
            let rule = "the log has no offsets left for it";
            let found = batch.view().last_offset_delta().into();
            return Err(BatchError::Field { field: "last_offset_delta", found, rule }.into());
        }
        batch.set_place(self.end, leader_epoch);
        if self.config.log_append_time {
            batch.set_log_append_time(now);
        } else if batch.view().max_timestamp() != largest {
            batch.set_max_timestamp(largest);
        }
        Ok(())
    }
}

/// What a producer may not send. Gives the largest timestamp of its records.
fn judge_produced(batch: &BatchView<'_>) -> Result<Timestamp> {
    let broken = |field, found, rule| Err(BatchError::Field { field, found, rule }.into());
    if batch.base_offset() != 0 {
        return broken(
            "base_offset",
            batch.base_offset(),
            "a producer's batches start at 0: the log gives the offsets",
        );
    }
    if batch.is_control() {
        return broken("attributes", batch.attributes().into(), "a producer may not write control batches");
    }
    if batch.is_log_append_time() {
        return broken("attributes", batch.attributes().into(), "a producer's batches have create time");
    }
    if batch.producer_id() >= 0 && batch.base_sequence() < 0 {
        return broken(
            "base_sequence",
            batch.base_sequence().into(),
            "a batch with a producer id has a sequence number",
        );
    }
    Ok(batch.records(DECOMPRESSED_LIMIT)?.verify_as_produced()?)
}
