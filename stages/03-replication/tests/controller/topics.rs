//! Topics: made, grown, and what they may set.

use std::collections::{BTreeMap, BTreeSet};

use partitioning::ErrorCode;
use partitioning::api::NewTopic;
use replication::controller::ControllerConfig;
use replication::topic_config::TopicSettings;

use crate::world::{BEGIN, World, at, config, refused};

#[test]
fn a_topic_is_spread_over_the_brokers() {
    let mut world = World::with_brokers(config(), &[1, 2, 3]);
    let info = world.create("t", 6, 2, &[]).unwrap();
    assert_eq!(info, world.state().topic_info("t").unwrap(), "it is told what there is");
    assert_eq!(info.partitions.len(), 6);
    let mut leads = BTreeMap::new();
    for partition in &info.partitions {
        assert_eq!((partition.replicas.len(), &partition.in_sync), (2, &partition.replicas));
        assert_eq!((partition.leader, partition.leader_epoch), (Some(partition.replicas[0]), 0));
        *leads.entry(partition.replicas[0]).or_insert(0) += 1;
    }
    assert_eq!(leads, BTreeMap::from([(1, 2), (2, 2), (3, 2)]));
}

#[test]
fn one_decision_makes_a_topic() {
    let mut world = World::with_brokers(config(), &[1]);
    let records = world.log.len();
    world.create("t", 3, 1, &[]).unwrap();
    assert_eq!(world.log.len(), records + 4, "the topic and its partitions");
}

#[test]
fn what_nobody_says_is_the_default() {
    let config = ControllerConfig { num_partitions: 4, default_replication_factor: 2, ..config() };
    let mut world = World::with_brokers(config, &[1, 2]);
    let new = NewTopic { name: "t".into(), partitions: None, replication_factor: None, configs: BTreeMap::new() };
    let info = world.ask(|controller, now| controller.create_topic(new, now)).unwrap();
    assert_eq!((info.partitions.len(), info.partitions[0].replicas.len()), (4, 2));
}

#[test]
fn a_topic_grows() {
    let mut world = World::with_brokers(config(), &[1, 2, 3]);
    world.create("t", 2, 2, &[("retention.ms", "-1")]).unwrap();
    let before = world.state().topic_info("t").unwrap();
    let grown = world.grow("t", 5).unwrap();
    assert_eq!((grown.id, &grown.configs), (before.id, &before.configs));
    assert_eq!(grown.partitions[..2], before.partitions, "what there is stays where it is");
    assert_eq!(grown, world.state().topic_info("t").unwrap());
    assert_eq!(grown.partitions.len(), 5);
    let sentence = "the topic `t` has 5 partitions: to grow it takes more";
    refused(ErrorCode::InvalidPartitions, sentence, world.grow("t", 5));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `u`", world.grow("u", 5));
}

#[test]
fn a_topic_is_refused_for_each_rule() {
    let mut world = World::with_brokers(ControllerConfig { max_partitions: 20, ..config() }, &[1, 2, 3]);
    world.create("a.b", 5, 1, &[]).unwrap();
    let records = world.log.len();
    let mut judge = |code, sentence: &str, name: &str, partitions, copies| {
        refused(code, sentence, world.create(name, partitions, copies, &[]));
    };
    let code = ErrorCode::InvalidTopic;
    judge(code, "the topic name is empty, and a name has 1 to 249 characters", "", 1, 1);
    let sentence = "the topic name `a_b` collides with `a.b`: names must differ in more than `.` and `_`";
    judge(code, sentence, "a_b", 1, 1);
    judge(ErrorCode::TopicAlreadyExists, "the topic `a.b` exists already", "a.b", 5, 1);
    let sentence = "the topic `__cluster_metadata` is the brokers' own: it cannot be made by a client";
    judge(ErrorCode::InvalidRequest, sentence, "__cluster_metadata", 1, 1);
    let code = ErrorCode::InvalidPartitions;
    judge(code, "the topic `t` would have 0 partitions, and a topic has 1 to 10000", "t", 0, 1);
    let sentence = "the topic `t` needs 16 more partitions, and max.broker.partitions = 20 leaves room for 15";
    judge(code, sentence, "t", 16, 1);
    for copies in [0, 4] {
        let sentence = format!(
            "the topic `t` would have {copies} copies of each partition, and 3 can be kept: one for each broker that there is"
        );
        judge(ErrorCode::InvalidReplicationFactor, &sentence, "t", 1, copies);
    }
    assert_eq!(world.log.len(), records);
    assert!(world.create("t", 15, 3, &[]).is_ok(), "what fits exactly, fits");
}

#[test]
fn who_is_dead_gets_a_copy_only_if_there_are_not_enough_others() {
    let mut world = World::with_brokers(config(), &[1, 2, 3]);
    world.silence(&[2]);
    let info = world.create("two", 8, 2, &[]).unwrap();
    assert!(info.partitions.iter().all(|partition| !partition.replicas.contains(&2)), "{info:?}");
    let info = world.create("three", 8, 3, &[]).unwrap();
    for partition in info.partitions {
        assert_eq!(partition.replicas[2], 2, "it is the last of the replicas");
        assert_eq!(partition.in_sync, partition.replicas[..2], "and not in sync");
    }
    world.silence(&[1, 3]);
    let sentence = "1 copies of a partition cannot be kept: they need as many brokers, one of which must be alive to lead; \
                    there are 3 brokers, and 0 are alive";
    refused(ErrorCode::InvalidReplicationFactor, sentence, world.create("one", 1, 1, &[]));
}

