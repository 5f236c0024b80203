//! Sparse indexes: where to start looking.
//!
//! To find offset 7,000,000 in a segment one could read all batches before it. An index has an entry for about every
//! 4 KiB of the log (`index.interval.bytes`). A binary search finds the last entry at or before the offset, and the rest
//! is a short walk:
//!
//! ```text
//!   .index        (41, 4130)      (83, 8290)      (120, 12410)        offset 90? The last entry at or before it
//!                      │               │                │             is (83, 8290): walk from byte 8290.
//!   .log   ▐batch▐batch▐batch▐batch▐batch▐batch▐batch▐batch▐
//! ```
//!
//! An index that named every record would be found in one step and be as large as the log. This one is about a five
//! hundredth of it, so all of it stays in memory.
//!
//! Offsets and positions in an index count from the start of its segment, so four bytes are enough for each. The files
//! are Kafka's, byte for byte:
//!
//! | file         | entry                                          | bytes | found by            |
//! |--------------|------------------------------------------------|-------|---------------------|
//! | `.index`     | relative offset `u32`, position `u32`          | 8     | [`OffsetEntry`]     |
//! | `.timeindex` | timestamp `i64`, relative offset `u32`         | 12    | [`TimeEntry`]       |
//!
//! An index is a fold over its segment: [`SparseIndexer`] sees each batch and says which entries it gives. Appending and
//! recovery run the same function, so a lost index is no loss. That is why entries are never flushed one by one.
//!
//! The file of the active segment has its full length from the start, zeros at the end, as a map cannot grow with its
//! file. It is trimmed when the segment is closed.

pub mod check;

use std::fmt::Debug;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::BatchHeader;
use crate::disk::map::Map;
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, Result};
use crate::{Offset, Timestamp};

/// What an index holds: fixed-size entries in ascending order of their keys.
pub trait Entry: Copy + Debug + PartialEq {
    /// What entries are found by.
    type Key: Copy + Ord + Debug;
    /// Bytes of an entry.
    const SIZE: usize;

    /// What this entry is found by.
    fn key(&self) -> Self::Key;
    /// Appends the entry's bytes.
    fn encode(&self, out: &mut Vec<u8>);
    /// Reads an entry from exactly [`SIZE`](Self::SIZE) bytes.
    fn decode(bytes: &[u8]) -> Self;
}

/// An entry of `.index`: the batch whose last offset is this starts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetEntry {
    /// Last offset of the batch, counted from the segment's base offset.
    pub relative_offset: u32,
    /// Where the batch starts in the segment, in bytes.
    pub position: u32,
}

/// An entry of `.timeindex`: up to here, no record is younger than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeEntry {
    /// The largest timestamp so far.
    pub timestamp: Timestamp,
    /// Last offset of the batch that has it, counted from the segment's base offset.
    pub relative_offset: u32,
}

impl Entry for OffsetEntry {
    type Key = u32;
    const SIZE: usize = 8;

    fn key(&self) -> u32 {
        self.relative_offset
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.relative_offset.to_be_bytes());
        out.extend_from_slice(&self.position.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        OffsetEntry { relative_offset: u32_at(bytes, 0), position: u32_at(bytes, 4) }
    }
}

impl Entry for TimeEntry {
    type Key = Timestamp;
    const SIZE: usize = 12;

    fn key(&self) -> Timestamp {
        self.timestamp
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.relative_offset.to_be_bytes());
    }

    fn decode(bytes: &[u8]) -> Self {
        let timestamp = (i64::from(u32_at(bytes, 0)) << 32) | i64::from(u32_at(bytes, 4));
        TimeEntry { timestamp, relative_offset: u32_at(bytes, 8) }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(*bytes[at..].first_chunk().expect("an entry has its full size"))
}

