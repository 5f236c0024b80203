//! One segment: a file of batches and its two indexes.
//!
//! ```text
//!   00000000000000000120.log         batches, one after the other; the name is the first offset
//!   00000000000000000120.index       where to find an offset
//!   00000000000000000120.timeindex   where to find a time
//! ```
//!
//! A third index may lie beside them, of aborted transactions. It is the log's: `log/aborted.rs`.
//!
//! Only the last segment of a log is written to: the *active* one. The others are closed. A closed segment is whole, is
//! on the disk, and never changes again until it is deleted or the log is truncated. So everything that is delicate
//! about a crash concerns one file.

mod open;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::{BatchError, BatchView, DECOMPRESSED_LIMIT};
use crate::compression::CompressionError;
use crate::config::LogConfig;
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, Result};
use crate::index::{IndexFile, OffsetEntry, SparseIndexer, TimeEntry};
use crate::scan::{self, Scan};
use crate::slice::{Slice, Truncations};
use crate::{Offset, Timestamp};

pub(crate) use open::{NotTrusted, belongs};

/// Endings of a segment's files.
pub const LOG_SUFFIX: &str = ".log";
/// See [`LOG_SUFFIX`].
pub const INDEX_SUFFIX: &str = ".index";
/// See [`LOG_SUFFIX`].
pub const TIME_INDEX_SUFFIX: &str = ".timeindex";

/// The name that a segment's file has: its base offset in 20 digits, so that names sort as offsets do.
pub fn file_name(base_offset: Offset, suffix: &str) -> String {
    format!("{base_offset:020}{suffix}")
}

