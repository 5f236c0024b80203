//! A log's settings. Each has the name, the unit and the default that it has in Kafka.
//!
//! A program sets fields. People set keys: `segment.bytes=1048576`, in a command or in a request. [`LogConfig::set`] takes
//! a key and a text, and [`LogConfig::SETTINGS`] says which there are and what each may be.
//!
//! Kafka has more of them. Left out are those of what this log does not do (compaction, tiered storage) and those that
//! soften a rule for many logs at once (`segment.jitter.ms`). Kafka also asks for a `segment.bytes` of 1 MiB or more
//! (KIP-1030); here small segments are welcome, as they show in a few lines what large ones do in a week.

use std::any::Any;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::flush::{FlushLimits, FlushPolicy, PageCache};

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

/// A setting as a person meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Its name, as in Kafka.
    pub key: &'static str,
    /// What it is if nobody sets it, as [`LogConfig::set`] takes it.
    pub default: &'static str,
    /// What it may be: the end of a sentence that begins with key and value.
    pub rule: &'static str,
    /// What it does, for a help text.
    pub about: &'static str,
}

const fn setting(key: &'static str, default: &'static str, rule: &'static str, about: &'static str) -> Setting {
    Setting { key, default, rule, about }
}

/// The numbers that a setting may be, and the words for them.
struct Range {
    numbers: RangeInclusive<i64>,
    rule: &'static str,
}

/// What Kafka calls an `int` ends here.
const INT: i64 = i32::MAX as i64;
const SEGMENT_BYTES: Range = Range { numbers: 1..=INT, rule: "it is from 1 to 2147483647" };
const SEGMENT_MS: Range = Range { numbers: 1..=i64::MAX, rule: "it is at least 1" };
/// The least is two entries of the larger index.
const SEGMENT_INDEX_BYTES: Range = Range { numbers: 24..=INT, rule: "it is from 24 to 2147483647" };
const FROM_0: Range = Range { numbers: 0..=INT, rule: "it is from 0 to 2147483647" };
const RETENTION: Range = Range { numbers: 0..=i64::MAX, rule: "it is at least 0, or -1 to keep all" };
const FLUSH_MESSAGES: Range =
    Range { numbers: 1..=i64::MAX, rule: "it is at least 1; 9223372036854775807 leaves it to the system" };
const FLUSH_MS: Range =
    Range { numbers: 0..=i64::MAX, rule: "it is at least 0; 9223372036854775807 leaves it to the system" };
/// Kafka's word for a flush that is never due: the largest number of 64 bits.
const NEVER: &str = "9223372036854775807";

