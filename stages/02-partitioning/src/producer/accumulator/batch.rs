//! A batch while it waits.

use std::fmt;

use segment_log::{BatchBuilder, Compression, Record};
use tokio::time::Instant;

use super::past::Past;
use crate::api::TopicPartition;

/// Why a batch takes no more records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It has `batch.size` bytes, or had no room for a record.
    Full,
    /// Somebody flushes or closes the producer.
    Flushed,
}

/// Records of one partition that will be one batch there, each with its ticket.
pub struct ProducerBatch<T> {
    number: u64,
    at: TopicPartition,
    begun: Instant,
    builder: BatchBuilder,
    tickets: Vec<T>,
    closed: Option<Closed>,
    /// What it has behind it, if it has come back. Then its builder is empty.
    past: Option<Past>,
}

impl<T> ProducerBatch<T> {
    pub(super) fn new(number: u64, at: TopicPartition, compression: Compression, now: Instant) -> Self {
        let builder = BatchBuilder::new(compression);
        ProducerBatch { number, at, begun: now, builder, tickets: Vec::new(), closed: None, past: None }
    }

    /// A batch that was sent and has come back: its number, its place, when its first record came, its tickets.
    pub fn returned(number: u64, at: TopicPartition, begun: Instant, tickets: Vec<T>, past: Past) -> Self {
        let builder = BatchBuilder::new(Compression::None);
        ProducerBatch { number, at, begun, builder, tickets, closed: None, past: Some(past) }
    }

    /// Adds a record, and gives the bytes that the batch grew by. The first one's are the header's too.
    pub(super) fn push(&mut self, record: &Record, ticket: T) -> usize {
        debug_assert!(self.is_open(), "a closed batch takes no records");
        let before = if self.builder.is_empty() { 0 } else { self.bytes() };
        self.builder.push(record);
        self.tickets.push(ticket);
        self.bytes() - before
    }

    pub(super) fn close(&mut self, why: Closed) {
        debug_assert!(self.is_open(), "a batch is closed once");
        self.closed = Some(why);
    }

    /// The most bytes that `record` adds.
    pub(super) fn growth(&self, record: &Record) -> usize {
        self.builder.size_with(record) - self.builder.size()
    }

    /// Its place among all batches of this producer, by when they were begun.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where it goes.
    pub fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// When its first record came.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// Its bytes so far, before compression.
    pub fn bytes(&self) -> usize {
        self.past.as_ref().map_or_else(|| self.builder.size(), |past| past.plain_bytes)
    }

    /// Its tickets, in the order of the records.
    pub fn tickets(&self) -> &[T] {
        &self.tickets
    }

    /// Whether it takes more records, as far as it has room.
    pub fn is_open(&self) -> bool {
        self.closed.is_none() && self.past.is_none()
    }

    /// Why it takes no more records, if it was closed here.
    pub fn closed(&self) -> Option<Closed> {
        self.closed
    }

    /// What it has behind it, if it was sent before.
    pub fn past(&self) -> Option<&Past> {
        self.past.as_ref()
    }

    /// Takes out what it has behind it. What is left is fit for [`into_parts`](Self::into_parts) alone.
    pub fn take_past(&mut self) -> Option<Past> {
        self.past.take()
    }

    /// What will be the batch as it is sent, and the tickets of its records in their order. Of a batch
    /// that was sent before nothing is to be built.
    pub fn into_parts(self) -> (BatchBuilder, Vec<T>) {
        (self.builder, self.tickets)
    }
}

impl<T> fmt::Debug for ProducerBatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProducerBatch { number, at, .. } = self;
        write!(f, "batch {number} for {at}: {} records, {} bytes", self.tickets.len(), self.bytes())?;
        match &self.past {
            Some(past) => write!(f, ", sent {} times", past.tries.count),
            None => self.closed.map_or(Ok(()), |closed| write!(f, ", {closed:?}")),
        }
    }
}
