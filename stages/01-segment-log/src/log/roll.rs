//! When a segment is full, and how the next one begins.

use super::Log;
use crate::batch::BatchHeader;
use crate::config::LogConfig;
use crate::error::{Error, Result};
use crate::flush::Unflushed;
use crate::fold::Fold;
use crate::segment::Segment;
use crate::{Offset, Timestamp};

/// What the decision looks at: the active segment, and the batch that wants in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollQuestion {
    /// Bytes in the segment.
    pub size: u32,
    /// Bytes of the batch.
    pub incoming: u32,
    /// How long the segment has been open, in milliseconds: by the records' own time where they have one.
    pub age_ms: i64,
    /// Whether one of its indexes has no room left.
    pub index_full: bool,
    /// The batch's last offset, counted from the segment's base offset.
    pub relative_offset: i64,
}

/// Why a segment is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollReason {
    /// The batch would carry it past `segment.bytes`.
    Size,
    /// It has been open for longer than `segment.ms`.
    Age,
    /// An index is full (`segment.index.bytes`).
    IndexFull,
    /// The batch's offset is too far from the base offset for the 31 bits of an index entry.
    OffsetSpan,
}

impl RollQuestion {
    pub(super) fn about(active: &Segment, batch: &BatchHeader<'_>, now: Timestamp) -> Self {
        RollQuestion {
            size: active.size(),
            incoming: batch.size() as u32,
            age_ms: active.age(batch.max_timestamp(), now),
            index_full: active.is_index_full(),
            relative_offset: batch.last_offset() - active.base_offset(),
        }
    }
}

/// Whether to close the active segment before the batch is written, and why. Kafka's rules (`LogSegment.shouldRoll`),
/// without the random delay by which Kafka keeps many logs from rolling at once (`segment.jitter.ms`):
///
/// - the batch would carry the segment past `segment.bytes`; an empty segment takes it all the same;
/// - the segment is not empty and has been open for longer than `segment.ms`;
/// - an index is full;
/// - the batch's last offset is more than 2^31 - 1 behind the base offset.
pub fn should_roll(question: &RollQuestion, config: &LogConfig) -> Option<RollReason> {
    let RollQuestion { size, incoming, age_ms, index_full, relative_offset } = *question;
    let is_empty = size == 0;
    if relative_offset > i64::from(i32::MAX) {
        return Some(RollReason::OffsetSpan);
    }
    if is_empty {
        return None;
    }
    if u64::from(size) + u64::from(incoming) > u64::from(config.segment_bytes) {
        return Some(RollReason::Size);
    }
    if age_ms > config.segment_ms {
        return Some(RollReason::Age);
    }
    index_full.then_some(RollReason::IndexFull)
}

impl<F: Fold> Log<F> {
    /// Closes the active segment and begins one at `base_offset`, which is the log's end, or beyond it if a copy leaves a
    /// gap. The log then ends there.
    ///
    /// The order is the point. The old segment is flushed, then the fold is saved, and only then does the new file
    /// exist. So whoever finds two segments after a crash knows that the first one is whole (invariant 2).
    pub(super) fn roll(&mut self, base_offset: Offset, now: Timestamp) -> Result<()> {
        let rolled = self.try_roll(base_offset, now);
        self.or_stop(rolled)
    }

    fn try_roll(&mut self, base_offset: Offset, now: Timestamp) -> Result<()> {
        let is_empty = self.active().is_empty();
        if !is_empty {
            self.seal_active()?;
            self.aborted.seal(self.active().base_offset())?;
            (self.recovery_point, self.unflushed) = (self.end, Unflushed::none());
            self.checkpoints.note_recovery_point(&self.name, self.recovery_point);
            // Under the new segment's offset, so that it lives as long as the segment does.
            self.save_fold(base_offset)?;
        }
        let segment = Segment::create(&*self.disk, &self.dir, base_offset, &self.config, now)?;
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        if is_empty {
            // Only an offset too far away rolls an empty segment. Nothing would ever be in it.
            let (_, empty) = self.segments.pop_last().expect("a log has a segment");
            empty.remove(&*self.disk)?;
        }
        self.segments.insert(base_offset, segment);
        self.end = base_offset;
        Ok(())
    }
}
