//! A broker that stops in order: it gives away what it leads, and is let go.

use partitioning::ErrorCode;
use replication::api::BrokerHeartbeatResponse;

use crate::world::{World, at, config, one_row, refused};

const GO: BrokerHeartbeatResponse = BrokerHeartbeatResponse { is_fenced: true, may_stop: true };
const WAIT: BrokerHeartbeatResponse = BrokerHeartbeatResponse { is_fenced: false, may_stop: false };

#[test]
fn it_gives_away_what_it_leads_and_waits_once() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let records = world.log.len();
    assert_eq!(world.wants_to_stop(1), WAIT, "others have to learn who leads now");
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
    assert_eq!(world.log.len(), records + 2, "the broker and the partition, in one decision");
    assert!(!world.state().active(1) && !world.state().broker(1).unwrap().fenced);
    assert_eq!(world.wants_to_stop(1), GO);
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
    assert_eq!(world.wants_to_stop(1), GO, "if the answer was lost, it is given again");
}

#[test]
fn who_leads_nothing_may_go_at_once() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    assert_eq!(world.wants_to_stop(3), GO);
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2], eligible [], change 1");
}

#[test]
fn what_nobody_can_take_has_no_leader_in_the_end() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[2, 3]);
    assert_eq!(world.wants_to_stop(1), GO, "there is nothing to wait for");
    assert_eq!(world.told(), "nobody leads in 1, in sync [], eligible [1], change 2");
    let epoch = world.epoch(1);
    world.start_after(1, Some(epoch));
    assert_eq!(world.told(), "1 leads in 2, in sync [1], eligible [], change 3", "it had everything, and has it");
}

#[test]
fn it_leads_on_alone_until_what_can_be_moved_is_moved() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &[]);
    world.create("alone", 1, 1, &[]).unwrap();
    world.place(&at("alone", 0), &[1]);
    assert_eq!(world.wants_to_stop(1), WAIT);
    assert_eq!(world.partition(&at("t", 0)).leader, Some(2));
    assert_eq!(world.partition(&at("alone", 0)).leader, Some(1), "nobody else can, and it is still there");
    assert_eq!(world.wants_to_stop(1), GO);
    let alone = world.partition(&at("alone", 0));
    assert_eq!((alone.leader, &alone.in_sync), (None, &vec![1]), "the last one stays in sync");
    let epoch = world.epoch(1);
    world.start_after(1, Some(epoch));
    assert_eq!(world.partition(&at("alone", 0)).leader, Some(1));
}

#[test]
fn no_data_is_given_up_for_a_stop_before_it_has_to_be() {
    let settings = [("unclean.leader.election.enable", "true")];
    let mut world = World::with_partition(config(), &[1, 2], &settings);
    world.alter(&at("t", 0), &[1]).unwrap();
    world.create("other", 1, 2, &[]).unwrap();
    world.place(&at("other", 0), &[1, 3]);
    assert_eq!(world.wants_to_stop(1), WAIT, "the other topic's leader has moved");
    assert_eq!(world.partition(&at("t", 0)).leader, Some(1), "2 is not in sync");
    assert_eq!(world.wants_to_stop(1), GO);
    assert_eq!(
        world.told(),
        "2 leads in 1, in sync [2], eligible [], change 2",
        "1 is gone, and the topic is told not to wait"
    );
}

#[test]
fn who_is_about_to_stop_is_not_let_in_again() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.wants_to_stop(1);
    let sentence = "broker 1 cannot be in sync: it is about to stop";
    refused(ErrorCode::IneligibleReplica, sentence, world.alter(&at("t", 0), &[1, 2, 3]));
    assert_eq!(world.beat(1), WAIT, "a heartbeat that was late does not take it back");
    assert!(world.state().broker(1).unwrap().stopping);
    assert_eq!(world.wants_to_stop(1), GO);
    assert!(world.beat(1).is_fenced, "not even once it is fenced");
    world.start(1);
    assert!(world.state().active(1), "a new life does");
}

#[test]
fn who_is_fenced_may_stop_at_any_time() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    let records = world.log.len();
    assert_eq!(world.wants_to_stop(1), GO);
    assert_eq!(world.log.len(), records, "there is nothing to decide");
}

#[test]
fn who_falls_silent_while_it_stops_is_fenced() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.wants_to_stop(1);
    world.silence(&[1]);
    assert_eq!(world.wants_to_stop(1), GO);
}
