//! The settings of a broker and of the controller.
//!
//! Some are both's: whoever elects and whoever leads must go by the same `min.insync.replicas`, and topics are judged by the
//! one with the settings that the other keeps them by. Whoever sets them for one sets them for the other.

use partitioning::cli::settings::{self, INT, SHORT, Setting, Settings, U32};

use super::stage::Stage;
use crate::broker::BrokerConfig;
use crate::controller::election::UncleanRecovery;
use crate::controller::process::ControllerProcessConfig;
use crate::topic_config::MIN_IN_SYNC;

/// What a broker is told by `--set`.
pub fn of_broker() -> Settings<BrokerConfig> {
    let mut own = replicas();
    own.extend(membership());
    own.push(Setting::millis(
        "log.retention.check.interval.ms",
        300_000,
        "how often old segments are looked for, in milliseconds",
        |config: &mut BrokerConfig, time| config.housekeeping = time,
    ));
    own.extend(settings::limits(|config: &mut BrokerConfig| &mut config.limits));
    own.push(settings::service(|config: &mut BrokerConfig| &mut config.service));
    Settings { own, log: |config| &mut config.manager.log }
}

fn replicas() -> Vec<Setting<BrokerConfig>> {
    vec![
        Setting::number(
            MIN_IN_SYNC,
            1,
            1..=INT,
            "with fewer replicas in sync nothing is committed; the controller's must be the same",
            |config: &mut BrokerConfig, number| config.manager.min_in_sync = number as usize,
        ),
        Setting::millis(
            "replica.lag.time.max.ms",
            30_000,
            "for how long a replica may not have caught up and still be in sync",
            |config: &mut BrokerConfig, time| config.manager.lag_time_max = time,
        ),
        Setting::number(
            "replica.fetch.max.bytes",
            1 << 20,
            1..=INT,
            "bytes of one partition in an answer to a follower",
            |config: &mut BrokerConfig, number| config.fetcher.partition_bytes = number as u32,
        ),
        Setting::number(
            "replica.fetch.response.max.bytes",
            10 << 20,
            1..=INT,
            "bytes of all partitions in an answer to a follower",
            |config: &mut BrokerConfig, number| config.fetcher.answer_bytes = number as u32,
        ),
        Setting::millis(
            "replica.fetch.backoff.ms",
            1_000,
            "how long a partition rests that could not be copied",
            |config: &mut BrokerConfig, time| config.fetcher.backoff = time,
        ),
        Setting::millis(
            "replica.socket.timeout.ms",
            30_000,
            "how long a leader may take to answer a follower",
            |config: &mut BrokerConfig, time| config.fetcher.client.request_timeout = time,
        ),
        Setting::millis(
            "replica.high.watermark.checkpoint.interval.ms",
            5_000,
            "how often high watermarks are written down",
            |config: &mut BrokerConfig, time| config.keep_high_watermarks = time,
        ),
    ]
}

fn membership() -> Vec<Setting<BrokerConfig>> {
    vec![
        Setting::millis(
            "broker.heartbeat.interval.ms",
            2_000,
            "how often the controller is told that this broker is alive",
            |config: &mut BrokerConfig, time| config.heartbeat = time,
        ),
        Setting::millis(
            "request.timeout.ms",
            5_000,
            "how long the controller may take to answer (30000 in Kafka)",
            |config: &mut BrokerConfig, time| config.controller_timeout = time,
        ),
    ]
}

/// What the controller is told by `--set`.
pub fn of_controller() -> Settings<ControllerProcessConfig> {
    let mut own = new_topics();
    own.extend(elections());
    own.extend(settings::limits(|config: &mut ControllerProcessConfig| &mut config.limits));
    Settings { own, log: |config| &mut config.controller.log }
}

fn new_topics() -> Vec<Setting<ControllerProcessConfig>> {
    vec![
        Setting::number(
            "num.partitions",
            1,
            1..=10_000,
            "partitions of a new topic, if nobody says how many",
            |config: &mut ControllerProcessConfig, number| config.controller.num_partitions = number as u32,
        ),
        Setting::number(
            "default.replication.factor",
            1,
            1..=SHORT,
            "copies of each partition of a new topic, if nobody says how many",
            |config: &mut ControllerProcessConfig, number| {
                config.controller.default_replication_factor = number as u16;
            },
        ),
        Setting::number(
            "max.broker.partitions",
            10_000,
            1..=10_000,
            "partitions of all topics together",
            |config: &mut ControllerProcessConfig, number| config.controller.max_partitions = number as usize,
        ),
        Setting::number(
            MIN_IN_SYNC,
            1,
            1..=INT,
            "with fewer replicas in sync nothing is committed; the brokers' must be the same",
            |config: &mut ControllerProcessConfig, number| config.controller.topic.min_in_sync = number as usize,
        ),
    ]
}

