//! What a producer is told.

use std::sync::Arc;
use std::time::Duration;

use segment_log::Compression;

use super::accumulator::AccumulatorConfig;
use super::partitioner::PartitionerKind;
use super::sending::{SendOnce, Sending};
use crate::backoff::Backoff;
use crate::client::ClientConfig;
use crate::error::{Error, Result};

/// How a producer works. Names and defaults are Kafka's.
#[derive(Debug, Clone)]
pub struct ProducerConfig {
    /// `partitioner.class`: which partition a record goes to that names none.
    pub partitioner: PartitionerKind,
    /// `partitioner.adaptive.partitioning.enable`: whether partitions for which more batches wait get fewer records.
    pub adaptive_partitioning: bool,
    /// `batch.size`: the most bytes of a batch before compression, unless it is one longer record. At 0 each record is sent
    /// alone.
    pub batch_size: usize,
    /// `linger.ms`: how long a batch that is not full waits for more records. 5 ms since Kafka 4.0 (KIP-1030).
    pub linger: Duration,
    /// `compression.type`: the codec of each batch.
    pub compression: Compression,
    /// `buffer.memory`: the most bytes of all records that wait or are under way, before compression.
    pub buffer_memory: usize,
    /// `max.block.ms`: how long `send` may wait for what is known of a topic and for memory, both together.
    pub max_block: Duration,
    /// `max.request.size`: the most bytes of the batches of one request, before compression, and so of one record.
    pub max_request_size: usize,
    /// `max.in.flight.requests.per.connection`: how many requests to a broker wait for their answers at a time. With 1, a
    /// partition has at most one batch under way, whoever leads it.
    pub max_in_flight: usize,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`: how long `send` waits before it asks again about a topic that nobody
    /// could tell of, and how long a batch rests that is sent again.
    pub retry_backoff: Backoff,
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`: how long to wait after a broker could not be reached, before
    /// it is tried again. What becomes ready for it meanwhile waits.
    pub reconnect_backoff: Backoff,
    /// What the partitioners' lots are drawn from, and the chance in waits; `None` is another in each run.
    pub seed: Option<u64>,
    /// How batches are sent, and whether they are sent again (`acks`, `retries` and `delivery.timeout.ms` are stage 04's).
    pub sending: Arc<dyn Sending>,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        ProducerConfig {
            partitioner: PartitionerKind::Default,
            adaptive_partitioning: true,
            batch_size: 16 << 10,
            linger: Duration::from_millis(5),
            compression: Compression::None,
            buffer_memory: 32 << 20,
            max_block: Duration::from_secs(60),
            max_request_size: 1 << 20,
            max_in_flight: 5,
            retry_backoff: Backoff::RETRY,
            reconnect_backoff: Backoff::RECONNECT,
            seed: None,
            sending: Arc::new(SendOnce),
        }
    }
}

impl ProducerConfig {
    /// What a request may hold beside the batches: its header, and the names of 10,000 partitions, in bytes.
    const NAMES: usize = 4 << 20;

    /// The settings, if a producer can work by them, over a client with those.
    pub(super) fn checked(self, client: &ClientConfig) -> Result<Self> {
        const INT: usize = i32::MAX as usize;
        const MOST: Duration = Duration::from_millis(INT as u64);
        let must = |holds: bool, key, found: u128, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found: found.to_string(), rule }) }
        };
        let bytes = |range: std::ops::RangeInclusive<usize>, key, found: usize, rule| {
            must(range.contains(&found), key, found as u128, rule)
        };
        let time = |key, found: Duration| must(found <= MOST, key, found.as_millis(), "it is from 0 to 2147483647");
        bytes(0..=INT, "batch.size", self.batch_size, "it is from 0 to 2147483647")?;
        time("linger.ms", self.linger)?;
        bytes(1..=u32::MAX as usize, "buffer.memory", self.buffer_memory, "it is from 1 to 4294967295")?;
        time("max.block.ms", self.max_block)?;
        bytes(1..=INT, "max.request.size", self.max_request_size, "it is from 1 to 2147483647")?;
        let room = client.max_frame.saturating_sub(Self::NAMES);
        let rule = "with 4194304 bytes for names it fits into a frame of the client";
        bytes(0..=room, "max.request.size", self.max_request_size, rule)?;
        let rule = "it is from 1 to 100";
        bytes(1..=100, "max.in.flight.requests.per.connection", self.max_in_flight, rule)?;
        self.retry_backoff.check("retry.backoff.ms")?;
        self.reconnect_backoff.check("reconnect.backoff.ms")?;
        self.sending.check(&self, client)?;
        Ok(self)
    }

    /// How records wait. A batch goes into a request, so it is no longer than one.
    pub(super) fn accumulator(&self) -> AccumulatorConfig {
        let batch_size = self.batch_size.min(self.max_request_size);
        AccumulatorConfig { batch_size, linger: self.linger, compression: self.compression }
    }
}
