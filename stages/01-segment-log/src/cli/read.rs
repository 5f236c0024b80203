//! `read`: records from an offset or a time on.

use std::io::Write;
use std::path::PathBuf;

use segment_log::anatomy::quoted;
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::control::Marker;
use segment_log::{Batch, Log, LogConfig, Offset, RecordRef, Timestamp};

use super::failure::{Failure, say};
use super::open::{IfMissing, with_log};

/// Print records: offset, timestamp, key, value
///
/// What is null stands there as null, text stands in quotes, and bytes that are no text as \xff.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: the first three records of a day
  segment-log read data --from-time 2023-11-14T00:00:00Z --max 3")]
pub(crate) struct Args {
    /// The data folder
    dir: PathBuf,
    /// Begin at this offset; without it, where the log begins
    #[arg(long, value_name = "OFFSET", conflicts_with = "from_time", allow_hyphen_values = true)]
    from: Option<Offset>,
    /// Begin at the first record of this time or later: ms since 1970, or 2023-11-14T22:13:20Z
    #[arg(long, value_name = "TIME", value_parser = segment_log::time::parse, allow_hyphen_values = true)]
    from_time: Option<Timestamp>,
    /// Print at most so many records
    #[arg(long, value_name = "RECORDS")]
    max: Option<u64>,
    /// How to print a record: all of it in a line, or the value's bytes alone
    #[arg(long, value_enum, default_value_t = Format::Line)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Line,
    Value,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    // No state is needed, so the fold is `()`: what is read is only read.
    with_log(&args.dir, IfMissing::Fail, LogConfig::default(), (), |log, _| {
        let Some(from) = first_offset(args, log)? else { return Ok(()) };
        let mut left = args.max.unwrap_or(u64::MAX);
        let mut batches = log.batches(from);
        while left > 0 {
            let Some(batch) = batches.next().transpose()? else { break };
            left = print(&batch, from, left, args.format, out)?;
        }
        Ok(())
    })
}

fn first_offset(args: &Args, log: &Log) -> Result<Option<Offset>, Failure> {
    let Some(time) = args.from_time else { return Ok(Some(args.from.unwrap_or(log.log_start()))) };
    match log.find_time(time)? {
        Some((_, offset)) => Ok(Some(offset)),
        None => {
            say(&format!("no record has timestamp {time} or a later one; the log ends at offset {}", log.end()));
            Ok(None)
        }
    }
}

/// Prints the batch's records from `from` on, at most `left` of them. Gives how many may follow.
fn print(batch: &Batch, from: Offset, mut left: u64, format: Format, out: &mut dyn Write) -> Result<u64, Failure> {
    let view = batch.view();
    let unreadable = |rule| Failure::Damage {
        found: vec![format!("the batch of offsets {} to {}: {rule}", view.base_offset(), view.last_offset())],
        hint: "Its checksum holds, so its producer made it so. `--from` with the offset after it reads on behind it",
    };
    let records = view.records(DECOMPRESSED_LIMIT).map_err(unreadable)?;
    for record in records.iter() {
        let record = record.map_err(unreadable)?;
        if record.offset < from {
            continue;
        }
        if left == 0 {
            break;
        }
        left -= 1;
        match format {
            Format::Line => writeln!(out, "{}", line(&record, view.is_control()))?,
            Format::Value => {
                out.write_all(record.value.unwrap_or_default())?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(left)
}

/// A record in a line.
pub(super) fn line(record: &RecordRef<'_>, is_control: bool) -> String {
    let RecordRef { offset, timestamp, key, value, headers } = record;
    if is_control {
        return match Marker::decode(*key, *value) {
            Ok(marker) => format!(
                "{offset} {timestamp} {:?} marker, of coordinator epoch {}",
                marker.outcome, marker.coordinator_epoch
            ),
            Err(error) => format!("{offset} {timestamp} control record: {error}"),
        };
    }
    let mut line = format!("{offset} {timestamp} {} {}", quoted(*key), quoted(*value));
    for (name, value) in headers.iter() {
        line.push_str(&format!(" {name}={}", quoted(value)));
    }
    line
}
