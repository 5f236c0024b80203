//! The commands, one a module: its arguments, then what it does with them.

pub(crate) mod append;
pub(crate) mod bench;
mod contests;
pub(crate) mod count;
pub(crate) mod dump;
pub(crate) mod failure;
mod hexdump;
mod open;
pub(crate) mod read;
pub(crate) mod recover;
pub(crate) mod retain;

use clap::{Parser, Subcommand};

const LOG: &str = "log-0";

const AFTER_HELP: &str = "\
A data folder is made by the first append:
  printf 'paid 10\\npaid 7\\n' | segment-log append data
  segment-log read data

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the folder, the log or the offset
  4  stored data is damaged
  5  the folder is in use";

/// A log: append records, read them back, look at every byte.
///
/// DIR is a data folder. It holds one log, in the folder `log-0`, and a lock: one process at a time.
#[derive(Debug, Parser)]
#[command(name = "segment-log", after_help = AFTER_HELP, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Append(append::Args),
    Read(read::Args),
    Dump(dump::Args),
    Recover(recover::Args),
    Retain(retain::Args),
    Count(count::Args),
    Bench(bench::Args),
}

/// "1 record", "2 records".
fn counted(number: u64, thing: &str) -> String {
    let plural = match (number, thing) {
        (1, _) => thing.to_owned(),
        (_, "batch") => "batches".to_owned(),
        (_, "entry") => "entries".to_owned(),
        _ => format!("{thing}s"),
    };
    format!("{number} {plural}")
}

/// "offset 4" or "offsets 4 to 9".
fn offsets(first: segment_log::Offset, last: segment_log::Offset) -> String {
    match first == last {
        true => format!("offset {first}"),
        false => format!("offsets {first} to {last}"),
    }
}
