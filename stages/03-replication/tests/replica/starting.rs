//! What a replica remembers when it is started again.

use partitioning::ErrorCode;
use replication::api::ReplicaRole;

use crate::broker::Broker;
use crate::messages::{leading, refused};

/// Led in epoch 2, and then in epoch 5: `0:a@2 1:b@2 2:c@5`.
fn broker() -> Broker {
    let broker = Broker::new(1);
    broker.lead(2, &[1]);
    broker.append(&["a", "b"]);
    broker.lead(5, &[1]);
    broker.append(&["c"]);
    broker
}

fn last_epoch(broker: &Broker) -> Option<i32> {
    broker.follow(2, 100);
    broker.replica().ask().expect("it follows").last_epoch
}

#[test]
fn the_high_watermark_is_what_was_written_down_as_far_as_the_log_holds() {
    for (written, expected) in [(0, 0), (2, 2), (3, 3), (9, 3), (-4, 0), (i64::MAX, 3)] {
        let mut broker = broker();
        broker.stop(true);
        broker.start(written).expect("it starts");
        assert_eq!(broker.offsets(), (0, expected, 3), "{written} was written down");
        assert_eq!(broker.high_watermark(), expected);
    }
    let mut broker = broker();
    broker.config.retention_bytes = Some(0);
    broker.restart();
    broker.lead(6, &[1]);
    broker.replica().housekeep(0).expect("it is open");
    broker.stop(true);
    broker.start(0).expect("it starts");
    assert_eq!(broker.offsets(), (3, 3, 3), "never before the log's start");
}

#[test]
fn epochs_come_back_from_the_batches() {
    for in_order in [true, false] {
        let mut broker = broker();
        broker.stop(in_order);
        std::fs::remove_file(broker.file("leader-epoch-checkpoint")).expect("it is there");
        broker.start(0).expect("it starts");
        assert_eq!(last_epoch(&broker), Some(5));
        broker.lead(101, &[1]);
        assert_eq!(broker.checkpoint(), "0\n3\n2 0\n5 2\n101 3\n", "closed in order: {in_order}");
    }
}

#[test]
fn an_epoch_without_a_batch_comes_back_from_the_checkpoint() {
    let mut broker = broker();
    broker.lead(8, &[1]);
    broker.crash(0);
    assert_eq!(broker.checkpoint(), "0\n3\n2 0\n5 2\n8 3\n");
    broker.follow(2, 9);
    assert_eq!(broker.replica().ask().expect("it follows").last_epoch, Some(5), "no record is of epoch 8");
    broker.lead(10, &[1]);
    assert_eq!(broker.checkpoint(), "0\n3\n2 0\n5 2\n10 3\n");
}

#[test]
fn a_checkpoint_that_the_batches_contradict_is_not_believed() {
    let mut broker = broker();
    broker.stop(false);
    std::fs::write(broker.file("leader-epoch-checkpoint"), "0\n3\n2 0\n4 1\n7 9\n").expect("it is written");
    broker.start(0).expect("it starts");
    assert_eq!(last_epoch(&broker), Some(5));
    broker.lead(101, &[1]);
    assert_eq!(broker.checkpoint(), "0\n3\n2 0\n5 2\n101 3\n");
}

#[test]
fn a_damaged_checkpoint_is_told_with_file_and_line() {
    let line = "line 4 is `epoch start`, both higher than in the line before, not";
    for (text, rule) in [
        (&b"0\n2\n2 0\n5\n"[..], format!("{line} `5`")),
        (b"0\n2\n2 0\n5 0\n", format!("{line} `5 0`")),
        (b"0\n2\n2 0\n2 7\n", format!("{line} `2 7`")),
        (b"0\n2\n2 0\n5 -2\n", format!("{line} `5 -2`")),
        (b"0\n3\n2 0\n5 2\n", "line 2 says that 3 entries follow, and 2 do".to_owned()),
        (b"0\nmany\n", "line 2 is the number of entries".to_owned()),
        (b"7\n0\n", "line 1 is the version, which is 0, not `7`".to_owned()),
        (b"", "line 1 is the version, which is 0, not ``".to_owned()),
        (b"0\n1\n\xff\xff 0\n", "it is not text".to_owned()),
    ] {
        let mut broker = broker();
        broker.stop(true);
        std::fs::write(broker.file("leader-epoch-checkpoint"), text).expect("it is written");
        let refusal = broker.start(0).expect_err("it is damaged");
        let expected = format!("StorageError: orders-0/leader-epoch-checkpoint cannot be read: {rule}");
        assert_eq!(broker.told(&refusal), expected);
    }
}

#[test]
fn an_older_decision_is_older_after_a_restart_too() {
    let mut broker = broker();
    broker.restart();
    assert_eq!(broker.role(), ReplicaRole::Waiting);
    assert_eq!(broker.replica().describe().leader_epoch, 5, "its log has heard of epoch 5");
    broker.lead(4, &[1]);
    assert_eq!(broker.follow(2, 4), None);
    assert_eq!(broker.role(), ReplicaRole::Waiting, "what the metadata log told long ago");
    broker.follow(2, 5);
    assert_eq!(broker.role(), ReplicaRole::Follower(2), "epoch 5 may be another's by now");
}

#[test]
fn nobody_leads_twice_in_an_epoch() {
    let mut broker = broker();
    broker.append(&["d"]);
    broker.lead(8, &[1]);
    broker.append(&["e"]);
    broker.stop(false);
    // The machine lost power, and with it the last segment, and what was written in epoch 8. Followers may have that.
    std::fs::remove_file(broker.file("00000000000000000003.log")).expect("it is there");
    broker.start(0).expect("it starts");
    assert_eq!(broker.records(), "0:a@2 1:b@2 2:c@5");
    let sentence =
        "broker 1 is to lead orders-0 in epoch 8, of which its log has heard: a leader begins an epoch of its own";
    refused(ErrorCode::FencedLeaderEpoch, sentence, broker.try_lead(leading(1, 8, 8, &[1])));
    assert_eq!(broker.role(), ReplicaRole::Waiting);
    broker.lead(9, &[1]);
    broker.append(&["x"]);
    assert_eq!(broker.records(), "0:a@2 1:b@2 2:c@5 3:x@9");
    assert_eq!(broker.checkpoint(), "0\n3\n2 0\n5 2\n9 3\n");
}

#[test]
fn what_was_copied_is_there_after_a_crash() {
    let (leader, mut follower) = (Broker::new(1), Broker::new(2));
    leader.lead(3, &[1, 2]);
    follower.follow(1, 3);
    for value in ["a", "b", "c"] {
        leader.append(&[value]);
    }
    follower.catch_up(&leader);
    follower.crash(1);
    assert_eq!((follower.records(), follower.offsets()), (leader.records(), (0, 1, 3)));
    follower.follow(1, 3);
    follower.catch_up(&leader);
    assert_eq!(follower.offsets(), (0, 3, 3));
}
