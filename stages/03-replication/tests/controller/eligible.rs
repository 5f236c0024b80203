//! The second row behind those in sync (KIP-966), and what happens without it.

use replication::controller::ControllerConfig;
use replication::topic_config::TopicSettings;

use crate::world::{World, at, config, one_row};

const TWO: [(&str, &str); 1] = [("min.insync.replicas", "2")];

#[test]
fn who_leaves_below_the_least_number_is_eligible() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &TWO);
    world.silence(&[3]);
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2], eligible [], change 1", "two are enough");
    world.silence(&[2]);
    assert_eq!(world.told(), "1 leads in 0, in sync [1], eligible [2], change 2");
    world.silence(&[1]);
    assert_eq!(world.told(), "nobody leads in 1, in sync [], eligible [1, 2], change 3");
    world.beat(3);
    assert_eq!(
        world.told(),
        "nobody leads in 1, in sync [], eligible [1, 2], change 3",
        "3 left while two were enough"
    );
    world.beat(2);
    assert_eq!(world.told(), "2 leads in 2, in sync [2], eligible [1], change 4");
    world.alter(&at("t", 0), &[2, 3]).unwrap();
    assert_eq!(world.told(), "2 leads in 2, in sync [2, 3], eligible [], change 5", "two are enough again, without 1");
}

#[test]
fn without_it_the_last_member_alone_can_lead() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &TWO);
    world.silence(&[3]);
    world.silence(&[2]);
    world.silence(&[1]);
    assert_eq!(world.told(), "nobody leads in 1, in sync [1], eligible [], change 3");
    world.beat(2);
    world.beat(3);
    assert_eq!(
        world.told(),
        "nobody leads in 1, in sync [1], eligible [], change 3",
        "2 had everything, and nobody knows"
    );
}

#[test]
fn who_loses_what_it_had_leaves_both_rows() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &TWO);
    world.silence(&[3]);
    world.silence(&[2]);
    world.start(2);
    assert_eq!(world.told(), "1 leads in 0, in sync [1], eligible [], change 3", "2 was eligible, and died");
    world.start(1);
    assert_eq!(world.told(), "nobody leads in 1, in sync [], eligible [], change 4", "1 was the last");
}

#[test]
fn the_least_number_is_never_more_than_there_are_replicas() {
    let mut world = World::with_partition(config(), &[1, 2], &[("min.insync.replicas", "5")]);
    world.silence(&[2]);
    assert_eq!(world.told(), "1 leads in 0, in sync [1], eligible [2], change 1");
    world.beat(2);
    world.alter(&at("t", 0), &[1, 2]).unwrap();
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2], eligible [], change 2", "two are all, and enough");
}

#[test]
fn a_least_number_that_was_lowered_makes_nobody_eligible_who_lacks_something() {
    let mut world = World::with_partition(
        ControllerConfig { topic: TopicSettings { min_in_sync: 2, unclean: false }, ..config() },
        &[1, 2, 3],
        &[],
    );
    world.silence(&[3]);
    world.silence(&[2]);
    assert_eq!(world.told(), "1 leads in 0, in sync [1], eligible [2], change 2");
    // Another controller, with another default: 1 commits alone from here on.
    let mut next = world.succeeded_by(config());
    next.wait(9_000);
    assert_eq!(next.told(), "nobody leads in 1, in sync [], eligible [1], change 3", "2 may lack what 1 has committed");
}
