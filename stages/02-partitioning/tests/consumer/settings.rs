//! What a consumer may be told.

use std::sync::Arc;
use std::time::Duration;

use partitioning::ClientConfig;
use partitioning::consumer::{Backoff, ConsumerConfig, Polling};

fn client() -> ClientConfig {
    ClientConfig::new("broker-1:9092")
}

#[test]
fn the_defaults_are_kafkas() {
    let config = ConsumerConfig::default().checked(&client()).unwrap();
    assert_eq!((config.fetch_max_bytes, config.max_partition_fetch_bytes), (52_428_800, 1_048_576));
    assert_eq!((config.max_poll_records, config.check_crcs), (500, true));
}

#[test]
fn each_setting_has_its_range() {
    type Change = fn(&mut ConsumerConfig);
    let ms = Duration::from_millis;
    let cases: [(Change, &str); 7] = [
        (|config| config.fetch_max_bytes = 0, "fetch.max.bytes is 0, and it is at least 1"),
        (
            |config| config.fetch_max_bytes = u32::MAX,
            "fetch.max.bytes is 4294967295, and with 4194304 bytes for names it fits into a frame of the client",
        ),
        (|config| config.max_partition_fetch_bytes = 0, "max.partition.fetch.bytes is 0, and it is at least 1"),
        (|config| config.max_poll_records = 0, "max.poll.records is 0, and it is at least 1"),
        (
            |config| config.fetching = Arc::new(Polling { rest: Duration::ZERO }),
            "fetch.empty.backoff.ms is 0, and it is at least 1",
        ),
        (|config| config.retry_backoff.first = Duration::ZERO, "retry.backoff.ms is 0, and it is at least 1"),
        (
            |config| config.reconnect_backoff.first = Duration::from_secs(2),
            "reconnect.backoff.ms is 2000, and it is at most the setting of the same name with `.max`",
        ),
    ];
    for (change, rule) in cases {
        let mut config = ConsumerConfig::default();
        change(&mut config);
        assert_eq!(config.checked(&client()).unwrap_err().to_string(), rule);
    }
    let backoff = Backoff { first: ms(50), most: ms(300) };
    assert_eq!([0, 1, 2, 3, 4, u32::MAX].map(|failures| backoff.after(failures)), [50, 50, 100, 200, 300, 300].map(ms));
}
