//! Records: what is inside a batch.
//!
//! ```text
//!   length · attributes · timestamp delta · offset delta · key length · key · value length · value · headers
//!   varint       0            varint           varint         varint            varint               count, then each:
//!                                                                                             key length, key, value length, value
//! ```
//!
//! A length of -1 is null, and null is not empty: a record with a null value is a tombstone, which tells compaction to
//! forget the key; a record with an empty value is data.

use std::borrow::Cow;
use std::fmt;

use bytes::{BufMut, Bytes};

use super::{BatchError, BatchHeader, BatchView, HEADER_LEN};
use crate::compression::Compression;
use crate::varint::{self, VarintError};
use crate::{Offset, Timestamp};

/// A record that owns its bytes: what a program puts into a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Milliseconds since 1970.
    pub timestamp: Timestamp,
    /// What the record is about; decides the partition (stage 02) and what compaction keeps.
    pub key: Option<Bytes>,
    /// The data; null is a tombstone.
    pub value: Option<Bytes>,
    /// Annotations, in order; names may repeat.
    pub headers: Vec<Header>,
}

/// An annotation of a record (KIP-82).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: Option<Bytes>,
}

/// A record as it lies in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRef<'r> {
    /// Its place in the log.
    pub offset: Offset,
    /// Milliseconds since 1970.
    pub timestamp: Timestamp,
    /// See [`Record::key`].
    pub key: Option<&'r [u8]>,
    /// See [`Record::value`].
    pub value: Option<&'r [u8]>,
    /// Names and values, in order.
    pub headers: Headers<'r>,
}

/// A record's headers as they lie in a batch: looked at one by one, never collected. A header can be two bytes, so a list
/// of them would take many times the room of the bytes that they are read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Headers<'r> {
    pub(super) count: usize,
    pub(super) bytes: &'r [u8],
}

impl<'r> Headers<'r> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'r str, Option<&'r [u8]>)> + use<'r> {
        let mut rest = self.bytes;
        let mut field = move || -> Option<&'r [u8]> {
            let length = varint::decode_i32(&mut rest).expect("the walk has read it before");
            let (field, after) = rest.split_at(usize::try_from(length).ok()?);
            rest = after;
            Some(field)
        };
        (0..self.count).map(move |_| {
            let name = field().and_then(|name| std::str::from_utf8(name).ok());
            (name.expect("the walk has read it before"), field())
        })
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Record {
    /// A record with a key and a value, no headers.
    pub fn new<'k>(timestamp: Timestamp, key: impl Into<Option<&'k str>>, value: impl Into<Bytes>) -> Self {
        Record {
            timestamp,
            key: key.into().map(|key| Bytes::copy_from_slice(key.as_bytes())),
            value: Some(value.into()),
            headers: Vec::new(),
        }
    }

    /// Appends the record's bytes, as they stand in a batch whose base timestamp and base offset the deltas count from.
    pub(super) fn encode(&self, timestamp_delta: i64, offset_delta: i32, out: &mut Vec<u8>) {
        let offset_delta = i64::from(offset_delta);
        let body = 1 + varint::len(timestamp_delta) + varint::len(offset_delta) + self.payload_len();
        varint::encode(body as i64, out);
        out.put_u8(0);
        varint::encode(timestamp_delta, out);
        varint::encode(offset_delta, out);
        put_nullable(self.key.as_deref(), out);
        put_nullable(self.value.as_deref(), out);
        varint::encode(self.headers.len() as i64, out);
        for header in &self.headers {
            put_nullable(Some(header.key.as_bytes()), out);
            put_nullable(header.value.as_deref(), out);
        }
    }

    /// Bytes of key, value and headers, with their lengths.
    fn payload_len(&self) -> usize {
        let headers = self
            .headers
            .iter()
            .map(|header| nullable_len(Some(header.key.as_bytes())) + nullable_len(header.value.as_deref()));
        nullable_len(self.key.as_deref())
            + nullable_len(self.value.as_deref())
            + varint::len(self.headers.len() as i64)
            + headers.sum::<usize>()
    }

    /// The most bytes the record can take in a batch, before compression.
    pub(super) fn max_len(&self) -> usize {
        // Length, attributes, timestamp delta, offset delta.
        5 + 1 + varint::MAX_BYTES + 5 + self.payload_len()
    }
}

impl RecordRef<'_> {
    /// The record with bytes of its own.
    pub fn to_record(&self) -> Record {
        let owned = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
        let headers = self.headers.iter();
        Record {
            timestamp: self.timestamp,
            key: owned(self.key),
            value: owned(self.value),
            headers: headers.map(|(key, value)| Header { key: key.to_owned(), value: owned(value) }).collect(),
        }
    }
}

/// An opened batch: its records, decompressed.
pub struct Records<'a> {
    batch: BatchView<'a>,
    bytes: Cow<'a, [u8]>,
}

impl fmt::Debug for Records<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Records({:?}, {} bytes decompressed)", self.batch, self.bytes.len())
    }
}

impl<'a> Records<'a> {
    pub(super) fn open(batch: BatchView<'a>, limit: usize) -> Result<Self, BatchError> {
        let stored = &batch.bytes()[HEADER_LEN..];
        let bytes = match batch.compression()? {
            Compression::None => Cow::Borrowed(stored),
            codec => Cow::Owned(codec.decompress(stored, limit)?),
        };
        Ok(Records { batch, bytes })
    }

