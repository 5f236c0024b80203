//! Opening a segment that was written before: trusting it, or reading all of it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{INDEX_SUFFIX, LOG_SUFFIX, Segment, TIME_INDEX_SUFFIX, file_name};
use crate::batch::{BatchError, BatchHeader, HEADER_LEN};
use crate::config::LogConfig;
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, Result};
use crate::index::{IndexFile, OffsetEntry, SparseIndexer, TimeEntry};
use crate::scan::{self, Scan};
use crate::slice::Truncations;
use crate::{Offset, Timestamp};

/// Why a segment cannot be used as it lies.
#[derive(Debug)]
pub(crate) enum NotTrusted {
    /// An index is missing, damaged or stale: [`Segment::rebuild`] makes it again from the log.
    Index(Error),
    /// The log itself is at fault, or the system is.
    Log(Error),
}

impl NotTrusted {
    /// A missing index or a damaged one can be made again. That the system has no more handles is another matter.
    fn by_index(error: Error) -> Self {
        match error {
            Error::Io { source, action, path } if source.kind() != io::ErrorKind::NotFound => {
                NotTrusted::Log(Error::Io { source, action, path })
            }
            error => NotTrusted::Index(error),
        }
    }
}

/// What reading a whole segment found.
#[derive(Debug)]
pub(crate) struct Rebuilt {
    /// Whole and valid batches, from the front.
    pub(crate) batches: u64,
    /// The first batch that is not, if there is one: always an [`Error::Corrupt`].
    pub(crate) damage: Option<Error>,
}

