//! `append`: lines become records, records become batches, batches go to the end of the log.

use std::io::{BufRead, Read, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use segment_log::{
    BatchBuilder, Compression, EveryAppend, EveryMessages, FlushPolicy, KeyCounts, Log, LogConfig, Offset, Origin,
    PageCache, Record, Timestamp,
};

use super::failure::Failure;
use super::open::{IfMissing, now, with_log};
use super::{counted, offsets};

/// Append the lines of stdin, one record a line
///
/// Makes the data folder and the log if they are not there. At a terminal, Ctrl-D ends the input.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: what stands before the first colon is the key
  printf 'alice:paid 10\\nbob:paid 7\\n' | segment-log append data --key-separator :")]
pub(crate) struct Args {
    /// The data folder
    dir: PathBuf,
    /// Codec of the batches: none, gzip, snappy, lz4 or zstd
    #[arg(long, value_name = "CODEC", default_value = "none")]
    compression: Compression,
    /// What separates key and value in a line; without it records have no key
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    key_separator: Option<String>,
    /// Records in a batch; the last batch takes what is left
    #[arg(long, value_name = "RECORDS", default_value = "100")]
    batch: NonZeroUsize,
    /// When to force records to the disk: never, every-append, or every-N (every-100: after 100)
    #[arg(long, value_name = "WHEN", default_value = "never", value_parser = parse_flush)]
    flush: Arc<dyn FlushPolicy>,
    /// Begin a new segment where one would grow beyond so many bytes (segment.bytes)
    #[arg(long, value_name = "BYTES", default_value_t = LogConfig::default().segment_bytes)]
    segment_bytes: u32,
    /// About so many bytes of log for one index entry (index.interval.bytes)
    #[arg(long, value_name = "BYTES", default_value_t = LogConfig::default().index_interval_bytes)]
    index_interval_bytes: u32,
    /// The time of all records, in place of the clock's: ms since 1970, or 2023-11-14T22:13:20Z
    #[arg(long, value_name = "TIME", value_parser = segment_log::time::parse, allow_hyphen_values = true)]
    timestamp: Option<Timestamp>,
    /// Report each batch as soon as it is appended, not only their sum at the end
    #[arg(long)]
    each: bool,
}

pub(crate) fn run(args: &Args, input: impl BufRead, out: &mut dyn Write) -> Result<(), Failure> {
    let config = LogConfig {
        segment_bytes: args.segment_bytes,
        index_interval_bytes: args.index_interval_bytes,
        flush: args.flush.clone(),
        ..LogConfig::default()
    };
    with_log(&args.dir, IfMissing::Make, config, KeyCounts::default(), |log, _| {
        let mut appender = Appender { args, log, out, pending: None, done: Sum::default() };
        let read = appender.lines(Lines { input, line: Vec::new(), number: 0 });
        // A bad line is no reason to lose the good ones before it.
        appender.append_pending()?;
        appender.report()?;
        read
    })
}

fn parse_flush(text: &str) -> Result<Arc<dyn FlushPolicy>, String> {
    let every = |text: &str| text.strip_prefix("every-")?.parse().ok().filter(|&number| number > 0);
    match text {
        "never" => Ok(Arc::new(PageCache)),
        "every-append" => Ok(Arc::new(EveryAppend)),
        _ => match every(text) {
            Some(number) => Ok(Arc::new(EveryMessages(number))),
            None => Err("use never, every-append, or every-N as in every-100".to_owned()),
        },
    }
}

struct Appender<'a> {
    args: &'a Args,
    log: &'a mut Log<KeyCounts>,
    out: &'a mut dyn Write,
    /// The batch that is being filled. It never is empty.
    pending: Option<BatchBuilder>,
    done: Sum,
}

/// What was appended.
#[derive(Default)]
struct Sum {
    records: u64,
    batches: u64,
    offsets: Option<(Offset, Offset)>,
}

