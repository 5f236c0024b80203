//! `produce`: lines become records, and records go to partitions.
//!
//! What takes the records is an [`Outlet`]. Here it is stage 02's producer. A later stage's has more to do: it begins a transaction, say,
//! and ends it.

mod tally;

use std::future::Future;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use segment_log::{Compression, Timestamp};
use tokio::sync::mpsc::{self, error::TrySendError};

use super::failure::Failure;
use super::lines::{self, Line};
use super::runtime::warnings;
use super::signals::Signals;
use super::{BrokerAt, Program, heard};
use crate::producer::partitioner::PartitionerKind;
use crate::producer::{Delivery, Producer, ProducerConfig, ProducerRecord};
use crate::{ClientConfig, Cluster, Error};
use tally::Tally;

/// Records that may wait to be acknowledged. A batch that lingers is sent when there are so many.
const WAITING: usize = 100_000;

/// Send the lines of stdin to a topic, one record a line
///
/// The end of the input sends what still lingers. At a terminal that is Ctrl-D, or Ctrl-C. A line
/// that cannot be a record ends it, when what came before has been sent. Without the topic it does
/// not begin.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: what stands before the first colon is the key; each record's place is told
  printf 'alice:paid 10\\nbob:paid 7\\n' | {program} produce orders --key-separator : --each"
)]
pub struct Args {
    /// The topic
    topic: String,
    /// What separates key and value in a line; without it records have no key
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    key_separator: Option<String>,
    /// Send all records to this partition
    #[arg(long, value_name = "NUMBER", conflicts_with = "partitioner")]
    partition: Option<u32>,
    /// Who chooses the partition (partitioner.class): default (by its key; without one, as
    /// sticky-by-bytes), key, round-robin, sticky (another one for each batch) or sticky-by-bytes
    /// (another one after each batch.size bytes)
    #[arg(long, value_name = "NAME", default_value = "default", verbatim_doc_comment)]
    partitioner: PartitionerKind,
    /// Draw lots for partitions in the same order each time, and let long queues have no say
    /// (partitioner.adaptive.partitioning.enable=false)
    #[arg(long, value_name = "NUMBER", verbatim_doc_comment)]
    seed: Option<u64>,
    /// Bytes of a batch; a batch that is full is sent (batch.size)
    #[arg(long, value_name = "BYTES", default_value_t = ProducerConfig::default().batch_size)]
    batch_size: usize,
    /// How long a batch that is not full waits for more (linger.ms; 5 in Kafka, and 1000 in its
    /// own tool, as here)
    #[arg(long, value_name = "MS", default_value = "1000", verbatim_doc_comment)]
    linger_ms: u64,
    /// Bytes of all records that wait; when it is full, no more lines are read (buffer.memory)
    #[arg(long, value_name = "BYTES", default_value_t = ProducerConfig::default().buffer_memory)]
    buffer_memory: usize,
    /// How long a line waits for memory, or for a broker or a topic that is gone (max.block.ms)
    #[arg(long, value_name = "MS", default_value = "60000")]
    max_block_ms: u64,
    /// Bytes of a request, and of a record, before compression (max.request.size)
    #[arg(long, value_name = "BYTES", default_value_t = ProducerConfig::default().max_request_size)]
    max_request_size: usize,
    /// Codec of the batches: none, gzip, snappy, lz4 or zstd (compression.type)
    #[arg(long, value_name = "CODEC", default_value = "none")]
    compression: Compression,
    /// The time of all records, in place of the clock's: ms since 1970, or 2023-11-14T22:13:20Z
    #[arg(long, value_name = "TIME", value_parser = segment_log::time::parse, allow_hyphen_values = true)]
    timestamp: Option<Timestamp>,
    /// Print each record as soon as it is acknowledged, in the order of the input, as `consume`
    /// prints it
    #[arg(long, verbatim_doc_comment)]
    each: bool,
    #[command(flatten)]
    broker: BrokerAt,
}

/// What changes the settings of a producer and of its client.
pub type Configure<'a> = dyn Fn(&mut ProducerConfig, &mut ClientConfig) + 'a;

/// What a later stage's command adds to this one's. Without anything it is this stage's.
#[derive(Clone, Copy, Default)]
pub struct More<'a> {
    /// Changes the settings that the arguments have given.
    pub configure: Option<&'a Configure<'a>>,
    /// Each record ends before the next line is read. It does not linger then, as it would have no company.
    pub one_by_one: bool,
    /// What became of each record is told, in the order of the input: where it is (its offset is [`NO_OFFSET`](crate::producer::NO_OFFSET) if nobody has
    /// said), that it failed, or that nobody knows.
    pub report: bool,
}

impl Args {
    fn settings(&self) -> ProducerConfig {
        ProducerConfig {
            partitioner: self.partitioner,
            seed: self.seed,
            adaptive_partitioning: self.seed.is_none(),
            batch_size: self.batch_size,
            linger: Duration::from_millis(self.linger_ms),
            buffer_memory: self.buffer_memory,
            max_block: Duration::from_millis(self.max_block_ms),
            max_request_size: self.max_request_size,
            compression: self.compression,
            ..ProducerConfig::default()
        }
    }

