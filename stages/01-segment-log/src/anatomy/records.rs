//! Takes records apart, number by number.

use super::{Part, UNREADABLE, quoted};
use crate::batch::BatchHeader;
use crate::varint;

/// Takes apart the records of a batch as they are before compression. Ranges count from the start of `plain`.
///
/// A record says how long it is. So if one of its fields cannot be read, the rest of that record is unreadable and the
/// next record begins where it should.
pub fn records(header: &BatchHeader<'_>, plain: &[u8]) -> Vec<Part> {
    let mut walk = Walk { header, plain, at: 0, end: plain.len(), record: 0, parts: Vec::new() };
    let count = usize::try_from(header.records_count()).unwrap_or(0);
    while walk.record < count && walk.at < plain.len() {
        walk.end = plain.len();
        let Err(rule) = walk.record() else {
            walk.record += 1;
            continue;
        };
        walk.give_up(rule);
        walk.record += 1;
    }
    let mut parts = walk.parts;
    super::push(&mut parts, UNREADABLE, plain.len(), format!("bytes follow the last of {count} records"));
    parts
}

/// What is wrong, in words.
type Rule = String;

struct Walk<'r> {
    header: &'r BatchHeader<'r>,
    plain: &'r [u8],
    /// Where the next part starts.
    at: usize,
    /// Where the record ends, or the bytes, as long as its length is not known.
    end: usize,
    record: usize,
    parts: Vec<Part>,
}

impl Walk<'_> {
    fn record(&mut self) -> Result<(), Rule> {
        let length = self.number("length", |length| length.to_string())?;
        self.end = self.reach(length)?;
        self.bytes("attributes", 1, |bits| bits[0].to_string())?;
        let (timestamp, offset) = (self.header.base_timestamp(), self.header.base_offset());
        self.number("timestamp_delta", |delta| format!("{delta}, so {}", timestamp.wrapping_add(delta)))?;
        self.number("offset_delta", |delta| format!("{delta}, so offset {}", offset.wrapping_add(delta)))?;
        self.nullable("key_length", "key")?;
        self.nullable("value_length", "value")?;
        let headers = self.number("headers_count", |count| count.to_string())?;
        for _ in 0..headers {
            self.nullable("header_key_length", "header_key")?;
            self.nullable("header_value_length", "header_value")?;
        }
        match self.at == self.end {
            true => Ok(()),
            false => Err("its length covers more than its fields".to_owned()),
        }
    }

    fn nullable(&mut self, length: &'static str, name: &'static str) -> Result<(), Rule> {
        let say = |length: i64| match length {
            -1 => "-1: null".to_owned(),
            0 => "0: empty".to_owned(),
            _ => length.to_string(),
        };
        match self.number(length, say)? {
            -1 => Ok(()),
            length => {
                let length = self.reach(length)? - self.at;
                self.bytes(name, length, |bytes| quoted(Some(bytes)))
            }
        }
    }

    fn number(&mut self, name: &'static str, say: impl FnOnce(i64) -> String) -> Result<i64, Rule> {
        let mut rest = &self.plain[self.at..self.end];
        let number = varint::decode(&mut rest).map_err(|rule| format!("{name}: {rule}"))?;
        self.push(name, self.end - rest.len(), say(number));
        Ok(number)
    }

    fn bytes(&mut self, name: &'static str, length: usize, say: impl FnOnce(&[u8]) -> String) -> Result<(), Rule> {
        let end = self.reach(length as i64)?;
        let text = say(&self.plain[self.at..end]);
        self.push(name, end, text);
        Ok(())
    }

    /// Where `length` bytes from here end.
    fn reach(&self, length: i64) -> Result<usize, Rule> {
        let length = usize::try_from(length).map_err(|_| format!("a length of {length} is not possible"))?;
        let left = self.end - self.at;
        if length > left { Err(format!("a length of {length} passes the end")) } else { Ok(self.at + length) }
    }

    /// The rest of the record is unreadable. If nothing is left of it, its last part bears the blame.
    fn give_up(&mut self, rule: Rule) {
        match self.parts.last_mut().filter(|_| self.at == self.end) {
            Some(last) => last.text.push_str(&format!("; {rule}")),
            None => self.push(UNREADABLE, self.end, rule),
        }
    }

    fn push(&mut self, name: &'static str, end: usize, text: String) {
        if self.at < end {
            self.parts.push(Part { of: Some(self.record), name, range: self.at..end, text });
            self.at = end;
        }
    }
}
