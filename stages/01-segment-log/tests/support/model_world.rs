//! A log and its model, side by side.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use segment_log::disk::RealDisk;
use segment_log::{
    Batch, BatchBuilder, Compression, Error, KeyCounts, Log, LogDir, Offset, Origin, Record, Slice, Timestamp,
};

use super::acts::{Act, Draft, Settings};
use super::check::same;

/// A batch of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) base: Offset,
    pub(crate) last: Offset,
    pub(crate) records: Vec<(Offset, Record)>,
    pub(crate) size: usize,
}

/// What the log should hold.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// All batches since the log began or was reset, but for those that were truncated.
    pub(crate) learned: Vec<Written>,
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    /// What lies before went with its segment.
    pub(crate) first_segment: Offset,
}

/// A slice, and what it held when it was made.
struct Kept {
    slice: Slice,
    bytes: Bytes,
    truncations: usize,
}

pub(crate) struct World {
    path: PathBuf,
    open: Option<(LogDir, Log<KeyCounts>)>,
    pub(crate) model: Model,
    kept: Vec<Kept>,
    /// How often the end of the log was taken back.
    truncations: usize,
    log_append_time: bool,
    now: Timestamp,
}

impl World {
    pub(crate) fn new(root: &Path, settings: &Settings) -> Result<Self, String> {
        let mut world = World {
            path: root.to_owned(),
            open: None,
            model: Model::default(),
            kept: Vec::new(),
            truncations: 0,
            log_append_time: false,
            now: 10_000,
        };
        world.reopen(settings)?;
        Ok(world)
    }

    pub(crate) fn log(&self) -> &Log<KeyCounts> {
        &self.open.as_ref().expect("the log is open between acts").1
    }

    fn log_mut(&mut self) -> &mut Log<KeyCounts> {
        &mut self.open.as_mut().expect("the log is open between acts").1
    }

    pub(crate) fn perform(&mut self, act: &Act) -> Result<(), String> {
        self.now += 20;
        match act {
            Act::Append { records, codec } => self.append(records, *codec),
            Act::Copy { gap, taken, tail, codec } => self.copy(*gap, taken, *tail, *codec),
            Act::CopyAgain => self.copy_again(),
            Act::Flush => {
                self.log_mut().flush().map_err(said)?;
                same("the recovery point", &self.model.end, &self.log().recovery_point())
            }
            Act::Truncate(place) => self.truncate(self.at(*place)),
            Act::Reset(distance) => self.reset((self.model.end + distance).max(0)),
            Act::DeleteBefore(place) => self.delete_before(self.at(*place)),
            Act::Retain { later, below } => self.retain(*later, self.at(*below)),
            Act::Reopen { clean, settings } => {
                if *clean {
                    self.close()?;
                }
                self.open = None;
                self.reopen(settings)
            }
            Act::Keep { from, max_bytes } => self.keep(self.at(*from), *max_bytes),
        }
    }

    /// The offset at so many thousandths of the log; before or after it for fewer than 0 or more than 1,000.
    fn at(&self, place: i64) -> Offset {
        (self.model.start + (self.model.end - self.model.start).max(10) * place / 1_000).max(0)
    }

    fn record(&self, draft: &Draft) -> Record {
        let timestamp = if draft.time == i64::MIN { -1 } else { self.now + draft.time };
        let bytes = |length: u8| Bytes::from(vec![b'v'; length.into()]);
        let key = draft.key.map(|key| Bytes::from(vec![b'k'; key.into()]));
        Record { timestamp, key, value: draft.value.map(bytes), headers: Vec::new() }
    }

    fn append(&mut self, drafts: &[Draft], codec: Compression) -> Result<(), String> {
        let mut builder = BatchBuilder::new(codec);
        let mut records: Vec<_> = drafts.iter().map(|draft| self.record(draft)).collect();
        records.iter().for_each(|record| builder.push(record));
        let batch = builder.build().map_err(said)?;
        if self.log_append_time {
            records.iter_mut().for_each(|record| record.timestamp = self.now);
        }
        let base = self.model.end;
        let written = Written {
            base,
            last: base + records.len() as i64 - 1,
            records: (base..).zip(records).collect(),
            size: batch.view().size(),
        };
        self.add(batch, Origin::Client { leader_epoch: 3 }, written)
    }

    fn copy(&mut self, gap: i64, taken: &[Option<Draft>], tail: i32, codec: Compression) -> Result<(), String> {
        let base = self.model.end + gap;
        let mut builder = BatchBuilder::new(codec).place(base, 7);
        let mut records = Vec::new();
        for (delta, draft) in taken.iter().enumerate() {
            let Some(draft) = draft else { continue };
            let record = self.record(draft);
            builder.push_at(delta as i32, &record);
            records.push((base + delta as i64, record));
        }
        let last_delta = records.last().map_or(0, |(offset, _)| (offset - base) as i32) + tail;
        builder.keep_range(last_delta);
        let batch = builder.build().map_err(said)?;
        let written = Written { base, last: base + i64::from(last_delta), records, size: batch.view().size() };
        self.add(batch, Origin::Replication, written)
    }

    fn add(&mut self, batch: Batch, origin: Origin, written: Written) -> Result<(), String> {
        let now = self.now;
        let appended = self.log_mut().append(batch, origin, now).map_err(said)?;
        same("the place", &(written.base, written.last), &(appended.base_offset, appended.last_offset))?;
        self.model.end = written.last + 1;
        self.model.learned.push(written);
        Ok(())
    }

