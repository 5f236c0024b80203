//! What a broker's replicas are kept by.

use std::time::Duration;

use partitioning::error::Refusal;
use partitioning::topics::catalogue::TopicRecord;
use partitioning::topics::log_config;
use segment_log::LogConfig;

use crate::topic_config::TopicSettings;
use crate::truncation::Truncation;

/// Names and defaults are Kafka's.
#[derive(Debug, Clone)]
pub struct ManagerConfig {
    /// `node.id`: this broker's number.
    pub node_id: i32,
    /// What each partition's log is kept by, where its topic sets nothing else.
    pub log: LogConfig,
    /// `min.insync.replicas`, where the topic sets nothing else.
    pub min_in_sync: usize,
    /// `replica.lag.time.max.ms`: for how long a replica may not have caught up and still be in sync.
    pub lag_time_max: Duration,
    /// How a follower finds where its log and its leader's part.
    pub truncation: Truncation,
}

impl ManagerConfig {
    /// The defaults, for broker `node_id`.
    pub fn new(node_id: i32) -> Self {
        ManagerConfig {
            node_id,
            log: LogConfig::default(),
            min_in_sync: 1,
            lag_time_max: Duration::from_secs(30),
            truncation: Truncation::default(),
        }
    }

    /// What a topic's replicas go by, where it sets nothing else.
    pub(super) fn defaults(&self) -> TopicSettings {
        TopicSettings { min_in_sync: self.min_in_sync, ..TopicSettings::default() }
    }

    /// What the logs of a topic are kept by: its own settings, on top of these.
    ///
    /// # Errors
    ///
    /// [`InvalidConfig`](partitioning::ErrorCode::InvalidConfig).
    pub(super) fn log_of(&self, topic: &TopicRecord) -> Result<LogConfig, Refusal> {
        let (_, log) = TopicSettings::split(&topic.configs, self.defaults())?;
        log_config(&self.log, &log)
    }
}
