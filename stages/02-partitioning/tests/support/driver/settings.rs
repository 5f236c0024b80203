//! The broker's settings, by Kafka's names. They stay until they are changed.

use std::error::Error;
use std::time::Duration;

use partitioning::BrokerConfig;

use super::text::Millis;

#[derive(Debug, Clone, Default)]
pub(super) struct Settings(Vec<(String, String)>);

impl Settings {
    /// Notes settings for the next start. Each is tried at once.
    pub(super) fn change(&mut self, pairs: &[(&str, &str)]) -> Result<(), Box<dyn Error>> {
        for (key, value) in pairs {
            set(&mut BrokerConfig::new("data", "broker:9092"), key, value)
                .map_err(|error| format!("{key}={value}: {error}"))?;
            self.0.push(((*key).to_owned(), (*value).to_owned()));
        }
        Ok(())
    }

    pub(super) fn apply(&self, config: &mut BrokerConfig) {
        // Small index files, as every step of a story looks at all files; and nothing goes while a story does not ask.
        config.topics.log.segment_index_bytes = 4096;
        for (key, value) in &self.0 {
            set(config, key, value).expect("it was tried");
        }
    }
}

fn set(config: &mut BrokerConfig, key: &str, value: &str) -> Result<(), Box<dyn Error>> {
    let time = || value.parse::<Millis>().map(|Millis(time)| Duration::from_millis(time.unsigned_abs()));
    match key {
        "max.connections" => config.limits.max_connections = value.parse()?,
        "socket.request.max.bytes" => config.limits.max_frame = value.parse()?,
        "connections.max.idle.ms" => config.limits.idle = time()?,
        "log.retention.check.interval.ms" => config.housekeeping = time()?,
        "num.partitions" => config.topics.num_partitions = value.parse()?,
        "max.broker.partitions" => config.topics.max_partitions = value.parse()?,
        _ => config.topics.log.set(key, value)?,
    }
    Ok(())
}
