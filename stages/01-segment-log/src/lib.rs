//! Stage 01.
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
pub mod varint;

pub use batch::{Batch, BatchBuilder, BatchError, BatchHeader, BatchView, Header, Record, RecordRef, Records, batches};
pub use compression::{Compression, CompressionError};
pub use config::LogConfig;
pub use error::{Error, Result};
pub use flush::{EveryAppend, EveryMessages, EveryMillis, FlushPolicy, PageCache, Unflushed};
pub use fold::{Fold, KeyCounts, Rejection, Verdict};
pub use log::{Appended, Log, Origin, Recovery};
pub use log_dir::LogDir;
pub use slice::Slice;

/// A record's place in a log, from 0.
pub type Offset = i64;

/// Milliseconds since 1970-01-01 00:00 UTC; -1 is "none".
pub type Timestamp = i64;
