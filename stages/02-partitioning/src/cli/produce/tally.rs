//! What became of the records: counted, told as it comes, and summed up.

use std::collections::BTreeMap;
use std::io::{self, Write};

use segment_log::Offset;
use tokio::sync::mpsc;

use super::super::failure::{Failure, harmless, say};
use super::super::{Program, counted, format, heard, offsets};
use super::Sent;
use crate::producer::{NO_OFFSET, ProducerRecord, RecordMetadata};
use crate::{Error, TopicPartition};

/// What became of the records.
#[derive(Default)]
pub(super) struct Tally {
    /// Whether it is told what became of each.
    reports_each: bool,
    stored: u64,
    partitions: BTreeMap<TopicPartition, Stored>,
    failed: u64,
    /// The line, and what happened to it.
    first_failure: Option<(u64, Error)>,
}

/// Records of one partition.
struct Stored {
    records: u64,
    first: Offset,
    last: Offset,
}

impl Tally {
    /// Before the first record. `reports_each`: what became of each is told.
    pub(super) fn new(reports_each: bool) -> Self {
        Tally { reports_each, ..Tally::default() }
    }

    /// Counts records as they are acknowledged, in the order of the input.
    pub(super) async fn count(
        &mut self,
        mut acknowledged: mpsc::Receiver<Sent>,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        while let Some(Sent { line, record, delivery }) = acknowledged.recv().await {
            let ended = delivery.await;
            if self.reports_each {
                heard(writeln!(out, "line {line}: {}", in_words(&ended)))?;
            }
            match ended {
                Ok(metadata) => {
                    if let Some(record) = record {
                        heard(print(&record, &metadata, out))?;
                    }
                    self.stored(metadata);
                }
                Err(error) => {
                    self.failed += 1;
                    self.first_failure.get_or_insert((line, error));
                }
            }
            if acknowledged.is_empty() {
                heard(out.flush())?;
            }
        }
        Ok(())
    }

    fn stored(&mut self, RecordMetadata { at, offset, .. }: RecordMetadata) {
        self.stored += 1;
        let stored = self.partitions.entry(at).or_insert(Stored { records: 0, first: offset, last: offset });
        stored.records += 1;
        stored.last = offset;
    }

    pub(super) fn report(&self, batches: u64, out: &mut dyn Write) -> Result<(), Failure> {
        if self.stored + self.failed == 0 {
            return heard(writeln!(out, "produced nothing"));
        }
        let (records, batches) = (counted(self.stored, "record"), counted(batches, "batch"));
        heard(writeln!(out, "produced {records} in {batches}"))?;
        for (at, Stored { records, first, last }) in &self.partitions {
            let offsets = match *first {
                NO_OFFSET => "at offsets that nobody has told".to_owned(),
                first => offsets(first, *last),
            };
            heard(writeln!(out, "  {at}: {}, {offsets}", counted(*records, "record")))?;
        }
        Ok(())
    }

    /// How the command ends, if reading and sending ended so.
    pub(super) fn outcome(self, program: &Program, ended: Result<(), Failure>) -> Result<(), Failure> {
        let Some((line, error)) = self.first_failure else { return ended };
        if let Err(failure) = ended {
            say(program, &failure.line());
        }
        match self.reports_each {
            true => Err(Failure::Reported { records: self.failed }),
            false => Err(Failure::Undelivered { records: self.failed, line, error }),
        }
    }
}

fn print(record: &ProducerRecord, metadata: &RecordMetadata, out: &mut dyn Write) -> io::Result<()> {
    let RecordMetadata { at, offset, timestamp, .. } = metadata;
    writeln!(out, "{}", format::line(at, *offset, *timestamp, record.key.as_deref(), record.value.as_deref()))
}

/// What became of a record.
fn in_words(ended: &Result<RecordMetadata, Error>) -> String {
    match ended {
        Ok(RecordMetadata { at, offset, .. }) => format!("{at}@{offset}"),
        Err(error) if error.is_in_doubt() => format!("in doubt: {}", harmless(&error.to_string())),
        Err(error) => format!("failed: {}", harmless(&error.to_string())),
    }
}
