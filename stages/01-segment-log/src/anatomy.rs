//! Takes stored bytes apart: which byte means what.
//!
//! The other modules read bytes to use them. This one reads them to show them, so it never gives up: what cannot be read
//! becomes a [`Part`] as well, named [`UNREADABLE`], whose text says which rule it breaks.
//!
//! ```text
//!   byte   hex                        name                 text
//!      0   00 00 00 00 00 00 00 07    base_offset          7
//!      8   00 00 00 48                batch_length         72
//!     61   1e                         length               15
//!     62   00                         attributes           0
//!     …
//! ```
//!
//! Invariant: the parts of some bytes lie one behind the other and leave no byte out. So whoever prints the parts prints
//! everything that is there.
//!
//! `segment-log dump --bytes` prints them; so the page on formats shows what the code reads, and not what we remember.

mod records;

use std::ops::Range;

use crate::Offset;
use crate::batch::{BatchHeader, BatchView, DECOMPRESSED_LIMIT, FIELDS, HEADER_LEN, NO_PRODUCER, checksum};
use crate::compression::{Compression, CompressionError};
use crate::index::{Entry, OffsetEntry, TimeEntry};

pub use records::records;

/// The name of a part that breaks a rule of its format.
pub const UNREADABLE: &str = "unreadable";

/// A run of bytes that mean one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Number of the record or index entry that it belongs to, from 0; `None` in a batch's header.
    pub of: Option<usize>,
    /// The field's name, as in Kafka's description of the format.
    pub name: &'static str,
    /// Where it lies in the bytes that were taken apart.
    pub range: Range<usize>,
    /// What it says, for a person.
    pub text: String,
}

/// Takes apart the batch that `bytes` begin with. Compressed records stay one part: [`decompressed`] gives the bytes that
/// [`records`] takes apart.
pub fn batch(bytes: &[u8]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (name, range) in FIELDS {
        let Some(field) = bytes.get(range.clone()) else {
            push(&mut parts, UNREADABLE, bytes.len(), format!("cut off: the bytes end within {name}"));
            return parts;
        };
        push(&mut parts, name, range.end, field_text(name, signed(field), bytes));
    }
    let header = match BatchHeader::parse(bytes) {
        Ok(header) => header,
        Err(rule) => {
            push(&mut parts, UNREADABLE, bytes.len(), rule.to_string());
            return parts;
        }
    };
    let end = header.size().min(bytes.len());
    match header.compression() {
        Ok(Compression::None) => parts.extend(records(&header, &bytes[HEADER_LEN..end]).into_iter().map(behind_header)),
        Ok(codec) => push(&mut parts, "records", end, compressed_text(codec, decompressed(bytes))),
        Err(rule) => push(&mut parts, UNREADABLE, end, rule.to_string()),
    }
    push(&mut parts, UNREADABLE, bytes.len(), "behind the batch".to_owned());
    parts
}

/// The records of a compressed batch as they were before compression; `None` if the batch is not compressed, or is not
/// one.
pub fn decompressed(bytes: &[u8]) -> Option<Result<Vec<u8>, CompressionError>> {
    let batch = BatchView::parse(bytes).ok()?;
    match batch.compression() {
        Ok(Compression::None) | Err(_) => None,
        Ok(codec) => Some(codec.decompress(&batch.bytes()[HEADER_LEN..], DECOMPRESSED_LIMIT)),
    }
}

/// Takes a `.index` apart, whose segment starts at `base_offset`.
pub fn offset_index(bytes: &[u8], base_offset: Offset) -> Vec<Part> {
    index(bytes, [("relative_offset", 4), ("position", 4)], |entry: OffsetEntry| {
        [relative_text(entry.relative_offset, base_offset), format!("byte {}", entry.position)]
    })
}

/// Takes a `.timeindex` apart, whose segment starts at `base_offset`.
pub fn time_index(bytes: &[u8], base_offset: Offset) -> Vec<Part> {
    index(bytes, [("timestamp", 8), ("relative_offset", 4)], |entry: TimeEntry| {
        [entry.timestamp.to_string(), relative_text(entry.relative_offset, base_offset)]
    })
}

