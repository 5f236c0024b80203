//! A producer id has 32,767 epochs. Then comes another id.

use partitioning::ErrorCode;
use segment_log::control::Outcome;
use transactions::coordinator::{Epochs, LAST_EPOCH};
use transactions::records::{Identity, TransactionDecision, TransactionRecord};
use transactions::state::TransactionState;

use crate::world::World;

/// A producer in its last epoch, with an open transaction.
fn last() -> (World, Identity) {
    let mut world = World::new(Epochs::OfTransaction);
    world.begin("pay-1");
    let record = world.machine.get("pay-1").unwrap().clone();
    // It has begun 32,766 times.
    let producer = Identity { epoch: LAST_EPOCH, ..record.producer };
    let record = TransactionRecord { producer, ..record };
    world.learn(vec![TransactionDecision { id: "pay-1".into(), record: Some(record) }]);
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    (world, producer)
}

#[test]
fn the_end_of_the_last_epoch_brings_another_id() {
    let (mut world, producer) = last();
    let next = world.end("pay-1", producer, Outcome::Commit).unwrap();
    assert_eq!(next, Identity { id: 8, epoch: 0 });
    // The markers are still the old id's, with the one epoch that no producer gets.
    assert_eq!(world.machine.prepared()[0].producer, Identity { id: 7, epoch: i16::MAX });
    // It was told its new id, and goes on at once. That is too soon, and no reason to give up.
    let too_soon = world.add("pay-1", next, &["orders-0"]).unwrap_err();
    assert_eq!(too_soon.code, ErrorCode::ConcurrentTransactions);
    let too_soon = world.end("pay-1", next, Outcome::Abort).unwrap_err();
    assert_eq!(too_soon.code, ErrorCode::ConcurrentTransactions);
    world.carry_out();
    assert_eq!(world.end("pay-1", producer, Outcome::Commit), Ok(next), "asked again");
    world.add("pay-1", next, &["orders-0"]).unwrap();
}

#[test]
fn so_does_a_new_beginning() {
    let (mut world, _) = last();
    assert_eq!(world.begin("pay-1"), Identity { id: 8, epoch: 0 });
}

#[test]
fn who_is_aborted_in_the_last_epoch_begins_anew() {
    let (mut world, producer) = last();
    world.pass(60_000);
    assert_eq!(world.state("pay-1"), TransactionState::PrepareAbort);
    world.carry_out();
    assert!(world.end("pay-1", producer, Outcome::Abort).is_err(), "there is no epoch that it could go on in");
    assert!(world.add("pay-1", Identity { id: 7, epoch: i16::MAX }, &["orders-0"]).is_err());
    assert_eq!(world.begin("pay-1"), Identity { id: 8, epoch: 0 });
}

#[test]
fn nobody_has_the_markers_epoch() {
    let (mut world, producer) = last();
    world.pass(60_000);
    world.carry_out();
    let invented = Identity { epoch: i16::MAX, ..producer };
    for outcome in [Outcome::Commit, Outcome::Abort] {
        assert_eq!(world.end("pay-1", invented, outcome).unwrap_err().code, ErrorCode::ProducerFenced);
    }
}
