//! `consume`: records come out of partitions, from a place on.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use partitioning::{
    AutoOffsetReset, Cluster, Consumer, ConsumerConfig, ConsumerRecord, Error, Position, TopicPartition,
};
use segment_log::Offset;

use super::broker_at::BrokerAt;
use super::failure::Failure;
use super::format::{Format, TOKENS};
use super::signals::Signals;
use super::{describe, output, warnings};

/// How often it looks, while nothing comes, whether anybody still reads.
const LOOK_UP: Duration = Duration::from_millis(250);
/// How often it looks whether it is at the end already: an empty partition gives no records by which to tell.
const END_CHECK: Duration = Duration::from_millis(10);

/// Print the records of a topic
///
/// It begins with the first record that is left, and goes on until Ctrl-C: what is produced
/// meanwhile is printed too. Records of one partition come in their order; between partitions
/// there is none. Nothing is taken out: it works as often as you like.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help())]
pub(crate) struct Args {
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
  partitioning consume orders --partition 0 --from 100 --until-end --format '%k: %v\\n'

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

pub(crate) async fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    warnings();
    let mut signals = Signals::listen()?;
    let work = async {
        let cluster = args.broker.cluster()?;
        let partitions = partitions(args, &cluster).await?;
        let mut reading = Reading::begin(args, cluster, partitions).await?;
        let read = reading.print(out).await;
        // What was printed comes before what went wrong.
        out.flush()?;
        reading.consumer.close().await;
        read
    };
    tokio::select! {
        done = work => done,
        _ = signals.next() => Ok(()),
    }
}

/// The partitions to read, each once.
async fn partitions(args: &Args, cluster: &Cluster) -> Result<Vec<TopicPartition>, Failure> {
    let topic = cluster.topic(&args.topic).await?;
    let count = topic.partitions.len() as u32;
    if let Some(&partition) = args.partition.iter().find(|&&partition| partition >= count) {
        return Err(Error::NoPartition { topic: args.topic.clone(), partition, count }.into());
    }
    let is_asked = |at: &TopicPartition| args.partition.is_empty() || args.partition.contains(&at.partition);
    Ok(describe::partitions(&args.topic, &topic).filter(is_asked).collect())
}

/// A consumer at work, and when it is done.
struct Reading<'a> {
    args: &'a Args,
    consumer: Consumer,
    /// Where to end in each partition that has not ended yet; none without `--until-end`.
    ends: Option<BTreeMap<TopicPartition, Offset>>,
    left: u64,
}

impl<'a> Reading<'a> {
    async fn begin(args: &'a Args, cluster: Cluster, partitions: Vec<TopicPartition>) -> Result<Self, Failure> {
        let mut consumer = Consumer::new(
            cluster,
            ConsumerConfig {
                auto_offset_reset: args.reset,
                max_poll_records: args.max_poll_records,
                fetch_max_bytes: args.fetch_max_bytes,
                max_partition_fetch_bytes: args.max_partition_fetch_bytes,
                ..ConsumerConfig::default()
            },
        )?;
        let ends = match args.until_end {
            true => Some(consumer.end_offsets(&partitions).await?),
            false => None,
        };
        consumer.assign(partitions.clone());
        for at in &partitions {
            consumer.seek(at, args.from)?;
        }
        Ok(Reading { args, consumer, ends, left: args.max.unwrap_or(u64::MAX) })
    }

    async fn print(&mut self, out: &mut dyn Write) -> Result<(), Failure> {
        let wait = if self.ends.is_some() { END_CHECK } else { LOOK_UP };
        while self.left > 0 && !self.is_at_end()? {
            let records = self.consumer.poll(wait).await?;
            for record in records.iter().filter(|record| is_wanted(record, self.ends.as_ref())).take(self.few()) {
                self.args.format.print(record, out)?;
                self.left -= 1;
            }
            if records.is_empty() && output::is_gone() {
                return Ok(());
            }
            // Who looks at it wants to see it now.
            out.flush()?;
        }
        Ok(())
    }

    /// At most so many are printed.
    fn few(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX)
    }

    /// Whether all partitions have been read up to where they ended. Leaves those alone that have.
    fn is_at_end(&mut self) -> Result<bool, Failure> {
        let Some(ends) = &mut self.ends else { return Ok(false) };
        for (at, end) in std::mem::take(ends) {
            let position = self.consumer.position(&at)?;
            // An offset behind the end may be one that the partition does not hold: that is the consumer's to say.
            let is_asked = |position| self.args.from == Position::Offset(position);
            match position.is_some_and(|position| position == end || (position > end && !is_asked(position))) {
                true => self.consumer.pause(&at)?,
                false => _ = ends.insert(at, end),
            }
        }
        Ok(ends.is_empty())
    }
}

/// Whether a record was there when the end was looked up.
fn is_wanted(record: &ConsumerRecord, ends: Option<&BTreeMap<TopicPartition, Offset>>) -> bool {
    ends.is_none_or(|ends| ends.get(&record.at).is_some_and(|end| record.offset < *end))
}
