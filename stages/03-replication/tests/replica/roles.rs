//! Roles and epochs: what the controller decides is taken up once, and never an older decision after a newer one.

use std::collections::BTreeMap;

use partitioning::{ErrorCode, Isolation, Partition, ReadRequest};
use replication::api::{FollowerSeen, ReplicaRole};
use replication::replica::Following;

use crate::broker::Broker;
use crate::messages::{NOW, leading, refused};

fn in_sync(broker: &Broker) -> Vec<i32> {
    match broker.role() {
        ReplicaRole::Leader { in_sync, .. } => in_sync,
        other => panic!("it does not lead: {other:?}"),
    }
}

fn epoch(broker: &Broker) -> i32 {
    broker.replica().describe().leader_epoch
}

#[test]
fn a_new_replica_waits_and_serves_nobody() {
    let broker = Broker::new(1);
    assert_eq!((broker.role(), epoch(&broker), broker.offsets()), (ReplicaRole::Waiting, -1, (0, 0, 0)));
    assert_eq!(broker.replica().ask(), None);
    assert_eq!(broker.replica().wish(), None);
    assert_eq!(broker.replica().look_around(), Ok(false));
    let (code, sentence) =
        (ErrorCode::NotLeaderOrFollower, "this broker does not lead orders-0: nobody does in epoch -1");
    refused(code, sentence, broker.try_append(&["a"]));
    refused(code, sentence, broker.replica().find_time(0));
    let request = ReadRequest { from: 0, max_bytes: 1, min_one_batch: true };
    refused(code, sentence, broker.replica().read(request, Isolation::HighWatermark));
}

#[test]
fn a_leader_says_who_is_in_sync_and_what_it_knows_of_the_others() {
    let broker = Broker::new(1);
    broker.lead(4, &[1, 3]);
    let unknown = |id| FollowerSeen { id, end: None };
    let role =
        ReplicaRole::Leader { in_sync: vec![1, 3], pending: Vec::new(), followers: vec![unknown(2), unknown(3)] };
    assert_eq!((broker.role(), epoch(&broker)), (role, 4));
    assert_eq!(broker.replica().offsets().in_sync, 2);
    assert_eq!(broker.replica().ask(), None, "it asks nobody");
}

#[test]
fn a_follower_knows_whom_to_ask() {
    let broker = Broker::new(1);
    assert_eq!(broker.follow(2, 3), None);
    assert_eq!((broker.role(), epoch(&broker)), (ReplicaRole::Follower(2), 3));
    let ask = broker.replica().ask().expect("it follows");
    assert_eq!((ask.leader, ask.leader_epoch, ask.offset, ask.last_epoch), (2, 3, 0, None));
    let sentence = "this broker does not lead orders-0: broker 2 does, in epoch 3";
    refused(ErrorCode::NotLeaderOrFollower, sentence, broker.try_append(&["a"]));
    assert_eq!(broker.replica().offsets().in_sync, 0);
}

#[test]
fn without_a_leader_it_waits() {
    let broker = Broker::new(1);
    broker.follow(2, 3);
    broker.replica().follow(Following { leader: None, epoch: 4 }, NOW).expect("it waits");
    assert_eq!((broker.role(), epoch(&broker), broker.replica().ask()), (ReplicaRole::Waiting, 4, None));
}

#[test]
fn an_older_decision_changes_nothing() {
    let broker = Broker::new(1);
    broker.lead(5, &[1, 2]);
    broker.append(&["a"]);
    broker.lead(4, &[1, 2, 3]);
    assert_eq!(broker.follow(2, 4), None);
    assert_eq!((epoch(&broker), in_sync(&broker)), (5, vec![1, 2]), "it leads in epoch 5");
    broker.follow(2, 6);
    broker.lead(5, &[1]);
    broker.follow(3, 5);
    assert_eq!((epoch(&broker), broker.role()), (6, ReplicaRole::Follower(2)), "it follows in epoch 6");
    broker.replica().follow(Following { leader: None, epoch: 5 }, NOW).expect("it is heard");
    assert_eq!(broker.role(), ReplicaRole::Follower(2));
    assert_eq!(broker.records(), "0:a@5");
}

#[test]
fn a_leader_goes_on_leading_as_the_controller_decides() {
    let broker = Broker::new(1);
    broker.try_lead(leading(1, 5, 1, &[1, 2])).expect("it leads");
    broker.append(&["a", "b"]);
    assert_eq!(broker.offsets(), (0, 0, 2), "2 is in sync, and has not fetched");
    broker.try_lead(leading(1, 5, 2, &[1])).expect("it goes on");
    assert_eq!((in_sync(&broker), broker.offsets()), (vec![1], (0, 2, 2)), "2 is out: 1 alone commits");
    broker.try_lead(leading(1, 5, 1, &[1, 2, 3])).expect("it is heard");
    assert_eq!(in_sync(&broker), [1], "change 1 is older than change 2");
}

