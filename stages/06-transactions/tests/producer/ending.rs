//! The end of a transaction: known, in doubt, and asked for again.

use partitioning::ErrorCode;
use tokio::time::Instant;
use transactions::producer::TransactionError;
use transactions::records::Identity;

use crate::support::{ID, Twist, World, ms, order, put, settle};

#[tokio::test(start_paused = true)]
async fn commit_is_asked_until_the_decision_is_known() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.heard();
    // Its answer is lost; then its markers are being written.
    world.next("EndTxn", [Twist::DoneInSilence, Twist::Refuse(ErrorCode::ConcurrentTransactions)]);
    producer.commit().await.unwrap();
    assert_eq!(world.heard(), ["1: commit as 7 epoch 1"; 3]);
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }), "it was decided once");
}

#[tokio::test(start_paused = true)]
async fn a_commit_in_doubt_is_followed_by_a_commit_alone() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.next("EndTxn", [Twist::DoneInSilence, Twist::Silence, Twist::Silence]);
    let began = Instant::now();
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_in_doubt() && error.is_retriable(), "{error}");
    assert!(began.elapsed() <= ms(60_000), "max.block.ms is 60 s");
    let rule = "nobody knows yet whether the transaction is committed; `commit` asks once more";
    for (call, told) in [
        ("abort", producer.abort().await),
        ("begin", producer.begin()),
        ("send", producer.send(order(0, "more")).await.map(drop)),
    ] {
        assert_eq!(told.unwrap_err().to_string(), format!("{call} is refused: {rule}"));
    }
    // That nobody is asked now does not say what came of it before.
    world.script().forget("EndTxn");
    world.next("EndTxn", vec![Twist::Refuse(ErrorCode::CoordinatorLoadInProgress); 80]);
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_in_doubt() && error.is_retriable(), "{error}");
    assert!(producer.abort().await.unwrap_err().to_string().ends_with(rule));
    world.script().forget("EndTxn");
    world.heard();
    producer.commit().await.unwrap();
    assert!(world.heard().iter().all(|line| line == "1: commit as 7 epoch 1"));
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
    producer.begin().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_nobody_was_asked_for_may_still_be_aborted() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.next("EndTxn", vec![Twist::Refuse(ErrorCode::CoordinatorLoadInProgress); 80]);
    let error = producer.commit().await.unwrap_err();
    assert!(error.is_retriable() && !error.is_in_doubt(), "{error}");
    world.script().forget("EndTxn");
    put(&producer, 0).await.await.unwrap();
    producer.abort().await.unwrap();
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}

#[tokio::test(start_paused = true)]
async fn a_transaction_that_the_coordinator_has_aborted_is_not_committed() {
    for code in [ErrorCode::InvalidTxnState, ErrorCode::TransactionAbortable] {
        let world = World::new().await;
        let mut producer = world.begun().await;
        put(&producer, 0).await.await.unwrap();
        world.next("EndTxn", [Twist::Silence, Twist::Refuse(code)]);
        let error = producer.commit().await.unwrap_err();
        assert!(error.is_abortable() && !error.is_in_doubt(), "the last answer is certain: {error}");
        assert!(producer.commit().await.unwrap_err().is_abortable());
        producer.abort().await.unwrap();
        producer.begin().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_abort_without_an_answer_is_asked_for_again() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.next("EndTxn", [Twist::Silence, Twist::Silence, Twist::Silence]);
    let error = producer.abort().await.unwrap_err();
    assert!(error.is_retriable(), "{error}");
    let rule = "the transaction is being aborted; `abort` asks once more";
    for (call, told) in [("commit", producer.commit().await), ("begin", producer.begin())] {
        assert_eq!(told.unwrap_err().to_string(), format!("{call} is refused: {rule}"));
    }
    world.script().forget("EndTxn");
    producer.abort().await.unwrap();
    assert!(matches!(producer.abort().await, Err(TransactionError::WrongOrder { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_is_dropped_is_called_again() {
    let world = World::new().await;
    let mut producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    let until = world.hold("EndTxn");
    assert!(tokio::time::timeout(ms(1_000), producer.commit()).await.is_err());
    until.notify_one();
    assert!(producer.abort().await.unwrap_err().to_string().contains("`commit` asks once more"));
    producer.commit().await.unwrap();
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 2 }));
}

#[tokio::test(start_paused = true)]
async fn close_aborts_what_is_open() {
    let world = World::new().await;
    let producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.heard();
    producer.close(ms(10_000)).await.unwrap();
    assert_eq!(world.heard(), ["1: abort as 7 epoch 1"]);

    let producer = world.begun().await;
    producer.close(ms(10_000)).await.unwrap();
    assert_eq!(world.heard(), Vec::<String>::new());

    let producer = world.begun().await;
    put(&producer, 0).await.await.unwrap();
    world.next("EndTxn", [Twist::Silence]);
    let (began, error) = (Instant::now(), producer.close(ms(10_000)).await.unwrap_err());
    assert!(error.is_retriable() && began.elapsed() == ms(10_000), "{error}");
    settle().await;
}
