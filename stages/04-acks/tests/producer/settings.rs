//! Settings by their names in Kafka, their ranges, and how they must fit together.

use acks::api::Acks;
use acks::producer::{AckedConfig, AckedSending};
use partitioning::producer::{Producer, ProducerConfig};
use partitioning::{Backoff, ClientConfig, Cluster};

use crate::cables::Cables;
use crate::support::{host, ms};

/// Whether a producer can be made with these settings, or why not.
fn told(settings: &[(&str, &str)], linger: u64) -> String {
    let mut config = AckedConfig::default();
    for (key, value) in settings {
        if let Err(error) = config.set(key, value) {
            return error.to_string();
        }
    }
    let (mut producer, mut client) = (ProducerConfig::default(), ClientConfig::new("broker-1:9092"));
    producer.linger = ms(linger);
    config.apply(&mut producer, &mut client);
    made(producer, client)
}

fn made(producer: ProducerConfig, client: ClientConfig) -> String {
    let cluster = Cluster::new(host(&Cables::default()), client).unwrap();
    Producer::new(cluster, producer).map_or_else(|error| error.to_string(), |_| "taken".to_owned())
}

#[test]
fn the_defaults_are_kafkas() {
    let AckedConfig { sending, retry_backoff, max_in_flight } = AckedConfig::default();
    let AckedSending { acks, request_timeout, retries, delivery_timeout } = sending;
    assert_eq!((acks, retries, max_in_flight), (Acks::All, 2_147_483_647, 5));
    assert_eq!((request_timeout, delivery_timeout), (ms(30_000), ms(120_000)));
    assert_eq!(retry_backoff, Backoff { first: ms(100), most: ms(1_000) });
}

#[test]
fn each_setting_is_set_by_its_name() {
    let mut config = AckedConfig::default();
    for (key, value) in [
        ("acks", "1"),
        ("retries", "3"),
        ("delivery.timeout.ms", "5000"),
        ("request.timeout.ms", "2000"),
        ("retry.backoff.ms", "50"),
        ("retry.backoff.max.ms", "400"),
        ("max.in.flight.requests.per.connection", "1"),
    ] {
        config.set(key, value).unwrap();
    }
    let sending =
        AckedSending { acks: Acks::Leader, retries: 3, delivery_timeout: ms(5_000), request_timeout: ms(2_000) };
    let retry_backoff = Backoff { first: ms(50), most: ms(400) };
    assert_eq!(config, AckedConfig { sending, retry_backoff, max_in_flight: 1 });
    let (mut producer, mut client) = (ProducerConfig::default(), ClientConfig::new("broker-1:9092"));
    config.apply(&mut producer, &mut client);
    assert_eq!((client.request_timeout, producer.max_in_flight), (ms(2_000), 1));
    assert_eq!((producer.retry_backoff, producer.sending.delivery_timeout()), (retry_backoff, Some(ms(5_000))));
}

#[test]
fn a_value_that_cannot_be_is_named_with_its_rule_and_changes_nothing() {
    const FROM_0: &str = "it is a number from 0 to 2147483647";
    const FROM_1: &str = "it is a number from 1 to 2147483647";
    for (key, value, rule) in [
        ("acks", "2", "it is 0, 1 or all"),
        ("acks", "", "it is 0, 1 or all"),
        ("retries", "-1", FROM_0),
        ("retries", "2147483648", FROM_0),
        ("retries", "many", FROM_0),
        ("delivery.timeout.ms", "0", FROM_1),
        ("delivery.timeout.ms", "2147483648", FROM_1),
        ("request.timeout.ms", "0", FROM_1),
        ("request.timeout.ms", "30s", FROM_1),
        ("retry.backoff.ms", "0", FROM_1),
        ("retry.backoff.max.ms", "-100", FROM_1),
        ("max.in.flight.requests.per.connection", "0", "it is a number from 1 to 100"),
        ("max.in.flight.requests.per.connection", "101", "it is a number from 1 to 100"),
    ] {
        let mut config = AckedConfig::default();
        assert_eq!(config.set(key, value).unwrap_err().to_string(), format!("{key} is {value}, and {rule}"));
        assert_eq!(config, AckedConfig::default());
    }
    let unknown = AckedConfig::default().set("ack", "1").unwrap_err().to_string();
    assert!(unknown.starts_with("a setting of a producer's safety is ack, and it is acks, retries, "), "{unknown}");
}

#[tokio::test]
async fn times_must_fit_together() {
    let rule = "it is at least linger.ms + request.timeout.ms";
    for (settings, linger, expected) in [
        (&[][..], 5, "taken".to_owned()),
        (&[("acks", "all"), ("acks", "-1"), ("retries", "0")], 5, "taken".to_owned()),
        (&[("delivery.timeout.ms", "30005")], 5, "taken".to_owned()),
        (&[("delivery.timeout.ms", "30004")], 5, format!("delivery.timeout.ms is 30004, and {rule}")),
        (&[], 90_001, format!("delivery.timeout.ms is 120000, and {rule}")),
        (&[("request.timeout.ms", "119995")], 5, "taken".to_owned()),
        (&[("request.timeout.ms", "119996")], 5, format!("delivery.timeout.ms is 120000, and {rule}")),
        (&[("retry.backoff.ms", "1000")], 5, "taken".to_owned()),
        (
            &[("retry.backoff.ms", "1001")],
            5,
            "retry.backoff.ms is 1001, and it is at most the setting of the same name with `.max`".to_owned(),
        ),
    ] {
        assert_eq!(told(settings, linger), expected, "{settings:?}");
    }
}

/// Whoever puts the parts together himself can get them wrong as well.
#[tokio::test]
async fn parts_must_fit_together() {
    let made = |sending: AckedSending| {
        let config = ProducerConfig { sending: std::sync::Arc::new(sending), ..ProducerConfig::default() };
        made(config, ClientConfig::new("broker-1:9092"))
    };
    let sending = AckedSending::default();
    assert_eq!(made(sending), "taken");
    assert_eq!(made(AckedSending { request_timeout: ms(1), ..sending }), "taken");
    assert_eq!(
        made(AckedSending { request_timeout: ms(30_001), ..sending }),
        "request.timeout.ms is 30001, and it is at most the client's own request.timeout.ms"
    );
    assert_eq!(
        made(AckedSending { request_timeout: ms(0), ..sending }),
        "request.timeout.ms is 0, and it is from 1 to 2147483647"
    );
    assert_eq!(
        made(AckedSending { delivery_timeout: ms(1 << 31), ..sending }),
        "delivery.timeout.ms is 2147483648, and it is from 1 to 2147483647"
    );
    assert_eq!(
        made(AckedSending { retries: 1 << 31, ..sending }),
        "retries is 2147483648, and it is from 0 to 2147483647"
    );
}
