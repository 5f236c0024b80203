//! A producer begins.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use transactions::coordinator::{Epochs, Init, Initialized};
use transactions::records::Identity;
use transactions::state::TransactionState;

use crate::world::{World, refused};

#[test]
fn the_first_gets_an_id_and_each_later_one_the_next_epoch() {
    let mut world = World::new(Epochs::OfTransaction);
    assert_eq!(world.begin("pay-1"), Identity { id: 7, epoch: 0 });
    assert_eq!(world.begin("pay-1"), Identity { id: 7, epoch: 1 });
    assert_eq!(world.begin("pay-2"), Identity { id: 8, epoch: 0 });
    assert_eq!(world.begin("pay-1"), Identity { id: 7, epoch: 2 });
    assert_eq!(world.state("pay-1"), TransactionState::Empty);
}

#[test]
fn the_one_before_is_a_zombie_from_then_on() {
    let mut world = World::new(Epochs::OfTransaction);
    let zombie = world.begin("pay-1");
    let heir = world.begin("pay-1");
    assert_snapshot!(refused(world.add("pay-1", zombie, &["orders-0"])), @"transactional id `pay-1`: epoch 0 of producer 7 is over, and epoch 1 of producer 7 has begun (PRODUCER_FENCED)");
    assert_eq!(world.end("pay-1", zombie, Outcome::Commit).unwrap_err().code, ErrorCode::ProducerFenced);
    assert_eq!(world.end("pay-1", zombie, Outcome::Abort).unwrap_err().code, ErrorCode::ProducerFenced);
    world.add("pay-1", heir, &["orders-0"]).unwrap();
}

#[test]
fn what_the_one_before_had_open_is_aborted_first() {
    for epochs in [Epochs::OfInit, Epochs::OfTransaction] {
        let mut world = World::new(epochs);
        let zombie = world.begin("pay-1");
        world.add("pay-1", zombie, &["orders-0", "stock-2"]).unwrap();
        assert_eq!(world.init("pay-1", None), Ok(Initialized::NotYet));
        assert_eq!(world.state("pay-1"), TransactionState::PrepareAbort);
        let [prepared] = &world.machine.prepared()[..] else { panic!("one is to be carried out") };
        assert_eq!((prepared.producer, prepared.outcome), (Identity { id: 7, epoch: 1 }, Outcome::Abort));
        assert_eq!(prepared.partitions.len(), 2);
        // He is refused from the decision on, whatever he wants.
        assert_eq!(world.end("pay-1", zombie, Outcome::Commit).unwrap_err().code, ErrorCode::ProducerFenced);
        assert_eq!(world.end("pay-1", zombie, Outcome::Abort).unwrap_err().code, ErrorCode::ProducerFenced);
        let told = refused(world.init("pay-1", None));
        assert_eq!(
            told,
            "the transaction of `pay-1` is in PrepareAbort: its end is still being carried out (CONCURRENT_TRANSACTIONS)"
        );
        world.carry_out();
        assert_eq!(world.init("pay-1", None), Ok(Initialized::As(Identity { id: 7, epoch: 2 })));
    }
}

#[test]
fn what_is_decided_is_finished_and_not_aborted() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    world.end("pay-1", producer, Outcome::Commit).unwrap();
    assert_eq!(world.init("pay-1", None).unwrap_err().code, ErrorCode::ConcurrentTransactions);
    world.carry_out();
    assert_eq!(world.state("pay-1"), TransactionState::CompleteCommit);
    assert_eq!(world.init("pay-1", None), Ok(Initialized::As(Identity { id: 7, epoch: 2 })));
}

/// KIP-360: one that goes on after an error must not take the id back from somebody who has taken it over.
#[test]
fn who_goes_on_says_who_it_was() {
    let mut world = World::new(Epochs::OfTransaction);
    let first = world.begin("pay-1");
    let next = Identity { epoch: 1, ..first };
    assert_eq!(world.init("pay-1", Some(first)), Ok(Initialized::As(next)));
    // It did not hear that, and asks again.
    assert_eq!(world.init("pay-1", Some(first)), Ok(Initialized::As(next)));
    let heir = world.begin("pay-1");
    // The heir has done nothing yet, and it may not be told who the heir is.
    for before in [first, next] {
        assert_eq!(world.init("pay-1", Some(before)).unwrap_err().code, ErrorCode::ProducerFenced);
    }
    world.add("pay-1", heir, &["orders-0"]).unwrap();
    assert_eq!(world.init("pay-1", Some(next)).unwrap_err().code, ErrorCode::ProducerFenced);
}

#[test]
fn an_id_and_a_timeout_have_bounds() {
    let mut world = World::new(Epochs::OfTransaction);
    let now = world.moment();
    let mut init = |id: &str, timeout_ms| {
        world.machine.init(&Init { id: id.into(), timeout_ms, expected: None }, Some(1), now).map(drop)
    };
    assert_snapshot!(refused(init("", 1)), @"`` is no transactional id: it has 1 to 249 bytes (INVALID_REQUEST)");
    assert!(refused(init(&"x".repeat(250), 1)).ends_with("it has 1 to 249 bytes (INVALID_REQUEST)"));
    assert_snapshot!(refused(init("pay-1", 0)), @"transaction.timeout.ms is 0, and it is from 1 to transaction.max.timeout.ms = 900000 (INVALID_TRANSACTION_TIMEOUT)");
    assert_snapshot!(refused(init("pay-1", 900_001)), @"transaction.timeout.ms is 900001, and it is from 1 to transaction.max.timeout.ms = 900000 (INVALID_TRANSACTION_TIMEOUT)");
    init(&"x".repeat(249), 900_000).unwrap();
}
