//! How times, offsets and records are read and printed.

use std::str::FromStr;

use segment_log::{Offset, Record, Timestamp};

/// Milliseconds, written `10s`, `1500ms`, `2m`, `1h`, `7d`; a bare number is milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Millis(pub(super) i64);

impl FromStr for Millis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = text.trim_start_matches(|c: char| c == '-' || c.is_ascii_digit());
        let number = &text[..text.len() - unit.len()];
        let factor = match unit {
            "" | "ms" => 1,
            "s" => 1000,
            "m" => 60 * 1000,
            "h" => 60 * 60 * 1000,
            "d" => 24 * 60 * 60 * 1000,
            _ => return Err("a time is a number and ms, s, m, h or d".to_owned()),
        };
        number.parse::<i64>().map(|number| Millis(number * factor)).map_err(|error| error.to_string())
    }
}

/// Bytes from one place to before another, written `69..90`.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByteRange(pub(super) usize, pub(super) usize);

impl FromStr for ByteRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ends = text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
        match ends {
            Some((from, to)) if from <= to => Ok(ByteRange(from, to)),
            _ => Err("a range is two bytes that ascend, as in 69..90".to_owned()),
        }
    }
}

/// `10s`, or `1500ms` where it is no whole second.
pub(super) fn time(timestamp: Timestamp) -> String {
    match timestamp {
        -1 => "no time".to_owned(),
        _ if timestamp % 1000 == 0 => format!("{}s", timestamp / 1000),
        _ => format!("{timestamp}ms"),
    }
}

/// `offset 3`, or `offsets 3 to 5`.
pub(super) fn offsets(base: Offset, last: Offset) -> String {
    if base == last { format!("offset {base}") } else { format!("offsets {base} to {last}") }
}

/// `1 batch`, `2 batches`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Bytes as text in quotes, or null.
pub(super) fn nullable(bytes: Option<&[u8]>) -> String {
    bytes.map_or("null".to_owned(), |bytes| format!("\"{}\"", String::from_utf8_lossy(bytes)))
}

/// A record's offset, then `"key": "value"  at 10s`. The key is left out where no record has one, the time where it is 0.
pub(super) fn record(offset: Offset, record: &Record, with_key: bool) -> [String; 2] {
    let key = if with_key { format!("{}: ", nullable(record.key.as_deref())) } else { String::new() };
    let at = if record.timestamp == 0 { String::new() } else { format!("  at {}", time(record.timestamp)) };
    [offset.to_string(), format!("{key}{}{at}", nullable(record.value.as_deref()))]
}

/// Columns as wide as their widest cell, two spaces apart.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