impl Segment {
    /// Opens a segment that was [sealed](Segment::seal), and believes its indexes if they fit its log.
    pub(crate) fn open(
        disk: &dyn Disk,
        dir: &Path,
        base_offset: Offset,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<Self, NotTrusted> {
        let path = |suffix| dir.join(file_name(base_offset, suffix));
        let offset_index = IndexFile::open(disk, path(INDEX_SUFFIX)).map_err(NotTrusted::by_index)?;
        let time_index = IndexFile::open(disk, path(TIME_INDEX_SUFFIX)).map_err(NotTrusted::by_index)?;
        let (file, path, size) = open_log(disk, dir, base_offset).map_err(NotTrusted::Log)?;
        let mut segment = Segment::of(base_offset, file, path, (offset_index, time_index), config, now);
        segment.size = size;
        segment.check_last_entry().map_err(NotTrusted::Index)?;
        let is_complete = segment.resume().map_err(NotTrusted::Log)?;
        if !is_complete {
            let rule = "entries are missing at its end".to_owned();
            let file = segment.offset_index.path().to_owned();
            return Err(NotTrusted::Index(Error::BadFile { file, rule }));
        }
        segment.check_last_time().map_err(NotTrusted::Index)?;
        Ok(segment)
    }

    /// Reads the whole segment, verifies each batch, and makes both indexes anew. Stops at the first bad batch: then the
    /// segment ends before it, and the file still holds the rest. The segment can be written to.
    ///
    /// The indexes' names get `ending`. A closed segment's are believed by whoever finds them, so they get their names
    /// when they are durable ([`name_indexes`](Self::name_indexes)); the active one's may have theirs (`""`) at once.
    pub(crate) fn rebuild(
        disk: &dyn Disk,
        dir: &Path,
        base_offset: Offset,
        ending: &str,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<(Self, Rebuilt)> {
        let (file, path, length) = open_log(disk, dir, base_offset)?;
        let room = index_room(length, config);
        let index_path = |suffix| dir.join(file_name(base_offset, suffix) + ending);
        let offset_index = IndexFile::create(disk, index_path(INDEX_SUFFIX), room)?;
        let time_index = IndexFile::create(disk, index_path(TIME_INDEX_SUFFIX), room)?;
        let mut segment = Segment::of(base_offset, file.clone(), path.clone(), (offset_index, time_index), config, now);
        let mut rebuilt = Rebuilt { batches: 0, damage: None };
        let mut scan = Scan::new(&*file, &path, 0, length.into(), scan::LONG);
        loop {
            match segment.rebuild_next(&mut scan) {
                Ok(true) => rebuilt.batches += 1,
                Ok(false) => break,
                Err(damage @ Error::Corrupt { .. }) => {
                    rebuilt.damage = Some(damage);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok((segment, rebuilt))
    }

    /// Gives rebuilt indexes their names, in place of those that were not trusted.
    pub(crate) fn name_indexes(&mut self, disk: &dyn Disk, dir: &Path) -> Result<()> {
        self.offset_index.rename(disk, dir.join(file_name(self.base_offset, INDEX_SUFFIX)))?;
        self.time_index.rename(disk, dir.join(file_name(self.base_offset, TIME_INDEX_SUFFIX)))
    }

    /// Takes the scan's next batch in, as if it had just been appended. `false` at the end.
    fn rebuild_next(&mut self, scan: &mut Scan<'_>) -> Result<bool> {
        let Some((position, batch)) = scan.next_batch()? else { return Ok(false) };
        belongs(&batch, self.next_offset, self.base_offset).map_err(|rule| self.corrupt(position, rule))?;
        self.index(&batch, position)?;
        self.learn(&batch, position);
        Ok(true)
    }

    /// Bytes that the file has: more than [`size`](Self::size) if a rebuild stopped at a bad batch.
    pub(crate) fn file_len(&self) -> Result<u64> {
        self.file.len().map_err(Error::io("measure", &self.path))
    }

    /// An offset index is believed if its last entry speaks of a batch that is there. Entries are written in order, so
    /// those before it were right too. One that rots later is noticed by the walk that it misleads.
    fn check_last_entry(&self) -> Result<()> {
        let Some(entry) = self.offset_index.last() else { return Ok(()) };
        let expected = self.base_offset.saturating_add(entry.relative_offset.into());
        let position = entry.position;
        let found = match u64::from(position) + HEADER_LEN as u64 <= self.size.into() {
            true => {
                self.scan(position, scan::SHORT).next_header().ok().flatten().map(|(_, header)| header.last_offset())
            }
            false => None,
        };
        if found == Some(expected) {
            return Ok(());
        }
        let rule =
            format!("its last entry says that a batch up to offset {expected} is at byte {position}, and it is not");
        Err(Error::BadFile { file: self.offset_index.path().to_owned(), rule })
    }

    /// The last entry of a closed time index is the largest timestamp of the segment, which retention believes. So it must
    /// be the one that the walk over the segment's end gives, and its batch must have it.
    fn check_last_time(&self) -> Result<()> {
        let stale = |rule: String| Err(Error::BadFile { file: self.time_index.path().to_owned(), rule });
        let last = self.time_index.last();
        if self.indexer.time_entry() != last {
            return stale("it does not end with the largest timestamp".to_owned());
        }
        let Some(TimeEntry { timestamp, relative_offset }) = last else { return Ok(()) };
        let offset = self.base_offset.saturating_add(relative_offset.into());
        let place = self.locate(offset).ok().flatten();
        if place.is_some_and(|place| (place.last_offset, place.largest_timestamp) == (offset, timestamp)) {
            return Ok(());
        }
        stale(format!("its last entry says that a batch up to offset {offset} is of {timestamp}, and it is not"))
    }

    /// A segment with nothing learned yet.
    pub(super) fn of(
        base_offset: Offset,
        file: Arc<dyn DiskFile>,
        path: std::path::PathBuf,
        (offset_index, time_index): (IndexFile<OffsetEntry>, IndexFile<TimeEntry>),
        config: &LogConfig,
        now: Timestamp,
    ) -> Self {
        Segment {
            base_offset,
            size: 0,
            next_offset: base_offset,
            created: now,
            first_timestamp: None,
            indexer: SparseIndexer::new(base_offset, config.index_interval_bytes),
            offset_index,
            time_index,
            file,
            path: Arc::new(path),
            truncations: Truncations::default(),
        }
    }
}

/// The rules that a batch's place must obey, beside those of its bytes.
pub(crate) fn belongs(batch: &BatchHeader<'_>, next_offset: Offset, base_offset: Offset) -> Result<(), BatchError> {
    let broken = |rule| Err(BatchError::Field { field: "base_offset", found: batch.base_offset(), rule });
    if batch.base_offset() < next_offset {
        return broken("it comes after the batch before");
    }
    if batch.last_offset() < batch.base_offset() {
        let (field, found) = ("last_offset_delta", batch.last_offset_delta().into());
        return Err(BatchError::Field { field, found, rule: "it counts from the base offset, so it is at least 0" });
    }
    if batch.last_offset().saturating_sub(base_offset) > Offset::from(i32::MAX) {
        return broken("a segment spans less than 2^31 offsets");
    }
    Ok(())
}

fn open_log(disk: &dyn Disk, dir: &Path, base_offset: Offset) -> Result<(Arc<dyn DiskFile>, std::path::PathBuf, u32)> {
    let path = dir.join(file_name(base_offset, LOG_SUFFIX));
    let file = disk.open(&path).map_err(Error::io("open", &path))?;
    let length = file.len().map_err(Error::io("measure", &path))?;
    match u32::try_from(length).ok().filter(|&size| size <= i32::MAX as u32) {
        Some(size) => Ok((file, path, size)),
        None => {
            let rule = format!("a segment is shorter than 2 GiB, and this file has {length} bytes");
            Err(Error::BadFile { file: path, rule })
        }
    }
}

/// A segment written under other settings may need more entries than an index has room for today.
fn index_room(log_length: u32, config: &LogConfig) -> u32 {
    const LARGEST_ENTRY: u64 = 12;
    let interval = u64::from(config.index_interval_bytes.max(HEADER_LEN as u32));
    let needed = (u64::from(log_length) / interval + 2) * LARGEST_ENTRY;
    config.segment_index_bytes.max(u32::try_from(needed).unwrap_or(u32::MAX))
}
