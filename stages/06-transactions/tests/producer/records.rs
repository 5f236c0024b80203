//! A record that fails spoils its transaction, and not the producer.

use partitioning::{Error, ErrorCode};
use transactions::records::Identity;

use crate::support::{ID, Twist, World, ms, order, put, settle, within};

#[tokio::test(start_paused = true)]
async fn what_the_broker_refuses_spoils_the_transaction_until_abort() {
    for code in [
        ErrorCode::InvalidProducerEpoch,
        ErrorCode::TransactionAbortable,
        ErrorCode::InvalidTxnState,
        ErrorCode::ProducerFenced,
        ErrorCode::MessageTooLarge,
    ] {
        let world = World::new().await;
        let mut producer = world.begun().await;
        world.refuse("Produce", code);
        let error = put(&producer, 0).await.await.unwrap_err();
        assert_eq!((error.code(), error.is_in_doubt()), (Some(code), false));
        for error in [
            producer.send(order(0, "more")).await.map(drop).unwrap_err(),
            producer.begin().unwrap_err(),
            producer.commit().await.unwrap_err(),
            producer.init().await.unwrap_err(),
        ] {
            assert!(error.is_abortable() && !error.is_in_doubt(), "{error}");
            assert_eq!(error.code(), Some(code));
        }
        producer.abort().await.unwrap();
        assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }), "{code}");
        producer.begin().unwrap();
        world.heard();
        put(&producer, 0).await.await.unwrap();
        producer.commit().await.unwrap();
        let told = [
            "1: add orders-0 as 7 epoch 2",
            "orders-0: 7 epoch 2 number 0, of a transaction, pay-1",
            "1: commit as 7 epoch 2",
        ];
        assert_eq!(world.heard(), told);
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_tried_again_with_the_same_number() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    world.next("Produce", [ErrorCode::ConcurrentTransactions, ErrorCode::NotEnoughReplicas].map(Twist::Refuse));
    let stored = put(&producer, 0).await.await.unwrap();
    assert_eq!(stored.retries, 2);
    producer.commit().await.unwrap();
    let heard = world.heard();
    assert_eq!(heard[1..4], ["orders-0: 7 epoch 1 number 0, of a transaction, pay-1"; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_record_in_doubt_spoils_the_transaction() {
    let world = World::new().await;
    world.next("Produce", [Twist::Silence]);
    let mut producer = world.producer_with(within(30_000));
    producer.init().await.unwrap();
    producer.begin().unwrap();
    let error = put(&producer, 0).await.await.unwrap_err();
    assert!(error.is_in_doubt(), "{error}");
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_abortable() && !error.is_in_doubt(), "that it is not committed is certain: {error}");
    producer.abort().await.unwrap();
}

/// Numbers behind a gap would need another epoch, and only the coordinator gives one.
#[tokio::test(start_paused = true)]
async fn a_gap_in_the_numbers_does_not_raise_the_epoch() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.refuse("Produce", ErrorCode::OutOfOrderSequenceNumber);
    let error = put(&producer, 0).await.await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::OutOfOrderSequenceNumber));
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 1 }));
    assert!(producer.commit().await.unwrap_err().is_abortable());
    producer.abort().await.unwrap();
    producer.begin().unwrap();
    put(&producer, 0).await.await.unwrap();
    producer.commit().await.unwrap();
}

/// A coordinator that does not raise the epoch at the end is asked for the next one (KIP-360).
#[tokio::test(start_paused = true)]
async fn where_the_end_does_not_raise_the_epoch_it_is_asked_for() {
    let world = World::new().await;
    world.script().keeps_epoch = true;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    producer.commit().await.unwrap();
    producer.begin().unwrap();
    world.refuse("Produce", ErrorCode::MessageTooLarge);
    put(&producer, 0).await.await.unwrap_err();
    world.heard();
    producer.abort().await.unwrap();
    assert_eq!(world.heard(), ["1: abort as 7 epoch 1", "1: init pay-1, 60000 ms, was 7 epoch 1"]);
    producer.begin().unwrap();
    put(&producer, 0).await.await.unwrap();
    let told = ["1: add orders-0 as 7 epoch 2", "orders-0: 7 epoch 2 number 0, of a transaction, pay-1"];
    assert_eq!(world.heard(), told);
}

#[tokio::test(start_paused = true)]
async fn an_abort_that_is_taken_for_one_of_the_transaction_before_begins_anew() {
    let world = World::new().await;
    world.script().keeps_epoch = true;
    let mut producer = world.begun().await;
    let _add = world.hold("AddPartitionsToTxn");
    let delivery = put(&producer, 0).await;
    settle().await;
    world.refuse("EndTxn", ErrorCode::InvalidTxnState);
    world.heard();
    producer.abort().await.unwrap();
    delivery.await.unwrap_err();
    assert_eq!(world.heard(), ["1: abort as 7 epoch 1", "1: init pay-1, 60000 ms, was 7 epoch 1"]);
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_fits_into_no_batch_spoils_the_transaction() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    let error = producer.send(order(0, &"x".repeat(2 << 20))).await.map(drop).unwrap_err();
    assert!(error.is_abortable() && matches!(error.error(), Some(Error::RecordTooLarge { .. })), "{error}");
    assert!(producer.commit().await.unwrap_err().is_abortable());
    producer.abort().await.unwrap();
    producer.begin().unwrap();
}

#[tokio::test(start_paused = true)]
async fn abort_drops_what_waits_and_waits_for_what_is_under_way() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    let (produce, add) = (world.hold("Produce"), world.hold("AddPartitionsToTxn"));
    let under_way = put(&producer, 0).await;
    settle().await;
    let waits = put(&producer, 1).await;
    settle().await;
    world.heard();
    let aborting = tokio::spawn(async move {
        producer.abort().await.unwrap();
        producer
    });
    let error = waits.await.unwrap_err();
    assert_eq!(error.to_string(), "orders-1: not sent, as the transaction is aborted (TRANSACTION_ABORTABLE)");
    tokio::time::sleep(ms(5_000)).await;
    assert!(world.heard().is_empty() && !aborting.is_finished(), "an answer is still to come");
    produce.notify_one();
    add.notify_one();
    assert_eq!(under_way.await.unwrap().offset, 1);
    let producer = aborting.await.unwrap();
    assert_eq!(world.heard(), ["1: abort as 7 epoch 1"]);
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_while_aborting_is_not_tried_again() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    let until = world.hold("Produce");
    let under_way = put(&producer, 1).await;
    settle().await;
    world.next("Produce", [Twist::Refuse(ErrorCode::NotEnoughReplicas)]);
    let second = put(&producer, 0).await;
    settle().await;
    let aborting = tokio::spawn(async move { producer.abort().await });
    settle().await;
    until.notify_one();
    aborting.await.unwrap().unwrap();
    under_way.await.unwrap();
    assert_eq!(second.await.unwrap_err().code(), Some(ErrorCode::TransactionAbortable), "it had come back");
}
