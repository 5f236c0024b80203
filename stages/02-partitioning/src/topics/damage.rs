//! What a crash leaves at the catalogue's end, told from damage.
//!
//! A log that was not closed in order is cut, when it is opened, where the first batch does not hold. For records that
//! were not flushed that is right. But each decision is flushed before the next one is written:
//!
//! ```text
//!   a crash     ─ decision ─ decision ─ decision ─ dec            cut here: the last one had not happened
//!   damage      ─ decision ─ dxcision ─ decision ─ decision       a cut would forget topics that there are
//! ```
//!
//! So a crash tears the last decision at most. A whole decision behind the torn place says that something else was at work:
//! a disk, or a hand. Then nothing is cut, and the broker does not start.

use std::path::Path;

use segment_log::disk::Disk;
use segment_log::log::{SegmentReport, verify};
use segment_log::{BatchView, Error, Result};

/// Sees to it that opening the log of decisions in `folder` forgets none that has happened: each was flushed before the next
/// was written, so a crash can have torn the last one alone. Reads it, and changes nothing.
///
/// # Errors
///
/// [`Error::BadFile`], which names the place and the rule; [`Error::Io`].
pub fn no_decision_is_behind_damage(disk: &dyn Disk, folder: &Path) -> Result<()> {
    let names = disk.list(folder);
    if names.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(());
    }
    let reports = verify(disk, folder)?;
    let Some(torn) = reports.iter().position(|report| report.damage.is_some()) else { return Ok(()) };
    let has_more = reports[torn + 1..].iter().any(|report| report.batches > 0) || holds_more(disk, &reports[torn])?;
    match &reports[torn].damage {
        Some(damage) if has_more => {
            let rule = format!("{damage}; whole decisions follow, so no crash has done this, and none is cut away");
            Err(Error::BadFile { file: folder.to_owned(), rule })
        }
        _ => Ok(()),
    }
}

/// Whether a whole batch stands anywhere behind the damage. Where it begins nobody knows: the damage may be a length.
fn holds_more(disk: &dyn Disk, report: &SegmentReport) -> Result<bool> {
    let cannot = |action| move |source| Error::Io { action, path: report.file.clone(), source };
    let file = disk.open(&report.file).map_err(cannot("open"))?;
    let mut rest = vec![0; usize::try_from(report.size - report.intact).unwrap_or(0)];
    let read = file.read_at(&mut rest, report.intact).map_err(cannot("read"))?;
    rest.truncate(read);
    let is_whole = |from: usize| BatchView::parse(&rest[from..]).is_ok_and(|batch| batch.verify().is_ok());
    Ok((1..rest.len()).any(is_whole))
}
