//! What a broker's topics are kept by: the broker's settings, and a topic's own on top of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use segment_log::LogConfig;

use super::name::shown;
use crate::api::MAX_ENTRIES;
use crate::error::{Error, ErrorCode, Refusal, Result};

/// The settings of [`Topics`](super::Topics). Names and defaults are Kafka's, but for `max.broker.partitions`, which Kafka does
/// not have.
#[derive(Debug, Clone)]
pub struct TopicsConfig {
    /// `node.id`: this broker's number.
    pub node_id: i32,
    /// `log.dirs`: the data folder.
    pub folder: PathBuf,
    /// `num.partitions`: of a topic for which nobody says how many.
    pub num_partitions: u32,
    /// `default.replication.factor`: likewise.
    pub default_replication_factor: u16,
    /// `max.broker.partitions` (proposed as KIP-578): the most partitions of all topics together. Each has open files.
    pub max_partitions: usize,
    /// What each partition's log is kept by, where its topic sets nothing else.
    pub log: LogConfig,
}

impl TopicsConfig {
    /// The defaults, with the data in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        TopicsConfig {
            node_id: 1,
            folder: folder.into(),
            num_partitions: 1,
            default_replication_factor: 1,
            max_partitions: MAX_ENTRIES,
            log: LogConfig::default(),
        }
    }

    /// The settings, if topics can be kept by them.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting and its range; those of [`LogConfig::checked`].
    pub fn checked(mut self) -> Result<Self> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        let (partitions, copies, most) = (self.num_partitions, self.default_replication_factor, self.max_partitions);
        must(self.node_id >= 0, "node.id", self.node_id.to_string(), "it is at least 0")?;
        let is_count = |count: usize| (1..=MAX_ENTRIES).contains(&count);
        must(is_count(partitions as usize), "num.partitions", partitions.to_string(), "it is from 1 to 10000")?;
        must(copies >= 1, "default.replication.factor", copies.to_string(), "it is at least 1")?;
        must(is_count(most), "max.broker.partitions", most.to_string(), "it is from 1 to 10000")?;
        self.log = self.log.checked()?;
        Ok(self)
    }
}

/// The settings of a topic's logs: `defaults`, with `configs` on top.
///
/// # Errors
///
/// [`InvalidConfig`](ErrorCode::InvalidConfig), which names the setting and the rule.
pub fn log_config(defaults: &LogConfig, configs: &BTreeMap<String, String>) -> Result<LogConfig, Refusal> {
    // No setting has a longer name, nor a longer value. What is longer would be kept, and told to everybody, for good.
    const MOST: usize = 128;
    let mut config = defaults.clone();
    for (key, value) in configs {
        if key.len().max(value.len()) > MOST {
            let rule = format!("`{}` has more than {MOST} bytes, or its value has", shown(key));
            return Err(ErrorCode::InvalidConfig.because(format!("the setting {rule}")));
        }
        config.set(key, value)?;
    }
    config.checked().map_err(Refusal::from)
}
