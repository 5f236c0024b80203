//! Who am I? Asked once, when there is something to send, and again until somebody knows.

use acks::producer::AckedSending;
use idempotence::api::{InitProducerId, InitProducerIdResponse};
use idempotence::producer::{AnyBroker, Ids};
use idempotence::sequences::Identity;
use partitioning::net::Net;
use partitioning::{ClientConfig, Cluster, Error, ErrorCode, Limits, Router, Server};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cables::Cables;
use crate::support::{Given, config, fakes, host, ms, one, order, producer, stamp};

fn no(code: ErrorCode) -> Error {
    code.because("says the test").into()
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_when_there_is_something_to_send_and_once() {
    let ids = Given::answers([Ok(Identity { producer_id: 41, epoch: 3 })]);
    let (mut fakes, producer) = one(&ids);
    assert!(fakes.within(10_000).await.is_none());
    assert_eq!(ids.times(), 0);
    for number in 0..3 {
        let delivery = producer.send(order(0, "0")).await.unwrap();
        let asked = fakes.next().await;
        assert_eq!(stamp(&asked), (41, 3, number));
        asked.accept(number.into());
        delivery.await.unwrap();
    }
    assert_eq!(ids.times(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_asked_again_with_longer_rests() {
    let ids = Given::answers(vec![Err(no(ErrorCode::CoordinatorLoadInProgress)); 4]);
    let (mut fakes, producer) = one(&ids);
    let began = Instant::now();
    let delivery = producer.send(order(0, "0")).await.unwrap();
    let asked = fakes.next().await;
    let after = began.elapsed().as_millis();
    assert!((1_200..=1_800).contains(&after), "100, 200, 400 and 800 ms, up to a fifth more or less: {after}");
    assert_eq!((ids.times(), stamp(&asked)), (5, (11, 0, 0)));
    asked.accept(0);
    delivery.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_time_is_over_meanwhile_says_so() {
    let unreachable = Error::Unreachable { address: "b1:1".into(), reason: "connection refused".into() };
    let ids = Given::answers(vec![Err(unreachable); 1_000]);
    let mut fakes = fakes(1, &[1]);
    let sending = AckedSending { delivery_timeout: ms(30_000), ..AckedSending::default() };
    let producer = producer(&fakes, config(sending, ids.clone()));
    let error = producer.send(order(0, "0")).await.unwrap().await.unwrap_err();
    let told = "not acknowledged within delivery.timeout.ms = 30000: no producer id could be had: cannot reach b1:1: \
                connection refused";
    assert_eq!((error.to_string().as_str(), error.is_in_doubt()), (told, false));
    assert!(fakes.within(1_000).await.is_none());
    assert!((25..=60).contains(&ids.times()), "{} times in 30 s", ids.times());
}

#[tokio::test(start_paused = true)]
async fn a_no_that_will_not_pass_fails_what_waits_at_once() {
    let ids = Given::answers([Err(no(ErrorCode::UnsupportedVersion))]);
    let (mut fakes, producer) = one(&ids);
    for _ in 0..2 {
        let began = Instant::now();
        let error = producer.send(order(0, "0")).await.unwrap().await.unwrap_err();
        let told = "no producer id can be had: says the test (UNSUPPORTED_VERSION)";
        assert_eq!((error.to_string().as_str(), error.is_in_doubt()), (told, false));
        assert!(began.elapsed() < ms(10), "{:?}", began.elapsed());
    }
    assert!(fakes.within(10_000).await.is_none());
    assert_eq!(ids.times(), 1, "it was final");
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_is_closed_asks_no_more() {
    let ids = Given::answers(vec![Err(no(ErrorCode::CoordinatorLoadInProgress)); 1_000]);
    let (_fakes, producer) = one(&ids);
    let delivery = producer.send(order(0, "0")).await.unwrap();
    assert_eq!(producer.close(ms(2_000)).await, 1);
    assert!(!delivery.await.unwrap_err().is_in_doubt());
    let times = ids.times();
    tokio::time::sleep(ms(60_000)).await;
    assert_eq!(ids.times(), times);
}

#[tokio::test(start_paused = true)]
async fn where_no_broker_can_be_reached_none_says_who_it_is() {
    let cluster = Cluster::new(host(&Cables::default()), ClientConfig::new("nobody:1")).unwrap();
    let error = AnyBroker.next(&cluster).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.is_retriable(), "{error}");
}

/// What comes of asking a broker that gives this.
async fn asked(producer_id: i64, epoch: i16) -> Result<Identity, Error> {
    let (net, stop) = (Cables::default(), CancellationToken::new());
    let answer = InitProducerIdResponse { producer_id, epoch };
    let router = Router::new(1 << 20).route::<InitProducerId>(move |_, _| Box::pin(async move { Ok(answer) }));
    let listener = net.listen("broker-1:9092").await.unwrap();
    let server = tokio::spawn(Server::new(listener, router, Limits::default(), stop.clone()).run());
    let cluster = Cluster::new(host(&net), ClientConfig::new("broker-1:9092")).unwrap();
    let identity = AnyBroker.next(&cluster).await;
    stop.cancel();
    server.await.unwrap();
    identity
}

#[tokio::test(start_paused = true)]
async fn any_broker_says_who_it_is() {
    let (producer_id, epoch) = (i64::MAX, i16::MAX);
    assert_eq!(asked(producer_id, epoch).await.unwrap(), Identity { producer_id, epoch });
    for (producer_id, epoch) in [(-1, 0), (7, -1)] {
        let error = asked(producer_id, epoch).await.unwrap_err();
        let told = format!(
            "a broker gave producer id {producer_id} and epoch {epoch}: both are at least 0 (UNKNOWN_SERVER_ERROR)"
        );
        assert_eq!((error.to_string(), error.is_retriable()), (told, false));
    }
}
