//! A broker that starts anew: in order or not, noticed or not.

use replication::api::BrokerRegistrationRequest;
use replication::controller::election::UncleanRecovery;
use replication::controller::{ControllerConfig, Restart};

use crate::world::{World, config, one_row};

/// Starts a process anew at once, so that nobody has missed the old one, and before it has caught up.
fn restart(world: &mut World, id: i32, stopped_in: Option<i64>) {
    let request = world.newcomer(id, stopped_in);
    world.register(request).expect("it is registered");
}

#[test]
fn who_starts_anew_had_died() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    restart(&mut world, 1, None);
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
    assert!(!world.state().active(1));
    restart(&mut world, 3, None);
    assert_eq!(world.told(), "2 leads in 1, in sync [2], eligible [], change 2");
}

#[test]
fn all_of_it_is_one_decision() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let records = world.log.len();
    restart(&mut world, 1, None);
    assert_eq!(world.log.len(), records + 2, "the broker and the partition");
}

#[test]
fn who_stopped_in_order_lost_nothing() {
    let settings = [("min.insync.replicas", "2")];
    let mut world = World::with_partition(config(), &[1, 2, 3], &settings);
    world.silence(&[1]);
    world.silence(&[2]);
    assert_eq!(world.told(), "3 leads in 2, in sync [3], eligible [2], change 2");
    let epoch = world.epoch(2);
    restart(&mut world, 2, Some(epoch));
    assert_eq!(world.told(), "3 leads in 2, in sync [3], eligible [2], change 2", "it has what it had");
    restart(&mut world, 2, Some(epoch));
    assert_eq!(
        world.told(),
        "3 leads in 2, in sync [3], eligible [], change 3",
        "it stopped in order two lives ago, and not in the last one"
    );
}

#[test]
fn who_stopped_in_order_and_was_not_let_go_has_left_all_the_same() {
    let settings = [("min.insync.replicas", "2")];
    let mut world = World::with_partition(config(), &[1, 2], &settings);
    let epoch = world.epoch(1);
    restart(&mut world, 1, Some(epoch));
    assert_eq!(
        world.told(),
        "2 leads in 1, in sync [2], eligible [1], change 1",
        "it has not caught up yet, so it is in sync nowhere; and it lacks nothing"
    );
}

#[test]
fn the_last_in_sync_that_lost_its_disk_is_not_elected_again() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[2, 3]);
    assert_eq!(world.told(), "1 leads in 0, in sync [1], eligible [], change 1");
    restart(&mut world, 1, None);
    assert_eq!(world.told(), "nobody leads in 1, in sync [], eligible [], change 2");
    world.beat(1);
    world.beat(2);
    assert_eq!(
        world.told(),
        "nobody leads in 1, in sync [], eligible [], change 2",
        "both may lack what 1 has told to be committed"
    );
}

#[test]
fn whoever_led_last_leads_again_if_nobody_else_is_sure_to_have_everything() {
    let balanced = ControllerConfig { unclean_recovery: UncleanRecovery::Balanced, ..config() };
    let mut world = World::with_partition(balanced, &[1, 2, 3], &[("min.insync.replicas", "2")]);
    for id in [1, 2, 3] {
        world.silence(&[id]);
    }
    assert_eq!(world.told(), "nobody leads in 3, in sync [], eligible [2, 3], change 3");
    restart(&mut world, 2, None);
    restart(&mut world, 3, None);
    restart(&mut world, 1, None);
    assert_eq!(world.told(), "nobody leads in 3, in sync [], eligible [], change 5", "all were killed");
    world.beat(1);
    world.beat(2);
    assert_eq!(world.told(), "nobody leads in 3, in sync [], eligible [], change 5", "3 led last, and is not back");
    world.beat(3);
    assert_eq!(world.told(), "3 leads in 4, in sync [3], eligible [], change 6");
}

#[test]
fn whoever_led_last_and_has_a_new_disk_is_not_elected_for_what_it_had() {
    let balanced = ControllerConfig { unclean_recovery: UncleanRecovery::Balanced, ..config() };
    let mut world = World::with_partition(balanced, &[1, 2, 3], &[("min.insync.replicas", "2")]);
    for id in [1, 2, 3] {
        world.silence(&[id]);
    }
    restart(&mut world, 2, None);
    restart(&mut world, 1, None);
    let request = world.newcomer(3, None);
    world.register(BrokerRegistrationRequest { cluster: None, ..request }).expect("it is registered");
    for id in [1, 2, 3] {
        world.beat(id);
    }
    let told = world.told();
    assert!(told.starts_with("nobody leads in 3, in sync [], eligible []"), "3 has nothing, 1 and 2 have: {told}");
}

#[test]
fn without_a_second_row_it_is_elected_with_what_it_has_left() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &[]);
    world.silence(&[2, 3]);
    restart(&mut world, 1, None);
    assert_eq!(world.told(), "nobody leads in 1, in sync [1], eligible [], change 2", "the last one stays");
    world.beat(1);
    assert_eq!(world.told(), "1 leads in 2, in sync [1], eligible [], change 3");
}

#[test]
fn an_old_controller_does_not_notice_a_quick_restart() {
    let mut world =
        World::with_partition(ControllerConfig { restart: Restart::KeepsPlace, ..config() }, &[1, 2, 3], &[]);
    let (old, before) = (world.epoch(1), world.told());
    restart(&mut world, 1, None);
    assert!(world.epoch(1) > old, "the old process is refused");
    assert_eq!(world.told(), before, "it leads, and is in sync, as if nothing had been");
    assert!(world.state().active(1));
    world.silence(&[1]);
    let fenced = world.told();
    restart(&mut world, 1, None);
    assert!(!world.state().active(1), "a restart that was noticed is one");
    assert_eq!(world.told(), fenced);
}

#[test]
fn a_session_begins_with_the_registration() {
    let mut world =
        World::with_partition(ControllerConfig { restart: Restart::KeepsPlace, ..config() }, &[1, 2, 3], &[]);
    world.wait_with(8_500, &[2, 3]);
    restart(&mut world, 1, None);
    world.wait_with(8_500, &[2, 3]);
    assert!(world.state().active(1));
    world.wait_with(1_000, &[2, 3]);
    assert!(!world.state().active(1));
}
