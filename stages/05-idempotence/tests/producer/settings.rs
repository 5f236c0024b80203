//! Settings with which a retry could be a duplicate, or a record lost behind one, are refused.

use std::sync::Arc;

use acks::api::Acks;
use acks::producer::AckedSending;
use idempotence::producer::IdempotentSending;
use partitioning::producer::{Producer, ProducerConfig};
use partitioning::{ClientConfig, Cluster};

use crate::cables::Cables;
use crate::support::host;

fn refused(sending: AckedSending, max_in_flight: usize) -> String {
    let cluster = Cluster::new(host(&Cables::default()), ClientConfig::new("nobody:1")).unwrap();
    let sending = Arc::new(IdempotentSending::new(sending));
    let config = ProducerConfig { sending, max_in_flight, ..ProducerConfig::default() };
    Producer::new(cluster, config).map_or_else(|error| error.to_string(), |_| "it is taken".to_owned())
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let good = AckedSending::default();
    assert_eq!(refused(good, 1), "it is taken");
    assert_eq!(refused(AckedSending { retries: 1, ..good }, 5), "it is taken");
    for (acks, found) in [(Acks::None, "0"), (Acks::Leader, "1")] {
        let told = format!("acks is {found}, and it is all if enable.idempotence is true");
        assert_eq!(refused(AckedSending { acks, ..good }, 5), told);
    }
    let told = "retries is 0, and it is at least 1 if enable.idempotence is true";
    assert_eq!(refused(AckedSending { retries: 0, ..good }, 5), told);
    let told = "max.in.flight.requests.per.connection is 6, and it is at most 5 if enable.idempotence is true";
    assert_eq!(refused(good, 6), told);
}

#[tokio::test]
async fn stage_04s_rules_hold_too() {
    let sending = AckedSending { delivery_timeout: std::time::Duration::from_millis(5), ..AckedSending::default() };
    let told = refused(sending, 5);
    assert_eq!(told, "delivery.timeout.ms is 5, and it is at least linger.ms + request.timeout.ms");
}
