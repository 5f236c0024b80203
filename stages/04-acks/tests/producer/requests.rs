//! What is asked of brokers, and when a record ends.

use acks::api::Acks;
use acks::producer::AckedSending;
use partitioning::ErrorCode;
use tokio::time::{Instant, timeout};

use crate::support::{config, fakes, ms, order, producer, settle, with};

#[tokio::test(start_paused = true)]
async fn a_request_says_how_many_must_have_it_and_for_how_long_to_wait() {
    for (acks, timeout, said) in [
        (Acks::None, 30_000, "acks 0, 30000 ms"),
        (Acks::Leader, 1, "acks 1, 1 ms"),
        (Acks::All, 700, "acks -1, 700 ms"),
    ] {
        let mut fakes = fakes(1, &[1]);
        let producer = producer(&fakes, config(AckedSending { request_timeout: ms(timeout), ..with(acks) }));
        let _delivery = producer.send(order(0, "0")).await.unwrap();
        assert_eq!(fakes.next().await.said, said);
    }
}

#[tokio::test(start_paused = true)]
async fn with_acks_0_a_record_ends_when_it_is_sent_and_nobody_knows_where() {
    let mut fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(with(Acks::None)));
    let began = Instant::now();
    let metadata = producer.send(order(0, "0")).await.unwrap().await.unwrap();
    assert_eq!((metadata.offset, metadata.retries, began.elapsed()), (-1, 0, ms(0)));
    assert_eq!((producer.buffered(), producer.stats().acknowledged), (0, 1));
    // What the broker says then is nobody's concern.
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    assert!(fakes.within(10_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn with_acks_0_a_lost_request_is_lost_without_a_word() {
    let mut fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(with(Acks::None)));
    let lost = producer.send(order(0, "lost")).await.unwrap();
    fakes.next().await.hang_up();
    assert_eq!(lost.await.unwrap().offset, -1);
    settle().await;
    let next = producer.send(order(0, "next")).await.unwrap();
    assert_eq!(fakes.next().await.values(), ["next"]);
    assert_eq!(next.await.unwrap().offset, -1);
    assert_eq!(producer.stats().retries, 0);
}

/// But a record that could not even be sent is not acknowledged: it waits for a broker.
#[tokio::test(start_paused = true)]
async fn with_acks_0_a_record_still_waits_for_a_broker() {
    let mut fakes = fakes(2, &[2]);
    let producer = producer(&fakes, config(with(Acks::None)));
    fakes.kill(2).await;
    let delivery = producer.send(order(0, "0")).await.unwrap();
    assert!(fakes.within(10_000).await.is_none());
    assert_eq!(producer.stats().acknowledged, 0);
    fakes.start(2);
    let _asked = fakes.next().await;
    assert_eq!(delivery.await.unwrap().offset, -1);
}

#[tokio::test(start_paused = true)]
async fn with_more_acks_a_record_ends_with_the_answer() {
    for acks in [Acks::Leader, Acks::All] {
        let mut fakes = fakes(1, &[1]);
        let producer = producer(&fakes, config(with(acks)));
        let mut delivery = producer.send(order(0, "0")).await.unwrap();
        let asked = fakes.next().await;
        assert!(timeout(ms(20_000), &mut delivery).await.is_err(), "nothing is believed before");
        asked.accept(42);
        assert_eq!(delivery.await.unwrap().offset, 42);
    }
}

#[tokio::test(start_paused = true)]
async fn retries_0_tries_once() {
    let mut fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(AckedSending { retries: 0, ..with(Acks::All) }));
    let delivery = producer.send(order(0, "0")).await.unwrap();
    fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
    assert_eq!(delivery.await.unwrap_err().code(), Some(ErrorCode::NotEnoughReplicas));
    assert!(fakes.within(100_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn all_refusals_of_acks_that_may_pass_are_tried_again() {
    let mut fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(with(Acks::All)));
    let delivery = producer.send(order(0, "0")).await.unwrap();
    let codes = [
        ErrorCode::NotEnoughReplicas,
        ErrorCode::NotEnoughReplicasAfterAppend,
        ErrorCode::RequestTimedOut,
        ErrorCode::NotLeaderOrFollower,
    ];
    for code in codes {
        fakes.next().await.refuse(code);
    }
    fakes.next().await.accept(9);
    let metadata = delivery.await.unwrap();
    assert_eq!((metadata.offset, metadata.retries), (9, 4));
}

#[tokio::test(start_paused = true)]
async fn acks_that_cannot_be_asked_for_are_no_reason_to_try_again() {
    let mut fakes = fakes(1, &[1]);
    let producer = producer(&fakes, config(with(Acks::All)));
    let delivery = producer.send(order(0, "0")).await.unwrap();
    fakes.next().await.answer(Err(ErrorCode::InvalidRequiredAcks.because("acks is -1")));
    let error = delivery.await.unwrap_err();
    assert_eq!((error.code(), error.is_in_doubt()), (Some(ErrorCode::InvalidRequiredAcks), false));
}