    fn record(&self, topic: &Arc<str>, line: Vec<u8>) -> Result<ProducerRecord, String> {
        let line = Bytes::from(line);
        let (key, value) = match &self.key_separator {
            None => (None, line),
            Some(separator) => {
                let at = line.windows(separator.len()).position(|window| window == separator.as_bytes());
                let at = at.ok_or_else(|| format!("has no `{separator}`: it must separate a key from a value"))?;
                (Some(line.slice(..at)), line.slice(at + separator.len()..))
            }
        };
        Ok(ProducerRecord {
            topic: topic.clone(),
            partition: self.partition,
            timestamp: self.timestamp,
            key,
            value: Some(value),
            headers: Vec::new(),
        })
    }
}

/// A record that was sent, until it is acknowledged.
struct Sent {
    line: u64,
    /// Kept if it is to be printed.
    record: Option<ProducerRecord>,
    delivery: Delivery,
}

/// What takes the records of the input.
pub trait Outlet {
    /// Makes itself ready: the topic is there, and nothing was read yet.
    fn begin(&mut self) -> impl Future<Output = Result<(), Failure>>;

    /// Takes a record. [`Failure::Of`] an [`Error::RecordTooLarge`] is the line's fault.
    fn send(&mut self, record: ProducerRecord) -> impl Future<Output = Result<Delivery, Failure>>;

    /// Waits until all records that it has taken have ended.
    fn flush(&mut self) -> impl Future<Output = ()>;

    /// Ends all that it has begun. `is_whole`: the input has ended; else somebody has interrupted it, or a line cannot be sent.
    fn end(&mut self, is_whole: bool) -> impl Future<Output = Result<(), Failure>>;

    /// How many batches have left.
    fn batches(&self) -> u64;

    /// What there is to say beside.
    fn remark(&self) -> Option<String> {
        None
    }
}

impl Outlet for Producer {
    async fn begin(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    async fn send(&mut self, record: ProducerRecord) -> Result<Delivery, Failure> {
        Ok(Producer::send(self, record).await?)
    }

    async fn flush(&mut self) {
        Producer::flush(self).await;
    }

    async fn end(&mut self, _: bool) -> Result<(), Failure> {
        Producer::flush(self).await;
        Ok(())
    }

    fn batches(&self) -> u64 {
        self.stats().batches
    }
}

/// Sends what stdin has, and tells what became of it.
///
/// # Errors
///
/// Those of the input, of the cluster, and [`Failure::Undelivered`].
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    run_with(program, args, More::default(), |cluster, config| Ok(Producer::new(cluster, config)?), out).await
}

/// The same, with what a later stage adds, and by whatever `open` opens.
///
/// # Errors
///
/// As [`run`], and those of the settings that it changes and of its outlet.
pub async fn run_with<O: Outlet>(
    program: &Program,
    args: &Args,
    more: More<'_>,
    open: impl FnOnce(Cluster, ProducerConfig) -> Result<O, Failure>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    warnings();
    let mut signals = Signals::listen()?;
    let mut settings = args.settings();
    let cluster = args.broker.cluster_with(program, |client| {
        if let Some(configure) = more.configure {
            configure(&mut settings, client);
        }
    })?;
    let mut outlet = open(cluster.clone(), settings)?;
    let (sent, acknowledged) = mpsc::channel(WAITING);
    let sending = async {
        let lines = async {
            // A producer waits for a topic that is not there. Whoever has mistyped its name wants to know now.
            cluster.topic(&args.topic).await?;
            outlet.begin().await?;
            send_lines(args, &mut outlet, more.one_by_one, sent).await
        };
        let (ended, is_interrupted) = tokio::select! {
            ended = lines => (ended, false),
            _ = signals.next() => (Ok(()), true),
        };
        let is_whole = ended.is_ok() && !is_interrupted;
        tokio::select! {
            closed = outlet.end(is_whole) => ended.and(closed),
            signal = signals.next() => Err(Failure::Interrupted(signal)),
        }
    };
    let mut tally = Tally::new(more.report);
    let (ended, told) = tokio::join!(sending, tally.count(acknowledged, out));
    told?;
    tally.report(outlet.batches(), out)?;
    if let Some(remark) = outlet.remark() {
        heard(writeln!(out, "{remark}"))?;
    }
    tally.outcome(program, ended)
}

/// Reads lines and sends records, up to the end or the first line that cannot be one.
async fn send_lines(
    args: &Args,
    outlet: &mut impl Outlet,
    one_by_one: bool,
    sent: mpsc::Sender<Sent>,
) -> Result<(), Failure> {
    let topic: Arc<str> = args.topic.as_str().into();
    let mut lines = lines::of_stdin(args.max_request_size);
    while let Some(line) = lines.recv().await {
        let Line { number, bytes } = line.map_err(Failure::Input)?;
        let fail = |rule| Failure::Line { number, rule };
        let too_long = || fail(format!("is longer than max.request.size = {} bytes", args.max_request_size));
        let record = args.record(&topic, bytes.ok_or_else(too_long)?).map_err(fail)?;
        let kept = args.each.then(|| record.clone());
        let delivery = match outlet.send(record).await {
            Err(Failure::Of(error @ Error::RecordTooLarge { .. })) => {
                return Err(fail(format!("does not fit: {error}")));
            }
            delivery => delivery?,
        };
        if one_by_one {
            outlet.flush().await;
        }
        let record = Sent { line: number, record: kept, delivery };
        let waits = match sent.try_send(record) {
            Err(TrySendError::Full(record)) => record,
            _ => continue,
        };
        // One lingers, and all that came after it wait to be told of.
        outlet.flush().await;
        let _ = sent.send(waits).await;
    }
    Ok(())
}
