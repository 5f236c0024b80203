//! Opening a log: in a moment after a clean stop, by reading its last segment after any other.
//!
//! After a crash the end of a log may be anything: whole batches, half of one, zeros where a write was lost, later bytes
//! without the earlier. The rule is short: *read the segment that holds the recovery point, and cut at the first batch
//! that does not hold.* Nothing that a crash can tear was ever flushed, so nothing that was promised to survive is lost.
//!
//! The format leaves one hole. A checksum does not cover the base offset, as each log writes its own. If a batch's first
//! eight bytes alone are lost, the rule that offsets ascend is all that notices, and in a gap between offsets a wrong one
//! can ascend too. Kafka lives with that, and so do we.
//!
//! Below the saved recovery point the same bytes mean something else. They were whole once, so they are damaged now, and other
//! copies of them may exist. Then the log does not open: it says which byte of which file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Log;
use super::aborted::{self, AbortedIndex};
use super::beside::BESIDE;
use super::snapshots::{self, Snapshots};
use crate::batch::{BatchError, HEADER_LEN};
use crate::checkpoint::{Checkpoints, InUse};
use crate::config::LogConfig;
use crate::disk::{Disk, TEMPORARY_SUFFIX};
use crate::error::{Error, Result};
use crate::flush::Unflushed;
use crate::fold::Fold;
use crate::segment::{INDEX_SUFFIX, LOG_SUFFIX, NotTrusted, Segment, TIME_INDEX_SUFFIX, base_offset_of};
use crate::{Offset, Timestamp};

/// What opening a log found and did.
#[derive(Debug, Default)]
pub struct Recovery {
    /// Whether the log was closed in order.
    pub was_clean: bool,
    /// Batches whose checksums were looked at.
    pub verified: u64,
    /// What was cut from the end.
    pub cut: Option<Cut>,
    /// Indexes that were made again, and why.
    pub rebuilt: Vec<(PathBuf, String)>,
    /// Files without an owner that were removed.
    pub swept: Vec<PathBuf>,
    /// The snapshot that the fold started from.
    pub snapshot: Option<Offset>,
    /// Batches that the fold learned after it.
    pub replayed: u64,
    /// Whether the fold lacks what it knew from records that retention took: no snapshot was left that holds it.
    pub state_lost: bool,
}

/// The end of a log that did not survive.
#[derive(Debug)]
pub struct Cut {
    /// The segment's file.
    pub file: PathBuf,
    /// Where the first bad batch started, in bytes.
    pub position: u64,
    /// The log's end, now.
    pub end: Offset,
    /// Bytes that were removed.
    pub bytes: u64,
    /// What was wrong: an [`Error::Corrupt`].
    pub why: Error,
}

/// Where a log is, and what is known of how it was left.
pub(crate) struct Opening {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    /// Whether the folder was there before.
    pub(crate) was_there: bool,
    pub(crate) name: String,
    pub(crate) config: LogConfig,
    pub(crate) checkpoints: Arc<Checkpoints>,
    pub(crate) in_use: InUse,
    pub(crate) was_clean: bool,
    pub(crate) now: Timestamp,
}

impl<F: Fold> Log<F> {
    pub(crate) fn open(opening: Opening, fold: F) -> Result<(Self, Recovery)> {
        let Opening { disk, dir, was_there, name, config, checkpoints, in_use, was_clean, now } = opening;
        let mut recovery = Recovery { was_clean, ..Recovery::default() };
        let (saved_point, log_start) = (checkpoints.recovery_point(&name), checkpoints.log_start(&name));
        let names = sweep(&*disk, &dir, &mut recovery)?;
        let mut snapshots = Snapshots::among(disk.clone(), dir.clone(), &names);
        let aborted = AbortedIndex::among(disk.clone(), dir.clone(), &names)?;
        let is_new = !names.iter().any(|name| base_offset_of(name, LOG_SUFFIX).is_some());
        if let Some(point) = saved_point.filter(|&point| is_new && was_there && point > log_start) {
            let rule = format!("there is no segment in it, and the log was flushed up to offset {point}");
            return Err(Error::BadFile { file: dir, rule });
        }
        if is_new {
            // A new log. Nothing that was said of an earlier one here may be taken for this one's.
            checkpoints.lower_recovery_point(&name, 0)?;
            snapshots.remove_above(-1)?;
        }
        // Without a recovery point nobody knows where a clean stop left the end.
        recovery.was_clean &= is_new || saved_point.is_some();
        let recovery_point = if is_new { 0 } else { saved_point.unwrap_or(0) };
        let loader = Loader { disk: &*disk, dir: &dir, config: &config, now };
        let segments = loader.load(&names, recovery_point, log_start, &mut recovery)?;
        let (&first, _) = segments.first_key_value().expect("the loader made one if there was none");
        let end = segments.values().next_back().map_or(first, Segment::next_offset);
        let log_start = log_start.max(first);
        let mut log = Log {
            name,
            dir,
            disk,
            config,
            segments,
            log_start,
            end,
            recovery_point: end,
            unflushed: Unflushed::none(),
            fold,
            snapshots,
            aborted,
            checkpoints,
            _in_use: in_use,
            stopped: None,
        };
        log.checkpoints.note_recovery_point(&log.name, end);
        log.snapshots.remove_above(end)?;
        if log_start > end {
            // What was deleted before the crash reached further than what was left by it.
            log.reset(log_start, now)?;
        }
        let replay = log.restore_fold()?;
        (recovery.snapshot, recovery.replayed) = (replay.snapshot, replay.batches);
        recovery.state_lost = !F::STATELESS && first > 0 && replay.snapshot.is_none();
        Ok((log, recovery))
    }
}

