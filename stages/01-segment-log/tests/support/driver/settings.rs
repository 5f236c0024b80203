//! The log's settings, by the names that they have in Kafka.

use std::error::Error;
use std::sync::Arc;

use segment_log::{EveryAppend, EveryMessages, EveryMillis, LogConfig, PageCache};

use super::text::Millis;

/// Settings that stay until they are changed.
pub(super) struct Settings(LogConfig);

impl Default for Settings {
    /// Kafka's, but for the room that each index file takes: 4 KiB instead of 10 MiB, as every step looks at all files.
    fn default() -> Self {
        Settings(LogConfig { segment_index_bytes: 4096, ..LogConfig::default() })
    }
}

impl Settings {
    pub(super) fn config(&self) -> LogConfig {
        self.0.clone()
    }

    /// Bytes that the index of an active segment takes, entries and room for more.
    pub(super) fn index_room(&self) -> usize {
        self.0.segment_index_bytes as usize
    }

    pub(super) fn change(&mut self, pairs: &[(&str, &str)]) -> Result<(), Box<dyn Error>> {
        for (key, value) in pairs {
            self.set(key, value).map_err(|error| format!("{key}={value}: {error}"))?;
        }
        Ok(())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
        let config = &mut self.0;
        let millis = || value.parse::<Millis>().map(|Millis(number)| number);
        let unlimited = value == "-1";
        match key {
            "segment.bytes" => config.segment_bytes = value.parse()?,
            "segment.ms" => config.segment_ms = millis()?,
            "segment.index.bytes" => config.segment_index_bytes = value.parse()?,
            "index.interval.bytes" => config.index_interval_bytes = value.parse()?,
            "max.message.bytes" => config.max_message_bytes = value.parse()?,
            "retention.bytes" => config.retention_bytes = if unlimited { None } else { Some(value.parse()?) },
            "retention.ms" => config.retention_ms = if unlimited { None } else { Some(millis()?) },
            "message.timestamp.type" => {
                config.log_append_time = match value {
                    "LogAppendTime" => true,
                    "CreateTime" => false,
                    _ => return Err("it is CreateTime or LogAppendTime".into()),
                }
            }
            // One policy at a time: the setting that came last counts.
            "flush.messages" if unlimited => config.flush = Arc::new(PageCache),
            "flush.messages" => {
                config.flush = match value.parse()? {
                    1 => Arc::new(EveryAppend),
                    messages => Arc::new(EveryMessages(messages)),
                }
            }
            "flush.ms" => config.flush = Arc::new(EveryMillis(millis()?)),
            _ => return Err("this log has no such setting".into()),
        }
        Ok(())
    }
}
