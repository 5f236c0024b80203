//! # Stage 01: the segment log
//!
//! *How does a file become a queue that survives a crash?*
//!
//! A log is a file that only grows at its end. Whoever writes appends; whoever reads starts at an offset and goes
//! forward. Readers do not take anything out, so there may be many, each at its own place. That is all. Kafka is this
//! file, many times over, copied between machines.
//!
//! ```text
//!                                  ┌────────── a batch: header, then records ──────────┐
//!   data/log-0/
//!     00000000000000000000.log     ▐█0…41█▌▐█42…83█▌▐█84…119█▌                          closed
//!     00000000000000000120.log     ▐█120…155█▌▐█156█▌▐█157…201█▌ ◀── append             active
//!     00000000000000000120.index         offset ─▶ position, one entry about every 4 KiB
//!     00000000000000000120.timeindex     time   ─▶ offset
//!     00000000000000000120.snapshot      the fold's state before offset 120
//! ```
//!
//! ## A tour, from the bytes up
//!
//! | module | what it answers |
//! |---|---|
//! | [`varint`] | how a small number takes one byte |
//! | [`batch`], [`compression`], [`control`] | what is written: Kafka's record batch, format v2 |
//! | [`index`], [`scan`] | how to find an offset or a time without reading everything |
//! | [`segment`], [`slice`](mod@slice) | one file and its indexes; a piece of it that can be sent without being read |
//! | [`log`] | segments in a row: append, read, roll, retention, truncation, recovery |
//! | [`fold`] | state that is derived from the log: the idea that all later stages rest on |
//! | [`flush`] | when bytes are forced to the disk, and what a crash takes otherwise |
//! | [`log_dir`] | a folder of logs: lock, checkpoints, the mark of a clean stop |
//! | [`disk`] | the seam to the machine, so that tests can make every crash happen |
//!
//! ## The promise
//!
//! - What was flushed is there after a crash.
//! - What is there is a prefix of what was appended: no hole, no half batch, nothing out of order.
//! - A batch whose checksum fails is never served by recovery, and damage is never silently dropped: it is cut, and said
//!   to be cut, only above the recovery point that was last saved; below it is reported with file and byte.
//!
//! `tests/crash.rs` holds the log to this over every crash that the recording disk can make.
//!
//! ## Left out
//!
//! Everything that needs a second partition, a second machine or a second client: the next stages. Compaction (stage 10)
//! rewrites closed segments; here it shows only as gaps in offsets, which every part already bears. Formats older than v2
//! are refused; Kafka has not taken them since 4.0, though it still serves old files that hold them (KIP-724).
//!
//! ## In a program
//!
//! ```
//! use std::sync::Arc;
//! use segment_log::disk::RealDisk;
//! use segment_log::{BatchBuilder, Compression, KeyCounts, LogConfig, LogDir, Origin, Record};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! let now = 1_700_000_000_000;
//! let dir = LogDir::open(Arc::new(RealDisk), folder)?;
//! let (mut log, _) = dir.open_log("log-0", LogConfig::default(), KeyCounts::default(), now)?;
//!
//! let mut batch = BatchBuilder::new(Compression::None);
//! batch.push(&Record::new(now, "alice", "paid 10"));
//! let appended = log.append(batch.build()?, Origin::Client { leader_epoch: 0 }, now)?;
//! assert_eq!((appended.base_offset, log.end()), (0, 1));
//!
//! // The fold has seen the record, and will again, whenever the log is opened.
//! assert_eq!(log.fold().count(Some(b"alice")), 1);
//!
//! log.close()?;
//! dir.close()?;
//! # Ok(())
//! # }
//! ```

pub mod anatomy;
pub mod batch;
mod checkpoint;
pub mod codec;
pub mod compression;
pub mod config;
pub mod control;
pub mod disk;
pub mod error;
pub mod flush;
pub mod fold;
pub mod index;
pub mod log;
pub mod log_dir;
pub mod scan;
pub mod segment;
pub mod slice;
pub mod time;
pub mod varint;

pub use batch::{Batch, BatchBuilder, BatchError, BatchHeader, BatchView, Header, Record, RecordRef, Records, batches};
pub use compression::{Compression, CompressionError};
pub use config::{LogConfig, Setting};
pub use error::{Error, Result};
pub use flush::{EveryAppend, EveryMessages, EveryMillis, FlushLimits, FlushPolicy, PageCache, Unflushed};
pub use fold::{Fold, KeyCounts, Rejection, Verdict};
pub use log::{AbortedTransaction, Appended, Log, Origin, ReadCommitted, Recovery};
pub use log_dir::LogDir;
pub use slice::Slice;

/// A record's place in a log, from 0.
pub type Offset = i64;

/// Milliseconds since 1970-01-01 00:00 UTC; -1 is "none".
pub type Timestamp = i64;
