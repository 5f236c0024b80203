//! The broker's settings.

use partitioning::BrokerConfig;
use partitioning::cli::settings::{self, SHORT, Setting, Settings};

/// What can be set by `--set`.
pub(super) fn all() -> Settings<BrokerConfig> {
    let mut own = topics();
    own.extend(settings::limits(|config: &mut BrokerConfig| &mut config.limits));
    own.push(settings::service(|config: &mut BrokerConfig| &mut config.service));
    own.push(Setting::millis(
        "log.retention.check.interval.ms",
        300_000,
        "how often old segments are looked for, in milliseconds",
        |config: &mut BrokerConfig, time| config.housekeeping = time,
    ));
    Settings { own, log: |config| &mut config.topics.log }
}

fn topics() -> Vec<Setting<BrokerConfig>> {
    vec![
        Setting::number(
            "num.partitions",
            1,
            1..=10_000,
            "partitions of a new topic, if nobody says how many",
            |config: &mut BrokerConfig, number| config.topics.num_partitions = number as u32,
        ),
        Setting::number(
            "default.replication.factor",
            1,
            1..=SHORT,
            "copies of each partition of a new topic, if nobody says how many",
            |config: &mut BrokerConfig, number| config.topics.default_replication_factor = number as u16,
        ),
        Setting::number(
            "max.broker.partitions",
            10_000,
            1..=10_000,
            "partitions of all topics together",
            |config: &mut BrokerConfig, number| config.topics.max_partitions = number as usize,
        ),
    ]
}

/// Reads `key=value`, if a broker can be set so.
pub(super) fn parse(text: &str) -> Result<(String, String), String> {
    all().parse(text, BrokerConfig::new("", ""))
}

/// All settings with their defaults, for a help text.
pub(super) fn help() -> String {
    format!("{}\n\n{}", all().help("The broker's"), settings::topics_help())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default() -> BrokerConfig {
        BrokerConfig { seed: 0, ..BrokerConfig::new("data", "127.0.0.1:0") }
    }

    #[test]
    fn defaults_are_what_they_are_said_to_be() {
        let (settings, mut config) = (all(), default());
        for setting in &settings.own {
            settings.set(&mut config, setting.key, &setting.default).unwrap();
        }
        assert_eq!(format!("{config:?}"), format!("{:?}", default()));
    }

    #[test]
    fn every_setting_sets_something() {
        let settings = all();
        for setting in &settings.own {
            let mut config = default();
            settings.set(&mut config, setting.key, "1234").unwrap();
            assert_ne!(format!("{config:?}"), format!("{:?}", default()), "{}", setting.key);
        }
    }

    #[test]
    fn what_is_out_of_range_is_told_with_the_rule() {
        for setting in all().own {
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
