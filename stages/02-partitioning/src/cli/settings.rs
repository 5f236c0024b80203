//! The broker's settings: their keys in Kafka, what each may be, and what it sets.
//!
//! A topic's settings stand among them, by the same keys: what is set here holds for every topic that does not set it
//! itself. (Kafka has two names for these: `retention.ms` of a topic is `log.retention.ms` of a broker.)

use std::ops::RangeInclusive;
use std::time::Duration;

use partitioning::BrokerConfig;
use segment_log::LogConfig;

use super::assignment;

/// A setting of the broker itself. All of them are numbers.
struct Setting {
    key: &'static str,
    default: u64,
    range: RangeInclusive<u64>,
    about: &'static str,
    /// Sets it to a number within the range.
    set: fn(&mut BrokerConfig, u64),
}

/// What Kafka calls an `int` ends here.
const INT: u64 = i32::MAX as u64;
const SHORT: u64 = i16::MAX as u64;
/// Timers run for up to 49 days, and memory is counted up to 4 GiB.
const U32: u64 = u32::MAX as u64;

const SETTINGS: &[Setting] = &[
    Setting {
        key: "num.partitions",
        default: 1,
        range: 1..=10_000,
        about: "partitions of a new topic, if nobody says how many",
        set: |config, number| config.topics.num_partitions = number as u32,
    },
    Setting {
        key: "default.replication.factor",
        default: 1,
        range: 1..=SHORT,
        about: "copies of each partition of a new topic, if nobody says how many",
        set: |config, number| config.topics.default_replication_factor = number as u16,
    },
    Setting {
        key: "max.broker.partitions",
        default: 10_000,
        range: 1..=10_000,
        about: "partitions of all topics together",
        set: |config, number| config.topics.max_partitions = number as usize,
    },
    Setting {
        key: "max.connections",
        default: 1_000,
        range: 1..=INT,
        about: "connections at once; more are closed as they come",
        set: |config, number| config.limits.max_connections = number as usize,
    },
    Setting {
        key: "connections.max.idle.ms",
        default: 600_000,
        range: 1..=U32,
        about: "a connection is closed if it asks nothing for so many milliseconds",
        set: |config, number| config.limits.idle = Duration::from_millis(number),
    },
    Setting {
        key: "socket.request.max.bytes",
        default: 100 << 20,
        range: 1024..=INT,
        about: "the longest request",
        set: |config, number| config.limits.max_frame = number as usize,
    },
    Setting {
        key: "queued.max.request.bytes",
        default: 512 << 20,
        range: 1..=U32,
        about: "bytes of requests that were read and not yet answered, of all connections",
        set: |config, number| config.limits.request_memory = number as usize,
    },
    Setting {
        key: "fetch.max.bytes",
        default: 55 << 20,
        range: 1024..=INT,
        about: "bytes of records in one answer, whatever a consumer asks for",
        set: |config, number| config.service.fetch_max_bytes = number as usize,
    },
    Setting {
        key: "log.retention.check.interval.ms",
        default: 300_000,
        range: 1..=U32,
        about: "how often old segments are looked for, in milliseconds",
        set: |config, number| config.housekeeping = Duration::from_millis(number),
    },
];

impl Setting {
    fn rule(&self) -> String {
        format!("it is from {} to {}", self.range.start(), self.range.end())
    }
}

/// Changes one setting.
///
/// # Errors
///
/// A sentence that names the setting and the rule, or the settings that there are.
pub(crate) fn set(config: &mut BrokerConfig, key: &str, value: &str) -> Result<(), String> {
    if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) {
        let number = value.parse().ok().filter(|number| setting.range.contains(number));
        let number = number.ok_or_else(|| format!("{key} is {value}, and {}", setting.rule()))?;
        (setting.set)(config, number);
        return Ok(());
    }
    if LogConfig::SETTINGS.iter().any(|setting| setting.key == key) {
        return config.topics.log.set(key, value).map_err(|error| error.to_string());
    }
    let known = SETTINGS.iter().map(|setting| setting.key);
    let known: Vec<_> = known.chain(LogConfig::SETTINGS.iter().map(|setting| setting.key)).collect();
    Err(format!("there is no setting {key}; there are {}", known.join(", ")))
}

/// Reads `key=value`, if a broker can be set so.
pub(crate) fn parse(text: &str) -> Result<(String, String), String> {
    let (key, value) = assignment(text)?;
    set(&mut BrokerConfig::new("", ""), &key, &value)?;
    Ok((key, value))
}

/// All settings with their defaults, for a help text.
pub(crate) fn help() -> String {
    let own = SETTINGS.iter().map(|setting| (setting.key, setting.default.to_string(), setting.about));
    let topics = LogConfig::SETTINGS.iter().map(|setting| (setting.key, setting.default.to_owned(), setting.about));
    format!(
        "The broker's settings:\n{}\n\nTopics' settings, where a topic has none of its own:\n{}",
        list(own),
        list(topics)
    )
}

fn list(settings: impl Iterator<Item = (&'static str, String, &'static str)>) -> String {
    let entry = |(key, default, about)| format!("  {key}={default}\n      {about}");
    settings.map(entry).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_what_they_are_said_to_be() {
        let told = |config: &BrokerConfig| format!("{:?}", BrokerConfig { seed: 0, ..config.clone() });
        let default = BrokerConfig::new("data", "127.0.0.1:0");
        let mut config = default.clone();
        for setting in SETTINGS {
            set(&mut config, setting.key, &setting.default.to_string()).unwrap();
        }
        assert_eq!(told(&config), told(&default));
    }

    #[test]
    fn every_setting_sets_something() {
        for setting in SETTINGS {
            let before = format!("{:?}", BrokerConfig { seed: 0, ..BrokerConfig::new("data", "127.0.0.1:0") });
            let mut config = BrokerConfig { seed: 0, ..BrokerConfig::new("data", "127.0.0.1:0") };
            set(&mut config, setting.key, "1234").unwrap();
            assert_ne!(format!("{config:?}"), before, "{}", setting.key);
        }
    }

    #[test]
    fn what_is_out_of_range_is_told_with_the_rule() {
        for setting in SETTINGS {
            for wrong in ["", "-1", "0", "99999999999", "1e3", "many"] {
                let expected = format!("{} is {wrong}, and {}", setting.key, setting.rule());
                assert_eq!(parse(&format!("{}={wrong}", setting.key)), Err(expected));
            }
        }
        assert_eq!(
            parse("segment.bytes=0"),
            Err("segment.bytes is 0, and it is from 1 to 2147483647".to_owned()),
            "a topic's setting has its own rule"
        );
        let unknown = parse("retention=1").unwrap_err();
        assert!(unknown.starts_with("there is no setting retention; there are num.partitions, "), "{unknown}");
        assert!(unknown.ends_with("flush.messages, flush.ms"), "{unknown}");
        assert!(parse("retention").unwrap_err().contains("key=value"));
    }
}
