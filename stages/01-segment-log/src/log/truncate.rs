//! Truncation: taking back the log's end.
//!
//! A single log never needs this. A follower does, when its leader died and the new leader never had its last records
//! (stage 03). What must not happen: a crash in the middle brings some of the removed records back, behind others that
//! were written since. So each step is durable before the next begins.

use super::Log;
use crate::error::{Error, Result};
use crate::flush::Unflushed;
use crate::fold::Fold;
use crate::segment::Segment;
use crate::{Offset, Timestamp};

impl<F: Fold> Log<F> {
    /// Removes every record from `offset` on, and the earlier ones of a batch that reaches across it, as a batch cannot
    /// be cut. Returns the log's new end, which is at or before `offset`. The fold forgets with the log.
    ///
    /// # Errors
    ///
    /// [`Error::OffsetOutOfRange`] for a negative offset; [`Error::Io`], [`Error::Corrupt`]: the log then takes no more
    /// writes.
    pub fn truncate(&mut self, offset: Offset, now: Timestamp) -> Result<Offset> {
        self.ensure_running()?;
        self.refuse_negative(offset)?;
        if offset >= self.end {
            return Ok(self.end);
        }
        let first = *self.segments.keys().next().expect("a log has a segment");
        let truncated = if offset < first { self.try_reset(offset, now) } else { self.try_truncate(offset) };
        self.or_stop(truncated)?;
        Ok(self.end)
    }

    /// Removes everything and starts anew at `offset`, before or beyond the present end: for a follower whose leader no
    /// longer has what would connect them. The fold starts from nothing.
    ///
    /// # Errors
    ///
    /// [`Error::OffsetOutOfRange`] for a negative offset; [`Error::Io`]: the log then takes no more writes.
    pub fn reset(&mut self, offset: Offset, now: Timestamp) -> Result<()> {
        self.ensure_running()?;
        self.refuse_negative(offset)?;
        let reset = self.try_reset(offset, now);
        self.or_stop(reset)
    }

    fn refuse_negative(&self, offset: Offset) -> Result<()> {
        match offset {
            0.. => Ok(()),
            _ => Err(Error::OffsetOutOfRange { asked: offset, start: self.log_start, end: self.end }),
        }
    }

    fn try_truncate(&mut self, offset: Offset) -> Result<()> {
        let kept = self.segments.range(..=offset).next_back();
        let (&kept, _) = kept.expect("the offset is not before the first segment");
        self.checkpoints.lower_recovery_point(&self.name, kept)?;
        self.snapshots.remove_above(offset)?;
        // Newest first, so that a crash leaves a log without a hole.
        while self.segments.keys().next_back().is_some_and(|&base_offset| base_offset > offset) {
            let (base_offset, segment) = self.segments.pop_last().expect("the loop saw it");
            segment.discard(&*self.disk)?;
            self.aborted.remove(base_offset)?;
        }
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.unseal_active()?;
        self.active_mut().truncate(offset)?;
        self.end = self.active().next_offset();
        self.settle_at_end()
    }

    fn try_reset(&mut self, offset: Offset, now: Timestamp) -> Result<()> {
        self.checkpoints.lower_recovery_point(&self.name, 0)?;
        // Retention writes no start down, as the first segment's name has it. A crash that leaves no segment would bring
        // back an older start, and offsets that were given out. Never a lower one yet: see `settle_at_end`.
        self.checkpoints.set_log_start(&self.name, self.log_start.max(offset))?;
        // Newest first, and the saved states last: a crash in between leaves a shorter log and a state that fits it.
        while let Some((base_offset, segment)) = self.segments.pop_last() {
            segment.discard(&*self.disk)?;
            self.aborted.remove(base_offset)?;
        }
        self.snapshots.remove_above(-1)?;
        let segment = Segment::create(&*self.disk, &self.dir, offset, &self.config, now)?;
        self.segments.insert(offset, segment);
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.checkpoints.set_log_start(&self.name, offset)?;
        (self.log_start, self.end) = (offset, offset);
        self.settle_at_end()
    }

    /// After the log's end moved back: the start, the recovery point and the fold follow.
    fn settle_at_end(&mut self) -> Result<()> {
        if self.log_start > self.end {
            // Only now: a start that moved back before the records went would show some that were deleted.
            self.checkpoints.set_log_start(&self.name, self.end)?;
            self.log_start = self.end;
        }
        self.recovery_point = self.recovery_point.min(self.end);
        self.unflushed = Unflushed::none();
        self.aborted.forget_from(self.end)?;
        self.restore_fold().map(drop)
    }
}