#[test]
fn who_is_about_to_stop_gets_no_new_copies() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.wants_to_stop(1);
    let sentence =
        "the topic `u` would have 3 copies of each partition, and 2 can be kept: one for each broker that there is";
    refused(ErrorCode::InvalidReplicationFactor, sentence, world.create("u", 1, 3, &[]));
    let info = world.create("u", 4, 2, &[]).unwrap();
    assert!(info.partitions.iter().all(|partition| !partition.replicas.contains(&1)));
    world.silence(&[3]);
    let info = world.create("w", 4, 2, &[]).unwrap();
    assert!(
        info.partitions.iter().all(|partition| partition.replicas == [2, 3]),
        "3 is dead and may come back: {info:?}"
    );
    world.wants_to_stop(1);
    assert!(world.create("v", 1, 3, &[]).is_ok(), "once it has stopped it may come back, as any that is fenced");
}

#[test]
fn settings_are_refused_by_name_and_rule() {
    let mut world = World::with_brokers(config(), &[1]);
    for (key, value, sentence) in [
        ("min.insync.replicas", "0", "min.insync.replicas is 0, and it is from 1 to 2147483647"),
        ("min.insync.replicas", "2147483648", "min.insync.replicas is 2147483648, and it is from 1 to 2147483647"),
        ("min.insync.replicas", "two", "min.insync.replicas is two, and it is from 1 to 2147483647"),
        ("unclean.leader.election.enable", "yes", "unclean.leader.election.enable is yes, and it is true or false"),
        ("segment.bytes", "0", "segment.bytes is 0, and it is from 1 to 2147483647"),
        ("colour", "red", "colour is red, and a log has no such setting"),
    ] {
        refused(ErrorCode::InvalidConfig, sentence, world.create("t", 1, 1, &[(key, value)]));
    }
    assert!(world.state().topic("t").is_none());
}

#[test]
fn a_topic_keeps_all_that_it_sets() {
    let mut world = World::with_brokers(config(), &[1, 2]);
    let settings = [("min.insync.replicas", "2"), ("retention.ms", "-1"), ("unclean.leader.election.enable", "true")];
    let configs = world.create("t", 1, 2, &settings).unwrap().configs;
    assert_eq!(configs.len(), 3);
    let (own, logs) = TopicSettings::split(&configs, TopicSettings::default()).unwrap();
    assert_eq!(own, TopicSettings { min_in_sync: 2, unclean: true });
    assert_eq!(logs, BTreeMap::from([("retention.ms".to_owned(), "-1".to_owned())]));
}

#[test]
fn what_cannot_be_read_counts_as_not_set() {
    let defaults = TopicSettings { min_in_sync: 3, unclean: true };
    let of = |settings: &[(&str, &str)]| {
        let configs = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        TopicSettings::of(&configs, defaults)
    };
    assert_eq!(of(&[]), defaults);
    let settings = [("min.insync.replicas", "-1"), ("unclean.leader.election.enable", "false"), ("colour", "red")];
    assert_eq!(of(&settings), TopicSettings { min_in_sync: 3, unclean: false });
}

#[test]
fn ids_tell_topics_apart() {
    let mut world = World::with_brokers(config(), &[1]);
    let mut ids = BTreeSet::new();
    for _ in 0..10 {
        let id = world.create("t", 1, 1, &[]).unwrap().id;
        assert!(id.0 >> 64 != 0, "half of it is by chance");
        ids.insert(id);
        world.wait(1);
        world.delete("t").unwrap();
    }
    assert_eq!(ids.len(), 10);
}

#[test]
fn the_same_chance_at_the_same_time_makes_another_id() {
    let world = World::with_brokers(config(), &[1]);
    let again = |world: &World| {
        let mut next = world.succeeded_by(config());
        next.began = BEGIN;
        next
    };
    let mut one = again(&world);
    let first = one.create("t", 1, 1, &[]).unwrap().id;
    assert_eq!(again(&world).create("t", 1, 1, &[]).unwrap().id, first, "chance is the same");
    let mut next = again(&one);
    refused(ErrorCode::TopicAlreadyExists, "the topic `t` exists already", next.create("t", 2, 1, &[]));
    let mut next = again(&one);
    assert_ne!(next.create("u", 1, 1, &[]).unwrap().id, first);
}

#[test]
fn clients_are_told_of_topics_in_the_order_in_which_they_ask() {
    let mut world = World::with_brokers(config(), &[1]);
    for name in ["b", "a"] {
        world.create(name, 1, 1, &[]).unwrap();
    }
    let all: Vec<_> = world.state().topic_infos(None).into_iter().map(|(name, _)| name).collect();
    assert_eq!(all, ["a", "b"]);
    let names = ["b", "nobody", "a", "b", "a b"].map(str::to_owned);
    let asked = world.state().topic_infos(Some(&names));
    let codes: Vec<_> =
        asked.iter().map(|(name, info)| (&**name, info.as_ref().err().map(|refusal| refusal.code))).collect();
    let unknown = Some(ErrorCode::UnknownTopicOrPartition);
    assert_eq!(codes, [("b", None), ("nobody", unknown), ("a", None), ("a b", Some(ErrorCode::InvalidTopic))]);
    assert_eq!(world.partition(&at("a", 0)).leader, Some(1));
}
