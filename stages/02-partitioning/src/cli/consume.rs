//! `consume`: records come out of partitions, from a place on.

mod reading;

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use segment_log::Offset;

use super::failure::Failure;
use super::format::{Format, TOKENS};
use super::runtime::warnings;
use super::signals::Signals;
use super::{BrokerAt, Program, output};
use crate::consumer::{Fetching, Polling};
use crate::{AutoOffsetReset, ConsumerConfig, ConsumerRecord, Position};

pub use reading::{Wanted, read};

/// Print the records of a topic
///
/// It begins with the first record that is left, and goes on until Ctrl-C: what is produced
/// meanwhile is printed too. Records of one partition come in their order; between partitions
/// there is none. Nothing is taken out: it works as often as you like.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub struct Args {
    /// The topic
    topic: String,
    /// Read this partition; may be given more than once; without it, all that there are now
    #[arg(long, value_name = "NUMBER")]
    partition: Vec<u32>,
    /// Where to begin in each partition: earliest, latest (only what is produced from now on), an
    /// offset, or a time: 2023-11-14T22:13:20Z, or @1700000000000 in ms since 1970. (Kafka's own
    /// tool begins with latest; who tries things out wants to see what he has just produced.)
    #[arg(long, value_name = "WHERE", default_value = "earliest", value_parser = start, verbatim_doc_comment)]
    from: Position,
    /// End after so many records
    #[arg(long, value_name = "RECORDS")]
    max: Option<u64>,
    /// End where the partitions end now
    #[arg(long)]
    until_end: bool,
    /// How to print a record: line (all of it), value (its bytes), or a template
    #[arg(long, value_name = "FORMAT", default_value = "line", value_parser = Format::parse)]
    format: Format,
    /// Where to go on if the partition does not hold the offset: earliest, latest, or none, which
    /// is an error (auto.offset.reset; latest in Kafka, which would hide that records are gone)
    #[arg(long, value_name = "WHERE", default_value = "none", value_parser = reset(), verbatim_doc_comment)]
    reset: AutoOffsetReset,
    /// Records that are taken at once (max.poll.records)
    #[arg(long, value_name = "RECORDS", default_value_t = ConsumerConfig::default().max_poll_records)]
    max_poll_records: usize,
    /// Bytes that are fetched ahead (fetch.max.bytes)
    #[arg(long, value_name = "BYTES", default_value_t = ConsumerConfig::default().fetch_max_bytes)]
    fetch_max_bytes: u32,
    /// Bytes of one partition in an answer (max.partition.fetch.bytes)
    #[arg(long, value_name = "BYTES", default_value_t = ConsumerConfig::default().max_partition_fetch_bytes)]
    max_partition_fetch_bytes: u32,
    #[command(flatten)]
    broker: BrokerAt,
}

fn after_help() -> String {
    format!(
        "Example: what is there of one partition from offset 100 on, as key and value
  {{program}} consume orders --partition 0 --from 100 --until-end --format '%k: %v\\n'

A template stands for one record, and needs its own end of line:
{TOKENS}"
    )
}

/// Reads a place to begin.
fn start(text: &str) -> Result<Position, String> {
    match text {
        "earliest" => return Ok(Position::Beginning),
        "latest" => return Ok(Position::End),
        _ => {}
    }
    if let Ok(offset) = text.parse::<Offset>() {
        let rule = || "offsets start at 0".to_owned();
        return if offset >= 0 { Ok(Position::Offset(offset)) } else { Err(rule()) };
    }
    let time = segment_log::time::parse(text.strip_prefix('@').unwrap_or(text));
    time.map(Position::Timestamp)
        .map_err(|_| "use earliest, latest, an offset, or a time as 2023-11-14T22:13:20Z or @1700000000000".to_owned())
}

fn reset() -> impl TypedValueParser<Value = AutoOffsetReset> {
    PossibleValuesParser::new(["earliest", "latest", "none"]).map(|name| match name.as_str() {
        "earliest" => AutoOffsetReset::Earliest,
        "latest" => AutoOffsetReset::Latest,
        _ => AutoOffsetReset::None,
    })
}

/// Reads, and prints what comes.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked; those of the output.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    run_with(program, args, Arc::new(Polling::default()), out).await
}

/// The same, and brokers are asked in another way: a later stage's.
///
/// # Errors
///
/// As [`run`].
pub async fn run_with(
    program: &Program,
    args: &Args,
    fetching: Arc<dyn Fetching>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    warnings();
    let mut signals = Signals::listen()?;
    let work = async {
        let cluster = args.broker.cluster(program)?;
        read(cluster, &args.wanted(fetching), |records| print(args, records, out)).await
    };
    tokio::select! {
        done = work => done,
        _ = signals.next() => Ok(()),
    }
}

fn print(args: &Args, records: &[ConsumerRecord], out: &mut dyn Write) -> Result<ControlFlow<()>, Failure> {
    for record in records {
        args.format.print(record, out)?;
    }
    // Who looks at it wants to see it now.
    out.flush()?;
    match records.is_empty() && output::is_gone() {
        true => Ok(ControlFlow::Break(())),
        false => Ok(ControlFlow::Continue(())),
    }
}

impl Args {
    fn wanted(&self, fetching: Arc<dyn Fetching>) -> Wanted {
        Wanted {
            topic: self.topic.clone(),
            partitions: self.partition.clone(),
            from: self.from,
            max: self.max,
            until_end: self.until_end,
            config: ConsumerConfig {
                auto_offset_reset: self.reset,
                max_poll_records: self.max_poll_records,
                fetch_max_bytes: self.fetch_max_bytes,
                max_partition_fetch_bytes: self.max_partition_fetch_bytes,
                fetching,
                ..ConsumerConfig::default()
            },
        }
    }
}
