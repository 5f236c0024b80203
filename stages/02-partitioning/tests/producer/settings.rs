//! Settings that cannot be are named, with their rules.

use std::time::Duration;

use partitioning::producer::{Producer, ProducerConfig};
use partitioning::{ClientConfig, Cluster};

use crate::cables::Cables;
use crate::support::{config, host};

fn told(change: impl FnOnce(&mut ProducerConfig)) -> String {
    let cluster = Cluster::new(host(Cables::default()), ClientConfig::new("broker-1:9092")).unwrap();
    let mut config = config();
    change(&mut config);
    Producer::new(cluster, config).map_or_else(|error| error.to_string(), |_| "taken".to_owned())
}

#[tokio::test]
async fn each_bad_setting_is_named() {
    let too_long = Duration::from_millis(1 << 31);
    let int = "it is from 0 to 2147483647";
    let frame = "with 4194304 bytes for names it fits into a frame of the client";
    for (found, expected) in [
        (told(|config| config.batch_size = 1 << 31), format!("batch.size is 2147483648, and {int}")),
        (told(|config| config.linger = too_long), format!("linger.ms is 2147483648, and {int}")),
        (told(|config| config.max_block = too_long), format!("max.block.ms is 2147483648, and {int}")),
        (told(|config| config.buffer_memory = 0), "buffer.memory is 0, and it is from 1 to 4294967295".to_owned()),
        (
            told(|config| config.buffer_memory = 1 << 32),
            "buffer.memory is 4294967296, and it is from 1 to 4294967295".to_owned(),
        ),
        (
            told(|config| config.max_request_size = 0),
            "max.request.size is 0, and it is from 1 to 2147483647".to_owned(),
        ),
        (told(|config| config.max_request_size = 1 << 30), format!("max.request.size is 1073741824, and {frame}")),
        (
            told(|config| config.max_request_size = (96 << 20) + 1),
            format!("max.request.size is 100663297, and {frame}"),
        ),
        (
            told(|config| config.max_in_flight = 0),
            "max.in.flight.requests.per.connection is 0, and it is from 1 to 100".to_owned(),
        ),
        (
            told(|config| config.max_in_flight = 101),
            "max.in.flight.requests.per.connection is 101, and it is from 1 to 100".to_owned(),
        ),
        (
            told(|config| config.retry_backoff.first = Duration::ZERO),
            "retry.backoff.ms is 0, and it is at least 1".to_owned(),
        ),
        (
            told(|config| config.reconnect_backoff.first = Duration::ZERO),
            "reconnect.backoff.ms is 0, and it is at least 1".to_owned(),
        ),
        (
            told(|config| config.reconnect_backoff.first = Duration::from_secs(2)),
            "reconnect.backoff.ms is 2000, and it is at most the setting of the same name with `.max`".to_owned(),
        ),
    ] {
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn settings_at_their_edges_are_taken() {
    let longest = Duration::from_millis((1 << 31) - 1);
    assert_eq!(told(|config| config.batch_size = 0), "taken");
    assert_eq!(told(|config| config.batch_size = (1 << 31) - 1), "taken");
    assert_eq!(told(|config| (config.linger, config.max_block) = (longest, longest)), "taken");
    assert_eq!(told(|config| (config.linger, config.max_block) = (Duration::ZERO, Duration::ZERO)), "taken");
    assert_eq!(told(|config| config.buffer_memory = u32::MAX as usize), "taken");
    assert_eq!(told(|config| config.max_request_size = 96 << 20), "taken");
    assert_eq!(told(|config| config.max_in_flight = 100), "taken");
}

#[test]
fn the_defaults_are_kafkas() {
    let ProducerConfig { batch_size, linger, buffer_memory, max_block, max_request_size, max_in_flight, .. } =
        ProducerConfig::default();
    assert_eq!((batch_size, buffer_memory, max_request_size, max_in_flight), (16_384, 33_554_432, 1_048_576, 5));
    assert_eq!((linger, max_block), (Duration::from_millis(5), Duration::from_secs(60)));
}
