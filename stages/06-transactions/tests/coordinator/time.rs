//! Time limits.

use std::time::Duration;

use partitioning::{ErrorCode, TopicPartition};
use replication::machine::Machine;
use segment_log::control::Outcome;
use transactions::coordinator::{Epochs, Initialized};
use transactions::records::{Identity, TransactionDecision, TransactionRecord};
use transactions::state::TransactionState;

use crate::world::{START, World};

#[test]
fn a_transaction_that_is_open_for_too_long_is_aborted() {
    for epochs in [Epochs::OfInit, Epochs::OfTransaction] {
        let mut world = World::new(epochs);
        let producer = world.begin("pay-1");
        world.pass(30_000);
        world.add("pay-1", producer, &["orders-0"]).unwrap();
        world.pass(59_999);
        assert_eq!(world.state("pay-1"), TransactionState::Ongoing, "the time counts from its first partition");
        world.pass(1);
        assert_eq!(world.state("pay-1"), TransactionState::PrepareAbort);
        assert_eq!(world.machine.prepared()[0].producer, Identity { epoch: 1, ..producer }, "its producer is refused");
        assert_eq!(world.end("pay-1", producer, Outcome::Commit).unwrap_err().code, ErrorCode::InvalidTxnState);
    }
}

#[test]
fn whoever_finds_its_transaction_aborted_can_go_on() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    world.pass(60_000);
    world.carry_out();
    let next = world.end("pay-1", producer, Outcome::Abort).unwrap();
    world.add("pay-1", next, &["orders-0"]).unwrap();
}

#[test]
fn the_time_goes_on_under_another_leader() {
    let mut world = World::new(Epochs::OfTransaction);
    let producer = world.begin("pay-1");
    world.add("pay-1", producer, &["orders-0"]).unwrap();
    world.pass(40_000);
    world.fail_over();
    world.pass(20_000);
    assert_eq!(world.state("pay-1"), TransactionState::PrepareAbort);
}

#[test]
fn of_very_many_whose_time_is_over_some_come_first() {
    let mut world = World::new(Epochs::OfTransaction);
    let ids: Vec<_> = (0..1_500).map(|number| format!("pay-{number}")).collect();
    let open = |id: &String| TransactionDecision {
        id: id.as_str().into(),
        record: Some(TransactionRecord {
            producer: Identity { id: 7, epoch: 0 },
            previous: None,
            next_id: None,
            timeout_ms: 60_000,
            state: TransactionState::Ongoing,
            partitions: [TopicPartition::new("orders", 0)].into(),
            began: START,
            updated: START,
        }),
    };
    ids.iter().for_each(|id| world.machine.replay(&open(id)));
    let mut now = world.moment();
    (now.wall, now.uptime) = (now.wall + 60_000, now.uptime + Duration::from_secs(60));
    let mut rounds = Vec::new();
    loop {
        let due = world.machine.tick(now);
        if due.is_empty() {
            break;
        }
        assert!(world.machine.deadline() <= Some(now.uptime), "what is left is not due later");
        due.iter().for_each(|decision| world.machine.replay(decision));
        rounds.push(due.len());
    }
    assert_eq!(rounds, [1_000, 500]);
    assert!(world.machine.deadline() > Some(now.uptime));
}

#[test]
fn an_id_that_nobody_uses_is_forgotten_but_never_in_the_middle() {
    const WEEK: u64 = 7 * 24 * 60 * 60 * 1_000;
    let mut world = World::new(Epochs::OfTransaction);
    world.begin("idle");
    let decided = world.begin("decided");
    world.add("decided", decided, &["orders-0"]).unwrap();
    world.end("decided", decided, Outcome::Commit).unwrap();
    world.pass(WEEK - 1);
    assert!(world.machine.get("idle").is_some());
    world.pass(1);
    assert!(world.machine.get("idle").is_none());
    assert_eq!(world.state("decided"), TransactionState::PrepareCommit, "somebody waits for its markers");
    world.carry_out();
    world.pass(WEEK);
    assert!(world.machine.get("decided").is_none());
    // The next one under this name is another producer.
    assert_eq!(world.init("decided", None), Ok(Initialized::As(Identity { id: 9, epoch: 0 })));
    assert_eq!(world.end("decided", decided, Outcome::Commit).unwrap_err().code, ErrorCode::InvalidProducerIdMapping);
}
