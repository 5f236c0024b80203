//! The log's settings, by the names that they have in Kafka.

use std::error::Error;
use std::sync::Arc;

use segment_log::{LogConfig, PageCache};

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
        if key.starts_with("flush.") {
            // In a story one policy is looked at alone: the setting that came last counts.
            self.0.flush = Arc::new(PageCache);
        }
        match key.ends_with(".ms") {
            true => self.0.set(key, &value.parse::<Millis>()?.0.to_string())?,
            false => self.0.set(key, value)?,
        }
        Ok(())
    }
}
