//! `retain`: old segments go.

use std::io::Write;
use std::path::PathBuf;

use clap::ArgGroup;
use segment_log::{KeyCounts, LogConfig, Timestamp};

use super::counted;
use super::failure::Failure;
use super::open::{IfMissing, now, with_log};

/// Delete old segments by size or age
///
/// Only whole segments go, always the oldest, and the log then starts where the next one does.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: keep what is younger than a day
  segment-log retain data --ms 86400000")]
#[command(group(ArgGroup::new("rule").args(["bytes", "ms"]).required(true).multiple(true)))]
pub(crate) struct Args {
    /// The data folder
    dir: PathBuf,
    /// Delete a segment if what would be left still has so many bytes (retention.bytes)
    #[arg(long, value_name = "BYTES")]
    bytes: Option<u64>,
    /// Delete a segment if its youngest record is older than this, in milliseconds (retention.ms)
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(i64).range(0..))]
    ms: Option<i64>,
    /// Take this as the present time: ms since 1970, or 2023-11-14T22:13:20Z
    #[arg(long, value_name = "TIME", value_parser = segment_log::time::parse, allow_hyphen_values = true)]
    now: Option<Timestamp>,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let config = LogConfig { retention_bytes: args.bytes, retention_ms: args.ms, ..LogConfig::default() };
    with_log(&args.dir, IfMissing::Fail, config, KeyCounts::default(), |log, _| {
        let facts = |segment: &segment_log::segment::Segment| {
            let name = segment.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
            (segment.base_offset(), segment.next_offset(), segment.size(), name)
        };
        let segments: Vec<_> = log.segments().map(facts).collect();
        let deleted = log.retain(args.now.unwrap_or_else(now))?;
        for (base, next, size, name) in segments.iter().filter(|(base, ..)| deleted.contains(base)) {
            let last = next - 1;
            writeln!(out, "deleted {name}: {}, {}", super::offsets(*base, last), counted(u64::from(*size), "byte"))?;
        }
        if deleted.is_empty() {
            writeln!(out, "deleted nothing")?;
        }
        writeln!(out, "the log has {} and starts at offset {}", counted(log.size(), "byte"), log.log_start())?;
        Ok(())
    })
}