    /// The records, in the order of their offsets. The first fault ends the walk.
    pub fn iter(&self) -> impl Iterator<Item = Result<RecordRef<'_>, BatchError>> {
        let mut walk = Walk { batch: *self.batch, rest: &self.bytes, index: 0, last_delta: -1 };
        std::iter::from_fn(move || {
            let record = walk.next().transpose()?;
            if record.is_err() {
                walk.index = walk.count();
                walk.rest = &[];
            }
            Some(record)
        })
    }

    /// Checks every record, and that their offsets leave no gap: what a log asks of a batch that a producer sent, and
    /// what Kafka asks (`LogValidator`). Returns the largest timestamp, which the header ought to have.
    ///
    /// # Errors
    ///
    /// Any [`BatchError`] that the records have.
    pub fn verify_as_produced(&self) -> Result<Timestamp, BatchError> {
        let (count, delta) = (self.batch.records_count(), self.batch.last_offset_delta());
        if count == 0 || count - 1 != delta {
            let rule = "a producer's batch has at least one record, and last_offset_delta + 1 of them";
            return Err(BatchError::Field { field: "records_count", found: count.into(), rule });
        }
        let mut largest = Timestamp::MIN;
        // As many records as offsets, in ascending order and none beyond the last: so there is no gap.
        for record in self.iter() {
            largest = largest.max(record?.timestamp);
        }
        Ok(largest)
    }
}

/// Walks the records' bytes. Nothing is believed: each length is checked against the bytes that are left.
pub(super) struct Walk<'r> {
    pub(super) batch: BatchHeader<'r>,
    /// What was not read yet.
    pub(super) rest: &'r [u8],
    /// How many records were read.
    pub(super) index: usize,
    /// The offset delta of the last of them, or -1.
    pub(super) last_delta: i32,
}

impl<'r> Walk<'r> {
    fn count(&self) -> usize {
        usize::try_from(self.batch.records_count()).unwrap_or(0)
    }

    pub(super) fn next(&mut self) -> Result<Option<RecordRef<'r>>, BatchError> {
        if self.index == self.count() {
            let over = !self.rest.is_empty();
            self.rest = &[];
            return if over { Err(self.broken("bytes follow the last record")) } else { Ok(None) };
        }
        let mut rest = self.rest;
        let length = self.number(&mut rest)?;
        let mut body = self.take(length, &mut rest)?;
        let record = self.body(&mut body)?;
        if !body.is_empty() {
            return Err(self.broken("its length covers more than its fields"));
        }
        self.rest = rest;
        self.index += 1;
        Ok(Some(record))
    }

    fn body(&mut self, body: &mut &'r [u8]) -> Result<RecordRef<'r>, BatchError> {
        // The attributes: no bit of them has a meaning yet.
        self.take(1, body)?;
        let timestamp_delta = varint::decode(body).map_err(|source| self.varint(source))?;
        let offset_delta = self.number(body)?;
        if offset_delta <= self.last_delta || offset_delta > self.batch.last_offset_delta() {
            return Err(self.broken("offset deltas ascend, and end at last_offset_delta"));
        }
        self.last_delta = offset_delta;
        let (key, value) = (self.nullable(body)?, self.nullable(body)?);
        Ok(RecordRef {
            offset: self.batch.base_offset().wrapping_add(offset_delta.into()),
            timestamp: if self.batch.is_log_append_time() {
                self.batch.max_timestamp()
            } else {
                self.batch.base_timestamp().wrapping_add(timestamp_delta)
            },
            key,
            value,
            headers: self.headers(body)?,
        })
    }

    fn headers(&self, body: &mut &'r [u8]) -> Result<Headers<'r>, BatchError> {
        let count = self.number(body)?;
        if count < 0 {
            return Err(self.broken("it has a negative number of headers"));
        }
        let bytes = *body;
        for _ in 0..count {
            let name = self.nullable(body)?.ok_or_else(|| self.broken("a header has no name"))?;
            std::str::from_utf8(name).map_err(|_| self.broken("a header's name is not UTF-8"))?;
            self.nullable(body)?;
        }
        Ok(Headers { count: count as usize, bytes: &bytes[..bytes.len() - body.len()] })
    }

    fn nullable(&self, body: &mut &'r [u8]) -> Result<Option<&'r [u8]>, BatchError> {
        match self.number(body)? {
            -1 => Ok(None),
            length => self.take(length, body).map(Some),
        }
    }

    fn take(&self, length: i32, from: &mut &'r [u8]) -> Result<&'r [u8], BatchError> {
        let length = usize::try_from(length).map_err(|_| self.broken("a length is negative"))?;
        let (taken, rest) = from.split_at_checked(length).ok_or_else(|| self.broken("a length passes the end"))?;
        *from = rest;
        Ok(taken)
    }

    fn number(&self, from: &mut &'r [u8]) -> Result<i32, BatchError> {
        varint::decode_i32(from).map_err(|source| self.varint(source))
    }

    fn varint(&self, source: VarintError) -> BatchError {
        BatchError::Varint { index: self.index, source }
    }

    fn broken(&self, rule: &'static str) -> BatchError {
        BatchError::Record { index: self.index, rule }
    }
}

fn put_nullable(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    match bytes {
        None => varint::encode(-1, out),
        Some(bytes) => {
            varint::encode(bytes.len() as i64, out);
            out.extend_from_slice(bytes);
        }
    }
}

fn nullable_len(bytes: Option<&[u8]>) -> usize {
    match bytes {
        None => varint::len(-1),
        Some(bytes) => varint::len(bytes.len() as i64) + bytes.len(),
    }
}
