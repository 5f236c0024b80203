//! Reading, as a consumer does it.

use segment_log::batch::{BatchError, BatchView, DECOMPRESSED_LIMIT, FIELDS, HEADER_LEN};
use segment_log::{Offset, Record, Slice};
use story::Args;

use super::text::{self, Millis, count, table};
use super::{Answer, Cursor, Driver, lookup};

impl Driver {
    pub(super) fn read(&mut self, mut args: Args<'_>) -> Answer {
        let from: Offset = args.required_key("from")?;
        let max_bytes = args.key("max.bytes")?.unwrap_or(1 << 20);
        args.done()?;
        let log = self.log()?;
        let slice = log.read(from, max_bytes)?;
        let way = lookup::by_offset(log, from)?;
        let end = slice.position() as u32 + slice.len() as u32;
        self.cursor = Some(Cursor { from, segment: way.segment, start: way.start, end });
        consume(&slice, from)
    }

    pub(super) fn lookup(&mut self, mut args: Args<'_>) -> Answer {
        let offset: Option<Offset> = args.key("offset")?;
        let time: Option<Millis> = args.key("time")?;
        args.done()?;
        let log = self.log()?;
        let way = match (offset, time) {
            (Some(offset), None) => lookup::by_offset(log, offset)?,
            (None, Some(Millis(time))) => lookup::by_time(log, time)?,
            _ => return Err("`lookup` needs an offset or a time".into()),
        };
        self.cursor = Some(Cursor { from: way.from, segment: way.segment, start: way.start, end: way.end });
        Ok(way.lines.join("\n"))
    }

    /// The fields of a batch's header, as they came and as they are kept.
    pub(super) fn header(&mut self, mut args: Args<'_>) -> Answer {
        let offset: Offset = args.required_key("offset")?;
        args.done()?;
        let picture = self.picture();
        let (segment, batch) = picture.batch_of(offset).ok_or("no batch holds this offset")?;
        let stored = &segment.bytes[batch.position..][..batch.size];
        let sent = self.sent.get(&batch.base).ok_or("the story did not append this batch")?;
        let mut rows = vec![row(["field", "sent", "stored", ""])];
        for (name, range) in FIELDS {
            let [was, is] = [sent, stored].map(|bytes| field(name, &bytes[range.clone()]));
            rows.push(row([name, &was, &is, if was == is { "" } else { "changed" }]));
        }
        let records = [sent, stored].map(|bytes| &bytes[HEADER_LEN..]);
        let [was, is] = records.map(|records| format!("{} bytes", records.len()));
        rows.push(row(["records", &was, &is, if records[0] == records[1] { "the same bytes" } else { "changed" }]));
        Ok(table(&rows))
    }
}

fn row(cells: [&str; 4]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// A header field as a number; a checksum is easier to compare in hexadecimal.
fn field(name: &str, bytes: &[u8]) -> String {
    let number = bytes.iter().fold(0u64, |number, &byte| (number << 8) | u64::from(byte));
    let unused = 64 - 8 * bytes.len();
    match name {
        "crc" => format!("{number:08x}"),
        _ => (((number << unused) as i64) >> unused).to_string(),
    }
}

/// What a consumer makes of a slice: it verifies each batch, skips what lies before the offset that it wants, and leaves
/// a batch that is cut off for its next request.
fn consume(slice: &Slice, from: Offset) -> Answer {
    let bytes = slice.to_bytes()?;
    if bytes.is_empty() {
        return Ok(format!("nothing yet: {from} is the end of the log"));
    }
    let (mut rest, mut batches, mut records) = (&bytes[..], 0, Vec::new());
    while !rest.is_empty() {
        let position = slice.position() + (bytes.len() - rest.len()) as u64;
        let corrupt = |rule| segment_log::Error::Corrupt { file: slice.path().to_owned(), position, rule };
        let batch = match BatchView::parse(rest) {
            Err(BatchError::CutOff { .. }) => break,
            parsed => parsed.map_err(corrupt)?,
        };
        batch.verify().map_err(corrupt)?;
        for record in batch.records(DECOMPRESSED_LIMIT)?.iter() {
            let record = record?;
            records.push((record.offset, record.to_record()));
        }
        (rest, batches) = (&rest[batch.size()..], batches + 1);
    }
    let (start, end) = (slice.position(), slice.position() + slice.len() as u64);
    let from_where = format!("bytes {start} to {end} of {}", slice.path().display());
    let mut lines = vec![format!("{from_where}: {}", count(batches, "batch", "batches"))];
    let rows = rows_of(&records, from);
    lines.extend(table(&rows).lines().map(|line| format!("  {line}")));
    if !rest.is_empty() {
        lines.push(format!("  and {} bytes of a batch that is cut off", rest.len()));
    }
    Ok(lines.join("\n"))
}

fn rows_of(records: &[(Offset, Record)], from: Offset) -> Vec<Vec<String>> {
    let with_key = records.iter().any(|(_, record)| record.key.is_some());
    let row = |(offset, record): &(Offset, Record)| {
        let skipped = if *offset < from { "(skipped: not asked for)" } else { "" };
        let [offset, record] = text::record(*offset, record, with_key);
        vec![offset, record, skipped.to_owned()]
    };
    records.iter().map(row).collect()
}
