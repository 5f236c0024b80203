//! Holds the indexes of a segment against its batches.
//!
//! Which batches have an entry depends on settings that may have changed since, so an index cannot be compared with one
//! that is made anew. What can be asked is whether it would mislead. Two rules say that it does not:
//!
//! - `.index`: where an entry points, a batch starts, and it does not start behind the entry's offset. So a walk from
//!   there misses nothing.
//! - `.timeindex`: up to an entry's offset, no batch is younger than the entry.

use std::io;
use std::iter::{Enumerate, Peekable};
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use super::{Entry, OffsetEntry, TimeEntry};
use crate::batch::BatchHeader;
use crate::disk::{Disk, read_file};
use crate::error::{Error, Result};
use crate::segment::{INDEX_SUFFIX, TIME_INDEX_SUFFIX, file_name};
use crate::{Offset, Timestamp};

/// An index that does not fit its segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFault {
    /// The index's file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub rule: String,
}

/// Both indexes of a segment, while its batches pass by: a fold, as the indexes are.
#[derive(Debug)]
pub struct IndexCheck {
    base_offset: Offset,
    offsets: Entries<OffsetEntry>,
    times: Entries<TimeEntry>,
    youngest: Timestamp,
}

impl IndexCheck {
    /// Reads the indexes of the segment at `base_offset`. A file that is missing or has a wrong length is a fault
    /// already.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn load(disk: &dyn Disk, dir: &Path, base_offset: Offset) -> Result<Self> {
        let offsets = Entries::load(disk, dir.join(file_name(base_offset, INDEX_SUFFIX)))?;
        let times = Entries::load(disk, dir.join(file_name(base_offset, TIME_INDEX_SUFFIX)))?;
        Ok(IndexCheck { base_offset, offsets, times, youngest: Timestamp::MIN })
    }

    /// Sees the batch that starts at byte `position`.
    pub fn apply(&mut self, batch: &BatchHeader<'_>, position: u32) {
        let first = batch.base_offset() - self.base_offset;
        while let Some((number, entry)) = self.offsets.next_if(|entry| entry.position <= position) {
            if entry.position < position {
                self.offsets.fail(format!("entry {number} points at byte {}, where no batch starts", entry.position));
            } else if Offset::from(entry.relative_offset) < first {
                let rule = "the batch there starts behind its offset";
                self.offsets.fail(format!("entry {number} points at byte {position}, and {rule}"));
            }
        }
        self.judge_times(first);
        self.youngest = self.youngest.max(batch.max_timestamp());
    }

    /// Time entries that speak of what lies before relative offset `before`: all of that has passed by.
    fn judge_times(&mut self, before: i64) {
        while let Some((number, entry)) = self.times.next_if(|entry| i64::from(entry.relative_offset) < before) {
            if entry.timestamp < self.youngest {
                let rule = format!("a batch up to its offset has {}", self.youngest);
                self.times.fail(format!("entry {number} has timestamp {}, and {rule}", entry.timestamp));
            }
        }
    }

    /// The segment ends before `next_offset`. If the walk ended at damage, `is_whole` is false, and entries that speak of
    /// what lies behind it are not judged.
    pub fn finish(mut self, next_offset: Offset, is_whole: bool) -> Vec<IndexFault> {
        self.judge_times(next_offset - self.base_offset);
        if is_whole {
            self.offsets.fail_rest();
            self.times.fail_rest();
            if let Some(last) = self.times.last.filter(|last| last.timestamp > self.youngest) {
                self.times.fail(format!("its last entry has timestamp {}, and no batch is as young", last.timestamp));
            }
        }
        self.offsets.fault.into_iter().chain(self.times.fault).collect()
    }
}

/// The entries of an index that are not judged yet, and the first fault.
#[derive(Debug)]
struct Entries<E> {
    file: PathBuf,
    rest: Peekable<Enumerate<IntoIter<E>>>,
    last: Option<E>,
    fault: Option<IndexFault>,
}

impl<E: Entry> Entries<E> {
    fn load(disk: &dyn Disk, file: PathBuf) -> Result<Self> {
        let read = match read_file(disk, &file) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Err("it is missing".to_owned())
            }
            read => read.map(Ok)?,
        };
        let (entries, fault) = match read.and_then(|bytes| parse(&bytes)) {
            Ok(entries) => (entries, None),
            Err(rule) => (Vec::new(), Some(IndexFault { file: file.clone(), rule })),
        };
        let last = entries.last().copied();
        Ok(Entries { file, rest: entries.into_iter().enumerate().peekable(), last, fault })
    }

    fn next_if(&mut self, judged: impl FnOnce(&E) -> bool) -> Option<(usize, E)> {
        self.rest.next_if(|(_, entry)| judged(entry))
    }

    fn fail_rest(&mut self) {
        if let Some((number, _)) = self.rest.next() {
            self.fail(format!("entry {number} speaks of a batch that is not in the segment"));
        }
    }

    fn fail(&mut self, rule: String) {
        self.fault.get_or_insert(IndexFault { file: self.file.clone(), rule });
    }
}

/// The entries, if they are whole and ascend, as a binary search needs them.
fn parse<E: Entry>(bytes: &[u8]) -> std::result::Result<Vec<E>, String> {
    if !bytes.len().is_multiple_of(E::SIZE) {
        return Err(format!("it has {} bytes, and its entries have {} each", bytes.len(), E::SIZE));
    }
    let entries: Vec<E> = without_room::<E>(bytes).chunks_exact(E::SIZE).map(E::decode).collect();
    match entries.windows(2).position(|pair| pair[0].key() >= pair[1].key()) {
        Some(number) => Err(format!("entry {} does not come after the one before it", number + 1)),
        None => Ok(entries),
    }
}

/// An index's entries without the room for more that the file of an active segment has: zeros at its end. An entry of
/// zeros that stands alone is one: time 0, offset 0.
pub fn without_room<E: Entry>(bytes: &[u8]) -> &[u8] {
    let used = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    let used = used.next_multiple_of(E::SIZE).min(bytes.len());
    if bytes.len() == E::SIZE { bytes } else { &bytes[..used] }
}