fn elections() -> Vec<Setting<ControllerProcessConfig>> {
    vec![
        Setting::millis(
            "broker.session.timeout.ms",
            9_000,
            "how long a broker may be silent and still be alive",
            |config: &mut ControllerProcessConfig, time| config.controller.session_timeout = time,
        ),
        Setting::flag(
            crate::topic_config::UNCLEAN,
            false,
            "if nobody who is in sync is alive, anybody may lead, and what only others have is lost",
            |config: &mut ControllerProcessConfig, flag| config.controller.topic.unclean = flag,
        ),
        Setting::choice(
            "unclean.recovery.strategy",
            "Balanced",
            &[("None", UncleanRecovery::None), ("Balanced", UncleanRecovery::Balanced)],
            "nobody is sure to have everything: None waits, Balanced lets the last leader lead (KIP-966)",
            |config: &mut ControllerProcessConfig, recovery| config.controller.unclean_recovery = recovery,
        ),
        Setting::flag(
            "auto.leader.rebalance.enable",
            true,
            "whether leadership goes back to preferred leaders by itself",
            |config: &mut ControllerProcessConfig, flag| config.controller.auto_leader_rebalance = flag,
        ),
        Setting::number(
            "leader.imbalance.check.interval.seconds",
            300,
            1..=U32 / 1000,
            "how often it does",
            |config: &mut ControllerProcessConfig, number| {
                config.controller.leader_imbalance_check_interval = std::time::Duration::from_secs(number);
            },
        ),
        Setting::number(
            "eligible.leader.replicas.version",
            1,
            0..=1,
            "at 1 there is a second row of replicas that may lead (KIP-966)",
            |config: &mut ControllerProcessConfig, number| config.controller.eligible_leader_replicas = number == 1,
        ),
    ]
}

/// Reads `key=value`, if a broker can be set so.
pub(super) fn parse_broker<S: Stage>(text: &str) -> Result<(String, String), String> {
    S::broker_settings().parse(text, BrokerConfig::new(0, "", "", "").into())
}

/// Reads `key=value`, if the controller can be set so.
pub(super) fn parse_controller(text: &str) -> Result<(String, String), String> {
    of_controller().parse(text, ControllerProcessConfig::new("", ""))
}

/// Reads `key=value`, if one of the two can be set so.
pub(super) fn parse_either<S: Stage>(text: &str) -> Result<(String, String), String> {
    let key = text.split_once('=').map_or(text, |(key, _)| key);
    let (broker, controller) = (S::broker_settings(), of_controller());
    match (broker.keys().contains(&key), controller.keys().contains(&key)) {
        (true, true) => parse_broker::<S>(text).and_then(|_| parse_controller(text)),
        (true, false) => parse_broker::<S>(text),
        (false, true) => parse_controller(text),
        (false, false) => {
            let (mut keys, more) = (controller.keys(), broker.keys());
            keys.extend(more.into_iter().filter(|key| !controller.keys().contains(key)));
            match text.contains('=') {
                true => Err(format!("there is no setting {key}; there are {}", keys.join(", "))),
                false => parse_broker::<S>(text),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::super::stage::Replication;
    use super::*;

    fn parse_either(text: &str) -> Result<(String, String), String> {
        super::parse_either::<Replication>(text)
    }

    fn broker() -> BrokerConfig {
        BrokerConfig { incarnation: 0, ..BrokerConfig::new(1, "data", "127.0.0.1:0", "127.0.0.1:1") }
    }

    fn controller() -> ControllerProcessConfig {
        ControllerProcessConfig { seed: 0, ..ControllerProcessConfig::new("data", "127.0.0.1:0") }
    }

    fn defaults_are_as_said<C: Debug>(settings: &Settings<C>, default: impl Fn() -> C) {
        let mut config = default();
        for setting in &settings.own {
            settings.set(&mut config, setting.key, &setting.default).unwrap();
        }
        assert_eq!(format!("{config:?}"), format!("{:?}", default()));
    }

    fn each_sets_something<C: Debug>(settings: &Settings<C>, default: impl Fn() -> C) {
        for setting in &settings.own {
            let other = match (setting.default.as_str(), setting.key) {
                ("true", _) => "false",
                ("false", _) => "true",
                (_, "eligible.leader.replicas.version") => "0",
                (_, "unclean.recovery.strategy") => "None",
                _ => "1234",
            };
            let mut config = default();
            settings.set(&mut config, setting.key, other).unwrap();
            assert_ne!(format!("{config:?}"), format!("{:?}", default()), "{}", setting.key);
        }
    }

    #[test]
    fn defaults_are_what_they_are_said_to_be() {
        defaults_are_as_said(&of_broker(), broker);
        defaults_are_as_said(&of_controller(), controller);
    }

    #[test]
    fn every_setting_sets_something() {
        each_sets_something(&of_broker(), broker);
        each_sets_something(&of_controller(), controller);
    }

    #[test]
    fn what_cannot_be_is_told_with_the_rule() {
        for (text, rule) in [
            ("min.insync.replicas=0", "min.insync.replicas is 0, and it is from 1 to 2147483647"),
            ("unclean.leader.election.enable=no", "unclean.leader.election.enable is no, and it is true or false"),
            ("eligible.leader.replicas.version=2", "eligible.leader.replicas.version is 2, and it is from 0 to 1"),
            (
                "unclean.recovery.strategy=Aggressive",
                "unclean.recovery.strategy is Aggressive, and it is None or Balanced",
            ),
            ("broker.heartbeat.interval.ms=0", "broker.heartbeat.interval.ms is 0, and it is from 1 to 4294967295"),
            ("segment.bytes=0", "segment.bytes is 0, and it is from 1 to 2147483647"),
        ] {
            assert_eq!(parse_either(text), Err(rule.to_owned()));
        }
        let unknown = parse_either("retention=1").unwrap_err();
        assert!(unknown.starts_with("there is no setting retention; there are num.partitions, "), "{unknown}");
        for key in ["broker.session.timeout.ms", "replica.lag.time.max.ms", "flush.ms"] {
            assert_eq!(unknown.matches(&format!(" {key}")).count(), 1, "{unknown}");
        }
        assert!(parse_either("retention").unwrap_err().contains("key=value"));
        assert!(
            parse_broker::<Replication>("broker.session.timeout.ms=1").is_err()
                && parse_controller("replica.lag.time.max.ms=1").is_err()
        );
    }
}
