//! A batch that owns its bytes.

use bytes::BytesMut;

use super::{BatchError, BatchView, TIMESTAMP_TYPE, checksum};
use crate::{Offset, Timestamp};

/// The bytes of exactly one batch, whose checksum and header hold. Only these enter a log.
#[derive(Clone)]
pub struct Batch {
    bytes: BytesMut,
}

impl Batch {
    /// Takes over `bytes`, which must be one batch and nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`BatchView::parse`] and [`BatchView::verify`]; [`BatchError::Field`] if bytes follow the batch.
    pub fn from_bytes(bytes: BytesMut) -> Result<Self, BatchError> {
        let view = BatchView::parse(&bytes)?;
        if view.size() != bytes.len() {
            let found = view.size() as i64;
            return Err(BatchError::Field { field: "batch_length", found, rule: "it ends where the bytes end" });
        }
        view.verify()?;
        Ok(Batch { bytes })
    }

    /// For the builder, which has set every field and the checksum.
    pub(super) fn from_built(bytes: BytesMut) -> Self {
        debug_assert!(BatchView::parse(&bytes).is_ok_and(|view| view.verify().is_ok()));
        Batch { bytes }
    }

    /// The batch, to be read.
    pub fn view(&self) -> BatchView<'_> {
        BatchView::parse(&self.bytes).expect("a Batch holds one whole batch")
    }

    /// The bytes, as they are stored and sent.
    pub fn into_bytes(self) -> BytesMut {
        self.bytes
    }

    /// Writes the place in the log into the header. The checksum does not cover it, so no other byte changes.
    pub fn set_place(&mut self, base_offset: Offset, leader_epoch: i32) {
        self.bytes[0..8].copy_from_slice(&base_offset.to_be_bytes());
        self.bytes[12..16].copy_from_slice(&leader_epoch.to_be_bytes());
    }

    /// Gives all records the log's time in place of the producer's (`message.timestamp.type=LogAppendTime`). The records
    /// stay as they are; the header overrules them. This does touch the checksum's range.
    pub fn set_log_append_time(&mut self, now: Timestamp) {
        let attributes = self.view().attributes() | TIMESTAMP_TYPE;
        self.bytes[21..23].copy_from_slice(&attributes.to_be_bytes());
        self.set_max_timestamp(now);
    }

    /// Gives the batch to another epoch of its producer, or to another producer, and its first record another sequence number: for
    /// a producer that must number anew what it sends again (stage 05). The records stay as they are, and what they are compressed
    /// with. This does touch the checksum's range.
    pub fn set_producer(&mut self, id: i64, epoch: i16, base_sequence: i32) {
        self.bytes[43..51].copy_from_slice(&id.to_be_bytes());
        self.bytes[51..53].copy_from_slice(&epoch.to_be_bytes());
        self.bytes[53..57].copy_from_slice(&base_sequence.to_be_bytes());
        self.sign();
    }

    /// Mends the header of a producer that got its largest timestamp wrong. The index of times believes this field.
    pub(crate) fn set_max_timestamp(&mut self, largest: Timestamp) {
        self.bytes[35..43].copy_from_slice(&largest.to_be_bytes());
        self.sign();
    }

    fn sign(&mut self) {
        let crc = checksum(&self.bytes);
        self.bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    }
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.view().fmt(f)
    }
}
