//! From bytes to records: one partition's part of a fetch's answer, until the application has taken all of it.
//!
//! A broker sends what lies in its files: whole batches, as producers made them. So an answer rarely begins where it was
//! asked to begin, and rarely ends where a batch ends:
//!
//! ```text
//!                  asked for 44
//!                       ▼
//!     ▐█ 42 43 44 45 █▌▐█ 46 ·  · 49 █▌▐█ marker 50 █▌▐█ 51 52 5
//!       skip   ◀ these two, these two ▶   not shown       cut off: fetched again, from 51
//! ```
//!
//! Batches are opened one at a time, when their first record is wanted. So what is waiting stays compressed, and at most
//! one batch of an answer takes more room than it had on the way, up to [`DECOMPRESSED_LIMIT`].
//!
//! The position moves by batches as well as by records: over offsets that compaction has emptied, over control batches, and over
//! what belongs to aborted transactions (stage 06). Otherwise a consumer could stand before such a batch forever, asking for a record that is not there.

use std::fmt;

use bytes::{Buf, Bytes};
use segment_log::batch::{BatchError, BatchHeader, BatchView, DECOMPRESSED_LIMIT, Opened};
use segment_log::{Offset, batches};

use super::aborted::LeftOut;
use super::record::ConsumerRecord;
use crate::api::{Aborted, TopicPartition};
use crate::error::{Error, Result};

/// See the [module](self).
pub struct Answer {
    at: TopicPartition,
    /// Where what readers may see ends: no batch reaches beyond.
    high_watermark: Offset,
    /// Whether a batch was begun: the first alone may begin before `next`.
    began: bool,
    /// The offset of the next record: all before it were taken, or are not to be shown.
    next: Offset,
    /// From the batch that is read now on.
    batches: Bytes,
    /// That batch, once it is open.
    open: Option<Opened>,
    /// Batches whose records are passed over.
    left_out: LeftOut,
    /// Bytes that came, which stay in memory until the last of them is read.
    size: usize,
}

impl Answer {
    /// What came for a fetch of `at` from offset `from` on, with the high watermark that came with it; `None` if there is
    /// not one whole batch in it.
    pub fn new(at: TopicPartition, from: Offset, high_watermark: Offset, bytes: Bytes) -> Option<Self> {
        // A batch that breaks a rule counts here. Whoever reads it will see.
        let some = batches(&bytes).next().is_some();
        let size = bytes.len();
        let left_out = LeftOut::default();
        some.then(|| Answer {
            at,
            high_watermark,
            began: false,
            next: from,
            left_out,
            size,
            batches: bytes,
            open: None,
        })
    }

    /// The same without the records of these transactions.
    pub fn without(self, aborted: Vec<Aborted>) -> Self {
        Answer { left_out: LeftOut::new(aborted), ..self }
    }

    /// The offset of the next record.
    pub fn next(&self) -> Offset {
        self.next
    }

    /// Bytes that it keeps in memory, as they came.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The offset behind the last whole batch that is left in it.
    pub fn end(&self) -> Offset {
        let ends = batches(&self.batches).map_while(|batch| batch.ok()).map(|batch| batch.next_offset());
        ends.last().unwrap_or(self.next).max(self.next)
    }

    /// Whether nothing is left in it.
    pub fn is_drained(&self) -> bool {
        self.batches.is_empty()
    }

    /// Takes records until `into` holds `limit` of them, or nothing is left.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] if a batch does not hold. What lay before it was taken, nothing behind it will be: the answer is
    /// of no more use.
    pub fn take(&mut self, limit: usize, check_crcs: bool, into: &mut Vec<ConsumerRecord>) -> Result<()> {
        while into.len() < limit && !self.is_drained() {
            let step = if self.open.is_none() { self.begin(check_crcs) } else { self.read(limit, into) };
            step.map_err(|fault| self.corrupt(fault.to_string()))?;
        }
        Ok(())
    }

    /// Opens the batch at the front, or passes it if none of its records is to be shown.
    fn begin(&mut self, check_crcs: bool) -> Result<(), BatchError> {
        let batch = BatchView::parse(&self.batches)?;
        if check_crcs {
            batch.verify()?;
        }
        self.in_order(&batch)?;
        self.began = true;
        if self.left_out.takes(&batch) || batch.is_control() {
            self.finish();
        } else {
            self.open = Some(Opened::new(&self.batches, DECOMPRESSED_LIMIT)?);
        }
        Ok(())
    }

    /// The checksum does not cover the base offset, as the log writes it. A batch that stands at a wrong one would be taken for
    /// others, or be passed over in silence. So its place is held against what was asked for, and against the log's end.
    fn in_order(&self, batch: &BatchHeader<'_>) -> Result<(), BatchError> {
        let reached = if self.began { batch.base_offset() } else { batch.last_offset() };
        if reached >= self.next && batch.next_offset() <= self.high_watermark {
            return Ok(());
        }
        let rule = "batches follow each other from the offset that was asked for to the high watermark";
        Err(BatchError::Field { field: "base_offset", found: batch.base_offset(), rule })
    }

    /// Takes records of the open batch.
    fn read(&mut self, limit: usize, into: &mut Vec<ConsumerRecord>) -> Result<(), BatchError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        while into.len() < limit {
            match open.next_record()? {
                None => break,
                Some(record) if record.offset < self.next => {}
                Some(record) => {
                    self.next = record.offset.saturating_add(1);
                    into.push(ConsumerRecord::new(self.at.clone(), record));
                }
            }
        }
        if open.is_finished() {
            self.finish();
        }
        Ok(())
    }

    /// Goes on to the next batch. A cut-off one at the end is as good as none.
    fn finish(&mut self) {
        self.open = None;
        let header = BatchHeader::parse(&self.batches).expect("it was parsed when it was begun");
        let (size, next) = (header.size(), header.next_offset());
        self.next = self.next.max(next);
        self.batches.advance(size);
        if batches(&self.batches).next().is_none() {
            self.batches.clear();
        }
    }

    fn corrupt(&self, rule: String) -> Error {
        Error::Corrupt { partition: self.at.clone(), offset: self.next, rule }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, next, size) = (&self.at, self.next, self.size);
        write!(f, "Answer({at} from {next}, {} of {size} bytes left)", self.batches.len())
    }
}
