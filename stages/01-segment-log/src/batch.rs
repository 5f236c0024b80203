//! Record batches, format v2: the unit that is written, copied, checked and indexed.
//!
//! A log does not store records one by one. It stores *batches*: one header, then one or many records, compressed
//! together or not. Producers make batches, brokers store them as they came, consumers open them.
//!
//! ```text
//!    0        8       12      16 17   21   23      27         35         43        51    53        57       61
//!    ├────────┼───────┼───────┼──┼────┼────┼───────┼──────────┼──────────┼─────────┼─────┼─────────┼────────┼──
//!    │ base   │ batch │leader │ma│crc │attr│ last  │   base   │   max    │producer │prod.│  base   │records │ records
//!    │ offset │ length│ epoch │gi│    │    │offset │timestamp │timestamp │   id    │epoch│sequence │ count  │   …
//!    │        │       │       │c │    │    │ delta │          │          │         │     │         │        │
//!    ├────────┴───────┴───────┴──┴────┼────┴───────┴──────────┴──────────┴─────────┴─────┴─────────┴────────┴──
//!      ▲ the log         ▲ the log         the CRC covers these
//! ```
//!
//! The order of the fields is the design. Whoever stores the batch must write two of them: the base offset and the leader
//! epoch. Both stand *before* the checksum's range, so placing a batch changes no byte that the producer signed. (A log
//! that is told to set the times itself does change one, and signs anew.)
//!
//! [`BatchView`] borrows bytes and reads header fields where they lie; records are decoded only when asked for.
//! [`Batch`] owns the bytes of exactly one batch whose checksum holds. [`BatchBuilder`] makes one from records.
//!
//! Offsets inside a batch may have gaps: compaction removes records and keeps the offsets of the others. So the next
//! offset after a batch is `last_offset + 1`, and never "base offset plus number of records".

mod builder;
mod opened;
mod owned;
mod record;

use std::fmt;
use std::ops::{Deref, Range};

use crate::compression::{Compression, CompressionError};
use crate::varint::VarintError;
use crate::{Offset, Timestamp};

pub use builder::BatchBuilder;
pub use opened::{Opened, SharedHeaders, SharedRecord};
pub use owned::Batch;
pub use record::{Header, Headers, Record, RecordRef, Records};

/// Bytes before the first record.
pub const HEADER_LEN: usize = 61;
/// Bytes that `batch_length` does not count: the base offset and the length itself.
pub const LOG_OVERHEAD: usize = 12;
/// The only format this log stores. Formats 0 and 1 ended with Kafka 4.0 (KIP-724).
pub const MAGIC: i8 = 2;
/// What a batch may grow to when it is decompressed, unless the reader says otherwise: 64 MiB.
pub const DECOMPRESSED_LIMIT: usize = 64 << 20;
/// "No producer": the id of a batch that is neither idempotent nor transactional.
pub const NO_PRODUCER: i64 = -1;

/// The header, field by field: its name and where it lies.
pub const FIELDS: [(&str, Range<usize>); 13] = [
    ("base_offset", 0..8),
    ("batch_length", 8..12),
    ("partition_leader_epoch", 12..16),
    ("magic", 16..17),
    ("crc", 17..21),
    ("attributes", 21..23),
    ("last_offset_delta", 23..27),
    ("base_timestamp", 27..35),
    ("max_timestamp", 35..43),
    ("producer_id", 43..51),
    ("producer_epoch", 51..53),
    ("base_sequence", 53..57),
    ("records_count", 57..61),
];

/// Where the checksum's range starts; it goes to the end of the batch.
const CHECKED_FROM: usize = 21;

const TIMESTAMP_TYPE: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;
const DELETE_HORIZON: i16 = 1 << 6;

