//! A transaction gets partitions, and is asked for them.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use transactions::coordinator::Epochs;
use transactions::records::Identity;
use transactions::state::TransactionState;

use crate::world::{START, World, at, refused};

#[test]
fn the_first_partition_begins_it_and_more_may_come() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.now = 500;
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    world.now = 900;
    world.add("pay-1", producer, &["orders-0", "stock-2"]).unwrap();
    let record = world.machine.get("pay-1").unwrap();
    assert_eq!((record.state, record.began), (TransactionState::Ongoing, START + 500));
    assert_eq!(record.partitions, [at("orders-0"), at("stock-2")].into());
}

#[test]
fn what_it_has_already_is_no_decision() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0", "stock-2"]).unwrap();
    let now = world.moment();
    let again = world.machine.add_partitions("pay-1", producer, &[at("stock-2")], now).unwrap();
    assert_eq!(again.records, []);
}

#[test]
fn the_next_transaction_has_none_of_those_before() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    let next = world.end("pay-1", producer, Outcome::Commit).unwrap();
    assert_eq!(next, Identity { epoch: 1, ..producer });
    assert_snapshot!(refused(world.add("pay-1", next, &["stock-2"])), @"the transaction of `pay-1` is in PrepareCommit: its end is still being carried out (CONCURRENT_TRANSACTIONS)");
    world.carry_out();
    world.add("pay-1", next, &["stock-2"]).unwrap();
    assert_eq!(world.machine.get("pay-1").unwrap().partitions, [at("stock-2")].into());
}

#[test]
fn a_leader_is_told_whether_a_transaction_has_its_partition() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    let ask = |world: &World, producer| world.machine.verify("pay-1", producer, &[at("orders-0"), at("stock-2")]);
    let told = ask(&world, producer).unwrap();
    assert!(told.iter().all(|told| told.is_err()), "nothing is open");
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    let told = ask(&world, producer).unwrap();
    assert_eq!(told[0], Ok(()));
    assert_snapshot!(refused(told[1].clone()), @"the transaction of `pay-1` is in Ongoing, and does not have stock-2 (TRANSACTION_ABORTABLE)");
    let next = world.end("pay-1", producer, Outcome::Abort).unwrap();
    assert_eq!(ask(&world, producer).unwrap_err().code, ErrorCode::ProducerFenced, "a late record's epoch");
    assert_eq!(ask(&world, next).unwrap_err().code, ErrorCode::ConcurrentTransactions);
    world.carry_out();
    assert!(ask(&world, next).unwrap().iter().all(|told| told.is_err()), "it is over");
}

#[test]
fn who_is_not_known_adds_nothing() {
    let mut world = World::new(Epochs::OfTransaction);
    let stranger = Identity { id: 99, epoch: 0 };
    assert_snapshot!(refused(world.add("pay-1", stranger, &["orders-0"])), @"producer 99 of transactional id `pay-1`: the id is not known; it was never used, or not for too long (INVALID_PRODUCER_ID_MAPPING)");
    world.begin("pay-1");
    assert_snapshot!(refused(world.add("pay-1", stranger, &["orders-0"])), @"producer 99 of transactional id `pay-1`: the id has another producer (INVALID_PRODUCER_ID_MAPPING)");
    let from_the_future = Identity { id: 7, epoch: 5 };
    assert_eq!(world.add("pay-1", from_the_future, &["orders-0"]).unwrap_err().code, ErrorCode::ProducerFenced);
}
