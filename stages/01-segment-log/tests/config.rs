//! Settings by their keys in Kafka.

use std::sync::Arc;

use segment_log::{EveryMessages, FlushLimits, FlushPolicy, LogConfig, Setting, Unflushed};

/// What the settings are, but for the policy of flushing.
fn all_but_flush(config: &LogConfig) -> String {
    format!("{:?}", LogConfig { flush: Arc::new(FlushLimits::default()), ..config.clone() })
}

fn is_due(config: &LogConfig, messages: u64, waited: i64) -> bool {
    config.flush.is_due(&Unflushed { messages, bytes: 100 * messages, since: 5_000, now: 5_000 + waited })
}

#[test]
fn every_setting_can_be_set() {
    let mut config = LogConfig::default();
    for (key, value) in [
        ("segment.bytes", "2147483647"),
        ("segment.ms", "1"),
        ("segment.index.bytes", "24"),
        ("index.interval.bytes", "0"),
        ("max.message.bytes", "1000"),
        ("retention.bytes", "0"),
        ("retention.ms", "9223372036854775807"),
        ("message.timestamp.type", "LogAppendTime"),
        ("flush.messages", "3"),
        ("flush.ms", "0"),
    ] {
        config.set(key, value).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!((config.segment_bytes, config.segment_ms, config.segment_index_bytes), (i32::MAX as u32, 1, 24));
    assert_eq!((config.index_interval_bytes, config.max_message_bytes), (0, 1_000));
    assert_eq!((config.retention_bytes, config.retention_ms), (Some(0), Some(i64::MAX)));
    assert!(config.log_append_time);
    assert_eq!(format!("{:?}", config.flush), "FlushLimits { messages: Some(3), ms: Some(0) }");
    assert!(config.checked().is_ok());
}

#[test]
fn the_defaults_that_are_told_are_those_that_hold() {
    for &Setting { key, default, .. } in LogConfig::SETTINGS {
        let mut config = LogConfig::default();
        config.set(key, default).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(all_but_flush(&config), all_but_flush(&LogConfig::default()), "{key}={default}");
        assert!(!is_due(&config, 1 << 50, 1 << 50), "{key}={default}: the system flushes when it likes");
    }
}

#[test]
fn a_value_out_of_range_is_refused_and_nothing_changed() {
    for (key, values) in [
        ("segment.bytes", &["0", "2147483648", "-1", "1.5", "10MiB", ""][..]),
        ("segment.ms", &["0", "-1", "9223372036854775808", "10s"]),
        ("segment.index.bytes", &["23", "2147483648"]),
        ("index.interval.bytes", &["-1", "4294967296"]),
        ("max.message.bytes", &["-1", "2147483648"]),
        ("retention.bytes", &["-2", "all", "18446744073709551615"]),
        ("retention.ms", &["-2", "7d"]),
        ("message.timestamp.type", &["createtime", "", "0"]),
        ("flush.messages", &["0", "-1", "9223372036854775808"]),
        ("flush.ms", &["-1", "never"]),
    ] {
        let setting = LogConfig::SETTINGS.iter().find(|setting| setting.key == key).expect(key);
        for value in values {
            let mut config = LogConfig::default();
            let error = config.set(key, value).expect_err(value);
            assert_eq!(error.to_string(), format!("{key} is {value}, and {}", setting.rule));
            assert!(error.is_invalid());
            assert_eq!(format!("{config:?}"), format!("{:?}", LogConfig::default()));
        }
    }
}

#[test]
fn a_setting_that_there_is_not_is_named() {
    for key in ["segment.byte", "SEGMENT.BYTES", "", "cleanup.policy", "log.segment.bytes"] {
        let error = LogConfig::default().set(key, "1").expect_err(key);
        assert_eq!(error.to_string(), format!("{key} is 1, and a log has no such setting"));
    }
}

#[test]
fn no_limit_has_a_word() {
    let mut config = LogConfig { retention_bytes: Some(1), retention_ms: Some(1), ..LogConfig::default() };
    config.set("retention.bytes", "-1").expect("it is the word for none");
    config.set("retention.ms", "-1").expect("it is the word for none");
    assert_eq!((config.retention_bytes, config.retention_ms), (None, None));
}

#[test]
fn both_flush_settings_hold_at_once() {
    let mut config = LogConfig::default();
    config.set("flush.messages", "3").expect("it is in range");
    assert_eq!([is_due(&config, 2, 1_000_000), is_due(&config, 3, 0)], [false, true]);
    config.set("flush.ms", "1000").expect("it is in range");
    assert_eq!([is_due(&config, 2, 999), is_due(&config, 3, 0), is_due(&config, 1, 1_000)], [false, true, true]);
    config.set("flush.messages", "9223372036854775807").expect("it is in range");
    assert_eq!([is_due(&config, 3, 999), is_due(&config, 1, 1_000)], [false, true], "the other stays");
}

#[test]
fn a_key_replaces_a_policy_that_a_program_brought() {
    let policy: Arc<dyn FlushPolicy> = Arc::new(EveryMessages(1));
    let mut config = LogConfig { flush: policy, ..LogConfig::default() };
    config.set("flush.ms", "1000").expect("it is in range");
    assert_eq!([is_due(&config, 1, 999), is_due(&config, 1, 1_000)], [false, true]);
}
