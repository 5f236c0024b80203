//! The log: segments in a row, and a state folded from them.
//!
//! ```text
//!   log start                                            recovery point         end
//!       │                                                      │                 │
//!   ▐███▼█████████▌▐██████████████████▌▐███████████████████████▼█████████████████▼
//!    segment 0      segment 120         segment 260, active
//!    closed: whole, flushed, unchanging                         not flushed yet
//! ```
//!
//! Invariants, which every method keeps and every crash leaves true:
//!
//! 1. Offsets ascend over batches and segments. They may have gaps.
//! 2. A segment exists only if all before it are whole and flushed. So a crash can tear only the last.
//! 3. What lies below the recovery point was flushed. Damage there is damage: it is reported, and never cut away. After
//!    a crash that is the recovery point last *saved* ([`LogDir::checkpoint`](crate::LogDir::checkpoint)), or the last
//!    segment's base offset, whichever is higher.
//! 4. `log_start <= end`, and every offset that is served lies between.
//! 5. The fold is what `restore(None)` and all batches that ever were give, whichever way the log came here, less what it has
//!    chosen to forget as time passed.
//!
//! One writer at a time: every method that changes the log takes `&mut self`, so whoever shares a log puts it behind a
//! lock. A read under that lock is short, as it only finds out where the bytes are. They are moved later ([`Slice`](crate::Slice)).
//!
//! What is left out until a later stage needs it: compaction (10).

mod aborted;
mod append;
mod beside;
mod open;
mod read;
mod retention;
mod roll;
mod snapshots;
mod truncate;
mod verify;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Offset;
use crate::checkpoint::{Checkpoints, InUse};
use crate::config::LogConfig;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::flush::Unflushed;
use crate::fold::Fold;
use crate::segment::Segment;
use aborted::AbortedIndex;

pub use aborted::{AbortedTransaction, ReadCommitted};
pub use append::{Appended, Origin};
pub use beside::BESIDE;
pub use open::{Cut, Recovery};
pub(crate) use open::{Opening, is_ours};
pub use read::Batches;
pub use retention::{SegmentFacts, expired};
pub use roll::{RollQuestion, RollReason, should_roll};
pub use snapshots::Snapshots;
pub use verify::{SegmentReport, verify};

/// See the [module](self).
#[derive(Debug)]
pub struct Log<F: Fold = ()> {
    /// `topic-partition`; also the folder's name.
    name: String,
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    config: LogConfig,
    /// By base offset; never empty. The last is the active one.
    segments: BTreeMap<Offset, Segment>,
    /// The first offset that is served. It may lie inside a segment.
    log_start: Offset,
    /// The offset that the next record will get: the log end offset, LEO.
    end: Offset,
    /// Everything below is flushed.
    recovery_point: Offset,
    /// What waits to be flushed; `messages` is 0 if nothing does.
    unflushed: Unflushed,
    fold: F,
    snapshots: Snapshots,
    aborted: AbortedIndex,
    checkpoints: Arc<Checkpoints>,
    /// Tells the folder if this log is dropped instead of closed.
    _in_use: InUse,
    /// What failed, once something did that leaves the disk in doubt.
    stopped: Option<(&'static str, PathBuf)>,
}

impl<F: Fold> Log<F> {
    /// `topic-partition`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The log's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The settings it is kept by.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// The first offset that can be read.
    pub fn log_start(&self) -> Offset {
        self.log_start
    }

    /// The offset that the next record will get (LEO).
    pub fn end(&self) -> Offset {
        self.end
    }

    /// Below this offset everything is flushed.
    pub fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// What failed, once something did that leaves the disk in doubt. From then on the log takes no writes.
    pub fn stopped(&self) -> Option<String> {
        self.ensure_running().err().map(|error| error.to_string())
    }

    /// The state that the batches give.
    pub fn fold(&self) -> &F {
        &self.fold
    }

    /// The state, to note in it what no batch tells: a new leader's epoch before its first batch (stage 03). A replay does
    /// not bring that back. Whoever notes it keeps it elsewhere too ([`write_beside`](Self::write_beside)).
    pub fn fold_mut(&mut self) -> &mut F {
        &mut self.fold
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &Segment> {
        self.segments.values()
    }

    /// Bytes of all batches.
    pub fn size(&self) -> u64 {
        self.segments().map(|segment| u64::from(segment.size())).sum()
    }

    /// Forces everything appended so far to the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]. The log then takes no more writes: nobody knows what arrived, and a second attempt may claim
    /// success for bytes that the system has dropped.
    pub fn flush(&mut self) -> Result<()> {
        self.ensure_running()?;
        if self.recovery_point < self.end || self.unflushed.messages > 0 {
            let synced = self.active().sync();
            self.or_stop(synced)?;
            self.recovery_point = self.end;
            self.unflushed = Unflushed::none();
            self.checkpoints.note_recovery_point(&self.name, self.recovery_point);
        }
        Ok(())
    }

    /// Closes the log in order: flushed, indexes trimmed, fold saved. The next opening then need not read it. A log that
    /// is dropped instead is recovered at the next opening, and loses at most what was not flushed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn close(mut self) -> Result<()> {
        self.flush()?;
        self.seal_active()?;
        self.aborted.seal(self.active().base_offset())?;
        // Saved before others go: one of them may be all that is left of batches that retention took. The one at the end
        // stays true, though a fold without a state saves none in its place.
        self.save_fold(self.end)?;
        self.snapshots.keep_only(|offset| offset == self.end || self.segments.contains_key(&offset))?;
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.checkpoints.note_closed(&self.name, self.recovery_point);
        Ok(())
    }

    fn active(&self) -> &Segment {
        self.segments.values().next_back().expect("a log has a segment")
    }

    fn active_mut(&mut self) -> &mut Segment {
        self.segments.values_mut().next_back().expect("a log has a segment")
    }

    fn seal_active(&mut self) -> Result<()> {
        let disk = self.disk.clone();
        self.active_mut().seal(&*disk)
    }

    fn unseal_active(&mut self) -> Result<()> {
        let (disk, config) = (self.disk.clone(), self.config.clone());
        self.active_mut().unseal(&*disk, &config)
    }

    fn ensure_running(&self) -> Result<()> {
        match &self.stopped {
            None => Ok(()),
            Some((action, path)) => Err(Error::Stopped { action, path: path.clone() }),
        }
    }

    /// A log that stopped in the middle of a reset has no segments. Otherwise it can be read, stopped or not.
    fn ensure_whole(&self) -> Result<()> {
        if self.segments.is_empty() { self.ensure_running() } else { Ok(()) }
    }

    /// For a step that leaves the disk in doubt if it fails: the log then stops.
    fn or_stop<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(Error::Io { action, path, .. } | Error::Stopped { action, path }) = &result {
            self.stopped = Some((action, path.clone()));
        }
        result
    }
}
