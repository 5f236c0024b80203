//! A log's settings. Each has the name, the unit and the default that it has in Kafka.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::flush::{FlushPolicy, PageCache};

/// How one log is kept. `LogConfig::default()` is Kafka's default.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `segment.bytes`: a segment that would grow beyond this is closed and a new one begun. At most 2 GiB - 1, as
    /// positions in an index have 31 bits.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment is closed when a record comes that is this much younger than its first, in milliseconds.
    pub segment_ms: i64,
    /// `segment.index.bytes`: room for each index of a segment; a full index closes the segment.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: an index entry for about every so many bytes of the log.
    pub index_interval_bytes: u32,
    /// `max.message.bytes`: the largest batch a client may append, compressed or not.
    pub max_message_bytes: u32,
    /// `retention.bytes`: old segments go while the log is larger than this; `None` keeps all.
    pub retention_bytes: Option<u64>,
    /// `retention.ms`: segments go when their youngest record is older than this, in milliseconds; `None` keeps all.
    pub retention_ms: Option<i64>,
    /// `message.timestamp.type`: whether the log replaces the producers' timestamps with its own.
    pub log_append_time: bool,
    /// When appended batches are forced to the disk, as Kafka's `flush.messages` and `flush.ms`.
    pub flush: Arc<dyn FlushPolicy>,
}

impl Default for LogConfig {
    fn default() -> Self {
        const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
        LogConfig {
            segment_bytes: 1 << 30,
            segment_ms: WEEK,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            max_message_bytes: (1 << 20) + 12,
            retention_bytes: None,
            retention_ms: Some(WEEK),
            log_append_time: false,
            flush: Arc::new(PageCache),
        }
    }
}

impl LogConfig {
    /// The settings, if a log can be kept by them.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting and its range.
    pub fn checked(self) -> Result<Self> {
        let must = |holds: bool, key, found: i64, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found: found.to_string(), rule }) }
        };
        let bytes = i64::from(self.segment_bytes);
        must((1..=i64::from(i32::MAX)).contains(&bytes), "segment.bytes", bytes, "it is from 1 to 2147483647")?;
        must(self.segment_ms >= 1, "segment.ms", self.segment_ms, "it is at least 1")?;
        let index = i64::from(self.segment_index_bytes);
        must((24..=i64::from(i32::MAX)).contains(&index), "segment.index.bytes", index, "it is from 24 to 2147483647")?;
        let retention_ms = self.retention_ms.unwrap_or(0);
        must(retention_ms >= 0, "retention.ms", retention_ms, "it is at least 0, or unlimited")?;
        Ok(self)
    }
}
