//! A batch that was opened, and is read a few records at a time.
//!
//! [`Records`](super::Records) borrows its batch: whoever walks it walks to the end. A consumer cannot. Its application wants
//! 500 records, comes back later for the next 500, and a batch may hold a million. So this batch is opened once, owns its
//! bytes, and remembers how far it was read.
//!
//! Nothing is copied on the way out. A record's key, value and headers are pieces of the opened batch, and keep it in
//! memory as long as they are kept.

use std::fmt;

use bytes::Bytes;

use super::record::Walk;
use super::{BatchError, BatchHeader, BatchView, HEADER_LEN, Headers, RecordRef};
use crate::compression::Compression;
use crate::{Offset, Timestamp};

/// A batch's records, decompressed, from the first that was not read yet.
pub struct Opened {
    header: [u8; HEADER_LEN],
    records: Bytes,
    /// Bytes of `records` that were read.
    read: usize,
    /// Records that were read.
    index: usize,
    /// Offset delta of the last one of them, or -1.
    last_delta: i32,
}

/// A record whose bytes are shared with its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedRecord {
    /// Its place in the log.
    pub offset: Offset,
    /// Milliseconds since 1970.
    pub timestamp: Timestamp,
    /// See [`Record::key`](super::Record::key).
    pub key: Option<Bytes>,
    /// See [`Record::value`](super::Record::value).
    pub value: Option<Bytes>,
    /// Names and values, in order.
    pub headers: SharedHeaders,
}

/// A record's headers as they lie in its batch, with a share in its bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct SharedHeaders {
    count: usize,
    bytes: Bytes,
}

impl SharedHeaders {
    /// The headers, to be looked at one by one.
    pub fn view(&self) -> Headers<'_> {
        Headers { count: self.count, bytes: &self.bytes }
    }
}

impl fmt::Debug for SharedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.view().fmt(f)
    }
}

impl Opened {
    /// Opens the batch at the front of `bytes`: decompresses its records, to at most `limit` bytes. Records that are not
    /// compressed are shared with `bytes`. Checks no checksum: that is [`BatchView::verify`]'s.
    ///
    /// # Errors
    ///
    /// Those of [`BatchView::parse`], and [`BatchError::Compression`]. Each record is judged as it is reached.
    pub fn new(bytes: &Bytes, limit: usize) -> Result<Self, BatchError> {
        let batch = BatchView::parse(bytes)?;
        let records = match batch.compression()? {
            Compression::None => bytes.slice(HEADER_LEN..batch.size()),
            codec => Bytes::from(codec.decompress(&batch.bytes()[HEADER_LEN..], limit)?),
        };
        let header = *batch.bytes().first_chunk().expect("a batch begins with its header");
        Ok(Opened { header, records, read: 0, index: 0, last_delta: -1 })
    }

    /// The batch's header.
    pub fn header(&self) -> BatchHeader<'_> {
        BatchHeader { bytes: &self.header }
    }

    /// Whether all records were read.
    pub fn is_finished(&self) -> bool {
        self.index == self.header().records_count().max(0) as usize && self.read == self.records.len()
    }

    /// The next record, in the order of offsets; `None` behind the last.
    ///
    /// # Errors
    ///
    /// What is wrong with the record. It is said again each time: nothing behind it can be read.
    pub fn next_record(&mut self) -> Result<Option<SharedRecord>, BatchError> {
        let (index, last_delta) = (self.index, self.last_delta);
        let mut walk = Walk { batch: self.header(), rest: &self.records[self.read..], index, last_delta };
        let Some(record) = walk.next()? else { return Ok(None) };
        let shared = self.share(&record);
        let (index, last_delta, unread) = (walk.index, walk.last_delta, walk.rest.len());
        (self.index, self.last_delta, self.read) = (index, last_delta, self.records.len() - unread);
        Ok(Some(shared))
    }

    fn share(&self, record: &RecordRef<'_>) -> SharedRecord {
        let piece = |bytes: &[u8]| self.records.slice_ref(bytes);
        SharedRecord {
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key.map(piece),
            value: record.value.map(piece),
            headers: SharedHeaders { count: record.headers.count, bytes: piece(record.headers.bytes) },
        }
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (batch, read, all) = (self.header(), self.read, self.records.len());
        write!(f, "Opened({batch:?}, {read} of {all} bytes read)")
    }
}