impl LogConfig {
    /// All settings that have a key.
    pub const SETTINGS: &'static [Setting] = &[
        setting(
            "segment.bytes",
            "1073741824",
            SEGMENT_BYTES.rule,
            "a segment that would grow beyond so many bytes is closed, and a new one begun",
        ),
        setting(
            "segment.ms",
            "604800000",
            SEGMENT_MS.rule,
            "a segment is closed by a record that is so many milliseconds younger than its first",
        ),
        setting(
            "segment.index.bytes",
            "10485760",
            SEGMENT_INDEX_BYTES.rule,
            "room for each index of a segment, in bytes; a full index closes the segment",
        ),
        setting("index.interval.bytes", "4096", FROM_0.rule, "an index entry for about every so many bytes of the log"),
        setting(
            "max.message.bytes",
            "1048588",
            FROM_0.rule,
            "the largest batch that a client may append, in bytes as it is sent, compressed or not",
        ),
        setting(
            "retention.bytes",
            "-1",
            RETENTION.rule,
            "the oldest segment goes if so many bytes would be left without it",
        ),
        setting(
            "retention.ms",
            "604800000",
            RETENTION.rule,
            "a segment goes when its youngest record is older than so many milliseconds",
        ),
        setting(
            "message.timestamp.type",
            "CreateTime",
            "it is CreateTime or LogAppendTime",
            "whose clock stamps a record: the producer's, or the log's when it appends",
        ),
        setting(
            "flush.messages",
            NEVER,
            FLUSH_MESSAGES.rule,
            "records that may wait in the system's cache before they are forced to the disk",
        ),
        setting(
            "flush.ms",
            NEVER,
            FLUSH_MS.rule,
            "milliseconds that a record may wait in the system's cache before it is forced to the disk",
        ),
    ];

    /// Changes one setting, given by its key in Kafka and a value as text. Units are bytes and milliseconds.
    ///
    /// `flush.messages` and `flush.ms` hold side by side, and replace any [`flush`](Self::flush) policy of another kind
    /// than [`FlushLimits`].
    ///
    /// ```
    /// # use segment_log::LogConfig;
    /// let mut config = LogConfig::default();
    /// config.set("segment.bytes", "1048576")?;
    /// config.set("retention.ms", "-1")?;
    /// assert_eq!((config.segment_bytes, config.retention_ms), (1 << 20, None));
    ///
    /// let error = config.set("segment.bytes", "1 MiB").unwrap_err();
    /// assert_eq!(error.to_string(), "segment.bytes is 1 MiB, and it is from 1 to 2147483647");
    /// # Ok::<(), segment_log::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if there is no such key, or it cannot have that value. Nothing is changed then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let rule = Self::SETTINGS.iter().find(|setting| setting.key == key).map(|setting| setting.rule);
        let refuse = |rule| Error::Config { key: key.to_owned(), found: value.to_owned(), rule };
        let rule = rule.ok_or_else(|| refuse("a log has no such setting"))?;
        self.assign(key, value).ok_or_else(|| refuse(rule))
    }

    /// Changes a setting that there is; `None` if it cannot have that value.
    fn assign(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "segment.bytes" => self.segment_bytes = SEGMENT_BYTES.number(value)?,
            "segment.ms" => self.segment_ms = SEGMENT_MS.number(value)?,
            "segment.index.bytes" => self.segment_index_bytes = SEGMENT_INDEX_BYTES.number(value)?,
            "index.interval.bytes" => self.index_interval_bytes = FROM_0.number(value)?,
            "max.message.bytes" => self.max_message_bytes = FROM_0.number(value)?,
            "retention.bytes" => self.retention_bytes = RETENTION.number_unless("-1", value)?,
            "retention.ms" => self.retention_ms = RETENTION.number_unless("-1", value)?,
            "message.timestamp.type" => {
                self.log_append_time = match value {
                    "CreateTime" => false,
                    "LogAppendTime" => true,
                    _ => return None,
                }
            }
            "flush.messages" => {
                let messages = FLUSH_MESSAGES.number_unless(NEVER, value)?;
                self.flush = Arc::new(FlushLimits { messages, ..self.flush_limits() });
            }
            "flush.ms" => {
                let ms = FLUSH_MS.number_unless(NEVER, value)?;
                self.flush = Arc::new(FlushLimits { ms, ..self.flush_limits() });
            }
            _ => return None,
        }
        Some(())
    }

    fn flush_limits(&self) -> FlushLimits {
        let policy: &dyn Any = &*self.flush;
        policy.downcast_ref().copied().unwrap_or_default()
    }

    /// The settings, if a log can be kept by them.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting and its range.
    pub fn checked(self) -> Result<Self> {
        SEGMENT_BYTES.check("segment.bytes", self.segment_bytes.into())?;
        SEGMENT_MS.check("segment.ms", self.segment_ms)?;
        SEGMENT_INDEX_BYTES.check("segment.index.bytes", self.segment_index_bytes.into())?;
        Range { rule: "it is at least 0, or unlimited", ..RETENTION }
            .check("retention.ms", self.retention_ms.unwrap_or(0))?;
        Ok(self)
    }
}

impl Range {
    fn check(&self, key: &str, found: i64) -> Result<()> {
        match self.numbers.contains(&found) {
            true => Ok(()),
            false => Err(Error::Config { key: key.to_owned(), found: found.to_string(), rule: self.rule }),
        }
    }

    /// The number that a text says, if it is one of these and the field has room for it.
    fn number<T: TryFrom<i64>>(&self, text: &str) -> Option<T> {
        let number = text.parse().ok().filter(|number| self.numbers.contains(number))?;
        T::try_from(number).ok()
    }

    /// As [`number`](Self::number), but one text is the word for no limit, which is `None`.
    fn number_unless<T: TryFrom<i64>>(&self, unlimited: &str, text: &str) -> Option<Option<T>> {
        if text == unlimited { Some(None) } else { self.number(text).map(Some) }
    }
}
