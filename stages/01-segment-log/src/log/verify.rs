//! Verification: reading all of a log, whatever its checkpoints say.
//!
//! Opening a log reads as little as it can: after a clean stop next to nothing, after a crash the last segment. So a
//! byte that rots in a closed segment is not met until somebody reads it. This walk looks for it. It takes the checksum
//! of every batch from byte 0 on, and holds every index entry against the batches.
//!
//! It changes nothing and repairs nothing. What it needs is a folder, not a [`Log`](super::Log), as a log that is damaged
//! may not open. Nobody may write to the folder meanwhile: whoever calls this has the [`LogDir`](crate::LogDir) open.

use std::path::{Path, PathBuf};

use crate::Offset;
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::index::check::{IndexCheck, IndexFault};
use crate::scan::{self, Scan};
use crate::segment::{LOG_SUFFIX, base_offset_of, belongs, file_name};

/// What a segment was found to hold.
#[derive(Debug)]
pub struct SegmentReport {
    /// The offset in its name.
    pub base_offset: Offset,
    /// Its `.log` file.
    pub file: PathBuf,
    /// Bytes of the file.
    pub size: u64,
    /// Batches that hold, from the front.
    pub batches: u64,
    /// Bytes of them: where the damage is, if there is any.
    pub intact: u64,
    /// The offset after the last of them.
    pub next_offset: Offset,
    /// The first rule that is broken, and where. It may be the torn end of a log that was not closed.
    pub damage: Option<Error>,
    /// Indexes that would mislead a search, or that are missing. They can be made again from the log.
    pub indexes: Vec<IndexFault>,
}

/// Reads every segment in a log's folder, oldest first.
///
/// # Errors
///
/// [`Error::Io`]. Damage is no error here: it is what this looks for.
pub fn verify(disk: &dyn Disk, dir: &Path) -> Result<Vec<SegmentReport>> {
    let names = disk.list(dir).map_err(Error::io("list", dir))?;
    let mut reports: Vec<SegmentReport> = Vec::new();
    for base_offset in names.iter().filter_map(|name| base_offset_of(name, LOG_SUFFIX)) {
        let mut report = verify_segment(disk, dir, base_offset)?;
        if let Some(before) = reports.last().filter(|before| before.next_offset > base_offset) {
            let rule = format!("the segment before it reaches to offset {}", before.next_offset);
            report.damage.get_or_insert(Error::BadFile { file: report.file.clone(), rule });
        }
        reports.push(report);
    }
    Ok(reports)
}

fn verify_segment(disk: &dyn Disk, dir: &Path, base_offset: Offset) -> Result<SegmentReport> {
    let path = dir.join(file_name(base_offset, LOG_SUFFIX));
    let file = disk.open(&path).map_err(Error::io("open", &path))?;
    let size = file.len().map_err(Error::io("measure", &path))?;
    let mut report = SegmentReport {
        base_offset,
        file: path.clone(),
        size,
        batches: 0,
        intact: 0,
        next_offset: base_offset,
        damage: None,
        indexes: Vec::new(),
    };
    if size > i32::MAX as u64 {
        let rule = format!("a segment is shorter than 2 GiB, and this file has {size} bytes");
        report.damage = Some(Error::BadFile { file: path, rule });
        return Ok(report);
    }
    let mut check = IndexCheck::load(disk, dir, base_offset)?;
    let mut scan = Scan::new(&*file, &path, 0, size, scan::LONG);
    loop {
        match verify_next(&mut scan, &path, &mut report, &mut check) {
            Ok(true) => report.intact = scan.position(),
            Ok(false) => break,
            Err(damage @ Error::Corrupt { .. }) => {
                report.damage = Some(damage);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    report.indexes = check.finish(report.next_offset, report.damage.is_none());
    Ok(report)
}

/// Judges the scan's next batch and counts it. `false` at the end.
fn verify_next(scan: &mut Scan<'_>, path: &Path, report: &mut SegmentReport, check: &mut IndexCheck) -> Result<bool> {
    let Some((position, batch)) = scan.next_batch()? else { return Ok(false) };
    belongs(&batch, report.next_offset, report.base_offset).map_err(|rule| Error::Corrupt {
        file: path.to_owned(),
        position: position.into(),
        rule,
    })?;
    check.apply(&batch, position);
    (report.batches, report.next_offset) = (report.batches + 1, batch.next_offset());
    Ok(true)
}
