//! Which transactions were aborted, and where: what a reader needs who wants committed records alone (stage 06).
//!
//! Records of a transaction are in the log before anybody knows how it ends. If it is aborted, they stay, and readers who do not want
//! them leave them out. For that they must know which ones: a read of a few kilobytes may begin behind the transaction's first
//! record and end before its marker, and says nothing of either.
//!
//! ```text
//!   00000000000000000120.txnindex      34 bytes for each transaction whose abort marker is in this segment
//!     version i16 = 0 | producer id i64 | first offset i64 | last offset i64 | last stable offset i64
//! ```
//!
//! The last offset is the marker's. The *last stable offset* is where the first transaction begins that was still open then. All
//! that are aborted later begin at or behind it. So a search for those that overlap a range is over at the first entry whose last
//! stable offset lies beyond the range (Kafka's `TransactionIndex`; the files are the same).
//!
//! The log does not know what a transaction is. Its [fold](crate::Fold) does, and says after a batch that one has been aborted
//! ([`Fold::aborted`](crate::Fold::aborted)). So the index can be made again wherever the fold can: by a replay. A file that cannot be
//! read costs a longer replay, and no answer.
//!
//! Most segments have no such file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Log;
use crate::Offset;
use crate::disk::{Disk, DiskFile, read_file};
use crate::error::{Error, Result};
use crate::fold::Fold;
use crate::segment::{base_offset_of, file_name};
use crate::slice::Slice;

pub(super) const SUFFIX: &str = ".txnindex";
const VERSION: i16 = 0;
/// Bytes of an entry.
const ENTRY: usize = 34;

/// A transaction that has left records which do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// Whose.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: Offset,
    /// The offset of its marker.
    pub last_offset: Offset,
    /// Where the first transaction began that was open when this one ended; behind the marker if there was none.
    pub last_stable_offset: Offset,
}

impl AbortedTransaction {
    fn encode(&self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[0..2].copy_from_slice(&VERSION.to_be_bytes());
        let fields = [self.producer_id, self.first_offset, self.last_offset, self.last_stable_offset];
        for (place, field) in bytes[2..].chunks_exact_mut(8).zip(fields) {
            place.copy_from_slice(&field.to_be_bytes());
        }
        bytes
    }

    /// `None` if the bytes are no entry.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, fields) = bytes.split_at_checked(2)?;
        let mut fields = fields.chunks_exact(8).map(|field| i64::from_be_bytes(field.try_into().expect("8 bytes")));
        let entry = AbortedTransaction {
            producer_id: fields.next()?,
            first_offset: fields.next()?,
            last_offset: fields.next()?,
            last_stable_offset: fields.next()?,
        };
        let is_one = bytes.len() == ENTRY && version == VERSION.to_be_bytes();
        (is_one && 0 <= entry.first_offset && entry.first_offset <= entry.last_offset).then_some(entry)
    }
}

/// The files of one log. See the [module](self).
#[derive(Debug)]
pub(super) struct AbortedIndex {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// By the base offset of their segments; none is empty.
    files: BTreeMap<Offset, IndexOfSegment>,
    /// The first segment whose file could not be read.
    lost_from: Option<Offset>,
}

#[derive(Debug)]
struct IndexOfSegment {
    entries: usize,
    last: AbortedTransaction,
    /// Open while entries can come.
    file: Option<Arc<dyn DiskFile>>,
}

impl AbortedIndex {
    /// The files among those of a log's folder. One that cannot be read is removed.
    pub(super) fn among(disk: Arc<dyn Disk>, dir: PathBuf, names: &[String]) -> Result<Self> {
        let mut index = AbortedIndex { disk, dir, files: BTreeMap::new(), lost_from: None };
        for base in names.iter().filter_map(|name| base_offset_of(name, SUFFIX)) {
            let entries = index.read(base)?;
            match entries.last() {
                Some(&last) => {
                    index.files.insert(base, IndexOfSegment { entries: entries.len(), last, file: None });
                }
                None => {
                    index.lost_from = Some(index.lost_from.map_or(base, |lost| lost.min(base)));
                    index.remove_file(base)?;
                }
            }
        }
        Ok(index)
    }

    /// The offset from which on a replay must make entries again, because a file of them was lost.
    pub(super) fn lost_from(&self) -> Option<Offset> {
        self.lost_from
    }

    /// A replay has made them again.
    pub(super) fn found(&mut self) {
        self.lost_from = None;
    }

    /// All entries of a file, or none if one of them cannot be.
    fn read(&self, base: Offset) -> Result<Vec<AbortedTransaction>> {
        let bytes = read_file(&*self.disk, &self.path(base))?;
        let entries: Option<Vec<_>> = bytes.chunks(ENTRY).map(AbortedTransaction::decode).collect();
        let ascend = |entries: &Vec<AbortedTransaction>| {
            entries.first().is_none_or(|first| first.last_offset >= base)
                && entries.windows(2).all(|pair| pair[0].last_offset < pair[1].last_offset)
        };
        Ok(entries.filter(ascend).unwrap_or_default())
    }

