//! Everything that can go wrong, named once.
//!
//! Callers ask by predicate ([`Error::is_corrupt`] and its like) or match the variant that they can do something about.
//! Each message names the thing (file and byte, offset, setting) and the rule.

use std::io;
use std::path::{Path, PathBuf};

use crate::Offset;
use crate::batch::BatchError;
use crate::compression::CompressionError;
use crate::fold::Rejection;

/// What this crate's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a log could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no such folder or log.
    #[error("there is no {what} at {}", path.display())]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Where.
        path: PathBuf,
    },
    /// Stored bytes that were whole once are not any more. Nothing was changed or removed.
    #[error("{}, byte {position}: {rule}", file.display())]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Where in it the damaged batch starts.
        position: u64,
        /// The rule that the bytes break.
        rule: BatchError,
    },
    /// A file other than a segment does not hold what it must.
    #[error("{}: {rule}", file.display())]
    BadFile {
        /// The file.
        file: PathBuf,
        /// What it must hold, and what it does.
        rule: String,
    },
    /// Another process, or another handle in this one, has the folder open.
    #[error("{} is in use{holder}: a data folder has one writer at a time", dir.display())]
    Locked {
        /// The data folder.
        dir: PathBuf,
        /// `" by process 123"`, if its lock file says so.
        holder: String,
    },
    /// The offset is not in the log.
    #[error("offset {asked} is not in the log, which holds {start} to before {end}")]
    OffsetOutOfRange {
        /// The offset asked for.
        asked: Offset,
        /// The log's start.
        start: Offset,
        /// The log's end: the offset that the next record will get.
        end: Offset,
    },
    /// The batch breaks a rule of the format, or one for its origin.
    #[error("the batch is refused: {0}")]
    InvalidBatch(#[from] BatchError),
    /// The batch is larger than a setting allows.
    #[error("the batch has {size} bytes, and {setting} allows {limit}")]
    BatchTooLarge {
        /// Its bytes.
        size: usize,
        /// The setting's bytes.
        limit: usize,
        /// `max.message.bytes` or `segment.bytes`.
        setting: &'static str,
    },
    /// A copied batch does not come after what the log has.
    #[error("the batch starts at offset {base}, and the log already reaches to {end}: copies come in order")]
    OutOfOrder {
        /// The batch's base offset.
        base: Offset,
        /// The log's end.
        end: Offset,
    },
    /// The log's fold refused the batch.
    #[error("the batch is refused: {0}")]
    Rejected(#[from] Rejection),
    /// A setting is outside its range, or there is none of that name.
    #[error("{key} is {found}, and {rule}")]
    Config {
        /// The setting's name, as in Kafka.
        key: String,
        /// What it was set to.
        found: String,
        /// What it must be.
        rule: &'static str,
    },
    /// A log's name is not `topic-partition`.
    #[error(
        "`{name}` does not name a log: a name is letters, digits, `.`, `_` or `-`, then `-` and a partition number"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// An earlier write or flush failed, so what is on the disk is unknown. The log takes no more writes. Opening it again
    /// recovers what can be read, but after a failed flush that may be more than the disk holds: a system can keep bytes
    /// in its cache that it could not write (fsyncgate). Only a restart of the machine tells.
    #[error("the log stopped when it could not {action} {}: what is on the disk is unknown", path.display())]
    Stopped {
        /// What failed.
        action: &'static str,
        /// On which file.
        path: PathBuf,
    },
    /// The slice's bytes were cut from the log after it was made.
    #[error("the log was truncated while the slice was read: read again")]
    SliceGone,
}

impl Error {
    /// Wraps what the system said, with what was tried on what.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io { action, path: path.to_owned(), source }
    }

    /// Whether stored data is damaged.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Error::Corrupt { .. } | Error::BadFile { .. })
    }

    /// Whether the thing asked for is not there: a folder, a log, an offset.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound { .. } | Error::OffsetOutOfRange { .. })
    }

    /// Whether the caller sent something that can never be accepted.
    pub fn is_invalid(&self) -> bool {
        matches!(self, Error::InvalidBatch(_) | Error::BatchTooLarge { .. } | Error::Config { .. } | Error::Name { .. })
    }
}

impl From<CompressionError> for Error {
    fn from(error: CompressionError) -> Self {
        Error::InvalidBatch(error.into())
    }
}
