//! Partitions that move to other brokers.

use partitioning::ErrorCode;
use replication::records::PartitionRecord;

use crate::world::{World, at, config, refused};

/// Brokers 1 to 5, and `t-0` on 1, 2 and 3.
fn five() -> World {
    five_with(&[])
}

fn five_with(settings: &[(&str, &str)]) -> World {
    let mut world = World::with_partition(config(), &[1, 2, 3], settings);
    world.start(4);
    world.start(5);
    world
}

/// Replicas, and which of them come and go.
fn lists(record: &PartitionRecord) -> String {
    let PartitionRecord { replicas, adding, removing, .. } = record;
    format!("{replicas:?}, adding {adding:?}, removing {removing:?}")
}

fn t_lists(world: &World) -> String {
    lists(world.partition(&at("t", 0)))
}

#[test]
fn a_partition_moves_when_all_of_the_target_have_it() {
    let mut world = five();
    let t = at("t", 0);
    let answer = world.reassign(&t, Some(&[4, 5, 3])).unwrap();
    assert_eq!(lists(&answer), "[4, 5, 3, 1, 2], adding [4, 5], removing [1, 2]");
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2, 3], eligible [], change 1", "nobody else leads yet");
    world.alter(&t, &[1, 2, 3, 4]).unwrap();
    assert_eq!(t_lists(&world), "[4, 5, 3, 1, 2], adding [4, 5], removing [1, 2]", "5 is missing");
    let sentence = "the list is granted. It has completed a move of t-0, and broker 1 leads no more";
    refused(ErrorCode::NewLeaderElected, sentence, world.alter(&t, &[1, 2, 3, 4, 5]));
    assert_eq!(t_lists(&world), "[4, 5, 3], adding [], removing []");
    assert_eq!(world.told(), "4 leads in 1, in sync [3, 4, 5], eligible [], change 3");
}

#[test]
fn a_move_that_needs_no_copy_is_done_at_once() {
    let mut world = five();
    let t = at("t", 0);
    world.reassign(&t, Some(&[3, 1, 2])).unwrap();
    assert_eq!(t_lists(&world), "[3, 1, 2], adding [], removing []", "another order");
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2, 3], eligible [], change 1");
    world.reassign(&t, Some(&[3, 1])).unwrap();
    assert_eq!(t_lists(&world), "[3, 1], adding [], removing []", "one copy less");
    assert_eq!(
        world.told(),
        "1 leads in 1, in sync [1, 3], eligible [], change 2",
        "what 2 said as a replica must not count if it becomes one again: a new epoch"
    );
    let unchanged = world.reassign(&t, Some(&[3, 1])).unwrap();
    assert_eq!(unchanged.partition_epoch, 2, "nothing changes");
}

#[test]
fn a_dead_leader_that_goes_is_waited_for_no_longer_than_the_others_take() {
    let mut world = five();
    let t = at("t", 0);
    world.reassign(&t, Some(&[4, 2])).unwrap();
    world.silence(&[1]);
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 2");
    world.alter(&t, &[2, 3, 4]).unwrap();
    assert_eq!(t_lists(&world), "[4, 2], adding [], removing []");
    assert_eq!(world.told(), "2 leads in 2, in sync [2, 4], eligible [], change 3");
}

#[test]
fn a_move_can_be_called_off() {
    let mut world = five();
    let t = at("t", 0);
    refused(ErrorCode::NoReassignmentInProgress, "t-0: its replicas are not being moved", world.reassign(&t, None));
    world.reassign(&t, Some(&[4, 5])).unwrap();
    world.alter(&t, &[1, 2, 3, 4]).unwrap();
    world.reassign(&t, None).unwrap();
    assert_eq!(t_lists(&world), "[1, 2, 3], adding [], removing []");
    assert_eq!(world.told(), "1 leads in 1, in sync [1, 2, 3], eligible [], change 3");
}

#[test]
fn a_move_that_has_no_way_back_is_not_called_off() {
    for (settings, allowed) in [(&[][..], false), (&[("unclean.leader.election.enable", "true")], true)] {
        let mut world = five_with(settings);
        let t = at("t", 0);
        world.reassign(&t, Some(&[4, 5])).unwrap();
        world.alter(&t, &[1, 2, 3, 4]).unwrap();
        world.silence(&[1, 2, 3]);
        assert_eq!(world.told(), "4 leads in 1, in sync [4], eligible [], change 3");
        let called_off = world.reassign(&t, None);
        if allowed {
            assert_eq!(lists(&called_off.unwrap()), "[1, 2, 3], adding [], removing []");
            assert_eq!(
                world.told(),
                "nobody leads in 2, in sync [1], eligible [], change 4",
                "1 is dead, and the last"
            );
        } else {
            let sentence = "t-0: unclean.leader.election.enable is false, and only copies that were added are in sync: \
                            wait until the move is done";
            refused(ErrorCode::InvalidReplicaAssignment, sentence, called_off);
        }
    }
}

#[test]
fn a_second_move_begins_where_the_first_has_come_to() {
    let mut world = five();
    let t = at("t", 0);
    world.reassign(&t, Some(&[4, 2, 3])).unwrap();
    world.reassign(&t, Some(&[4, 5, 3])).unwrap();
    assert_eq!(t_lists(&world), "[4, 5, 3, 2, 1], adding [4, 5], removing [2, 1]", "4 is still to come");
    world.reassign(&t, Some(&[1, 2, 3])).unwrap();
    assert_eq!(t_lists(&world), "[1, 2, 3], adding [], removing []", "back: all of them are in sync");
}

#[test]
fn a_target_has_rules() {
    let mut world = five();
    let t = at("t", 0);
    let code = ErrorCode::InvalidReplicaAssignment;
    let sentence = "t-0: a partition has at least one replica, and the new list is empty";
    refused(code, sentence, world.reassign(&t, Some(&[])));
    let sentence = "t-0: broker 4 is named twice, and has one replica of a partition at most";
    refused(code, sentence, world.reassign(&t, Some(&[4, 5, 4])));
    let sentence = "t-0: broker 6 has not registered, and cannot get a replica";
    refused(code, sentence, world.reassign(&t, Some(&[4, 6])));
    let code = ErrorCode::UnknownTopicOrPartition;
    refused(code, "there is no topic `u`", world.reassign(&at("u", 0), Some(&[4])));
    refused(code, "there is no topic `u`", world.reassign(&at("u", 0), None));
    assert_eq!(t_lists(&world), "[1, 2, 3], adding [], removing []");
    world.silence(&[4]);
    world.reassign(&t, Some(&[4])).unwrap();
    assert_eq!(t_lists(&world), "[4, 1, 2, 3], adding [4], removing [1, 2, 3]", "one that is dead may come back");
}
