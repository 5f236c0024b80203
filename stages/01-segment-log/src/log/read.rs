//! Reading: by offset, by time, batch by batch.

use bytes::{Buf, Bytes, BytesMut};

use super::Log;
use crate::batch::{Batch, BatchError, BatchHeader, BatchView};
use crate::error::{Error, Result};
use crate::fold::Fold;
use crate::segment::Segment;
use crate::slice::Slice;
use crate::{Offset, Timestamp};

impl<F: Fold> Log<F> {
    /// Finds the batches from `from` on: at most `max_bytes` of one segment, but at least one whole batch if there is
    /// one. The first batch may begin before `from`, as records are served in the batches they came in, and the last may
    /// be cut off: readers skip the one and ignore the other. At the end of the log the slice is empty.
    ///
    /// # Errors
    ///
    /// [`Error::OffsetOutOfRange`] before [`log_start`](Self::log_start) or after [`end`](Self::end);
    /// [`Error::Corrupt`] if the walk meets bytes that are no batch. Checksums are not looked at: whoever opens the
    /// batches does that.
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        self.ensure_whole()?;
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        if from == self.end {
            // Most reads of a reader that keeps up end here. They cost nothing.
            return Ok(self.active().empty_slice());
        }
        // The segment that should hold it may end before it, if compaction took what was there: then it is in a later one.
        for segment in self.segments_from(from) {
            if let Some(place) = segment.locate(from)? {
                return Ok(segment.slice(place, max_bytes));
            }
        }
        Ok(self.active().empty_slice())
    }

    /// As [`read`](Self::read), and gives no batch that reaches to `until` or beyond: for readers that may not see the whole
    /// log (stage 03's high watermark). From `until` to the end there is nothing to read, and that is no error.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_below(&self, from: Offset, until: Offset, max_bytes: usize) -> Result<Slice> {
        let found = self.read(from, max_bytes)?;
        if until >= self.end {
            return Ok(found);
        }
        if from >= until {
            return Ok(found.first(0));
        }
        // A slice is of one segment. If that one ends before `until`, nothing of it is hidden.
        for segment in self.segments_from(until) {
            if let Some(place) = segment.locate(until)? {
                let hidden = u64::from(place.position);
                let is_same = segment.path() == found.path();
                return Ok(if is_same { found.first(hidden.saturating_sub(found.position()) as usize) } else { found });
            }
        }
        Ok(found)
    }

    /// The first record whose timestamp is at or after `time`, as its timestamp and offset. Timestamps come from
    /// producers and need not ascend: earlier records than `time` may follow it.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`], [`Error::Io`].
    pub fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>> {
        self.ensure_whole()?;
        let start = self.log_start;
        for segment in self.segments_from(start).filter(|segment| segment.largest_timestamp() >= time) {
            if let Some(found) = segment.find_time(time, start)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The batches that hold the offsets from `from` on, each verified. For programs that want the records; a broker
    /// hands out [slices](Self::read).
    pub fn batches(&self, from: Offset) -> Batches<'_, F> {
        Batches { log: self, next: from, began: false, bytes: Bytes::new(), at: None, failed: false }
    }

    /// The segments from the one on whose range of offsets holds `offset`.
    pub(super) fn segments_from(&self, offset: Offset) -> impl Iterator<Item = &Segment> {
        let first = self.segments.range(..=offset).next_back().map_or(offset, |(base, _)| *base);
        self.segments.range(first..).map(|(_, segment)| segment)
    }
}

/// Iterator over a log's batches; see [`Log::batches`]. It ends at the log's end or after the first error.
#[derive(Debug)]
pub struct Batches<'l, F: Fold> {
    log: &'l Log<F>,
    next: Offset,
    /// Whether a batch was given: the first alone may begin before `next`.
    began: bool,
    /// What was read and not yet given.
    bytes: Bytes,
    /// The slice they are from.
    at: Option<Slice>,
    failed: bool,
}

const READ_BYTES: usize = 1 << 20;

impl<F: Fold> Batches<'_, F> {
    fn try_next(&mut self) -> Result<Option<Batch>> {
        if BatchView::parse(&self.bytes).is_err() {
            let slice = self.log.read(self.next, READ_BYTES)?;
            (self.bytes, self.at) = (slice.to_bytes()?, Some(slice));
            if self.bytes.is_empty() {
                return Ok(None);
            }
        }
        let size = BatchView::parse(&self.bytes).map(|batch| batch.size()).unwrap_or(self.bytes.len());
        let bytes = BytesMut::from(&self.bytes[..size]);
        let batch = Batch::from_bytes(bytes).and_then(|batch| self.in_order(&batch.view()).map(|()| batch));
        let batch = batch.map_err(|rule| self.corrupt(rule))?;
        self.bytes.advance(size);
        (self.next, self.began) = (batch.view().next_offset(), true);
        Ok(Some(batch))
    }

    /// A base offset that rotted breaks no checksum. It must not lead the walk back to where it was, or out of the log.
    fn in_order(&self, batch: &BatchHeader<'_>) -> Result<(), BatchError> {
        let reached = if self.began { batch.base_offset() } else { batch.last_offset() };
        if reached >= self.next && batch.next_offset() <= self.log.end {
            return Ok(());
        }
        let rule = "offsets ascend, and end where the log does";
        Err(BatchError::Field { field: "base_offset", found: batch.base_offset(), rule })
    }

    fn corrupt(&self, rule: BatchError) -> Error {
        let slice = self.at.as_ref().expect("bytes come from a slice");
        let position = slice.position() + (slice.len() - self.bytes.len()) as u64;
        Error::Corrupt { file: slice.path().to_owned(), position, rule }
    }
}

impl<F: Fold> Iterator for Batches<'_, F> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        if self.failed {
            return None;
        }
        let next = self.try_next().transpose();
        self.failed = !matches!(next, Some(Ok(_)));
        next
    }
}
