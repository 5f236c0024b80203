//! Which call is allowed when.

use partitioning::ErrorCode;
use transactions::producer::{TransactionError, TransactionalConfig, TransactionalProducer};
use transactions::records::Identity;

use crate::support::{ID, Twist, World, ms, order, put};

fn rule(told: Result<impl Sized, TransactionError>) -> String {
    let error = told.err().expect("it is refused");
    let is_other = error.is_retriable() || error.is_abortable() || error.is_fatal() || error.is_in_doubt();
    assert!(!is_other && error.error().is_none(), "{error}");
    error.to_string()
}

#[tokio::test(start_paused = true)]
async fn a_transaction_from_init_to_commit() {
    let world = World::new().await;
    let mut producer = world.producer();
    producer.init().await.unwrap();
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 1 }));
    producer.begin().unwrap();
    let first = put(&producer, 0).await;
    assert_eq!(first.await.unwrap().offset, 0);
    let (second, third) = (put(&producer, 0).await, put(&producer, 1).await);
    producer.commit().await.unwrap();
    // They are acknowledged before the transaction is committed.
    assert_eq!((second.await.unwrap().offset, third.await.unwrap().offset), (1, 0));
    let told = [
        "1: init pay-1, 60000 ms",
        "1: add orders-0 as 7 epoch 1",
        "orders-0: 7 epoch 1 number 0, of a transaction, pay-1",
        "orders-0: 7 epoch 1 number 1, of a transaction, pay-1",
        "1: add orders-1 as 7 epoch 1",
        "orders-1: 7 epoch 1 number 0, of a transaction, pay-1",
        "1: commit as 7 epoch 1",
    ];
    assert_eq!(world.heard(), told);
    // The next one has the next epoch, and counts from 0. Its partitions are added anew.
    producer.begin().unwrap();
    put(&producer, 0).await.await.unwrap();
    producer.abort().await.unwrap();
    let told = [
        "1: add orders-0 as 7 epoch 2",
        "orders-0: 7 epoch 2 number 0, of a transaction, pay-1",
        "1: abort as 7 epoch 2",
    ];
    assert_eq!(world.heard(), told);
    assert_eq!(producer.identity(), Some(Identity { id: ID, epoch: 3 }));
}

#[tokio::test(start_paused = true)]
async fn calls_have_an_order() {
    let world = World::new().await;
    let mut producer = world.producer();
    let init_first = "nobody has said who this producer is; `init` comes first";
    assert_eq!(rule(producer.begin()), format!("begin is refused: {init_first}"));
    assert_eq!(rule(producer.send(order(0, "a")).await), format!("send is refused: {init_first}"));
    assert_eq!(rule(producer.commit().await), format!("commit is refused: {init_first}"));
    assert_eq!(rule(producer.abort().await), format!("abort is refused: {init_first}"));
    producer.init().await.unwrap();
    assert_eq!(rule(producer.init().await), "init is refused: it was done already; a producer begins once");
    let begin_first = "no transaction is under way; `begin` comes first";
    assert_eq!(rule(producer.send(order(0, "a")).await), format!("send is refused: {begin_first}"));
    assert_eq!(rule(producer.commit().await), format!("commit is refused: {begin_first}"));
    assert_eq!(rule(producer.abort().await), format!("abort is refused: {begin_first}"));
    producer.begin().unwrap();
    let ends_first = "begin is refused: a transaction is under way; `commit` or `abort` comes first";
    assert_eq!(rule(producer.begin()), ends_first);
    producer.commit().await.unwrap();
    producer.begin().unwrap();
    producer.abort().await.unwrap();
    assert_eq!(world.heard(), ["1: init pay-1, 60000 ms"], "a transaction without records needs no question");
}

#[tokio::test(start_paused = true)]
async fn init_waits_for_a_coordinator_and_for_the_one_before() {
    let world = World::new().await;
    world.refuse("FindCoordinator", ErrorCode::CoordinatorNotAvailable);
    world.next(
        "InitProducerId",
        [ErrorCode::CoordinatorLoadInProgress, ErrorCode::ConcurrentTransactions].map(Twist::Refuse),
    );
    let mut producer = world.producer();
    producer.init().await.unwrap();
    assert_eq!(world.heard(), ["1: init pay-1, 60000 ms"; 3]);
}

#[tokio::test(start_paused = true)]
async fn init_gives_up_in_time_and_may_be_called_again() {
    let world = World::new().await;
    world.next("InitProducerId", vec![Twist::Refuse(ErrorCode::ConcurrentTransactions); 70]);
    let mut producer = world.producer();
    let began = tokio::time::Instant::now();
    let error = producer.init().await.unwrap_err();
    assert!(error.is_retriable(), "{error}");
    assert_eq!(error.code(), Some(ErrorCode::ConcurrentTransactions));
    assert!(began.elapsed() <= ms(60_000), "max.block.ms is 60 s");
    producer.init().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_brokers_do_not_allow_is_fatal() {
    let world = World::new().await;
    world.refuse("InitProducerId", ErrorCode::InvalidTransactionTimeout);
    let mut producer = world.producer();
    let error = producer.init().await.unwrap_err();
    assert!(error.is_fatal());
    assert_eq!(error.code(), Some(ErrorCode::InvalidTransactionTimeout));
    assert!(producer.init().await.unwrap_err().is_fatal());
    assert!(producer.begin().unwrap_err().is_fatal());
}

#[tokio::test]
async fn settings_that_cannot_be_are_named() {
    let world = World::new().await;
    let told = |config: TransactionalConfig| {
        TransactionalProducer::new(world.cluster(), Default::default(), config).unwrap_err().to_string()
    };
    let config = || TransactionalConfig::new("pay-1");
    assert_eq!(told(TransactionalConfig::new("")), "transactional.id is 0 bytes long, and it has 1 to 249 bytes");
    assert_eq!(
        told(TransactionalConfig::new("x".repeat(250))),
        "transactional.id is 250 bytes long, and it has 1 to 249 bytes"
    );
    let rule = "it is from 1 to 2147483647";
    assert_eq!(
        told(TransactionalConfig { timeout: ms(0), ..config() }),
        format!("transaction.timeout.ms is 0, and {rule}")
    );
    let mut lax = config();
    lax.sending.acks = acks::api::Acks::Leader;
    assert_eq!(told(lax), "acks is 1, and it is all if enable.idempotence is true");
}