struct Loader<'o> {
    disk: &'o dyn Disk,
    dir: &'o Path,
    config: &'o LogConfig,
    now: Timestamp,
}

impl Loader<'_> {
    fn load(
        &self,
        names: &[String],
        recovery_point: Offset,
        log_start: Offset,
        recovery: &mut Recovery,
    ) -> Result<BTreeMap<Offset, Segment>> {
        let bases: Vec<_> = names.iter().filter_map(|name| base_offset_of(name, LOG_SUFFIX)).collect();
        let mut segments = BTreeMap::new();
        let Some((&last, closed)) = bases.split_last() else {
            let segment = Segment::create(self.disk, self.dir, log_start, self.config, self.now)?;
            self.disk.sync_dir(self.dir).map_err(Error::io("flush", self.dir))?;
            return Ok(BTreeMap::from([(log_start, segment)]));
        };
        for (&base, &next) in closed.iter().zip(&bases[1..]) {
            let segment = self.trust(base, recovery)?;
            // A segment is closed because it is full. Only an offset that no index could hold closes an empty one.
            if segment.is_empty() && next - base <= Offset::from(i32::MAX) {
                let rule = BatchError::CutOff { needed: HEADER_LEN, have: 0 };
                return Err(Error::Corrupt { file: segment.path().to_owned(), position: 0, rule });
            }
            segments.insert(base, segment);
        }
        // A segment begins only when all before it is flushed, whatever an older checkpoint may say.
        let recovery_point = recovery_point.max(last);
        let active = match recovery.was_clean {
            // A clean stop leaves the end where the recovery point is. If they differ, the log is looked at closely.
            true => match self.trust(last, recovery)? {
                mut active if active.next_offset() == recovery_point => {
                    active.unseal(self.disk, self.config)?;
                    active
                }
                _ => self.recover(last, recovery_point, recovery)?,
            },
            false => self.recover(last, recovery_point, recovery)?,
        };
        check_end(&active, recovery_point, recovery.was_clean)?;
        segments.insert(last, active);
        check_order(&segments)?;
        Ok(segments)
    }

    /// Opens a segment that was sealed. Its indexes are made again if they do not fit; its log must hold.
    fn trust(&self, base: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let why = match Segment::open(self.disk, self.dir, base, self.config, self.now) {
            Ok(segment) => return Ok(segment),
            Err(NotTrusted::Log(error)) => return Err(error),
            Err(NotTrusted::Index(why)) => why,
        };
        let (mut segment, rebuilt) =
            Segment::rebuild(self.disk, self.dir, base, TEMPORARY_SUFFIX, self.config, self.now)?;
        recovery.verified += rebuilt.batches;
        if let Some(damage) = rebuilt.damage {
            return Err(damage);
        }
        segment.seal(self.disk)?;
        segment.name_indexes(self.disk, self.dir)?;
        recovery.rebuilt.push((segment.offset_index().path().to_owned(), why.to_string()));
        Ok(segment)
    }

    /// Reads the last segment of a log that was not closed, and cuts it at the first bad batch, unless that batch was
    /// flushed once.
    fn recover(&self, base: Offset, recovery_point: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let (mut segment, rebuilt) = Segment::rebuild(self.disk, self.dir, base, "", self.config, self.now)?;
        recovery.verified += rebuilt.batches;
        if let Some(why) = rebuilt.damage {
            if segment.next_offset() < recovery_point {
                return Err(why);
            }
            let (file, position) = (segment.path().to_owned(), u64::from(segment.size()));
            let bytes = segment.file_len()? - position;
            segment.cut(segment.size())?;
            recovery.cut = Some(Cut { file, position, end: segment.next_offset(), bytes, why });
        }
        // What was found may be in the page cache alone, if it was a process that died and not the machine.
        segment.sync()?;
        Ok(segment)
    }
}

