//! Topics that go, and others of the same name.

use partitioning::ErrorCode;
use replication::api::AlterPartitionRequest;
use replication::records::MetadataRecord;

use crate::world::{World, at, config, refused};

#[test]
fn one_decision_forgets_a_topic() {
    let mut world = World::with_brokers(config(), &[1, 2, 3]);
    world.create("t", 3, 2, &[]).unwrap();
    world.create("t-0", 1, 1, &[]).unwrap();
    let records = world.log.len();
    world.delete("t").unwrap();
    assert_eq!(
        world.log[records..],
        [
            MetadataRecord::Topic("t".into(), None),
            MetadataRecord::Partition(at("t", 0), None),
            MetadataRecord::Partition(at("t", 1), None),
            MetadataRecord::Partition(at("t", 2), None),
        ]
    );
    assert!(world.state().topic("t").is_none());
    assert_eq!(world.state().partitions().keys().collect::<Vec<_>>(), [&at("t-0", 0)], "another topic's are left");
}

#[test]
fn a_name_is_free_at_once() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let old = world.partition(&at("t", 0)).clone();
    world.silence(&[1]);
    world.delete("t").unwrap();
    let new = world.create("t", 2, 2, &[]).unwrap();
    assert_ne!(new.id, old.topic, "an id tells an old folder from the new topic's");
    let record = world.partition(&at("t", 0)).clone();
    assert_eq!((record.topic, record.leader_epoch, record.partition_epoch), (new.id, 0, 0), "it begins anew");
    let late =
        AlterPartitionRequest { leader: 2, leader_epoch: 1, partition_epoch: 1, in_sync: vec![(2, world.epoch(2))] };
    let sentence = format!("t-0 is of the topic {}, and broker 2 asks for one of {}", new.id, old.topic);
    refused(ErrorCode::InconsistentTopicId, &sentence, world.wish(2, &at("t", 0), old.topic, late));
}

#[test]
fn what_is_not_there_is_not_deleted() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `u`", world.delete("u"));
    let sentence = "the topic `__cluster_metadata` is the brokers' own: it cannot be deleted by a client";
    refused(ErrorCode::InvalidRequest, sentence, world.delete("__cluster_metadata"));
    let sentence = "the topic `__cluster_metadata` is the brokers' own: it cannot be grown by a client";
    refused(ErrorCode::InvalidRequest, sentence, world.grow("__cluster_metadata", 2));
    let sentence = "the topic `__transaction_state` is internal: what its partitions are responsible for depends on how many there are, so that never changes";
    refused(ErrorCode::InvalidRequest, sentence, world.grow("__transaction_state", 100));
    world.delete("t").unwrap();
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `t`", world.delete("t"));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `t`", world.grow("t", 3));
}

#[test]
fn the_room_of_a_deleted_topic_is_free() {
    let mut world =
        World::with_brokers(replication::controller::ControllerConfig { max_partitions: 3, ..config() }, &[1]);
    for _ in 0..3 {
        world.create("t", 3, 1, &[]).unwrap();
        world.delete("t").unwrap();
    }
    assert!(world.state().partitions().is_empty());
}