    fn copy_again(&mut self) -> Result<(), String> {
        let Some(base) = self.model.end.checked_sub(1).filter(|&base| base >= 0) else { return Ok(()) };
        let mut builder = BatchBuilder::new(Compression::None).place(base, 7);
        builder.push(&Record::new(self.now, "again", "again"));
        let (batch, now) = (builder.build().map_err(said)?, self.now);
        match self.log_mut().append(batch, Origin::Replication, now) {
            Err(Error::OutOfOrder { .. }) => Ok(()),
            other => Err(format!("a copy that goes back gives {other:?}")),
        }
    }

    fn truncate(&mut self, offset: Offset) -> Result<(), String> {
        let bases: Vec<_> = self.log().segments().map(|segment| segment.base_offset()).collect();
        let now = self.now;
        let end = self.log_mut().truncate(offset, now).map_err(said)?;
        if offset >= self.model.end {
            return same("the end", &self.model.end, &end);
        }
        self.truncations += 1;
        let Some(&base) = bases.iter().rfind(|&&base| base <= offset) else {
            self.model = Model { start: offset, end: offset, first_segment: offset, ..Model::default() };
            return same("the end", &offset, &end);
        };
        let model = &mut self.model;
        model.learned.retain(|batch| batch.last < offset);
        // An empty segment keeps its base offset, even if there is a gap before it.
        model.end = model.learned.last().map_or(base, |batch| base.max(batch.last + 1));
        model.start = model.start.min(model.end);
        same("the end", &model.end, &end)
    }

    fn reset(&mut self, offset: Offset) -> Result<(), String> {
        let now = self.now;
        self.log_mut().reset(offset, now).map_err(said)?;
        self.truncations += 1;
        self.model = Model { start: offset, end: offset, first_segment: offset, ..Model::default() };
        Ok(())
    }

    fn delete_before(&mut self, offset: Offset) -> Result<(), String> {
        let now = self.now;
        if offset > self.model.end {
            return match self.log_mut().delete_before(offset, now) {
                Err(Error::OffsetOutOfRange { .. }) => Ok(()),
                other => Err(format!("deleting beyond the end gives {other:?}")),
            };
        }
        if offset <= self.model.start {
            let removed = self.log_mut().delete_before(offset, now).map_err(said)?;
            return same("the segments deleted", &Vec::new(), &removed);
        }
        self.model.start = offset;
        self.expect_deleted(offset, now, |log| log.delete_before(offset, now))
    }

    fn retain(&mut self, later: i64, below: Offset) -> Result<(), String> {
        self.now += later;
        let now = self.now;
        match below >= self.model.end {
            true => self.expect_deleted(below, now, |log| log.retain(now)),
            false => self.expect_deleted(below, now, |log| log.retain_below(below, now)),
        }
    }

    /// `delete` must delete what the settings say, judged by the segments as they were, and nothing that reaches beyond `below`.
    fn expect_deleted(
        &mut self,
        below: Offset,
        now: Timestamp,
        delete: impl FnOnce(&mut Log<KeyCounts>) -> segment_log::Result<Vec<Offset>>,
    ) -> Result<(), String> {
        let config = self.log().config().clone();
        let start = self.model.start;
        let mut left = self.log().size();
        let mut expected = Vec::new();
        for segment in self.log().segments() {
            left -= u64::from(segment.size());
            let too_old = config.retention_ms.is_some_and(|limit| now - segment.largest_timestamp() > limit);
            let too_much = config.retention_bytes.is_some_and(|limit| left >= limit);
            let is_over = segment.next_offset() <= start || too_old || too_much;
            if segment.is_empty() || segment.next_offset() > below || !is_over {
                break;
            }
            expected.push(segment.base_offset());
        }
        let removed = delete(self.log_mut()).map_err(said)?;
        same("the segments deleted", &expected, &removed)?;
        let first = self.log().segments().next().map_or(0, |segment| segment.base_offset());
        self.model.first_segment = first;
        self.model.start = self.model.start.max(if removed.is_empty() { 0 } else { first });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let (folder, log) = self.open.take().expect("the log is open between acts");
        log.close().map_err(said)?;
        same("whether the folder was closed in order", &true, &folder.close().map_err(said)?)
    }

    fn reopen(&mut self, settings: &Settings) -> Result<(), String> {
        // Opening may close the segments' index files anew, but a slice holds the log's own file.
        let folder = LogDir::open(Arc::new(RealDisk), &self.path).map_err(said)?;
        let (log, _) = folder.open_log("log-0", settings.config(), KeyCounts::default(), self.now).map_err(said)?;
        self.log_append_time = settings.log_append_time;
        self.open = Some((folder, log));
        // The new handles count their truncations from 0, and the old slices cannot know of them.
        self.kept.clear();
        Ok(())
    }

    fn keep(&mut self, from: Offset, max_bytes: usize) -> Result<(), String> {
        match self.log().read(from, max_bytes) {
            Err(Error::OffsetOutOfRange { .. }) if from < self.model.start || from > self.model.end => Ok(()),
            Err(error) => Err(format!("a read from {from} gives: {error}")),
            Ok(slice) => {
                let bytes = slice.to_bytes().map_err(said)?;
                self.kept.push(Kept { slice, bytes, truncations: self.truncations });
                Ok(())
            }
        }
    }

    /// A slice gives the bytes that it was made for, or says that they are gone. It never gives others.
    pub(crate) fn check_kept(&self) -> Result<(), String> {
        for kept in &self.kept {
            match kept.slice.to_bytes() {
                Ok(bytes) => same("the bytes of a slice", &kept.bytes, &bytes)?,
                Err(Error::SliceGone) if kept.truncations < self.truncations => {}
                Err(error) => return Err(format!("a slice gives: {error}")),
            }
        }
        Ok(())
    }
}

pub(crate) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