impl Appender<'_> {
    fn lines(&mut self, mut lines: Lines<impl BufRead>) -> Result<(), Failure> {
        let (limit, setting) = self.batch_limit();
        let too_long = || format!("does not fit: a batch has at most {limit} bytes ({setting}), its header included");
        while let Some(Line { number, bytes }) = lines.next(limit)? {
            let fail = |rule| Failure::Line { number, rule };
            let record = self.record(bytes.ok_or_else(|| fail(too_long()))?).map_err(fail)?;
            if self.pending.as_ref().is_some_and(|batch| batch.size_with(&record) > limit) {
                self.append_pending()?;
            }
            let batch = self.pending.get_or_insert_with(|| BatchBuilder::new(self.args.compression));
            if batch.is_empty() && batch.size_with(&record) > limit {
                self.pending = None;
                return Err(fail(too_long()));
            }
            batch.push(&record);
            if batch.len() == self.args.batch.get() {
                self.append_pending()?;
            }
        }
        Ok(())
    }

    /// The most bytes that a batch may have, and the setting that says so.
    fn batch_limit(&self) -> (usize, &'static str) {
        let config = self.log.config();
        let limits = [(config.max_message_bytes, "max.message.bytes"), (config.segment_bytes, "segment.bytes")];
        let (bytes, setting) = limits.into_iter().min().expect("there are two");
        (bytes as usize, setting)
    }

    fn record(&self, line: &[u8]) -> Result<Record, String> {
        let (key, value) = match &self.args.key_separator {
            None => (None, line),
            Some(separator) => {
                let at = line.windows(separator.len()).position(|window| window == separator.as_bytes());
                let at = at.ok_or_else(|| format!("has no `{separator}`: it must separate a key from a value"))?;
                (Some(&line[..at]), &line[at + separator.len()..])
            }
        };
        Ok(Record {
            timestamp: self.now(),
            key: key.map(Bytes::copy_from_slice),
            value: Some(Bytes::copy_from_slice(value)),
            headers: Vec::new(),
        })
    }

    fn append_pending(&mut self) -> Result<(), Failure> {
        let Some(builder) = self.pending.take() else { return Ok(()) };
        let batch = builder.build().map_err(segment_log::Error::from)?;
        // There is one machine and no election, so there is one epoch.
        let appended = self.log.append(batch, Origin::Client { leader_epoch: 0 }, self.now())?;
        let (first, last) = (appended.base_offset, appended.last_offset);
        let records = (last - first + 1) as u64;
        self.done.records += records;
        self.done.batches += 1;
        self.done.offsets = Some((self.done.offsets.map_or(first, |(first, _)| first), last));
        if self.args.each {
            let written = writeln!(self.out, "batch of {}: {}", counted(records, "record"), offsets(first, last));
            heard(written.and_then(|()| self.out.flush()))?;
        }
        Ok(())
    }

    fn report(&mut self) -> Result<(), Failure> {
        let Sum { records, batches, offsets: range } = self.done;
        let (records, batches) = (counted(records, "record"), counted(batches, "batch"));
        heard(match range {
            Some((first, last)) => writeln!(self.out, "appended {records} in {batches}: {}", offsets(first, last)),
            None => writeln!(self.out, "appended nothing"),
        })
    }

    fn now(&self) -> Timestamp {
        self.args.timestamp.unwrap_or_else(now)
    }
}

/// The input's lines. However long a line is, no more of it is held than a batch may have.
struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
}

/// A line of the input, without its end.
struct Line<'l> {
    /// From 1.
    number: u64,
    /// `None` if there are too many.
    bytes: Option<&'l [u8]>,
}

impl<R: BufRead> Lines<R> {
    /// The next line, of at most `limit` bytes.
    fn next(&mut self, limit: usize) -> Result<Option<Line<'_>>, Failure> {
        self.line.clear();
        // One byte for the end of the line.
        let mut bounded = self.input.by_ref().take(limit as u64 + 1);
        if bounded.read_until(b'\n', &mut self.line).map_err(Failure::Input)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        let bytes = (self.line.len() <= limit).then_some(&self.line[..]);
        Ok(Some(Line { number: self.number, bytes }))
    }
}

/// A report that nobody reads any more is no reason to drop the rest of the input.
fn heard(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
