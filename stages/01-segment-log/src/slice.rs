//! A piece of a segment: which bytes of which file, and none of the bytes.
//!
//! A broker answers most reads by moving bytes from a file to a socket without looking at them. So a read gives a
//! description: whoever wants the bytes in memory asks [`Slice::to_bytes`], whoever wants them on a socket hands file
//! and range to the kernel (`sendfile`, stage 09).
//!
//! A slice outlives the moment. Its segment may be deleted meanwhile: the file stays readable while someone has it open.
//! Its segment may be *truncated*, and then other records are written where the slice points. That is the dangerous one,
//! so a segment counts its truncations and a slice remembers the count: [`Slice::is_current`].

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

use crate::disk::DiskFile;
use crate::error::{Error, Result};

/// How often a segment was truncated. Shared between the segment and its slices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truncations(Arc<AtomicU64>);

impl Truncations {
    /// Called before the first byte changes.
    pub(crate) fn count_one(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A range of a segment's file.
#[derive(Debug, Clone)]
pub struct Slice {
    file: Arc<dyn DiskFile>,
    path: Arc<PathBuf>,
    position: u64,
    len: usize,
    truncations: Truncations,
    truncations_when_made: u64,
}

impl Slice {
    pub(crate) fn new(
        file: Arc<dyn DiskFile>,
        path: Arc<PathBuf>,
        position: u64,
        len: usize,
        truncations: Truncations,
    ) -> Self {
        let truncations_when_made = truncations.count();
        Slice { file, path, position, len, truncations, truncations_when_made }
    }

    /// The file, for calls that move bytes without showing them.
    pub fn file(&self) -> &Arc<dyn DiskFile> {
        &self.file
    }

    /// Where the file is.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// First byte of the range.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Bytes of the range.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the range is empty: a read at the log's end.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first `len` bytes of the range, or all of it if it has fewer.
    pub fn first(&self, len: usize) -> Self {
        Slice { len: len.min(self.len), ..self.clone() }
    }

    /// Whether the bytes are still those that were read for. Ask *after* they were moved: an answer from before says
    /// nothing about what happened meanwhile.
    pub fn is_current(&self) -> bool {
        self.truncations.count() == self.truncations_when_made
    }

    /// Reads the bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Io`]; [`Error::SliceGone`] if the log was truncated since the slice was made.
    pub fn to_bytes(&self) -> Result<Bytes> {
        let mut bytes = vec![0; self.len];
        let read = self.file.read_at(&mut bytes, self.position).map_err(Error::io("read", &self.path))?;
        if !self.is_current() {
            return Err(Error::SliceGone);
        }
        bytes.truncate(read);
        Ok(bytes.into())
    }
}