/// The base offset in a file's name, if the name has this ending.
pub fn base_offset_of(name: &str, suffix: &str) -> Option<Offset> {
    let digits = name.strip_suffix(suffix)?;
    let all_digits = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

/// Where a batch is in its segment, and what its header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) position: u32,
    pub(crate) size: usize,
    pub(crate) last_offset: Offset,
    pub(crate) largest_timestamp: Timestamp,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Segment {
    base_offset: Offset,
    /// Where the next batch goes; what the file may have beyond is not ours.
    size: u32,
    /// The offset after the last batch, or the base offset.
    next_offset: Offset,
    /// When the segment was made or opened; its age, if its records have no timestamps.
    created: Timestamp,
    /// The first batch's largest timestamp: the segment's age counts from there.
    first_timestamp: Option<Timestamp>,
    indexer: SparseIndexer,
    offset_index: IndexFile<OffsetEntry>,
    time_index: IndexFile<TimeEntry>,
    file: Arc<dyn DiskFile>,
    path: Arc<PathBuf>,
    truncations: Truncations,
}

impl Segment {
    /// Makes an empty segment that can be written to.
    pub(crate) fn create(
        disk: &dyn Disk,
        dir: &Path,
        base_offset: Offset,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<Self> {
        let room = config.segment_index_bytes;
        let offset_index = IndexFile::create(disk, dir.join(file_name(base_offset, INDEX_SUFFIX)), room)?;
        let time_index = IndexFile::create(disk, dir.join(file_name(base_offset, TIME_INDEX_SUFFIX)), room)?;
        // The log comes last: an index without a log is swept away when the folder is opened.
        let path = dir.join(file_name(base_offset, LOG_SUFFIX));
        let file = disk.create(&path).map_err(Error::io("create", &path))?;
        Ok(Segment::of(base_offset, file, path, (offset_index, time_index), config, now))
    }

    /// The offset in the segment's name: no batch in it starts before.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// The offset after the segment's last batch; its base offset if it has none.
    pub fn next_offset(&self) -> Offset {
        self.next_offset
    }

    /// Bytes of its batches.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Whether it has no batch.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The largest timestamp of its records. A segment whose records have none is as old as its file's opening, so each
    /// opening makes it young again. (Kafka asks the file system for the file's age.)
    pub fn largest_timestamp(&self) -> Timestamp {
        self.indexer.time_entry().map_or(self.created, |entry| entry.timestamp)
    }

    /// Its `.log` file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its `.index`.
    pub fn offset_index(&self) -> &IndexFile<OffsetEntry> {
        &self.offset_index
    }

    /// Its `.timeindex`.
    pub fn time_index(&self) -> &IndexFile<TimeEntry> {
        &self.time_index
    }

    /// Whether an index has no room for another entry. A time index keeps one place for the entry that closes it.
    pub(crate) fn is_index_full(&self) -> bool {
        self.offset_index.room() == 0 || self.time_index.room() <= 1
    }

    /// How long the segment has been waiting to be closed, in milliseconds, if a batch of time `incoming` comes `now`.
    pub(crate) fn age(&self, incoming: Timestamp, now: Timestamp) -> i64 {
        match self.first_timestamp {
            Some(first) if first >= 0 && incoming >= 0 => incoming.saturating_sub(first),
            _ => now.saturating_sub(self.created),
        }
    }

    /// Writes a batch behind the last one, and its index entries if they are due. All or nothing: after an error the
    /// segment is as it was.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::Stopped`] if not even the failed write could be taken back.
    pub(crate) fn append(&mut self, batch: &BatchView<'_>) -> Result<u32> {
        let position = self.size;
        if let Err(error) = self.file.write_at(batch.bytes(), position.into()) {
            return Err(self.take_back(position, Error::io("write", &self.path)(error)));
        }
        let entries_before = (self.offset_index.len(), self.time_index.len(), self.indexer.clone());
        if let Err(error) = self.index(batch, position) {
            self.offset_index.truncate(entries_before.0);
            self.time_index.truncate(entries_before.1);
            self.indexer = entries_before.2;
            return Err(self.take_back(position, error));
        }
        self.learn(batch, position);
        Ok(position)
    }

    /// Gives a batch to the indexer, and what comes of it to the index files.
    fn index(&mut self, batch: &BatchView<'_>, position: u32) -> Result<()> {
        if let Some(new) = self.indexer.apply(batch, position) {
            self.offset_index.push(new.offset)?;
            self.push_time(new.time)?;
        }
        Ok(())
    }

    /// The bookkeeping of a batch that is written and indexed.
    fn learn(&mut self, batch: &BatchView<'_>, position: u32) {
        self.first_timestamp.get_or_insert(batch.max_timestamp());
        self.size = position + batch.size() as u32;
        self.next_offset = batch.next_offset();
    }

    fn push_time(&mut self, entry: Option<TimeEntry>) -> Result<()> {
        match entry {
            Some(entry) if self.time_index.last().is_none_or(|last| last.timestamp < entry.timestamp) => {
                self.time_index.push(entry)
            }
            _ => Ok(()),
        }
    }

    /// After a failed write: cuts off what may have arrived of it.
    fn take_back(&self, position: u32, error: Error) -> Error {
        match self.file.set_len(position.into()) {
            Ok(()) => error,
            Err(_) => Error::Stopped { action: "take back a failed write to", path: self.path.to_path_buf() },
        }
    }

    /// An offset behind all batches that begin before byte `position`: that of an index entry there, or the segment's end.
    pub(crate) fn offset_after(&self, position: u32) -> Offset {
        let (mut low, mut high) = (0, self.offset_index.len());
        while low < high {
            let middle = (low + high) / 2;
            let is_before = self.offset_index.get(middle).is_some_and(|entry| entry.position < position);
            (low, high) = if is_before { (middle + 1, high) } else { (low, middle) };
        }
        let entry = self.offset_index.get(low);
        entry.map_or(self.next_offset, |entry| self.base_offset.saturating_add(entry.relative_offset.into()))
    }

    /// Where the first batch is that reaches to `offset` or beyond; `None` if all end before it.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Io`].
    pub(crate) fn locate(&self, offset: Offset) -> Result<Option<Place>> {
        let relative = u32::try_from(offset.saturating_sub(self.base_offset)).unwrap_or(0);
        let mut scan = self.walk_from(self.offset_index.floor(relative));
        let mut next_offset = self.base_offset;
        while let Some((position, header)) = scan.next_header()? {
            open::belongs(&header, next_offset, self.base_offset).map_err(|rule| self.corrupt(position, rule))?;
            next_offset = header.next_offset();
            if header.last_offset() >= offset {
                let (size, largest_timestamp) = (header.size(), header.max_timestamp());
                return Ok(Some(Place { position, size, last_offset: header.last_offset(), largest_timestamp }));
            }
        }
        Ok(None)
    }

    /// A walk from the batch that an index entry names. If another one is there, the entry is damaged, and the walk
    /// begins at the front: slower, and as right as without an index.
    fn walk_from(&self, entry: Option<OffsetEntry>) -> Scan<'_> {
        let Some(entry) = entry else { return self.scan(0, scan::SHORT) };
        let named = self.base_offset.checked_add(entry.relative_offset.into());
        let mut scan = self.scan(entry.position, scan::SHORT);
        let found = scan.peek_header().ok().flatten().map(|header| header.last_offset());
        if found.is_none() || found != named {
            scan.seek(0);
        }
        scan
    }

    /// The first record from offset `from` on whose timestamp is at or after `time`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Io`].
    pub(crate) fn find_time(&self, time: Timestamp, from: Offset) -> Result<Option<(Timestamp, Offset)>> {
        // Up to the entry's offset nothing is younger than the entry, and the entry is not younger than `time`.
        let before = self.time_index.floor(time).map_or(0, |entry| entry.relative_offset);
        let mut scan = self.walk_from(self.offset_index.floor(before));
        while let Some((position, header)) = scan.next_header()? {
            if header.max_timestamp() < time || header.last_offset() < from {
                continue;
            }
            scan.seek(position.into());
            let Some((_, batch)) = scan.next_batch()? else { break };
            let found = first_at(&batch, time, from).map_err(|rule| match rule {
                // Larger than we are ready to hold is no damage.
                BatchError::Compression(CompressionError::TooLarge { .. }) => Error::InvalidBatch(rule),
                rule => self.corrupt(position, rule),
            });
            if let Some(found) = found? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The bytes from `place` on, at most `max_bytes` of them, but at least that batch.
    pub(crate) fn slice(&self, place: Place, max_bytes: usize) -> Slice {
        let len = max_bytes.max(place.size).min((self.size - place.position) as usize);
        let (file, path) = (self.file.clone(), self.path.clone());
        Slice::new(file, path, place.position.into(), len, self.truncations.clone())
    }

    /// No bytes, at the segment's end.
    pub(crate) fn empty_slice(&self) -> Slice {
        let end = Place { position: self.size, size: 0, last_offset: self.next_offset, largest_timestamp: -1 };
        self.slice(end, 0)
    }

    /// A walk over the batches from byte `position` on.
    pub fn scan(&self, position: u32, read_ahead: usize) -> Scan<'_> {
        Scan::new(&*self.file, &self.path, position.into(), self.size.into(), read_ahead)
    }

    /// Makes the batches durable. The indexes need not be: they can be made again.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync().map_err(Error::io("flush", &self.path))
    }

    /// Closes the segment: the time index gets its last entry, both indexes are trimmed, and all is made durable.
    pub(crate) fn seal(&mut self, disk: &dyn Disk) -> Result<()> {
        self.push_time(self.indexer.time_entry())?;
        self.sync()?;
        self.offset_index.close(disk)?;
        self.time_index.close(disk)
    }

    /// Makes a closed segment the active one again.
    pub(crate) fn unseal(&mut self, disk: &dyn Disk, config: &LogConfig) -> Result<()> {
        self.offset_index.make_room(disk, config.segment_index_bytes)?;
        self.time_index.make_room(disk, config.segment_index_bytes)
    }

    /// Removes every batch that reaches to `offset` or beyond, durably: what is written here next must not be followed
    /// by what stood here before.
    pub(crate) fn truncate(&mut self, offset: Offset) -> Result<()> {
        match self.locate(offset)? {
            Some(place) => self.cut(place.position),
            None => Ok(()),
        }
    }

    /// Removes everything from byte `position` on, durably. What lies before it is whole batches.
    pub(crate) fn cut(&mut self, position: u32) -> Result<()> {
        self.truncations.count_one();
        self.file.set_len(position.into()).map_err(Error::io("truncate", &self.path))?;
        self.sync()?;
        self.size = position;
        while self.offset_index.last().is_some_and(|entry| entry.position >= position) {
            self.offset_index.pop();
        }
        self.resume().map(drop)
    }

    /// Makes the bookkeeping fit the file again, by a walk from the last index entry on. `false` if the walk found that
    /// an entry is missing.
    fn resume(&mut self) -> Result<bool> {
        let start = self.offset_index.last().map_or(0, |entry| entry.position);
        let (mut next_offset, mut indexer, mut is_complete) = (self.base_offset, self.indexer.clone(), true);
        indexer.restart();
        let mut scan = self.scan(start, scan::SHORT);
        while let Some((position, header)) = scan.next_header()? {
            open::belongs(&header, next_offset, self.base_offset).map_err(|rule| self.corrupt(position, rule))?;
            next_offset = header.next_offset();
            is_complete &= indexer.apply(&header, position).is_none();
        }
        // An entry of the time index counts if the batch that it speaks of is still there.
        let relative_end = u32::try_from(next_offset - self.base_offset).unwrap_or(u32::MAX);
        while self.time_index.last().is_some_and(|entry| entry.relative_offset >= relative_end) {
            self.time_index.pop();
        }
        indexer.learn(self.time_index.last());
        let first = self.scan(0, scan::SHORT).next_header()?.map(|(_, header)| header.max_timestamp());
        (self.next_offset, self.indexer, self.first_timestamp) = (next_offset, indexer, first);
        Ok(is_complete)
    }

    /// Removes the segment's files, because its records are taken back. Slices of it are not current any more.
    pub(crate) fn discard(self, disk: &dyn Disk) -> Result<()> {
        self.truncations.count_one();
        self.remove(disk)
    }

    /// Removes the segment's files, because its records are old. Slices of it stay readable, and current.
    pub(crate) fn remove(self, disk: &dyn Disk) -> Result<()> {
        // The log goes first: an index that is left over is swept away at the next opening.
        for path in [self.path(), self.offset_index.path(), self.time_index.path()] {
            disk.remove(path).map_err(Error::io("remove", path))?;
        }
        Ok(())
    }

    fn corrupt(&self, position: u32, rule: BatchError) -> Error {
        Error::Corrupt { file: self.path.to_path_buf(), position: position.into(), rule }
    }
}

/// The first record of `batch` at or after `time` and `from`.
fn first_at(batch: &BatchView<'_>, time: Timestamp, from: Offset) -> Result<Option<(Timestamp, Offset)>, BatchError> {
    for record in batch.records(DECOMPRESSED_LIMIT)?.iter() {
        let record = record?;
        if record.timestamp >= time && record.offset >= from {
            return Ok(Some((record.timestamp, record.offset)));
        }
    }
    Ok(None)
}
