//! When a cluster is at rest, and why it is not.

use replication::api::ReplicaRole;
use replication::cli::cluster::members::{Life, Members, Name, Process};
use replication::cli::cluster::rest::{have_heard, unrest};

use crate::fixture::{bury, decided, fence, healthy, leads, process, replica, told};

#[track_caller]
fn assert_unrest(change: impl FnOnce(&mut Members), why: &str) {
    let mut members = healthy();
    change(&mut members);
    assert_eq!(unrest(&members).as_deref(), Some(why));
}

#[track_caller]
fn assert_rest(change: impl FnOnce(&mut Members)) {
    let mut members = healthy();
    change(&mut members);
    assert_eq!(unrest(&members), None);
}

#[test]
fn it_rests_when_nothing_more_will_follow() {
    assert_rest(|_| {});
    assert_rest(|members| bury(members, 3));
    assert_rest(|members| {
        // Cut off, and it believes what it believed.
        process(members, 3).is_isolated = true;
        fence(members, 3);
        decided(members).in_sync = vec![1, 2];
        told(members, 3).end = 99;
    });
    assert_rest(|members| {
        // It cannot become a member.
        bury(members, 3);
        *process(members, 3) = Process { life: Life::Starting, is_isolated: true, ..process(members, 3).clone() };
    });
    assert_rest(|members| {
        // Nobody who could lead is left.
        (1..=3).for_each(|id| bury(members, id));
        decided(members).leader = None;
        decided(members).in_sync = vec![1];
    });
    assert_rest(|members| {
        // Nothing is committed with so few.
        bury(members, 2);
        bury(members, 3);
        decided(members).min_in_sync = 2;
        told(members, 1).end = 11;
    });
}

#[test]
fn it_does_not_rest_as_long_as_members_are_not_where_they_belong() {
    assert_unrest(
        |members| members.processes.get_mut(&Name::Controller).unwrap().life = Life::Dead,
        "the controller does not answer",
    );
    assert_unrest(|members| members.controller = None, "the controller does not answer");
    for (life, why) in [(Life::Starting, "broker 2 starts"), (Life::Stopping, "broker 2 is about to end")] {
        assert_unrest(
            |members| {
                bury(members, 2);
                process(members, 2).life = life;
            },
            why,
        );
    }
    assert_unrest(|members| process(members, 2).life = Life::Dead, "broker 2 cannot be reached, and is not fenced yet");
    assert_unrest(
        |members| process(members, 2).life = Life::Paused,
        "broker 2 cannot be reached, and is not fenced yet",
    );
    assert_unrest(
        |members| process(members, 2).is_isolated = true,
        "broker 2 cannot be reached, and is not fenced yet",
    );
    assert_unrest(|members| fence(members, 2), "broker 2 runs, and is fenced still");
    assert_unrest(
        |members| _ = members.controller.as_mut().unwrap().brokers.remove(&2),
        "broker 2 runs, and is fenced still",
    );
    assert_unrest(
        |members| members.brokers.get_mut(&2).unwrap().knows = 11,
        "broker 2 has not heard of all that is decided",
    );
}

#[test]
fn it_does_not_rest_as_long_as_replicas_are_not_what_was_decided() {
    assert_unrest(|members| decided(members).is_moving = true, "orders-0 moves to other brokers");
    assert_unrest(
        |members| decided(members).in_sync = vec![1, 2],
        "broker 3 can be reached, and is not in sync yet with orders-0",
    );
    assert_unrest(
        |members| {
            bury(members, 3);
            decided(members).in_sync = vec![1, 2, 3];
        },
        "broker 3 cannot be reached, and is in sync still with orders-0",
    );
    assert_unrest(|members| decided(members).leader = None, "orders-0 has no leader yet, and broker 1 could lead it");
    assert_unrest(|members| told(members, 1).role = ReplicaRole::Waiting, "broker 1 does not lead orders-0 yet");
    assert_unrest(|members| decided(members).leader_epoch = 1, "broker 1 does not lead orders-0 yet");
    assert_unrest(|members| told(members, 1).end = 11, "orders-0 is committed up to 10, and ends at 11");
    let behind = "broker 2 does not have all that the leader of orders-0 has";
    assert_unrest(|members| *told(members, 2) = replica(ReplicaRole::Follower(1), 0, 10, 9), behind);
    assert_unrest(|members| *told(members, 2) = replica(ReplicaRole::Follower(1), 0, 9, 10), behind);
    assert_unrest(|members| *told(members, 2) = replica(ReplicaRole::Follower(3), 0, 10, 10), behind);
    assert_unrest(|members| *told(members, 2) = replica(leads(), 0, 10, 10), behind);
    assert_unrest(|members| members.brokers.get_mut(&2).unwrap().replicas.clear(), behind);
}

#[test]
fn whoever_can_be_reached_has_to_hear() {
    let mut members = healthy();
    assert!(have_heard(&members));
    members.brokers.get_mut(&2).unwrap().knows = 11;
    assert!(!have_heard(&members));
    process(&mut members, 2).life = Life::Paused;
    assert!(have_heard(&members));
}

#[test]
fn answers_count_from_those_that_run() {
    let mut members = healthy();
    members.processes.values_mut().for_each(|process| process.heard = 7);
    assert!(members.have_answered(7) && !members.have_answered(8));
    members.processes.values_mut().for_each(|process| process.life = Life::Paused);
    assert!(members.have_answered(8));
}