/// Why bytes are not a batch, or not one that may be stored or served.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does: a torn write, or the edge of what was read.
    #[error("the batch is cut off: it needs {needed} bytes and {have} are there")]
    CutOff {
        /// Bytes the batch takes, as far as known.
        needed: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// `batch_length` is shorter than a header.
    #[error("batch_length is {0}, and a batch without records has 49")]
    Length(i32),
    /// Not format 2.
    #[error("magic is {0}, and only format 2 is stored")]
    Magic(i8),
    /// The bytes are not those that the producer signed.
    #[error("the checksum does not match: the header says {stored:08x}, the bytes give {computed:08x}")]
    Checksum {
        /// The header's CRC-32C.
        stored: u32,
        /// The CRC-32C of the bytes from the attributes to the end.
        computed: u32,
    },
    /// A header field holds what it must not.
    #[error("{field} is {found}, and {rule}")]
    Field {
        /// The field's name in [`FIELDS`].
        field: &'static str,
        /// What it holds.
        found: i64,
        /// What it must be.
        rule: &'static str,
    },
    /// A record cannot be read.
    #[error("record {index} of the batch: {rule}")]
    Record {
        /// Which one, from 0.
        index: usize,
        /// What is wrong.
        rule: &'static str,
    },
    /// A number inside a record cannot be read.
    #[error("record {index} of the batch: {source}")]
    Varint {
        /// Which one, from 0.
        index: usize,
        /// What is wrong.
        source: VarintError,
    },
    /// The records do not decompress.
    #[error(transparent)]
    Compression(#[from] CompressionError),
}

/// A batch's header, borrowed from wherever it lies. Reading a field costs a load.
#[derive(Clone, Copy)]
pub struct BatchHeader<'a> {
    bytes: &'a [u8; HEADER_LEN],
}

impl<'a> BatchHeader<'a> {
    /// The header at the front of `bytes`. Checks its length field and its magic, which is what a walk over batches needs.
    ///
    /// # Errors
    ///
    /// [`BatchError::CutOff`] if the header is not there in full, [`BatchError::Length`] or [`BatchError::Magic`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let cut_off = BatchError::CutOff { needed: HEADER_LEN, have: bytes.len() };
        let header = BatchHeader { bytes: bytes.first_chunk().ok_or(cut_off)? };
        let length = i32::from_be_bytes(header.field(8));
        // Zeros are what a crash leaves where a write was lost. Their length is 0, so look at the length first: it says
        // more than "magic is 0" would.
        if length < (HEADER_LEN - LOG_OVERHEAD) as i32 {
            return Err(BatchError::Length(length));
        }
        match header.magic() {
            MAGIC => Ok(header),
            other => Err(BatchError::Magic(other)),
        }
    }

    /// Bytes of the whole batch, header and records.
    pub fn size(&self) -> usize {
        LOG_OVERHEAD + i32::from_be_bytes(self.field(8)) as usize
    }

    /// Offset of the first record, or of the first that was there before compaction.
    pub fn base_offset(&self) -> Offset {
        i64::from_be_bytes(self.field(0))
    }

    /// Offset of the last record, or of the last that was there before compaction.
    pub fn last_offset(&self) -> Offset {
        self.base_offset().saturating_add(i64::from(self.last_offset_delta()))
    }

    /// The first offset that the next batch may start at.
    pub fn next_offset(&self) -> Offset {
        self.last_offset().saturating_add(1)
    }

    /// Epoch of the leader that gave the batch its offsets (stage 03), or -1.
    pub fn leader_epoch(&self) -> i32 {
        i32::from_be_bytes(self.field(12))
    }

    /// The format's version.
    pub fn magic(&self) -> i8 {
        i8::from_be_bytes(self.field(16))
    }

    /// The stored CRC-32C.
    pub fn crc(&self) -> u32 {
        u32::from_be_bytes(self.field(17))
    }

    /// Codec, timestamp type and flags; see the methods below.
    pub fn attributes(&self) -> i16 {
        i16::from_be_bytes(self.field(21))
    }

    /// The codec of the records.
    ///
    /// # Errors
    ///
    /// [`CompressionError::UnknownCodec`].
    pub fn compression(&self) -> Result<Compression, CompressionError> {
        Compression::from_attributes(self.attributes())
    }

    /// Whether the log, not the producer, set the timestamps: then all records have [`max_timestamp`](Self::max_timestamp).
    pub fn is_log_append_time(&self) -> bool {
        self.attributes() & TIMESTAMP_TYPE != 0
    }

    /// Whether the batch belongs to a transaction (stage 06).
    pub fn is_transactional(&self) -> bool {
        self.attributes() & TRANSACTIONAL != 0
    }

    /// Whether its one record is a note for the log's readers and not data (stage 06; [`crate::control`]).
    pub fn is_control(&self) -> bool {
        self.attributes() & CONTROL != 0
    }

    /// Whether the base timestamp is the time from which compaction may drop tombstones (KIP-534).
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes() & DELETE_HORIZON != 0
    }

    /// Last offset minus base offset.
    pub fn last_offset_delta(&self) -> i32 {
        i32::from_be_bytes(self.field(23))
    }

    /// Timestamp that the records' deltas count from, in milliseconds since 1970.
    pub fn base_timestamp(&self) -> Timestamp {
        i64::from_be_bytes(self.field(27))
    }

    /// The largest timestamp of the records, in milliseconds since 1970; -1 if none has one.
    pub fn max_timestamp(&self) -> Timestamp {
        i64::from_be_bytes(self.field(35))
    }

    /// Id of the idempotent producer (stage 05), or [`NO_PRODUCER`].
    pub fn producer_id(&self) -> i64 {
        i64::from_be_bytes(self.field(43))
    }

    /// Epoch of the producer id, or -1.
    pub fn producer_epoch(&self) -> i16 {
        i16::from_be_bytes(self.field(51))
    }

    /// Sequence number of the first record, or -1.
    pub fn base_sequence(&self) -> i32 {
        i32::from_be_bytes(self.field(53))
    }

    /// How many records the batch holds.
    pub fn records_count(&self) -> i32 {
        i32::from_be_bytes(self.field(57))
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        let field = self.bytes[at..].first_chunk();
        *field.expect("every field lies inside the header")
    }

    /// The header's own logic. The checksum is looked at first, and elsewhere: a field is worth an opinion only if it is
    /// what the producer wrote.
    fn verify(&self) -> Result<(), BatchError> {
        let must = |holds: bool, field, found: i64, rule| {
            if holds { Ok(()) } else { Err(BatchError::Field { field, found, rule }) }
        };
        let (base, delta) = (self.base_offset(), i64::from(self.last_offset_delta()));
        let count = i64::from(self.records_count());
        self.compression()?;
        must(base >= 0, "base_offset", base, "offsets start at 0")?;
        must(delta >= 0, "last_offset_delta", delta, "it counts from the base offset, so it is at least 0")?;
        must(base < Offset::MAX - delta, "base_offset", base, "the batch's offsets must end below 2^63-1")?;
        must(count >= 0, "records_count", count, "a count is at least 0")?;
        // Compaction removes records and keeps the batch's range of offsets: fewer are possible, more are not.
        must(count <= delta + 1, "records_count", count, "it is at most last_offset_delta + 1")
    }
}

