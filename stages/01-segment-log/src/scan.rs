//! Walks the batches of a segment file.
//!
//! Offsets say nothing about bytes, and a batch can be found only by coming from the one before it. So every search ends
//! in a walk: an index lookup in a short one over headers, recovery in a long one over whole batches.

use std::path::Path;

use crate::batch::{BatchError, BatchHeader, BatchView, HEADER_LEN};
use crate::disk::{DiskFile, reserve};
use crate::error::{Error, Result};

/// A walk over `file` from `position` to `end`. It reads ahead by windows, and never more than the file has.
#[derive(Debug)]
pub struct Scan<'f> {
    file: &'f dyn DiskFile,
    path: &'f Path,
    position: u64,
    end: u64,
    window: Vec<u8>,
    window_start: u64,
    read_ahead: usize,
}

/// Read ahead for a walk over a few headers.
pub const SHORT: usize = 4 << 10;
/// Read ahead for a walk over a whole segment.
pub const LONG: usize = 1 << 20;

impl<'f> Scan<'f> {
    /// Starts a walk at `position`, where a batch must start. `path` is for errors.
    pub fn new(file: &'f dyn DiskFile, path: &'f Path, position: u64, end: u64, read_ahead: usize) -> Self {
        Scan { file, path, position, end, window: Vec::new(), window_start: 0, read_ahead }
    }

    /// Where the next batch starts.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The next batch's position and header. Its records may still be damaged, but they are there in full.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if no batch starts here; the walk stays where it is. [`Error::Io`].
    pub fn next_header(&mut self) -> Result<Option<(u32, BatchHeader<'_>)>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let size = self.peek_size()?;
        let start = self.position;
        self.position += size as u64;
        let header = BatchHeader::parse(self.window_at(start)).expect("peek_size() parsed it");
        Ok(Some((position_u32(start), header)))
    }

    /// The next batch, with its checksum and header verified.
    ///
    /// # Errors
    ///
    /// As [`next_header`](Self::next_header), and [`Error::Corrupt`] if the batch is damaged.
    pub fn next_batch(&mut self) -> Result<Option<(u32, BatchView<'_>)>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let size = self.peek_size()?;
        self.fill(size)?;
        let (path, start) = (self.path, self.position);
        self.position += size as u64;
        let judged = BatchView::parse(self.window_at(start)).and_then(|batch| batch.verify());
        if let Err(rule) = judged {
            self.position = start;
            return Err(Error::Corrupt { file: path.to_owned(), position: start, rule });
        }
        let batch = BatchView::parse(self.window_at(start)).expect("it was parsed a moment ago");
        Ok(Some((position_u32(start), batch)))
    }

    /// The header at the walk's position, without moving on.
    ///
    /// # Errors
    ///
    /// As [`next_header`](Self::next_header).
    pub fn peek_header(&mut self) -> Result<Option<BatchHeader<'_>>> {
        if self.position >= self.end {
            return Ok(None);
        }
        self.peek_size()?;
        Ok(Some(BatchHeader::parse(self.window_at(self.position)).expect("peek_size() parsed it")))
    }

    /// Skips to another position, where a batch must start.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// Bytes of the batch at the walk's position. Checked against the bytes that are left, so that a damaged length
    /// reserves no memory.
    fn peek_size(&mut self) -> Result<usize> {
        self.fill(HEADER_LEN)?;
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let size = match BatchHeader::parse(self.window_at(self.position)) {
            Ok(header) if header.size() <= left => return Ok(header.size()),
            Ok(header) => header.size(),
            Err(rule) => return Err(self.corrupt(rule)),
        };
        Err(self.corrupt(BatchError::CutOff { needed: size, have: left }))
    }

    /// Has `wanted` bytes from the position on in the window, or all that are left.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        if self.window_at(self.position).len() >= wanted.min(left) {
            return Ok(());
        }
        let room = wanted.max(self.read_ahead).min(left);
        reserve(&mut self.window, room as u64).map_err(Error::io("read", self.path))?;
        let read = self.file.read_at(&mut self.window, self.position).map_err(Error::io("read", self.path))?;
        self.window.truncate(read);
        self.window_start = self.position;
        Ok(())
    }

    fn window_at(&self, position: u64) -> &[u8] {
        let from = position.checked_sub(self.window_start).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.window.get(from..)).unwrap_or_default()
    }

    fn corrupt(&self, rule: BatchError) -> Error {
        Error::Corrupt { file: self.path.to_owned(), position: self.position, rule }
    }
}

fn position_u32(position: u64) -> u32 {
    u32::try_from(position).expect("a segment is shorter than 2 GiB")
}
