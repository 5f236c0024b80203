//! The seam to a partition: what a door must be able to ask of it.
//!
//! A door is whatever takes requests: the teaching protocol here, Kafka's own from stage 09 on. It knows partitions by
//! this trait alone. Here a partition is one log on this machine ([`LocalPartition`]). In stage 03 it is one of several
//! copies, and this trait is what the doors do not notice it by.

pub mod local;

use std::fmt;

use segment_log::{AbortedTransaction, Appended, Batch, Offset, Origin, Slice, Timestamp};
use tokio::sync::watch;

use crate::error::Refusal;

pub use local::LocalPartition;

/// A partition. Nothing here waits for anything but the disk: whoever wants to wait for an offset uses
/// [`watch`](Partition::watch). Calls that touch files run on [`Workers`](crate::Workers).
pub trait Partition: fmt::Debug + Send + Sync + 'static {
    /// Judges a batch, writes it, and learns it, in one step that nobody else's can come between. The partition itself
    /// knows the epoch in which it leads, and writes it into the batch in that step: whoever asked for it before would
    /// bring an old one, if leadership changed in between.
    ///
    /// # Errors
    ///
    /// The log's reasons, by their codes. Nothing was written, unless the code [says](crate::ErrorCode::is_in_doubt) that
    /// nobody knows.
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal>;

    /// Finds batches that a reader may see. Moves none of their bytes.
    ///
    /// # Errors
    ///
    /// [`OffsetOutOfRange`](crate::ErrorCode::OffsetOutOfRange), [`StorageError`](crate::ErrorCode::StorageError).
    fn read(&self, request: ReadRequest, isolation: Isolation) -> Result<Read, Refusal>;

    /// The first record at or after a time: its timestamp and offset.
    ///
    /// # Errors
    ///
    /// [`StorageError`](crate::ErrorCode::StorageError).
    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal>;

    /// Where the partition stands.
    fn offsets(&self) -> Offsets;

    /// Tells each change of where it stands. A slow listener sees the newest state and misses those between.
    ///
    /// When the partition is deleted or closed, or this broker has it no more for any other reason, there is no more news:
    /// [`changed`](watch::Receiver::changed) gives an error at once, to all who wait and to all who come later. So nobody
    /// waits for records that will not come. Whoever wants to know why asks again, and is refused with the reason.
    fn watch(&self) -> watch::Receiver<Offsets>;
}

/// Who brings a batch to a partition that leads. (Followers copy without asking: stage 03.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A producer, of which nothing is believed.
    Client,
    /// A coordinator of this broker, which may write control batches (stage 06).
    Coordinator,
}

impl Writer {
    /// The log's word for it, in the epoch in which the partition leads.
    pub fn in_epoch(self, leader_epoch: i32) -> Origin {
        match self {
            Writer::Client => Origin::Client { leader_epoch },
            Writer::Coordinator => Origin::Coordinator { leader_epoch },
        }
    }
}

/// What to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadRequest {
    /// The first offset that is wanted.
    pub from: Offset,
    /// The most bytes.
    pub max_bytes: usize,
    /// Whether the first batch is given whole even if it is larger: else a reader whose limit is too small would never
    /// get past it (KIP-74).
    pub min_one_batch: bool,
}

/// Up to where a reader sees a partition (Kafka's `FetchIsolation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Isolation {
    /// To its end: for whoever keeps the log itself, such as a coordinator that has just come to lead (stage 06).
    LogEnd,
    /// What is on every copy that counts.
    #[default]
    HighWatermark,
    /// What is, and belongs to no transaction that is open (stage 06).
    LastStable,
}

impl Isolation {
    /// The first offset that such a reader does not see.
    pub fn end(self, offsets: &Offsets) -> Offset {
        match self {
            Isolation::LogEnd => offsets.end,
            Isolation::HighWatermark => offsets.high_watermark,
            Isolation::LastStable => offsets.last_stable,
        }
    }
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Read {
    /// Where the batches' bytes are.
    pub slice: Slice,
    /// The aborted transactions that may have records among them, for who reads up to [`Isolation::LastStable`] (stage 06).
    pub aborted: Vec<AbortedTransaction>,
    /// Where the partition stood when they were found.
    pub offsets: Offsets,
}

/// Where a partition stands. `log_start <= last_stable <= high_watermark <= end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offsets {
    /// The first offset that can be read.
    pub log_start: Offset,
    /// The first offset that readers of committed transactions do not see (stage 06).
    pub last_stable: Offset,
    /// The first offset that readers do not see: it is not yet on every copy that counts (stage 03).
    pub high_watermark: Offset,
    /// The offset that the next record will get (LEO).
    pub end: Offset,
    /// How often leadership has changed (stage 03).
    pub leader_epoch: i32,
    /// How many copies count (stage 03).
    pub in_sync: usize,
    /// How many must count before anything is called safe (stage 03's `min.insync.replicas`).
    pub min_in_sync: usize,
}
