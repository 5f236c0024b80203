//! The commands, one a module: its arguments, then what it does with them.

mod broker_at;
mod chart;
pub(crate) mod consume;
pub(crate) mod describe;
pub(crate) mod failure;
mod format;
mod lines;
mod open_files;
mod output;
pub(crate) mod produce;
pub(crate) mod serve;
mod settings;
mod signals;
pub(crate) mod skew;
mod standing;
mod table;
pub(crate) mod topics;

use std::future::Future;
use std::io;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use failure::Failure;

/// How many requests are worked on at a time (`num.io.threads`; 8 in Kafka). Each may have a batch open, which takes up to
/// [64 MiB](segment_log::batch::DECOMPRESSED_LIMIT): with threads without end, memory would be without end, too.
const IO_THREADS: usize = 16;

const AFTER_HELP: &str = "\
Two terminals are enough. In the first, a broker:
  partitioning serve data
In the second, what talks to it:
  partitioning create-topic orders --partitions 3
  printf 'alice:paid 10\\nbob:paid 7\\n' | partitioning produce orders --key-separator :
  partitioning consume orders --until-end

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged
  5  the folder or the port is in use
  6  no broker can be reached";

/// Topics and partitions: a broker, a producer and a consumer.
///
/// A topic is one stream, cut into partitions. Each partition is a log. `serve` keeps them in a
/// folder; the other commands ask it over the network.
#[derive(Debug, Parser)]
#[command(
    name = "partitioning",
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100,
    verbatim_doc_comment
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Args),
    CreateTopic(topics::CreateArgs),
    GrowTopic(topics::GrowArgs),
    DeleteTopic(topics::DeleteArgs),
    Describe(describe::Args),
    Produce(produce::Args),
    Consume(consume::Args),
    Skew(skew::Args),
}

impl Command {
    /// What its work runs on. A broker takes a thread for each processor, and [`IO_THREADS`] for the disk. A client has one
    /// thread: what it does comes in an order then, and the same commands print the same.
    fn runtime(&self) -> io::Result<Runtime> {
        let mut builder = match self {
            Command::Serve(_) | Command::Skew(_) => Builder::new_multi_thread(),
            _ => Builder::new_current_thread(),
        };
        builder.enable_all().max_blocking_threads(IO_THREADS).build()
    }
}

/// Does a command's work.
pub(crate) fn run<W: Future<Output = Result<(), Failure>>>(
    command: Command,
    work: impl FnOnce(Command) -> W,
) -> Result<(), Failure> {
    let runtime = command.runtime().map_err(Failure::Runtime)?;
    let done = runtime.block_on(work(command));
    // Without waiting: whoever was interrupted does not want to wait for a disk, say.
    runtime.shutdown_background();
    done
}

/// "1 record", "2 records".
fn counted(number: u64, thing: &str) -> String {
    let plural = match (number, thing) {
        (1, _) => thing.to_owned(),
        (_, "batch") => "batches".to_owned(),
        (_, "copy") => "copies".to_owned(),
        _ => format!("{thing}s"),
    };
    format!("{number} {plural}")
}

/// "offset 4", or "offsets 4 to 9".
fn offsets(first: segment_log::Offset, last: segment_log::Offset) -> String {
    match first == last {
        true => format!("offset {first}"),
        false => format!("offsets {first} to {last}"),
    }
}

/// A report that nobody reads any more is no reason to stop what it reports on.
fn heard(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Lets the library tell on stderr what goes wrong and may pass, such as a broker that is gone for a moment.
fn warnings() {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).with_target(false).without_time();
    lines.with_max_level(tracing::Level::WARN).init();
}

/// Reads `key=value`.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is given as key=value, as in retention.ms=60000")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Fails if a setting is given twice: nobody could tell which of them holds.
fn once<'s>(keys: impl Iterator<Item = &'s str>) -> Result<(), Failure> {
    let mut seen = std::collections::BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(Failure::Usage(format!("the setting {key} is given twice")));
        }
    }
    Ok(())
}
