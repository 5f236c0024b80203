//! Who is a member, and alive: registration, heartbeats, sessions.

use std::time::Duration;

use partitioning::ErrorCode;
use replication::api::{BrokerHeartbeatRequest, BrokerRegistrationRequest};
use replication::controller::{ControllerConfig, MAX_BROKERS};
use replication::machine::Machine;
use replication::records::{ClusterId, MetadataRecord};

use crate::world::{World, at, config, refused};

#[test]
fn the_first_decision_is_the_clusters_id() {
    let mut world = World::new(config());
    let request = world.newcomer(1, None);
    let first = world.register(request).unwrap();
    assert_ne!(first.cluster, ClusterId(0));
    assert_eq!(world.log[0], MetadataRecord::Cluster(first.cluster));
    assert!(matches!(world.log[1], MetadataRecord::Broker(1, Some(_))), "{:?}", world.log);
    let request = world.newcomer(2, None);
    assert_eq!(world.register(request).unwrap().cluster, first.cluster, "there is one cluster");
    assert_eq!(world.log.iter().filter(|record| matches!(record, MetadataRecord::Cluster(_))).count(), 1);
}

#[test]
fn another_clusters_data_are_not_let_in() {
    let mut world = World::new(config());
    let strange = BrokerRegistrationRequest { cluster: Some(ClusterId(7)), ..world.newcomer(1, None) };
    let sentence =
        "the broker's data are of cluster 00000000000000000000000000000007, and this cluster begins only now";
    refused(ErrorCode::InconsistentClusterId, sentence, world.register(strange.clone()));
    assert!(world.log.is_empty());
    world.start(2);
    let here = world.state().cluster().unwrap();
    let sentence =
        format!("the broker's data are of cluster 00000000000000000000000000000007, and this is cluster {here}");
    refused(ErrorCode::InconsistentClusterId, &sentence, world.register(strange));
    let mut request = world.newcomer(1, None);
    request.cluster = None;
    assert!(world.register(request).is_ok(), "who has no data yet is of no cluster yet");
}

#[test]
fn each_registration_has_an_epoch_higher_than_all_before() {
    let mut world = World::with_brokers(config(), &[1, 2]);
    let before = (world.epoch(1), world.epoch(2));
    world.start(1);
    world.start(3);
    assert!(before.0 < before.1 && before.1 < world.epoch(1) && world.epoch(1) < world.epoch(3));
    assert_eq!(world.epoch(2), before.1);
}

#[test]
fn asked_twice_by_the_same_process_the_answer_is_the_same() {
    let mut world = World::new(config());
    let request = world.newcomer(1, None);
    let first = world.register(request.clone()).unwrap();
    let records = world.log.len();
    world.beat(1);
    assert_eq!(world.register(request).unwrap(), first);
    assert_eq!(world.log.len(), records + 1, "nothing was decided but that it is alive");
    assert!(world.state().active(1), "it asked twice, and did not start anew");
}

#[test]
fn the_newer_process_wins() {
    let mut world = World::with_brokers(config(), &[1]);
    let old = world.heartbeat(1);
    let request = world.newcomer(1, None);
    let new = world.register(request).unwrap();
    let sentence = format!("broker 1 speaks in epoch {}, and is in epoch {}", old.epoch, new.epoch);
    refused(ErrorCode::StaleBrokerEpoch, &sentence, world.ask(|controller, now| controller.heartbeat(old, now)));
    assert!(!world.state().active(1), "the new one has not caught up yet");
    assert!(!world.beat(1).is_fenced);
}

#[test]
fn a_broker_that_nobody_knows_is_told_so() {
    let mut world = World::with_brokers(config(), &[1]);
    let stranger = BrokerHeartbeatRequest { id: 5, ..world.heartbeat(1) };
    let found = world.ask(|controller, now| controller.heartbeat(stranger, now));
    refused(ErrorCode::BrokerIdNotRegistered, "broker 5 has not registered", found);
}

#[test]
fn a_number_and_an_address_have_rules() {
    let mut world = World::new(ControllerConfig { node_id: 9, ..config() });
    for id in [-1, 9] {
        let sentence = format!("node.id = {id} is no broker's number: it is at least 0, and not the controller's own");
        let request = BrokerRegistrationRequest { id, ..world.newcomer(1, None) };
        refused(ErrorCode::InvalidRequest, &sentence, world.register(request));
    }
    let long = "x".repeat(260);
    for (address, shown) in
        [("", "".to_owned()), ("a b:1", "a b:1".to_owned()), ("a\n", "a\\n".to_owned()), (&long, "x".repeat(64) + "…")]
    {
        let sentence = format!("`{shown}` is no address: it has 1 to 259 visible ASCII characters");
        let request = BrokerRegistrationRequest { address: address.to_owned(), ..world.newcomer(1, None) };
        refused(ErrorCode::InvalidRequest, &sentence, world.register(request));
    }
    assert!(world.log.is_empty());
}

