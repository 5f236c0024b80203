//! How offsets, records and ranges are read and printed; the rest is as in all stories.

use std::str::FromStr;

use segment_log::{Offset, Record};
pub(super) use story::text::{Millis, count, nullable, table, time};

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

/// `offset 3`, or `offsets 3 to 5`.
pub(super) fn offsets(base: Offset, last: Offset) -> String {
    if base == last { format!("offset {base}") } else { format!("offsets {base} to {last}") }
}

/// A record's offset, then `"key": "value"  at 10s`. The key is left out where no record has one, the time where it is 0.
pub(super) fn record(offset: Offset, record: &Record, with_key: bool) -> [String; 2] {
    let key = if with_key { format!("{}: ", nullable(record.key.as_deref())) } else { String::new() };
    let at = if record.timestamp == 0 { String::new() } else { format!("  at {}", time(record.timestamp)) };
    [offset.to_string(), format!("{key}{}{at}", nullable(record.value.as_deref()))]
}
