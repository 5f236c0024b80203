//! `recover`: reads all of a log, mends what can be mended, and says what cannot.

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use segment_log::disk::{Disk, RealDisk};
use segment_log::log::{SegmentReport, verify};
use segment_log::{Error, KeyCounts, LogConfig, LogDir, Recovery};

use super::failure::Failure;
use super::open::{expect_log, now};
use super::{LOG, counted};

/// Check every batch of every segment, cut a torn end, rebuild indexes that do not fit
///
/// Every command recovers a log that was not closed in order, and reads no more than its last
/// segment for that. This one reads everything. Damage in what was flushed is reported with file
/// and byte, and never cut.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: after a power failure
  segment-log recover data"
)]
pub(crate) struct Args {
    /// The data folder
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    expect_log(&args.dir)?;
    let disk = Arc::new(RealDisk);
    let dir = LogDir::open(disk.clone(), &args.dir)?;
    // First look, then touch: opening the log may cut its end.
    let reports = verify(&*disk, &args.dir.join(LOG))?;
    drop_bad_indexes(&*disk, &reports)?;
    let opened = dir.open_log(LOG, LogConfig::default(), KeyCounts::default(), now());
    let recovery = opened.as_ref().ok().map(|(_, recovery)| recovery);
    let damaged = print(&reports, recovery, out)?;
    if let Ok((log, _)) = &opened {
        let verified = counted(reports.iter().map(|report| report.batches).sum(), "batch");
        writeln!(out, "{verified} verified; the log starts at offset {} and ends at {}", log.log_start(), log.end())?;
    }
    let closed = opened.and_then(|(log, _)| log.close()).and_then(|()| dir.close());
    match damaged.is_empty() {
        true => Ok(closed.map(drop)?),
        false => {
            let hint = "Nothing of it was cut. A copy of the file is the way back, if there is one";
            Err(Failure::Damage { found: damaged, hint })
        }
    }
}

/// An index is a fold over its segment: throw a bad one away, and opening the log makes it anew. Not where the segment
/// itself is damaged, as then a new one cannot be made.
fn drop_bad_indexes(disk: &dyn Disk, reports: &[SegmentReport]) -> Result<(), Failure> {
    for fault in reports.iter().filter(|report| report.damage.is_none()).flat_map(|report| &report.indexes) {
        match disk.remove(&fault.file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            removed => {
                let path = fault.file.clone();
                removed.map_err(|source| Error::Io { action: "remove", path, source })?;
            }
        }
    }
    Ok(())
}

/// A row for each segment, and what was done. Gives the damage that stays.
fn print(reports: &[SegmentReport], recovery: Option<&Recovery>, out: &mut dyn Write) -> Result<Vec<String>, Failure> {
    let mut damaged = Vec::new();
    let cut = recovery.and_then(|recovery| recovery.cut.as_ref());
    for report in reports {
        let cut = cut.filter(|cut| cut.file == report.file);
        let verdict = match (&report.damage, cut) {
            (_, Some(cut)) => format!("torn: cut {} from byte {} on", counted(cut.bytes, "byte"), cut.position),
            (Some(_), None) => format!("damaged at byte {}", report.intact),
            (None, None) => "intact".to_owned(),
        };
        let (batches, bytes) = (counted(report.batches, "batch"), counted(report.intact, "byte"));
        writeln!(out, "{}  {batches:>14}  {bytes:>16}  {verdict}", name(&report.file))?;
        if let Some(cut) = cut {
            writeln!(out, "  {}", rule(&cut.why))?;
        }
        if let (Some(damage), None) = (&report.damage, cut) {
            damaged.push(damage.to_string());
        } else if recovery.is_some() {
            for fault in &report.indexes {
                writeln!(out, "  rebuilt {}: {}", name(&fault.file), fault.rule)?;
            }
        }
    }
    for swept in recovery.iter().flat_map(|recovery| &recovery.swept) {
        writeln!(out, "removed {}: a crash left it unfinished", name(swept))?;
    }
    Ok(damaged)
}

fn name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

/// What is wrong, without the place, which stands beside it.
fn rule(error: &Error) -> String {
    match error {
        Error::Corrupt { rule, .. } => rule.to_string(),
        other => other.to_string(),
    }
}