#[test]
fn a_cluster_has_a_most_of_brokers() {
    let mut world = World::new(config());
    for id in 1..=MAX_BROKERS as i32 {
        let request = world.newcomer(id, None);
        world.register(request).unwrap();
    }
    let request = world.newcomer(500, None);
    let sentence = "broker 500 cannot join: there are 100 brokers, which is the most";
    refused(ErrorCode::InvalidRequest, sentence, world.register(request));
    let request = world.newcomer(100, None);
    assert!(world.register(request).is_ok(), "one that is a member may start anew");
}

#[test]
fn a_broker_is_fenced_until_it_knows_its_own_record() {
    let mut world = World::with_brokers(config(), &[1]);
    let old = world.epoch(1);
    let request = world.newcomer(1, None);
    world.register(request).unwrap();
    for knows_epoch in [None, Some(old)] {
        let behind = BrokerHeartbeatRequest { knows_epoch, ..world.heartbeat(1) };
        assert!(world.ask(|controller, now| controller.heartbeat(behind, now)).unwrap().is_fenced);
        assert!(!world.state().active(1));
    }
    assert!(!world.beat(1).is_fenced);
    assert!(world.state().active(1));
    let records = world.log.len();
    world.beat(1);
    assert_eq!(world.log.len(), records, "that somebody is alive is no news");
}

#[test]
fn who_is_silent_for_a_sessions_time_is_fenced() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    assert_eq!(world.controller.deadline(), Some(Duration::from_millis(9_000)));
    world.wait(5_000);
    world.beat(2);
    world.beat(3);
    world.wait(3_999);
    assert!(world.state().active(1), "one millisecond is left");
    world.wait(1);
    assert!(!world.state().active(1));
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
    assert_eq!(world.controller.deadline(), Some(Duration::from_millis(14_000)), "the next session is over");
    assert!(!world.beat(1).is_fenced, "it says something, and is back");
    assert!(world.state().active(1));
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1", "to be in sync it has to ask");
}

#[test]
fn one_decision_fences_all_that_are_silent() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let records = world.log.len();
    world.wait(4_000);
    world.beat(3);
    world.wait(5_000);
    assert_eq!(world.told(), "3 leads in 1, in sync [3], eligible [], change 1", "2 has never led in between");
    let decided = &world.log[records..];
    assert_eq!(decided.len(), 3, "two brokers and one partition: {decided:?}");
}

#[test]
fn the_last_to_leave_is_the_one_that_was_heard_of_last() {
    let mut world = World::with_partition(crate::world::one_row(), &[1, 2, 3], &[]);
    world.beat(3);
    world.wait(10);
    world.beat(1);
    world.wait(5);
    world.beat(2);
    // Nothing was called in between: all three are overdue at once.
    world.uptime += Duration::from_secs(60);
    world.tick();
    assert_eq!(world.told(), "nobody leads in 1, in sync [2], eligible [], change 1");
}

#[test]
fn a_new_controller_gives_everybody_a_sessions_time() {
    let world = World::with_partition(config(), &[1, 2, 3], &[]);
    let mut next = world.succeeded_by(config());
    assert_eq!(next.state(), world.state(), "all it knows is in the log");
    assert_eq!(next.controller.deadline(), Some(Duration::from_millis(9_000)));
    assert!(next.controller.tick(next.now()).is_empty());
    next.uptime = Duration::from_millis(9_000);
    let fenced = next.controller.tick(next.now());
    assert_eq!(fenced.len(), 4, "three brokers and a partition: {fenced:?}");
}

#[test]
fn a_fenced_broker_can_not_be_found_by_clients() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.silence(&[1]);
    let addresses: Vec<_> =
        world.state().broker_infos().into_iter().map(|broker| (broker.id, broker.address)).collect();
    assert_eq!(addresses, [(2, "broker-2:9092".to_owned()), (3, "broker-3:9092".to_owned())]);
    assert_eq!(world.partition(&at("t", 0)).replicas, [1, 2, 3], "it has its copy all the same");
}