/// Removes what a crash can leave without an owner: unfinished files, and indexes whose log is gone. Gives the names of
/// the files that stay.
fn sweep(disk: &dyn Disk, dir: &Path, recovery: &mut Recovery) -> Result<Vec<String>> {
    let names = disk.list(dir).map_err(Error::io("list", dir))?;
    let is_orphan = |name: &String| {
        let suffixes = [INDEX_SUFFIX, TIME_INDEX_SUFFIX, aborted::SUFFIX];
        let base = suffixes.into_iter().find_map(|suffix| base_offset_of(name, suffix));
        let has_log = |base| names.binary_search(&crate::segment::file_name(base, LOG_SUFFIX)).is_ok();
        name.ends_with(TEMPORARY_SUFFIX) || base.is_some_and(|base| !has_log(base))
    };
    let (orphans, kept): (Vec<_>, Vec<_>) = names.iter().cloned().partition(is_orphan);
    refuse_hole(dir, &orphans, &kept)?;
    for name in orphans {
        let path = dir.join(name);
        disk.remove(&path).map_err(Error::io("remove", &path))?;
        recovery.swept.push(path);
    }
    Ok(kept)
}

/// Retention takes segments from the front and truncation from the end, and a crash in either can leave an index behind.
/// An index between two segments was left by nobody of ours: somebody took its log away.
fn refuse_hole(dir: &Path, orphans: &[String], kept: &[String]) -> Result<()> {
    let bases: Vec<_> = kept.iter().filter_map(|name| base_offset_of(name, LOG_SUFFIX)).collect();
    let (Some(&first), Some(&last)) = (bases.first(), bases.last()) else { return Ok(()) };
    let index = orphans.iter().filter_map(|name| Some((name, base_offset_of(name, INDEX_SUFFIX)?)));
    for (name, base) in index {
        if first < base && base < last {
            let rule = "it is the index of a segment that is missing, between others that are there".to_owned();
            return Err(Error::BadFile { file: dir.join(name), rule });
        }
    }
    Ok(())
}

/// The last segment reaches to the recovery point, and after a clean stop not beyond it.
fn check_end(active: &Segment, recovery_point: Offset, was_clean: bool) -> Result<()> {
    let corrupt =
        |position: u32, rule| Err(Error::Corrupt { file: active.path().to_owned(), position: position.into(), rule });
    let end = active.next_offset();
    if end < recovery_point {
        // What is left shows no fault: whole batches are gone from its end, or whole segments behind it.
        let rule = "the log was flushed further than this, so batches or segments are missing behind it";
        return corrupt(active.size(), BatchError::Field { field: "last offset", found: end - 1, rule });
    }
    if was_clean && end > recovery_point {
        // The checksum does not cover the base offset. A damaged one can look like a gap before the last batches.
        let place = active.locate(recovery_point)?;
        let rule = "the log was closed in order, and ended before this batch ends";
        let rule = BatchError::Field { field: "last offset", found: end - 1, rule };
        return corrupt(place.map_or(active.size(), |place| place.position), rule);
    }
    Ok(())
}

/// Each segment ends before the next begins.
fn check_order(segments: &BTreeMap<Offset, Segment>) -> Result<()> {
    for (before, after) in segments.values().zip(segments.values().skip(1)) {
        if before.next_offset() > after.base_offset() {
            let rule = format!(
                "it begins at offset {}, and the segment before it reaches to {}",
                after.base_offset(),
                before.next_offset()
            );
            return Err(Error::BadFile { file: after.path().to_owned(), rule });
        }
    }
    Ok(())
}

/// Whether a file belongs to a log: what deleting a log may remove.
pub(crate) fn is_ours(name: &str) -> bool {
    let suffixes = [LOG_SUFFIX, INDEX_SUFFIX, TIME_INDEX_SUFFIX, snapshots::SUFFIX, aborted::SUFFIX];
    let is_beside = BESIDE.contains(&name);
    is_beside
        || name.ends_with(TEMPORARY_SUFFIX)
        || suffixes.iter().any(|suffix| base_offset_of(name, suffix).is_some())
}
