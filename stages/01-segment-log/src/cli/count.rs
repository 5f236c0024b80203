//! `count`: a state that is derived from the log, and how it came to be.

use std::io::Write;
use std::path::PathBuf;

use segment_log::anatomy::quoted;
use segment_log::{Appended, Fold, KeyCounts, Log, LogConfig, Recovery};

use super::counted;
use super::failure::Failure;
use super::open::{IfMissing, with_log};

/// Count the records of each key, and say from what
///
/// The counts are a fold over the log. Snapshots only shorten the way: opening the log takes the
/// newest and applies the batches after it.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: the same counts from the batches alone
  segment-log count data --replay"
)]
pub(crate) struct Args {
    /// The data folder
    dir: PathBuf,
    /// Pass over the snapshots and apply every batch that the log has. What retention deleted is
    /// then not counted
    #[arg(long, verbatim_doc_comment)]
    replay: bool,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    with_log(&args.dir, IfMissing::Fail, LogConfig::default(), KeyCounts::default(), |log, recovery| {
        let replayed;
        let counts = if args.replay {
            let (counts, batches) = replay(log)?;
            writeln!(out, "from nothing, and {} from offset {} on", counted(batches, "batch"), log.log_start())?;
            replayed = counts;
            &replayed
        } else {
            writeln!(out, "{}", origin(recovery))?;
            log.fold()
        };
        print(counts, out)
    })
}

/// The fold by hand: what the log does when it opens.
fn replay(log: &Log<KeyCounts>) -> Result<(KeyCounts, u64), Failure> {
    let (mut counts, mut batches) = (KeyCounts::default(), 0);
    for batch in log.batches(log.log_start()) {
        let batch = batch?;
        let view = batch.view();
        counts.apply(&view, &Appended::of(&view));
        batches += 1;
    }
    Ok((counts, batches))
}

fn origin(recovery: &Recovery) -> String {
    let batches = counted(recovery.replayed, "batch");
    match recovery.snapshot {
        Some(offset) => format!("from the snapshot at offset {offset}, and {batches} after it"),
        None => format!("from nothing, and {batches}"),
    }
}

fn print(counts: &KeyCounts, out: &mut dyn Write) -> Result<(), Failure> {
    for (key, count) in counts.iter() {
        writeln!(out, "{count:>9}  {}", quoted(key))?;
    }
    if counts.unreadable() > 0 {
        writeln!(out, "{:>9}  batches whose records cannot be read", counts.unreadable())?;
    }
    Ok(())
}
