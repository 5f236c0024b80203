//! A batch that has left the accumulator, until its records have ended.

use std::time::Duration;

use segment_log::BatchBuilder;
use tokio::time::Instant;

use super::accumulator::{Past, ProducerBatch, Tries};
use super::delivery::Ticket;
use super::sequencing::Stamp;
use crate::api::{RecordBytes, TopicId, TopicPartition};
use crate::error::Error;

/// See the [module](self).
pub(super) struct Leaving {
    pub(super) number: u64,
    pub(super) at: TopicPartition,
    /// The topic that its records were put for. Another may have its name by now.
    pub(super) topic: Option<TopicId>,
    /// When its first record came.
    begun: Instant,
    /// What is to stand in its header, if it is numbered.
    stamp: Option<Stamp>,
    /// Its memory, in bytes.
    pub(super) plain_bytes: usize,
    /// Its bytes as they are sent, once they are packed: it may have to be sent again.
    pub(super) records: Option<RecordBytes>,
    /// Empty once the records have ended.
    pub(super) tickets: Vec<Ticket>,
    pub(super) tries: Tries,
}

impl Leaving {
    /// What is kept of a batch until it has ended, and what is to be built, unless it was sent before.
    pub(super) fn new(
        mut batch: ProducerBatch<Ticket>,
        topic: Option<TopicId>,
        stamp: Option<Stamp>,
    ) -> (Self, Option<BatchBuilder>) {
        let (number, at, begun, plain_bytes) = (batch.number(), batch.at().clone(), batch.begun(), batch.bytes());
        let past = batch.take_past();
        let (builder, tickets) = batch.into_parts();
        let builder = match stamp {
            Some(stamp) => builder.producer(stamp.producer_id, stamp.epoch, stamp.base_sequence),
            None => builder,
        };
        let builder = past.is_none().then_some(builder);
        let (records, tries) = past.map_or_else(Default::default, |past| (Some(past.records), past.tries));
        (Leaving { number, at, topic, begun, stamp, plain_bytes, records, tickets, tries }, builder)
    }

    /// The bytes of a batch that was sent before. If its stamp is another now, it is certain that nothing came of all that was
    /// tried: see [`Sequencing`](super::sequencing::Sequencing).
    pub(super) fn packed_before(&mut self) -> RecordBytes {
        let before = self.records.clone().expect("what is not to be built was sent before");
        let Some(renewed) = self.stamp.and_then(|stamp| stamp.renewed(&before)) else { return before };
        self.tries.doubt = None;
        renewed
    }

    /// The batch, to be put back. Its records are packed.
    pub(super) fn into_batch(self, rests_until: Instant) -> ProducerBatch<Ticket> {
        let Leaving { number, at, begun, plain_bytes, records, tickets, tries, .. } = self;
        let records = records.expect("it was packed before it was sent");
        ProducerBatch::returned(number, at, begun, tickets, Past { records, plain_bytes, tries, rests_until })
    }

    /// Whether its records have ended, though its request may not have.
    pub(super) fn is_told(&self) -> bool {
        self.tickets.is_empty()
    }

    /// When its records have waited for so long.
    pub(super) fn deadline(&self, after: Duration) -> Instant {
        self.begun + after
    }

    /// How often it was sent again.
    pub(super) fn retries(&self) -> u32 {
        self.tries.count.saturating_sub(1)
    }

    /// What its records are told if it ends in this error: it may be that an earlier attempt was done.
    pub(super) fn verdict(&self, error: Error) -> Error {
        match &self.tries.doubt {
            Some(doubt) if !error.is_in_doubt() => Error::InDoubt { error: Box::new(error), doubt: doubt.clone() },
            _ => error,
        }
    }
}

impl From<ProducerBatch<Ticket>> for Leaving {
    /// For a batch that is not sent.
    fn from(batch: ProducerBatch<Ticket>) -> Self {
        Leaving::new(batch, None, None).0
    }
}
