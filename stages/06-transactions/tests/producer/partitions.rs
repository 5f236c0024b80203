//! A batch leaves only for a partition that is in the transaction.

use partitioning::ErrorCode;
use tokio::time::Instant;

use crate::support::{Twist, World, ms, put, settle, within};

#[tokio::test(start_paused = true)]
async fn those_that_become_ready_together_are_added_together_and_nothing_leaves_before() {
    let world = World::new().await;
    let producer = world.begun().await;
    // The first question finds the coordinator; what is sent meanwhile waits for the next one.
    let until = world.hold("AddPartitionsToTxn");
    let first = put(&producer, 0).await;
    settle().await;
    assert_eq!(world.heard(), ["1: add orders-0 as 7 epoch 1"]);
    let (second, third) = (put(&producer, 1).await, put(&producer, 2).await);
    tokio::time::sleep(ms(1_000)).await;
    assert_eq!(world.heard(), Vec::<String>::new(), "it is held");
    until.notify_one();
    for delivery in [first, second, third] {
        delivery.await.unwrap();
    }
    let mut heard = world.heard();
    let added = heard.iter().position(|line| line.contains("add")).expect("they are added");
    assert_eq!(heard.remove(added), "1: add orders-1 orders-2 as 7 epoch 1");
    heard.sort();
    let told = [0, 1, 2].map(|at| format!("orders-{at}: 7 epoch 1 number 0, of a transaction, pay-1"));
    assert_eq!(heard, told);
}

#[tokio::test(start_paused = true)]
async fn adding_is_tried_again_and_soon_if_the_one_before_is_in_the_way() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    world.refuse("AddPartitionsToTxn", ErrorCode::ConcurrentTransactions);
    let began = Instant::now();
    put(&producer, 0).await.await.unwrap();
    assert_eq!(began.elapsed(), ms(20));
    world.refuse("AddPartitionsToTxn", ErrorCode::CoordinatorLoadInProgress);
    let began = Instant::now();
    put(&producer, 1).await.await.unwrap();
    assert!((80..=120).contains(&began.elapsed().as_millis()), "retry.backoff.ms is 100: {:?}", began.elapsed());
    producer.commit().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_cannot_be_added_in_time_spoils_the_transaction() {
    let world = World::new().await;
    world.next("AddPartitionsToTxn", vec![Twist::Refuse(ErrorCode::CoordinatorLoadInProgress); 200]);
    let mut producer = world.producer_with(within(31_000));
    producer.init().await.unwrap();
    producer.begin().unwrap();
    let error = put(&producer, 0).await.await.unwrap_err();
    let told = "not acknowledged within delivery.timeout.ms = 31000: orders-0 could not be added to the transaction: \
                refused by the test (COORDINATOR_LOAD_IN_PROGRESS)";
    assert_eq!((error.to_string().as_str(), error.is_in_doubt()), (told, false));
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_abortable(), "{error}");
    world.heard();
    // The coordinator may have heard more than it has said.
    producer.abort().await.unwrap();
    assert_eq!(world.heard(), ["1: abort as 7 epoch 1"]);
}

#[tokio::test(start_paused = true)]
async fn too_many_partitions_spoil_the_transaction() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    world.refuse("AddPartitionsToTxn", ErrorCode::InvalidRequest);
    let delivery = put(&producer, 0).await;
    let error = delivery.await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::TransactionAbortable));
    let error = producer.commit().await.unwrap_err();
    assert_eq!((error.is_abortable(), error.code()), (true, Some(ErrorCode::InvalidRequest)));
    producer.abort().await.unwrap();
}
