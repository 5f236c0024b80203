//! Time limits.

use std::time::Duration;

use partitioning::{ErrorCode, TopicPartition};
use replication::machine::{Machine, Moment};
use segment_log::control::Outcome;
use transactions::coordinator::{Coordinator, CoordinatorConfig, Epochs, Initialized};
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

/// After a week without a broker, say. One batch of them all could be larger than what is copied at once.
#[test]
fn many_that_are_due_come_in_batches_one_soon_after_the_other() {
    let many = (0..2_500).map(|number| (format!("idle-{number}"), TransactionState::Empty, 0));
    assert_eq!(batches(many), [1_000, 1_000, 500]);
    let large = [4_000, 6_000, 1, 10_001, 1];
    let large = large.into_iter().enumerate();
    let open = large.map(|(number, partitions)| (format!("open-{number}"), TransactionState::Ongoing, partitions));
    assert_eq!(batches(open), [2, 1, 1, 1]);
}

/// How many decisions come at once, of transactions whose time is over: each with its state, and so many partitions.
fn batches(known: impl Iterator<Item = (String, TransactionState, u32)>) -> Vec<usize> {
    let mut machine = Coordinator::new(CoordinatorConfig::default());
    for (id, state, partitions) in known {
        let record = TransactionRecord {
            producer: Identity { id: 7, epoch: 0 },
            previous: None,
            next_id: None,
            timeout_ms: 60_000,
            state,
            partitions: (0..partitions).map(|number| TopicPartition::new("orders", number)).collect(),
            began: START,
            updated: START,
        };
        machine.replay(&TransactionDecision { id: id.into(), record: Some(record) });
    }
    let (mut batches, mut uptime) = (Vec::new(), Duration::from_secs(10));
    loop {
        let due = machine.tick(Moment { wall: START + 10_000_000_000, uptime });
        due.iter().for_each(|decision| machine.replay(decision));
        let next = machine.deadline().expect("it looks again");
        batches.push(due.len());
        if next >= uptime + Duration::from_secs(10) {
            return batches;
        }
        assert!(next > uptime, "the next look lies ahead");
        uptime = next;
    }
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
