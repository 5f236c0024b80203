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
mod file;
#[cfg(test)]
mod file_tests;

use std::fmt::Debug;

use crate::batch::BatchHeader;
use crate::{Offset, Timestamp};

pub use file::IndexFile;

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
        let relative = u32::try_from(offset.saturating_sub(self.base_offset));
        relative.expect("a segment takes only batches that belong to it: within 2^31 offsets of its base")
    }
}
