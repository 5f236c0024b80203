//! Retention: which old segments go.

use super::Log;
use crate::config::LogConfig;
use crate::error::{Error, Result};
use crate::fold::Fold;
use crate::{Offset, Timestamp};

/// What retention knows of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentFacts {
    /// Bytes of its batches.
    pub size: u64,
    /// The timestamp of its youngest record, in milliseconds since 1970.
    pub largest_timestamp: Timestamp,
    /// The offset after its last record.
    pub next_offset: Offset,
}

/// How many segments from the front may go. `segments` are oldest first, the last is the active one. A segment goes
///
/// - if all its records lie before `log_start`;
/// - by `retention.ms`: if its youngest record is older than that at the time `now`;
/// - by `retention.bytes`: if what would be left is still that large.
///
/// It goes only with all before it: a log loses its front and never its middle. An active segment that is empty stays.
pub fn expired(segments: &[SegmentFacts], log_start: Offset, config: &LogConfig, now: Timestamp) -> usize {
    let mut left: u64 = segments.iter().map(|segment| segment.size).sum();
    let goes = |(index, segment): &(usize, &SegmentFacts)| {
        let is_active_and_empty = segment.size == 0 && index + 1 == segments.len();
        let is_before_start = segment.next_offset <= log_start;
        let is_old = config.retention_ms.is_some_and(|limit| now.saturating_sub(segment.largest_timestamp) > limit);
        let is_over = config.retention_bytes.is_some_and(|limit| left.saturating_sub(segment.size) >= limit);
        left -= segment.size;
        !is_active_and_empty && (is_before_start || is_old || is_over)
    };
    segments.iter().enumerate().take_while(goes).count()
}

impl<F: Fold> Log<F> {
    /// Deletes the segments that the settings no longer keep. Gives their base offsets. If the active segment is among
    /// them, a new one is begun first: a log always has one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn retain(&mut self, now: Timestamp) -> Result<Vec<Offset>> {
        self.retain_below(self.end, now)
    }

    /// As [`retain`](Self::retain), and leaves every segment that reaches beyond `until`: what is not on enough other machines
    /// yet is not old, whatever its timestamps say (stage 03).
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn retain_below(&mut self, until: Offset, now: Timestamp) -> Result<Vec<Offset>> {
        self.ensure_running()?;
        self.fold.time_passed(now);
        let facts = self.segments().map(|segment| SegmentFacts {
            size: segment.size().into(),
            largest_timestamp: segment.largest_timestamp(),
            next_offset: segment.next_offset(),
        });
        let facts: Vec<_> = facts.collect();
        let below = facts.iter().take_while(|segment| segment.next_offset <= until).count();
        let count = expired(&facts, self.log_start, &self.config, now).min(below);
        let is_all = count == self.segments.len();
        // The closed ones go first: their room may be what the next segment needs.
        let removed = self.remove_front(if is_all { count - 1 } else { count });
        let mut removed = self.or_stop(removed)?;
        if is_all {
            self.roll(self.end, now)?;
            let last = self.remove_front(1);
            removed.append(&mut self.or_stop(last)?);
        }
        Ok(removed)
    }

    /// Moves the log's start to `offset`, durably: what lies before is not served any more, and whole segments of it are
    /// deleted (Kafka's `DeleteRecords`, KIP-107).
    ///
    /// # Errors
    ///
    /// [`Error::OffsetOutOfRange`] beyond the log's end; [`Error::Io`]. An offset before the start changes nothing.
    pub fn delete_before(&mut self, offset: Offset, now: Timestamp) -> Result<Vec<Offset>> {
        self.ensure_running()?;
        if offset > self.end {
            return Err(Error::OffsetOutOfRange { asked: offset, start: self.log_start, end: self.end });
        }
        if offset <= self.log_start {
            return Ok(Vec::new());
        }
        // Said before done: a crash in between leaves files that nobody asks for, and the next retention takes them.
        let said = self.checkpoints.set_log_start(&self.name, offset);
        self.or_stop(said)?;
        self.log_start = offset;
        self.fold.start_moved(offset);
        self.retain_below(offset, now)
    }

    fn remove_front(&mut self, count: usize) -> Result<Vec<Offset>> {
        let mut removed = Vec::new();
        for _ in 0..count {
            let (base_offset, segment) = self.segments.pop_first().expect("retention counts segments that are there");
            segment.remove(&*self.disk)?;
            self.aborted.remove(base_offset)?;
            removed.push(base_offset);
        }
        let first = *self.segments.keys().next().expect("the active segment stays");
        self.snapshots.remove_below(first)?;
        if !removed.is_empty() {
            self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
            self.log_start = self.log_start.max(first);
            self.fold.start_moved(self.log_start);
        }
        Ok(removed)
    }
}