fn index<E: Entry>(bytes: &[u8], fields: [(&'static str, usize); 2], texts: impl Fn(E) -> [String; 2]) -> Vec<Part> {
    let mut parts = Vec::new();
    let entries = bytes.chunks_exact(E::SIZE);
    for (number, entry) in entries.enumerate() {
        let mut end = number * E::SIZE;
        for ((name, size), text) in fields.into_iter().zip(texts(E::decode(entry))) {
            let start = end;
            end += size;
            parts.push(Part { of: Some(number), name, range: start..end, text });
        }
    }
    push(&mut parts, UNREADABLE, bytes.len(), format!("an entry has {} bytes", E::SIZE));
    parts
}

fn relative_text(relative: u32, base_offset: Offset) -> String {
    format!("{relative}, so offset {}", base_offset.saturating_add(Offset::from(relative)))
}

/// A key or a value as a person reads it: `null`, or in quotes, with what is no printable text as escapes. Different
/// bytes give different texts.
pub fn quoted(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else { return "null".to_owned() };
    let mut text = String::with_capacity(bytes.len() + 2);
    text.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => text.push('\''),
                _ => text.extend(character.escape_debug()),
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text.push('"');
    text
}

/// Adds the bytes up to `end`, if there are any.
fn push(parts: &mut Vec<Part>, name: &'static str, end: usize, text: String) {
    let start = parts.last().map_or(0, |part: &Part| part.range.end);
    if start < end {
        parts.push(Part { of: None, name, range: start..end, text });
    }
}

fn behind_header(part: Part) -> Part {
    Part { range: part.range.start + HEADER_LEN..part.range.end + HEADER_LEN, ..part }
}

/// A big-endian number of at most 8 bytes.
fn signed(field: &[u8]) -> i64 {
    let fill = if field.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    field.iter().fold(fill, |number, &byte| (number << 8) | i64::from(byte))
}

fn field_text(name: &str, value: i64, bytes: &[u8]) -> String {
    match name {
        "crc" => crc_text(value as u32, bytes),
        "attributes" => attributes_text(value as i16),
        "producer_id" if value == NO_PRODUCER => "-1: no producer".to_owned(),
        "partition_leader_epoch" | "producer_epoch" | "base_sequence" if value == -1 => "-1: none".to_owned(),
        "base_timestamp" | "max_timestamp" if value == -1 => "-1: none".to_owned(),
        _ => value.to_string(),
    }
}

fn crc_text(stored: u32, bytes: &[u8]) -> String {
    match BatchView::parse(bytes) {
        Err(_) => format!("{stored:08x}"),
        Ok(batch) => match checksum(batch.bytes()) {
            computed if computed == stored => format!("{stored:08x}, and the bytes give it"),
            computed => format!("{stored:08x}, but the bytes give {computed:08x}"),
        },
    }
}

/// The bits' meanings; see [`BatchHeader`].
fn attributes_text(bits: i16) -> String {
    const FLAGS: [(i16, &str); 4] =
        [(1 << 3, "log append time"), (1 << 4, "transactional"), (1 << 5, "control"), (1 << 6, "delete horizon")];
    let codec = Compression::from_attributes(bits);
    let mut text = codec.map_or_else(|error| error.to_string(), |codec| format!("compression {codec}"));
    for (_, flag) in FLAGS.into_iter().filter(|(bit, _)| bits & bit != 0) {
        text.push_str(", ");
        text.push_str(flag);
    }
    text
}

fn compressed_text(codec: Compression, plain: Option<Result<Vec<u8>, CompressionError>>) -> String {
    match plain {
        Some(Ok(plain)) => format!("{codec}: {} bytes when decompressed", plain.len()),
        Some(Err(rule)) => rule.to_string(),
        None => format!("{codec}, cut off"),
    }
}
