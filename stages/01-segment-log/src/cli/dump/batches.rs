//! The batches of a segment, one a row; on demand their records and their bytes.

use std::path::Path;

use segment_log::anatomy;
use segment_log::batch::{BatchHeader, DECOMPRESSED_LIMIT, NO_PRODUCER};
use segment_log::disk::DiskFile;
use segment_log::index::check::IndexCheck;
use segment_log::scan::{self, Scan};
use segment_log::{BatchView, Error, Offset};

use super::{Dump, failed, open};
use crate::cli::failure::Failure;
use crate::cli::hexdump::{self, clip};
use crate::cli::{counted, read};

/// The most that is shown of bytes that are no batch.
const DEBRIS: u64 = 64 << 10;

impl Dump<'_> {
    /// Gives the offset after the last batch, and whether all of the file was understood.
    pub(super) fn batches(
        &mut self,
        path: &Path,
        base_offset: Offset,
        check: &mut IndexCheck,
    ) -> Result<(Offset, bool), Failure> {
        let (file, size) = open(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        writeln!(self.out, "  {name}: {}", counted(size, "byte"))?;
        if size > i32::MAX as u64 {
            self.damage(path, i32::MAX as u64, "a segment is shorter than 2 GiB")?;
            return Ok((base_offset, false));
        }
        if size > 0 {
            let row = row("byte", "offsets", "records", "bytes", "codec", "max timestamp");
            writeln!(self.out, "{row}")?;
        }
        let (mut next_offset, mut is_whole) = (base_offset, true);
        let mut scan = Scan::new(&*file, path, 0, size, scan::LONG);
        loop {
            match scan.next_batch() {
                Ok(None) => return Ok((next_offset, is_whole)),
                Ok(Some((position, batch))) => {
                    self.batch(position, &batch)?;
                    if batch.base_offset() < next_offset {
                        is_whole = false;
                        self.damage(path, position.into(), "the batch does not come after the one before it")?;
                    }
                    next_offset = batch.next_offset();
                    check.apply(&batch, position);
                }
                Err(Error::Corrupt { position, rule, .. }) => {
                    is_whole = false;
                    let more = self.damaged(&*file, path, &mut scan)?;
                    self.damage(path, position, &rule.to_string())?;
                    if !more {
                        writeln!(
                            self.out,
                            "{:>14}{} from there on are not shown",
                            "",
                            counted(size - position, "byte")
                        )?;
                        return Ok((next_offset, false));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn batch(&mut self, position: u32, batch: &BatchView<'_>) -> Result<(), Failure> {
        self.header(position, batch)?;
        if self.args.bytes {
            self.bytes(batch.bytes(), position.into())?;
        }
        if self.args.records {
            self.records(batch)?;
        }
        Ok(())
    }

    /// Shows a batch that does not hold, as far as it can be read. If its length leads to where another batch may start,
    /// moves the walk there and says so.
    fn damaged(&mut self, file: &dyn DiskFile, path: &Path, scan: &mut Scan<'_>) -> Result<bool, Failure> {
        let position = scan.position();
        let more = match scan.next_header() {
            Ok(Some((position, header))) => {
                self.header(position, &header)?;
                true
            }
            _ => false,
        };
        if self.args.bytes {
            let end = if more { scan.position() } else { position + DEBRIS };
            let mut bytes = vec![0; (end - position) as usize];
            let read = file.read_at(&mut bytes, position).map_err(failed("read", path))?;
            self.bytes(&bytes[..read], position)?;
        }
        Ok(more)
    }

    fn header(&mut self, position: u32, batch: &BatchHeader<'_>) -> Result<(), Failure> {
        let offsets = format!("{} to {}", batch.base_offset(), batch.last_offset());
        let codec = batch.compression().map_or("?", |codec| codec.name());
        let row = row(position, offsets, batch.records_count(), batch.size(), codec, batch.max_timestamp());
        writeln!(self.out, "{row}")?;
        let notes = notes(batch);
        if !notes.is_empty() {
            writeln!(self.out, "{:>14}{}", "", notes.join(", "))?;
        }
        Ok(())
    }

    fn records(&mut self, batch: &BatchView<'_>) -> Result<(), Failure> {
        let indented = |text: &str| clip(&format!("{:>14}{text}", ""));
        let records = match batch.records(DECOMPRESSED_LIMIT) {
            Ok(records) => records,
            Err(rule) => return Ok(writeln!(self.out, "{}", indented(&rule.to_string()))?),
        };
        for record in records.iter() {
            let text = record.map_or_else(|rule| rule.to_string(), |record| read::line(&record, batch.is_control()));
            writeln!(self.out, "{}", indented(&text))?;
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8], position: u64) -> Result<(), Failure> {
        hexdump::print(&anatomy::batch(bytes), bytes, position, "record", self.out)?;
        if let (Some(Ok(plain)), Ok(header)) = (anatomy::decompressed(bytes), BatchHeader::parse(bytes)) {
            writeln!(self.out, "{:>14}decompressed", "")?;
            hexdump::print(&anatomy::records(&header, &plain), &plain, 0, "record", self.out)?;
        }
        Ok(())
    }
}

/// What only some batches have.
fn notes(batch: &BatchHeader<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if batch.leader_epoch() > 0 {
        notes.push(format!("leader epoch {}", batch.leader_epoch()));
    }
    if batch.producer_id() != NO_PRODUCER {
        notes.push(format!("producer {} of epoch {}", batch.producer_id(), batch.producer_epoch()));
    }
    if batch.base_sequence() >= 0 {
        notes.push(format!("sequence from {}", batch.base_sequence()));
    }
    let flags = [
        (batch.is_log_append_time(), "log append time"),
        (batch.is_transactional(), "transactional"),
        (batch.is_control(), "control"),
        (batch.has_delete_horizon(), "delete horizon"),
    ];
    notes.extend(flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag.to_owned()));
    notes
}

/// A row of the table: 80 columns.
fn row(
    byte: impl std::fmt::Display,
    offsets: impl std::fmt::Display,
    records: impl std::fmt::Display,
    bytes: impl std::fmt::Display,
    codec: impl std::fmt::Display,
    time: impl std::fmt::Display,
) -> String {
    format!("{byte:>12}  {offsets:<20}  {records:>7}  {bytes:>9}  {codec:<6}  {time:>14}")
}