/// The number of the last entry in `entries` whose key is at or before `key`; `None` if all come after it. `entries`
/// holds whole entries in ascending order.
pub fn floor<E: Entry>(entries: &[u8], key: E::Key) -> Option<usize> {
    let (mut low, mut high) = (0, entries.len() / E::SIZE);
    // Entries before `low` are at or before `key`, entries from `high` on come after it.
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = E::decode(&entries[middle * E::SIZE..][..E::SIZE]);
        if entry.key() <= key {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
}

/// One index file, mapped for reading.
#[derive(Debug)]
pub struct IndexFile<E> {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    map: Map,
    /// Entries that count; what the file holds beyond them is room.
    len: usize,
    entry: PhantomData<E>,
}

impl<E: Entry> IndexFile<E> {
    /// Makes an empty index with room for `room` bytes of entries, in place of a file that may be there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn create(disk: &dyn Disk, path: PathBuf, room: u32) -> Result<Self> {
        let file = disk.create(&path).map_err(Error::io("create", &path))?;
        let mut index = IndexFile { path, file, map: Map::empty(), len: 0, entry: PhantomData };
        index.resize(room)?;
        Ok(index)
    }

    /// Opens an index that was trimmed: every byte of it counts.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::BadFile`] if the length is not a whole number of entries.
    pub fn open(disk: &dyn Disk, path: PathBuf) -> Result<Self> {
        let file = disk.open(&path).map_err(Error::io("open", &path))?;
        let map = file.map().map_err(Error::io("map", &path))?;
        if map.len() % E::SIZE != 0 {
            let rule = format!("an index is a multiple of {} bytes long, and this one has {}", E::SIZE, map.len());
            return Err(Error::BadFile { file: path, rule });
        }
        let len = map.len() / E::SIZE;
        Ok(IndexFile { path, file, map, len, entry: PhantomData })
    }

    /// Makes room for `room` bytes of entries behind those that are there, so that more can be pushed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn resize(&mut self, room: u32) -> Result<()> {
        let entries = (room as usize / E::SIZE).max(self.len);
        // The old map must be gone before the file changes its length.
        self.map = Map::empty();
        self.file.set_len((entries * E::SIZE) as u64).map_err(Error::io("resize", &self.path))?;
        self.map = self.file.map().map_err(Error::io("map", &self.path))?;
        Ok(())
    }

    /// Gives back the room that no entry took.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn trim(&mut self) -> Result<()> {
        self.resize(0)
    }

    /// Makes the entries durable.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn sync(&self) -> Result<()> {
        self.file.sync().map_err(Error::io("flush", &self.path))
    }

    /// Gives the file another name, in place of a file that may have it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn rename(&mut self, disk: &dyn Disk, path: PathBuf) -> Result<()> {
        disk.rename(&self.path, &path).map_err(Error::io("rename", &self.path))?;
        self.path = path;
        Ok(())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many more entries fit.
    pub fn room(&self) -> usize {
        self.map.len() / E::SIZE - self.len
    }

    /// The entry with this number, from 0.
    pub fn get(&self, number: usize) -> Option<E> {
        (number < self.len).then(|| E::decode(&self.map[number * E::SIZE..][..E::SIZE]))
    }

    /// The last entry.
    pub fn last(&self) -> Option<E> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = E> {
        self.map[..self.len * E::SIZE].chunks_exact(E::SIZE).map(E::decode)
    }

    /// The last entry at or before `key`.
    pub fn floor(&self, key: E::Key) -> Option<E> {
        self.get(floor::<E>(&self.map[..self.len * E::SIZE], key)?)
    }

    /// Adds an entry behind the last.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; then the entry does not count.
    ///
    /// # Panics
    ///
    /// If there is no room, or the key is not above the last: the segment sees to both.
    pub fn push(&mut self, entry: E) -> Result<()> {
        assert!(self.room() > 0, "{} is full", self.path.display());
        assert!(self.last().is_none_or(|last| last.key() < entry.key()), "{entry:?} after {:?}", self.last());
        let mut bytes = Vec::with_capacity(E::SIZE);
        entry.encode(&mut bytes);
        let position = (self.len * E::SIZE) as u64;
        self.file.write_at(&bytes, position).map_err(Error::io("write", &self.path))?;
        self.len += 1;
        Ok(())
    }

    /// Forgets the entries from number `keep` on.
    pub fn truncate(&mut self, keep: usize) {
        self.len = self.len.min(keep);
    }
}

/// Decides which batches get an index entry, and what stands in it. A fold over a segment's batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparseIndexer {
    base_offset: Offset,
    interval: u32,
    bytes_since_entry: u64,
    /// The largest timestamp so far and the last offset of the batch that has it.
    largest: Option<(Timestamp, Offset)>,
}

/// The entries that a batch gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEntries {
    /// For `.index`.
    pub offset: OffsetEntry,
    /// For `.timeindex`. The segment leaves it out where the last entry already says so.
    pub time: Option<TimeEntry>,
}

impl SparseIndexer {
    /// For a segment that starts at `base_offset`, with an entry about every `interval` bytes.
    pub fn new(base_offset: Offset, interval: u32) -> Self {
        SparseIndexer { base_offset, interval, bytes_since_entry: 0, largest: None }
    }

    /// Learns the batch that starts at byte `position`. Gives entries if more than `interval` bytes came since the last.
    /// The first batch gets none: a walk starts at 0 anyhow.
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) -> Option<NewEntries> {
        if self.largest.is_none_or(|(timestamp, _)| batch.max_timestamp() > timestamp) {
            self.largest = Some((batch.max_timestamp(), batch.last_offset()));
        }
        let is_due = self.bytes_since_entry > u64::from(self.interval);
        if is_due {
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size() as u64;
        let offset = OffsetEntry { relative_offset: self.relative(batch.last_offset()), position };
        is_due.then(|| NewEntries { offset, time: self.time_entry() })
    }

    /// The largest timestamp so far, and where: the entry that closes a time index.
    pub fn time_entry(&self) -> Option<TimeEntry> {
        let (timestamp, offset) = self.largest?;
        // -1 is "no timestamp", and nobody looks for that.
        (timestamp >= 0).then(|| TimeEntry { timestamp, relative_offset: self.relative(offset) })
    }

    /// Starts over at an index's last entry: as if that entry had just been given and no batch seen.
    pub fn restart(&mut self) {
        (self.largest, self.bytes_since_entry) = (None, 0);
    }

    /// Learns from a time index what batches before the restart had.
    pub fn learn(&mut self, last: Option<TimeEntry>) {
        let entry = last.map(|last| (last.timestamp, self.base_offset + Offset::from(last.relative_offset)));
        if self.largest.map(|(timestamp, _)| timestamp) <= entry.map(|(timestamp, _)| timestamp) {
            self.largest = entry;
        }
    }

    fn relative(&self, offset: Offset) -> u32 {
        u32::try_from(offset - self.base_offset).expect("a segment spans less than 2^31 offsets")
    }
}
