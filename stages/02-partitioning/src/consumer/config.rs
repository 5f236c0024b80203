//! What a consumer is told.

use std::sync::Arc;

use super::fetching::{Fetching, Polling};
use super::positions::AutoOffsetReset;
use crate::backoff::Backoff;
use crate::client::ClientConfig;
use crate::error::{Error, Result};

/// How a consumer reads. Names and defaults are Kafka's.
#[derive(Debug, Clone)]
pub struct ConsumerConfig {
    /// `fetch.max.bytes`: the most bytes that are fetched from one broker and not yet taken by the application. A batch
    /// that is larger is fetched all the same, alone. (In Kafka it bounds one answer, and not what is held.)
    pub fetch_max_bytes: u32,
    /// `max.partition.fetch.bytes`: the most bytes of one partition in an answer, with the same exception.
    pub max_partition_fetch_bytes: u32,
    /// `max.poll.records`: the most records that one poll returns.
    pub max_poll_records: usize,
    /// `auto.offset.reset`: where to read from if the position is not in the log, or if there is none.
    pub auto_offset_reset: AutoOffsetReset,
    /// `check.crcs`: whether each batch's checksum is computed again. It costs a little, and finds bytes that were damaged
    /// on a disk or on the way.
    pub check_crcs: bool,
    /// How brokers are asked for records. In this stage a question is answered at once; in stage 04 it waits at the broker,
    /// for `fetch.max.wait.ms`.
    pub fetching: Arc<dyn Fetching>,
    /// `retry.backoff.ms` and `retry.backoff.max.ms`: how long to wait after a broker could not answer.
    pub retry_backoff: Backoff,
    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`: how long to wait after a broker could not be reached.
    pub reconnect_backoff: Backoff,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        ConsumerConfig {
            fetch_max_bytes: 50 << 20,
            max_partition_fetch_bytes: 1 << 20,
            max_poll_records: 500,
            auto_offset_reset: AutoOffsetReset::Latest,
            check_crcs: true,
            fetching: Arc::new(Polling::default()),
            retry_backoff: Backoff::RETRY,
            reconnect_backoff: Backoff::RECONNECT,
        }
    }
}

impl ConsumerConfig {
    /// What an answer may hold beside the batches: the names of 10,000 partitions, in bytes.
    const NAMES: usize = 4 << 20;

    /// The settings, if a consumer can work with them over a client with those.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    pub fn checked(self, client: &ClientConfig) -> Result<Self> {
        let must = |holds: bool, key, found: u128, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found: found.to_string(), rule }) }
        };
        const SOME: &str = "it is at least 1";
        let whole = u128::from(self.fetch_max_bytes);
        must(whole >= 1, "fetch.max.bytes", whole, SOME)?;
        let room = client.max_frame.saturating_sub(Self::NAMES) as u128;
        must(
            whole <= room,
            "fetch.max.bytes",
            whole,
            "with 4194304 bytes for names it fits into a frame of the client",
        )?;
        let part = u128::from(self.max_partition_fetch_bytes);
        must(part >= 1, "max.partition.fetch.bytes", part, SOME)?;
        must(self.max_poll_records >= 1, "max.poll.records", self.max_poll_records as u128, SOME)?;
        self.fetching.check(client)?;
        self.retry_backoff.check("retry.backoff.ms")?;
        self.reconnect_backoff.check("reconnect.backoff.ms")?;
        Ok(self)
    }
}
