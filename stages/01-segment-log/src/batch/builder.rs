//! Makes a batch from records.

use bytes::{Bytes, BytesMut};

use super::{Batch, CONTROL, HEADER_LEN, LOG_OVERHEAD, MAGIC, NO_PRODUCER, Record, TRANSACTIONAL, checksum};
use crate::compression::{Compression, CompressionError};
use crate::control::Marker;
use crate::{Offset, Timestamp};

/// Collects records, then [`build`](Self::build)s a batch of them.
///
/// ```
/// use segment_log::{BatchBuilder, Compression, Record};
///
/// let mut builder = BatchBuilder::new(Compression::Lz4);
/// builder.push(&Record::new(1_700_000_000_000, "alice", "paid 10"));
/// builder.push(&Record::new(1_700_000_000_005, "bob", "paid 7"));
/// let batch = builder.build().expect("lz4 has memory for this");
/// assert_eq!(batch.view().records_count(), 2);
/// ```
#[derive(Debug)]
pub struct BatchBuilder {
    compression: Compression,
    /// Room for the header, then the records as they are before compression.
    plain: Vec<u8>,
    base_offset: Offset,
    leader_epoch: i32,
    flags: i16,
    producer: (i64, i16, i32),
    /// The first record's.
    base_timestamp: Option<Timestamp>,
    max_timestamp: Timestamp,
    last_offset_delta: i32,
    count: i32,
}

impl BatchBuilder {
    /// An empty batch at offset 0, of no producer and no transaction.
    pub fn new(compression: Compression) -> Self {
        BatchBuilder {
            compression,
            plain: vec![0; HEADER_LEN],
            base_offset: 0,
            leader_epoch: -1,
            flags: 0,
            producer: (NO_PRODUCER, -1, -1),
            base_timestamp: None,
            max_timestamp: -1,
            last_offset_delta: -1,
            count: 0,
        }
    }

    /// A control batch: one record, which is `marker`'s, written by a coordinator for producer `id` and `epoch`.
    pub fn control(marker: Marker, producer_id: i64, producer_epoch: i16, now: Timestamp) -> Self {
        let mut builder = Self::new(Compression::None).producer(producer_id, producer_epoch, -1).transactional();
        builder.flags |= CONTROL;
        let [key, value] = marker.encode();
        let (key, value) = (Some(Bytes::from(key)), Some(Bytes::from(value)));
        builder.push(&Record { timestamp: now, key, value, headers: Vec::new() });
        builder
    }

    /// Sets where the batch starts and the epoch of its leader. A log overwrites both when it appends as leader.
    pub fn place(mut self, base_offset: Offset, leader_epoch: i32) -> Self {
        (self.base_offset, self.leader_epoch) = (base_offset, leader_epoch);
        self
    }

    /// Sets the idempotent producer and the first record's sequence number (stage 05).
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        self.producer = (id, epoch, base_sequence);
        self
    }

    /// Marks the batch as part of its producer's transaction (stage 06).
    pub fn transactional(mut self) -> Self {
        self.flags |= TRANSACTIONAL;
        self
    }

    /// Adds a record behind the others.
    ///
    /// # Panics
    ///
    /// If the batch would hold more than 2^31-1 records.
    pub fn push(&mut self, record: &Record) {
        let next = self.last_offset_delta.checked_add(1).expect("a batch holds at most 2^31-1 records");
        self.push_at(next, record);
    }

    /// Adds a record `offset_delta` after the base offset: how compaction rewrites a batch, with gaps where records
    /// were.
    ///
    /// # Panics
    ///
    /// If `offset_delta` does not come after the record before.
    pub fn push_at(&mut self, offset_delta: i32, record: &Record) {
        assert!(
            offset_delta > self.last_offset_delta,
            "offsets ascend: {offset_delta} after {}",
            self.last_offset_delta
        );
        let base_timestamp = *self.base_timestamp.get_or_insert(record.timestamp);
        record.encode(record.timestamp.wrapping_sub(base_timestamp), offset_delta, &mut self.plain);
        self.max_timestamp = if self.count == 0 { record.timestamp } else { self.max_timestamp.max(record.timestamp) };
        self.last_offset_delta = offset_delta;
        self.count += 1;
    }

    /// Keeps the range of offsets up to `offset_delta`, though the records there are gone: the last thing that
    /// compaction does to a batch.
    pub fn keep_range(&mut self, offset_delta: i32) {
        self.last_offset_delta = self.last_offset_delta.max(offset_delta);
    }

    /// How many records are in.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether no record is in.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes the batch takes so far, before compression.
    pub fn size(&self) -> usize {
        self.plain.len()
    }

    /// The most that the batch would take with `record` in it, before compression.
    pub fn size_with(&self, record: &Record) -> usize {
        self.plain.len() + record.max_len()
    }

    /// Compresses the records, writes the header and signs both.
    ///
    /// # Errors
    ///
    /// [`CompressionError::Damaged`] if the codec runs out of memory.
    ///
    /// # Panics
    ///
    /// If the batch takes 2 GiB or more: its length is an `i32`.
    pub fn build(self) -> Result<Batch, CompressionError> {
        let mut bytes = match self.compression {
            Compression::None => self.plain,
            codec => {
                let mut compressed = vec![0; HEADER_LEN];
                codec.compress(&self.plain[HEADER_LEN..], &mut compressed)?;
                compressed
            }
        };
        let batch_length = i32::try_from(bytes.len() - LOG_OVERHEAD).expect("a batch is shorter than 2 GiB");
        let base_timestamp = self.base_timestamp.unwrap_or(-1);
        let (producer_id, producer_epoch, base_sequence) = self.producer;
        let mut field = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        field(0, &self.base_offset.to_be_bytes());
        field(8, &batch_length.to_be_bytes());
        field(12, &self.leader_epoch.to_be_bytes());
        field(16, &MAGIC.to_be_bytes());
        field(21, &(self.compression.bits() | self.flags).to_be_bytes());
        field(23, &self.last_offset_delta.max(0).to_be_bytes());
        field(27, &base_timestamp.to_be_bytes());
        field(35, &self.max_timestamp.to_be_bytes());
        field(43, &producer_id.to_be_bytes());
        field(51, &producer_epoch.to_be_bytes());
        field(53, &base_sequence.to_be_bytes());
        field(57, &self.count.to_be_bytes());
        let crc = checksum(&bytes);
        bytes[17..21].copy_from_slice(&crc.to_be_bytes());
        Ok(Batch::from_built(BytesMut::from(Bytes::from(bytes))))
    }
}
