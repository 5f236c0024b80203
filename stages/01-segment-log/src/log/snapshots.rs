//! Saved states of a fold, so that a replay need not begin at the beginning.
//!
//! `00000000000000000260.snapshot` holds the state *before* offset 260. One is saved at each roll, at the new segment's
//! base offset, and one at a clean stop. As long as the batches are there, a snapshot is a shortcut: a damaged one is
//! passed over, and an older one and a longer replay give the same state. Only what retention took lives on in snapshots
//! alone. If none is left that knows it, recovery says so ([`Recovery::state_lost`](super::Recovery::state_lost)).
//!
//! ```text
//!   version u8 = 1 | CRC-32C of the state u32 | the state, in the fold's own form
//! ```

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::Log;
use super::append::Appended;
use crate::Offset;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::fold::Fold;
use crate::scan;
use crate::segment::{base_offset_of, file_name};

pub(super) const SUFFIX: &str = ".snapshot";
const VERSION: u8 = 1;
const HEADER_LEN: usize = 5;

/// The snapshot files of one log.
#[derive(Debug)]
pub struct Snapshots {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    offsets: BTreeSet<Offset>,
}

impl Snapshots {
    /// Those among a folder's files.
    pub(super) fn among(disk: Arc<dyn Disk>, dir: PathBuf, names: &[String]) -> Self {
        let offsets = names.iter().filter_map(|name| base_offset_of(name, SUFFIX)).collect();
        Snapshots { disk, dir, offsets }
    }

    /// The offsets that states are saved for, in order.
    pub fn offsets(&self) -> impl DoubleEndedIterator<Item = Offset> {
        self.offsets.iter().copied()
    }

    /// Saves the state before `offset`.
    pub(super) fn save(&mut self, offset: Offset, state: &[u8]) -> Result<()> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&crc32c::crc32c(state).to_be_bytes());
        bytes.extend_from_slice(state);
        crate::disk::replace_file(&*self.disk, &self.path(offset), &bytes)?;
        self.offsets.insert(offset);
        Ok(())
    }

    /// The state saved for `offset`; `None` if the file does not hold one.
    fn load(&self, offset: Offset) -> Result<Option<Vec<u8>>> {
        let bytes = crate::disk::read_file(&*self.disk, &self.path(offset))?;
        let Some((header, state)) = bytes.split_at_checked(HEADER_LEN) else { return Ok(None) };
        let crc = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
        Ok((header[0] == VERSION && crc == crc32c::crc32c(state)).then(|| state.to_vec()))
    }

    /// Forgets the states saved for offsets above `offset`, durably: their like may come again with other records.
    pub(super) fn remove_above(&mut self, offset: Offset) -> Result<()> {
        let gone = self.offsets.split_off(&offset.saturating_add(1));
        self.remove(gone)
    }

    /// Forgets the states saved for offsets below `offset`.
    pub(super) fn remove_below(&mut self, offset: Offset) -> Result<()> {
        let kept = self.offsets.split_off(&offset);
        let gone = std::mem::replace(&mut self.offsets, kept);
        self.remove(gone)
    }

    /// Forgets all but some: those of earlier clean stops, which no segment begins at, would pile up.
    pub(super) fn keep_only(&mut self, keep: impl Fn(Offset) -> bool) -> Result<()> {
        let (kept, gone) = self.offsets.iter().partition(|&&offset| keep(offset));
        self.offsets = kept;
        self.remove(gone)
    }

    fn remove(&self, offsets: BTreeSet<Offset>) -> Result<()> {
        for &offset in &offsets {
            let path = self.path(offset);
            self.disk.remove(&path).map_err(Error::io("remove", &path))?;
        }
        match offsets.is_empty() {
            true => Ok(()),
            false => self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir)),
        }
    }

    fn path(&self, offset: Offset) -> PathBuf {
        self.dir.join(file_name(offset, SUFFIX))
    }
}

/// What bringing a fold up to date took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Replay {
    /// The snapshot it started from.
    pub(super) snapshot: Option<Offset>,
    /// Batches applied after it.
    pub(super) batches: u64,
}

impl<F: Fold> Log<F> {
    /// Saves the fold's state, if it has one.
    pub(super) fn save_fold(&mut self, offset: Offset) -> Result<()> {
        if F::STATELESS { Ok(()) } else { self.snapshots.save(offset, &self.fold.snapshot()) }
    }

    /// Makes the fold what the log says: the newest snapshot that can be read, and every batch after it.
    pub(super) fn restore_fold(&mut self) -> Result<Replay> {
        if F::STATELESS {
            return Ok(Replay::default());
        }
        let snapshot = self.restore_newest_snapshot();
        let first = self.segments.keys().next().copied().unwrap_or(0);
        let from = snapshot.unwrap_or(first);
        self.aborted.forget_from(from)?;
        let batches = self.replay(from)?;
        self.aborted.found();
        self.fold.start_moved(self.log_start);
        Ok(Replay { snapshot, batches })
    }

    fn restore_newest_snapshot(&mut self) -> Option<Offset> {
        // From where entries are missing, the batches are to be read again.
        let newest = self.aborted.lost_from().map_or(self.end, |lost| lost.min(self.end));
        for offset in self.snapshots.offsets().rev().filter(|&offset| offset <= newest) {
            // One that the disk does not give back is as good as a damaged one.
            let state = self.snapshots.load(offset).unwrap_or(None);
            if state.is_some_and(|state| self.fold.restore(Some(&state)).is_ok()) {
                return Some(offset);
            }
        }
        let restored = self.fold.restore(None);
        restored.expect("a fold can always start from nothing");
        None
    }

    /// Applies every batch from `from` on. Gives their number.
    fn replay(&mut self, from: Offset) -> Result<u64> {
        let (mut batches, mut notes) = (0, 0);
        let first = self.segments.range(..=from).next_back().map_or(from, |(base, _)| *base);
        for (&base, segment) in self.segments.range(first..) {
            let Some(place) = segment.locate(from)? else { continue };
            let mut scan = segment.scan(place.position, scan::LONG);
            while let Some((_, batch)) = scan.next_batch()? {
                self.fold.apply(&batch, &Appended::of(&batch));
                if let Some(entry) = self.fold.aborted() {
                    self.aborted.push(base, entry)?;
                    notes += 1;
                }
                batches += 1;
            }
        }
        if notes > 0 {
            // Those of closed segments are believed by the next opening.
            for &base in self.segments.keys().rev().skip(1) {
                self.aborted.seal(base)?;
            }
            self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        }
        Ok(batches)
    }
}
