//! What stands in the batches, and what becomes of them.

use idempotence::sequences::Identity;
use partitioning::ErrorCode;
use partitioning::producer::{Delivery, Producer};

use crate::fake_broker::{Asked, Fakes};
use crate::support::{Given, one, order, stamp};

/// The id is known to the log: record 0 is stored.
async fn known() -> (Fakes, Producer) {
    known_as(Identity { producer_id: 7, epoch: 0 }).await
}

async fn known_as(identity: Identity) -> (Fakes, Producer) {
    let (mut fakes, producer) = one(&Given::answers([Ok(identity)]));
    let delivery = producer.send(order(0, "0")).await.unwrap();
    fakes.next().await.accept(0);
    delivery.await.unwrap();
    (fakes, producer)
}

/// So many records, each in a batch under way.
async fn under_way(fakes: &mut Fakes, producer: &Producer, count: u32) -> (Vec<Delivery>, Vec<Asked>) {
    let (mut deliveries, mut asked) = (Vec::new(), Vec::new());
    for number in 1..=count {
        deliveries.push(producer.send(order(0, number.to_string())).await.unwrap());
        asked.push(fakes.next().await);
    }
    (deliveries, asked)
}

#[tokio::test(start_paused = true)]
async fn five_batches_are_under_way_with_numbers_that_follow_each_other() {
    let (mut fakes, producer) = known().await;
    let (_deliveries, asked) = under_way(&mut fakes, &producer, 5).await;
    let stamps: Vec<_> = asked.iter().map(stamp).collect();
    assert_eq!(stamps, [(7, 0, 1), (7, 0, 2), (7, 0, 3), (7, 0, 4), (7, 0, 5)]);
    let _sixth = producer.send(order(0, "6")).await.unwrap();
    assert!(fakes.within(10_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_comes_back_in_order_and_byte_for_byte() {
    let (mut fakes, producer) = known().await;
    let (deliveries, mut asked) = under_way(&mut fakes, &producer, 3).await;
    let sent: Vec<_> = asked.iter().map(|asked| asked.request.clone()).collect();
    asked.remove(0).hang_up();
    for (place, request) in sent.into_iter().enumerate() {
        let again = fakes.next().await;
        assert_eq!(again.request, request);
        assert!(fakes.within(5_000).await.is_none(), "one at a time");
        again.accept(1 + place as i64);
    }
    for (place, delivery) in deliveries.into_iter().enumerate() {
        let metadata = delivery.await.unwrap();
        assert_eq!((metadata.offset, metadata.retries), (1 + place as i64, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn behind_one_that_is_refused_for_good_the_others_go_in_a_new_epoch() {
    let (mut fakes, producer) = known().await;
    let (mut deliveries, asked) = under_way(&mut fakes, &producer, 3).await;
    let codes = [ErrorCode::MessageTooLarge, ErrorCode::OutOfOrderSequenceNumber, ErrorCode::OutOfOrderSequenceNumber];
    for (asked, code) in asked.into_iter().zip(codes) {
        asked.refuse(code);
    }
    for (value, number) in [("2", 0), ("3", 1)] {
        let again = fakes.next().await;
        assert_eq!((again.values(), stamp(&again)), (vec![value.to_owned()], (7, 1, number)));
        again.accept(number.into());
    }
    assert_eq!(deliveries.remove(0).await.unwrap_err().code(), Some(ErrorCode::MessageTooLarge));
    for delivery in deliveries {
        assert_eq!(delivery.await.unwrap().retries, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_and_out_of_order_is_told_so_and_not_sent_under_another_number() {
    let (mut fakes, producer) = known().await;
    let (mut deliveries, mut asked) = under_way(&mut fakes, &producer, 1).await;
    asked.remove(0).hang_up();
    let again = fakes.next().await;
    assert_eq!(stamp(&again), (7, 0, 1));
    again.refuse(ErrorCode::OutOfOrderSequenceNumber);
    let error = deliveries.remove(0).await.unwrap_err();
    assert_eq!((error.code(), error.is_in_doubt()), (Some(ErrorCode::OutOfOrderSequenceNumber), true));
    let next = producer.send(order(0, "2")).await.unwrap();
    let asked = fakes.next().await;
    assert_eq!(stamp(&asked), (7, 1, 0));
    asked.accept(0);
    next.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_in_doubt_behind_one_that_has_another_number_never_leaves() {
    let (mut fakes, producer) = known().await;
    let (mut deliveries, mut asked) = under_way(&mut fakes, &producer, 2).await;
    asked.remove(0).refuse(ErrorCode::MessageTooLarge);
    asked.remove(0).hang_up();
    deliveries.remove(0).await.unwrap_err();
    let error = deliveries.remove(0).await.unwrap_err();
    let told = "orders-0: a batch before was not stored, so this one's number is not taken, and with another it could be \
                there twice (OUT_OF_ORDER_SEQUENCE_NUMBER); and it may have been done all the same: the connection to \
                broker-1:9092 ended before the answer came: the broker closed it";
    assert_eq!(error.to_string(), told);
    assert!(fakes.within(10_000).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn after_the_last_epoch_another_id_is_asked_for() {
    let (mut fakes, producer) = known_as(Identity { producer_id: 41, epoch: i16::MAX }).await;
    let (deliveries, mut asked) = under_way(&mut fakes, &producer, 1).await;
    asked.remove(0).refuse(ErrorCode::OutOfOrderSequenceNumber);
    let again = fakes.next().await;
    assert_eq!(stamp(&again), (8, 0, 0), "the second id");
    again.accept(1);
    for delivery in deliveries {
        delivery.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_epoch_that_is_refused_is_an_end_and_another_id_is_asked_for() {
    let (mut fakes, producer) = known().await;
    let (mut deliveries, mut asked) = under_way(&mut fakes, &producer, 1).await;
    asked.remove(0).refuse(ErrorCode::InvalidProducerEpoch);
    let error = deliveries.remove(0).await.unwrap_err();
    assert_eq!((error.code(), error.is_in_doubt()), (Some(ErrorCode::InvalidProducerEpoch), false));
    let _next = producer.send(order(0, "2")).await.unwrap();
    assert_eq!(stamp(&fakes.next().await), (8, 0, 0));
}