#[test]
fn a_setting_that_changes_counts_at_once() {
    let broker = Broker::new(1);
    let mut told = leading(1, 5, 1, &[1]);
    told.config.min_in_sync = 2;
    broker.try_lead(told.clone()).expect("it leads");
    broker.append(&["a"]);
    assert_eq!(broker.offsets(), (0, 0, 1), "one in sync, and two are demanded");
    told.config.min_in_sync = 1;
    broker.try_lead(told).expect("it goes on, with the same list");
    assert_eq!(broker.offsets(), (0, 1, 1));
}

#[test]
fn who_may_join_is_believed_with_each_decision() {
    let broker = Broker::new(1);
    let mut told = leading(1, 5, 1, &[1]);
    told.eligible = BTreeMap::new();
    broker.try_lead(told.clone()).expect("it leads");
    let follower = Broker::new(2);
    follower.follow(1, 5);
    follower.catch_up(&broker);
    assert_eq!(broker.replica().wish(), None, "2 may not join");
    told.eligible = [(2, 20)].into();
    broker.try_lead(told).expect("it goes on");
    assert_eq!(broker.replica().look_around(), Ok(true));
    let wish = broker.replica().wish().expect("2 may join");
    assert_eq!(wish.in_sync, [(1, -1), (2, 20)]);
}

#[test]
fn each_leadership_has_an_epoch_of_its_own() {
    let broker = Broker::new(1);
    broker.follow(2, 5);
    let sentence =
        "broker 1 is to lead orders-0 in epoch 5, of which its log has heard: a leader begins an epoch of its own";
    refused(ErrorCode::FencedLeaderEpoch, sentence, broker.try_lead(leading(1, 5, 9, &[1])));
    assert_eq!(broker.role(), ReplicaRole::Follower(2), "it goes on following");
    broker.lead(6, &[1]);
    broker.append(&["a"]);
    broker.lead(7, &[1]);
    broker.append(&["b"]);
    assert_eq!(broker.records(), "0:a@6 1:b@7", "elected again, it writes in the new epoch");
}

#[test]
fn what_is_known_to_be_committed_stays_known_from_role_to_role() {
    let broker = Broker::new(1);
    broker.lead(1, &[1]);
    broker.append(&["a", "b"]);
    assert_eq!(broker.offsets(), (0, 2, 2));
    broker.follow(2, 2);
    assert_eq!(broker.offsets(), (0, 2, 2), "as a follower");
    broker.replica().follow(Following { leader: None, epoch: 3 }, NOW).expect("it waits");
    assert_eq!(broker.offsets(), (0, 2, 2), "while nobody leads");
    broker.lead(4, &[1, 2]);
    broker.append(&["c"]);
    assert_eq!(broker.offsets(), (0, 2, 3), "as a leader, with 2 in sync, which has not fetched");
    broker.lead(5, &[1, 2]);
    assert_eq!(broker.offsets(), (0, 2, 3), "elected again");
}

#[test]
fn the_epoch_is_written_down_before_anything_is_written_in_it() {
    let broker = Broker::new(1);
    broker.lead(3, &[1]);
    assert_eq!(broker.checkpoint(), "0\n1\n3 0\n", "nothing is written in epoch 3 yet");
    broker.append(&["a", "b"]);
    broker.lead(8, &[1]);
    assert_eq!(broker.checkpoint(), "0\n2\n3 0\n8 2\n");
    broker.lead(9, &[1]);
    assert_eq!(broker.checkpoint(), "0\n2\n3 0\n9 2\n", "nobody wrote in epoch 8");
}

#[test]
fn who_cannot_write_the_epoch_down_does_not_lead() {
    let broker = Broker::new(1);
    broker.lead(3, &[1]);
    broker.append(&["a"]);
    broker.disk.fail("rename", "leader-epoch-checkpoint");
    let refusal = broker.try_lead(leading(1, 4, 4, &[1])).expect_err("the disk was told to fail");
    assert_eq!(refusal.code, ErrorCode::StorageError, "{refusal:?}");
    assert_eq!((broker.role(), broker.offsets()), (ReplicaRole::Waiting, (0, 1, 1)), "epoch 3 is over for it");
    assert!(broker.try_append(&["b"]).is_err());
    assert!(broker.disk.is_calm());
    broker.lead(4, &[1]);
    broker.append(&["b"]);
    assert_eq!((broker.records().as_str(), broker.checkpoint().as_str()), ("0:a@3 1:b@4", "0\n2\n3 0\n4 1\n"));
}
