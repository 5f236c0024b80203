//! How a transaction ends, once and for all.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use transactions::coordinator::Epochs;
use transactions::records::Identity;
use transactions::state::TransactionState;

use crate::world::{World, refused};

/// A producer with a transaction that is open.
fn open(epochs: Epochs) -> (World, Identity) {
    let mut world = World::new(epochs);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0", "stock-2"]).unwrap();
    (world, producer)
}

#[test]
fn the_decision_raises_the_epoch_and_the_markers_bring_it() {
    for (outcome, state) in
        [(Outcome::Commit, TransactionState::CompleteCommit), (Outcome::Abort, TransactionState::CompleteAbort)]
    {
        let (mut world, producer) = open(Epochs::OfTransaction);
        let next = world.end("pay-1", producer, outcome).unwrap();
        assert_eq!(next, Identity { epoch: 1, ..producer });
        assert_eq!(world.state("pay-1"), TransactionState::prepare(outcome));
        assert_eq!(world.machine.prepared()[0].producer, next);
        world.carry_out();
        assert_eq!((world.state("pay-1"), world.machine.prepared().len()), (state, 0));
    }
}

#[test]
fn who_did_not_hear_the_answer_asks_again_and_is_told_the_same() {
    let (mut world, producer) = open(Epochs::OfTransaction);
    let next = world.end("pay-1", producer, Outcome::Commit).unwrap();
    let code = world.end("pay-1", producer, Outcome::Commit).unwrap_err().code;
    assert_eq!(code, ErrorCode::ConcurrentTransactions, "it is being carried out");
    world.carry_out();
    assert_eq!(world.end("pay-1", producer, Outcome::Commit), Ok(next));
}

#[test]
fn what_is_decided_cannot_be_decided_otherwise() {
    for carried_out in [false, true] {
        let (mut world, producer) = open(Epochs::OfTransaction);
        world.end("pay-1", producer, Outcome::Commit).unwrap();
        if carried_out {
            world.carry_out();
        }
        let other = refused(world.end("pay-1", producer, Outcome::Abort));
        assert!(other.ends_with("it was decided otherwise (INVALID_TXN_STATE)"), "{other}");
    }
}

/// KAFKA-17754.
#[test]
fn a_late_end_decides_over_the_next_transaction_unless_each_has_its_epoch() {
    let late = |epochs| {
        let (mut world, producer) = open(epochs);
        // The request to abort is late. Its producer asks once more, is answered, and goes on.
        let mut producer_now = world.end("pay-1", producer, Outcome::Abort).unwrap();
        world.carry_out();
        if epochs == Epochs::OfInit {
            producer_now = producer;
        }
        world.add("pay-1", producer_now, &["orders-0"]).unwrap();
        let told = world.end("pay-1", producer, Outcome::Abort);
        (world.state("pay-1"), told)
    };
    let (state, told) = late(Epochs::OfInit);
    assert!(told.is_ok() && state == TransactionState::PrepareAbort, "it aborts what it knows nothing of");
    let (state, told) = late(Epochs::OfTransaction);
    assert_eq!((state, told.unwrap_err().code), (TransactionState::Ongoing, ErrorCode::ProducerFenced));
}

#[test]
fn nothing_can_be_aborted_and_cannot_be_committed() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    assert_snapshot!(refused(world.end("pay-1", producer, Outcome::Commit)), @"the transaction of `pay-1` is in Empty: there is nothing to commit (INVALID_TXN_STATE)");
    let next = world.end("pay-1", producer, Outcome::Abort).unwrap();
    assert_eq!(next.epoch, 1, "whatever is late is of an older epoch");
    assert_eq!(world.machine.prepared()[0].partitions, [], "there is nothing to mark");
    world.carry_out();
    world.add("pay-1", next, &["orders-0"]).unwrap();
}

#[test]
fn the_decision_outlives_its_leader() {
    for outcome in [Outcome::Commit, Outcome::Abort] {
        let (mut world, producer) = open(Epochs::OfTransaction);
        world.fail_over();
        let next = world.end("pay-1", producer, outcome).unwrap();
        world.fail_over();
        let [prepared] = &world.machine.prepared()[..] else { panic!("it is to be carried out") };
        assert_eq!((prepared.outcome, prepared.partitions.len()), (outcome, 2));
        world.carry_out();
        world.fail_over();
        assert_eq!(world.end("pay-1", producer, outcome), Ok(next));
    }
}

#[test]
fn news_of_a_transaction_that_is_over_changes_nothing() {
    let (mut world, producer) = open(Epochs::OfTransaction);
    let next = world.end("pay-1", producer, Outcome::Commit).unwrap();
    let now = world.moment();
    assert_eq!(world.machine.complete("pay-1", producer, now).records, [], "the markers of the epoch before");
    assert_eq!(world.machine.complete("pay-2", next, now).records, []);
    world.carry_out();
    assert_eq!(world.machine.complete("pay-1", next, now).records, [], "a second time");
    world.add("pay-1", next, &["orders-0"]).unwrap();
    assert_eq!(world.machine.complete("pay-1", next, now).records, [], "while the next one is open");
}