impl fmt::Debug for BatchHeader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({}..={}, {} bytes)", self.base_offset(), self.last_offset(), self.size())
    }
}

/// One batch, borrowed from wherever its bytes are: its header, through [`Deref`], and its records.
#[derive(Clone, Copy)]
pub struct BatchView<'a> {
    header: BatchHeader<'a>,
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The batch at the front of `bytes`; more may follow it. Checks that the batch is there in full and of format 2.
    /// Whether its bytes are intact is [`verify`](Self::verify)'s question.
    ///
    /// # Errors
    ///
    /// [`BatchError::CutOff`], [`BatchError::Length`] or [`BatchError::Magic`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        let cut_off = BatchError::CutOff { needed: header.size(), have: bytes.len() };
        Ok(BatchView { header, bytes: bytes.get(..header.size()).ok_or(cut_off)? })
    }

    /// Checks what must hold before a batch is trusted: the checksum, then the header's own logic.
    ///
    /// # Errors
    ///
    /// [`BatchError::Checksum`], [`BatchError::Field`] or an unknown codec.
    pub fn verify(&self) -> Result<(), BatchError> {
        let (stored, computed) = (self.crc(), checksum(self.bytes));
        if stored != computed {
            return Err(BatchError::Checksum { stored, computed });
        }
        self.header.verify()
    }

    /// The batch's bytes, header and records.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Opens the batch: decompresses its records, to at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`BatchError::Compression`]. Each record is then judged as it is reached.
    pub fn records(&self, limit: usize) -> Result<Records<'a>, BatchError> {
        Records::open(*self, limit)
    }
}

impl fmt::Debug for BatchView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header.fmt(f)
    }
}

impl<'a> Deref for BatchView<'a> {
    type Target = BatchHeader<'a>;

    fn deref(&self) -> &BatchHeader<'a> {
        &self.header
    }
}

/// The CRC-32C of a batch: over everything from the attributes to the end, so that the base offset and the leader epoch
/// can be written without touching it.
pub fn checksum(batch: &[u8]) -> u32 {
    crc32c::crc32c(&batch[CHECKED_FROM..])
}

/// The batches in `bytes`, one after the other. A batch that is cut off at the end is left out, as a read of so many
/// bytes often ends within one. Any other fault is given once, and ends the walk. Checksums are the caller's.
pub fn batches(bytes: &[u8]) -> impl Iterator<Item = Result<BatchView<'_>, BatchError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || match BatchView::parse(rest) {
        Ok(batch) => {
            rest = &rest[batch.size()..];
            Some(Ok(batch))
        }
        Err(BatchError::CutOff { .. }) => None,
        Err(error) => {
            rest = &[];
            Some(Err(error))
        }
    })
}
