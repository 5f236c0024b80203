//! `delivery.timeout.ms`: after it a record has ended, wherever it is. The error says what stood in the way, and whether the
//! record may be in the log.

use partitioning::api::TopicId;
use partitioning::producer::{Delivery, ProducerConfig};
use partitioning::{Error, ErrorCode};

use crate::fake_broker::Fakes;
use crate::support::{Again, alone, ms, one, order, order_to, producer, sending, settle, timed};

/// 5 s.
const SOON: Again = Again { retries: u32::MAX, within: 5_000, awaits: true };

/// What a record was told, and after how many milliseconds.
async fn told(delivery: Delivery) -> (String, bool, u128) {
    let (outcome, after) = timed(delivery).await;
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::DeliveryTimedOut { .. }), "{error:?}");
    (error.to_string(), error.is_in_doubt(), after)
}

fn timed_out(last: &str) -> String {
    format!("not acknowledged within delivery.timeout.ms = 5000: {last}")
}

#[tokio::test(start_paused = true)]
async fn while_nobody_leads_the_partition() {
    let (fakes, producer) = one(sending(SOON));
    fakes.topic_with("orders", TopicId(1), &[None]);
    let delivery = producer.send(order("0")).await.unwrap();
    let last = timed_out("orders-0 has no leader (LEADER_NOT_AVAILABLE)");
    assert_eq!(told(delivery).await, (last, false, 5_000));
    let stats = producer.stats();
    assert_eq!((stats.failed, stats.expired, producer.buffered()), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn while_nobody_can_say_who_leads() {
    let (mut fakes, producer) = one(sending(SOON));
    fakes.topic_with("orders", TopicId(1), &[None]);
    let delivery = producer.send(order("0")).await.unwrap();
    settle().await;
    fakes.kill(1).await;
    let last = timed_out("cannot reach broker-1:9092: connection refused");
    let (text, in_doubt, after) = told(delivery).await;
    assert!(text.starts_with(&timed_out("cannot reach broker-")), "{text} is like {last}");
    assert_eq!((in_doubt, after), (false, 5_000));
}

#[tokio::test(start_paused = true)]
async fn while_the_broker_cannot_be_reached() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[2]);
    let producer = producer(&fakes, sending(SOON));
    fakes.kill(2).await;
    let delivery = producer.send(order("0")).await.unwrap();
    let last = timed_out("cannot reach broker-2:9092: connection refused");
    assert_eq!(told(delivery).await, (last, false, 5_000));
}

#[tokio::test(start_paused = true)]
async fn while_it_is_under_way() {
    let (mut fakes, producer) = one(alone(1, SOON));
    let delivery = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    let behind = producer.send(order("1")).await.unwrap();
    tokio::time::sleep(ms(1_000)).await;
    let later = producer.send(order("2")).await.unwrap();
    assert_eq!(told(delivery).await, (timed_out("no answer from broker-1:9092 yet"), true, 4_000));
    assert_eq!(told(behind).await, (timed_out("it waited for those before it"), false, 0));
    assert_eq!(producer.stats().expired, 2);
    // The request is still under way, and takes its place.
    assert!(fakes.within(500).await.is_none());
    asked.accept(0);
    let next = fakes.next().await;
    assert_eq!(next.values(), ["2"]);
    next.accept(1);
    let metadata = later.await.unwrap();
    assert_eq!((metadata.offset, metadata.retries), (1, 0), "the answer that came too late is nobody's");
    assert_eq!((producer.buffered(), producer.stats().acknowledged), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn while_it_rests() {
    let (mut fakes, producer) = one(sending(SOON));
    let delivery = producer.send(order("0")).await.unwrap();
    let refusing = async {
        loop {
            fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        }
    };
    let last = timed_out("orders-0 is refused by the test (NOT_ENOUGH_REPLICAS)");
    tokio::select! {
        biased;
        told = told(delivery) => assert_eq!(told, (last, false, 5_000)),
        () = refusing => {}
    }
    assert!(fakes.within(100_000).await.is_none(), "it is not sent any more");
}

#[tokio::test(start_paused = true)]
async fn while_it_rests_after_an_attempt_of_which_nobody_knows() {
    let (mut fakes, producer) = one(alone(1, SOON));
    let delivery = producer.send(order("0")).await.unwrap();
    fakes.next().await.hang_up();
    let refusing = async {
        loop {
            fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        }
    };
    let last = timed_out("orders-0 is refused by the test (NOT_ENOUGH_REPLICAS)");
    tokio::select! {
        biased;
        told = told(delivery) => assert_eq!(told, (last, true, 5_000)),
        () = refusing => {}
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_waits_behind_one_that_rests() {
    let (mut fakes, producer) = one(alone(1, SOON));
    let first = producer.send(order("0")).await.unwrap();
    let behind = producer.send(order("1")).await.unwrap();
    let refusing = async {
        loop {
            fakes.next().await.refuse(ErrorCode::NotEnoughReplicas);
        }
    };
    tokio::select! {
        biased;
        ((_, _, first), (behind, in_doubt, after)) = async { (told(first).await, told(behind).await) } => {
            assert_eq!((first, behind, in_doubt, after), (5_000, timed_out("it waited for those before it"), false, 0));
        }
        () = refusing => {}
    }
}

/// It is counted from the first record of the batch on.
#[tokio::test(start_paused = true)]
async fn a_batch_has_the_time_of_its_first_record() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[2]);
    let producer = producer(&fakes, ProducerConfig { linger: ms(1_000), ..sending(SOON) });
    fakes.kill(2).await;
    let first = producer.send(order("0")).await.unwrap();
    tokio::time::sleep(ms(600)).await;
    let second = producer.send(order("1")).await.unwrap();
    assert_eq!(producer.queued().len(), 1);
    let ((_, _, first), (_, _, second)) = tokio::join!(told(first), told(second));
    assert_eq!((first, second), (4_400, 4_400));
}

#[tokio::test(start_paused = true)]
async fn a_flush_ends_with_it() {
    let mut fakes = Fakes::new(2);
    fakes.topic("orders", &[2]);
    let producer = producer(&fakes, sending(SOON));
    fakes.kill(2).await;
    let delivery = producer.send(order_to(0, "0")).await.unwrap();
    assert_eq!(timed(producer.flush()).await.1, 5_000);
    assert!(delivery.await.is_err());
    assert_eq!(timed(producer.close(ms(1_000))).await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_answered_in_time_does_not_expire() {
    let (mut fakes, producer) = one(sending(SOON));
    let delivery = producer.send(order("0")).await.unwrap();
    let asked = fakes.next().await;
    tokio::time::sleep(ms(4_994)).await;
    asked.accept(0);
    assert_eq!(delivery.await.unwrap().offset, 0);
    tokio::time::sleep(ms(10_000)).await;
    assert_eq!(producer.stats().expired, 0);
}