    /// Adds an entry to the file of a segment.
    pub(super) fn push(&mut self, base: Offset, entry: AbortedTransaction) -> Result<()> {
        let path = self.path(base);
        let (entries, file) = match self.files.remove(&base) {
            Some(IndexOfSegment { entries, file, .. }) => (entries, file),
            None => (0, Some(self.disk.create(&path).map_err(Error::io("create", &path))?)),
        };
        let file = match file {
            Some(file) => file,
            None => self.disk.open(&path).map_err(Error::io("open", &path))?,
        };
        let written = file.write_at(&entry.encode(), (entries * ENTRY) as u64);
        written.map_err(Error::io("write", &path))?;
        self.files.insert(base, IndexOfSegment { entries: entries + 1, last: entry, file: Some(file) });
        Ok(())
    }

    /// Makes a segment's entries durable. No more of them come.
    pub(super) fn seal(&mut self, base: Offset) -> Result<()> {
        let path = self.path(base);
        match self.files.get_mut(&base).and_then(|of_segment| of_segment.file.take()) {
            Some(file) => file.sync().map_err(Error::io("flush", &path)),
            None => Ok(()),
        }
    }

    /// Forgets the transactions that ended at `offset` or later.
    pub(super) fn forget_from(&mut self, offset: Offset) -> Result<()> {
        let reach: Vec<_> = self.files.iter().filter(|(_, file)| file.last.last_offset >= offset).collect();
        let bases: Vec<_> = reach.into_iter().map(|(base, _)| *base).collect();
        for base in bases {
            let kept: Vec<_> = self.read(base)?.into_iter().take_while(|entry| entry.last_offset < offset).collect();
            let Some(&last) = kept.last() else {
                self.remove(base)?;
                continue;
            };
            let path = self.path(base);
            let file = self.disk.open(&path).map_err(Error::io("open", &path))?;
            file.set_len((kept.len() * ENTRY) as u64).map_err(Error::io("truncate", &path))?;
            self.files.insert(base, IndexOfSegment { entries: kept.len(), last, file: Some(file) });
        }
        Ok(())
    }

    /// Removes the file of a segment, if it has one.
    pub(super) fn remove(&mut self, base: Offset) -> Result<()> {
        if self.files.remove(&base).is_some() { self.remove_file(base) } else { Ok(()) }
    }

    fn remove_file(&self, base: Offset) -> Result<()> {
        let path = self.path(base);
        self.disk.remove(&path).map_err(Error::io("remove", &path))
    }

    /// The aborted transactions that have a record at or behind `from`, and before `until`, by where they ended.
    fn overlapping(&self, from: Offset, until: Offset) -> Result<Vec<AbortedTransaction>> {
        let mut found = Vec::new();
        for (&base, _) in self.files.iter().filter(|(_, file)| file.last.last_offset >= from) {
            for entry in self.read(base)? {
                if entry.last_offset >= from && entry.first_offset < until {
                    found.push(entry);
                }
                if entry.last_stable_offset >= until {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    fn path(&self, base: Offset) -> PathBuf {
        self.dir.join(file_name(base, SUFFIX))
    }
}

/// What a reader of committed transactions is given.
#[derive(Debug, Clone)]
pub struct ReadCommitted {
    /// Batches, of aborted transactions too.
    pub slice: Slice,
    /// The aborted transactions that have records among them, by where they ended. There may be others.
    pub aborted: Vec<AbortedTransaction>,
}

impl<F: Fold> Log<F> {
    /// As [`read_below`](Self::read_below), with the aborted transactions whose records the slice may hold.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_committed(&self, from: Offset, until: Offset, max_bytes: usize) -> Result<ReadCommitted> {
        let slice = self.read_below(from, until, max_bytes)?;
        if slice.is_empty() {
            return Ok(ReadCommitted { slice, aborted: Vec::new() });
        }
        let end = self.segments_from(from).find(|segment| segment.path() == slice.path());
        let end = end.map_or(until, |segment| segment.offset_after(slice.position() as u32 + slice.len() as u32));
        let aborted = self.aborted.overlapping(from, end.min(until))?;
        Ok(ReadCommitted { slice, aborted })
    }

    /// Notes what the fold says of the batch that was just appended.
    pub(super) fn note_aborted(&mut self) -> Result<()> {
        match self.fold.aborted() {
            Some(entry) => self.aborted.push(self.active().base_offset(), entry),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written_and_not_by_half() {
        let entry = AbortedTransaction { producer_id: 7, first_offset: 40, last_offset: 44, last_stable_offset: 41 };
        let bytes = entry.encode();
        assert_eq!(AbortedTransaction::decode(&bytes), Some(entry));
        for end in 0..ENTRY {
            assert_eq!(AbortedTransaction::decode(&bytes[..end]), None, "{end} bytes");
        }
        let mut later = bytes;
        later[1] = 1;
        assert_eq!(AbortedTransaction::decode(&later), None, "another version");
        let backwards = AbortedTransaction { first_offset: 45, ..entry };
        assert_eq!(AbortedTransaction::decode(&backwards.encode()), None, "it ends before it begins");
    }
}
