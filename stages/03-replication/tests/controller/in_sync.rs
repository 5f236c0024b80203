//! Lists of replicas in sync, as leaders ask for them; and copies that cannot be used. What `alter` judges by itself is judged
//! in `judged/alter.rs`.

use partitioning::ErrorCode;
use partitioning::api::TopicId;
use replication::api::{AlterPartitionRequest, AlterPartitionsRequest};

use crate::world::{World, at, config, one_row, refused};

#[test]
fn a_follower_comes_and_goes() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    world.alter(&t, &[1, 2]).unwrap();
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2], eligible [], change 1");
    let answer = world.alter(&t, &[1, 2, 3]).unwrap();
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2, 3], eligible [], change 2");
    assert_eq!(&answer, world.partition(&t), "the leader is told what there is now");
}

#[test]
fn a_broker_that_is_not_who_it_was_changes_nothing() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let late = AlterPartitionsRequest { broker: 1, broker_epoch: world.epoch(1), partitions: Vec::new() };
    world.start(1);
    let sentence = format!("broker 1 speaks in epoch {}, and is in epoch {}", late.broker_epoch, world.epoch(1));
    let found = world.ask(|controller, now| controller.alter_partitions(late, now));
    refused(ErrorCode::StaleBrokerEpoch, &sentence, found);
    let stranger = AlterPartitionsRequest { broker: 8, broker_epoch: 0, partitions: Vec::new() };
    let found = world.ask(|controller, now| controller.alter_partitions(stranger, now));
    refused(ErrorCode::BrokerIdNotRegistered, "broker 8 has not registered", found);
}

#[test]
fn each_partition_is_answered_by_itself() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    let topic = world.partition(&t).topic;
    let wish = AlterPartitionRequest {
        leader: 1,
        leader_epoch: 0,
        partition_epoch: 0,
        in_sync: vec![(1, world.epoch(1)), (2, world.epoch(2))],
    };
    let asked =
        [(at("u", 0), topic), (at("t", 1), topic), (t.clone(), TopicId(5)), (t.clone(), topic), (at("t", 1), topic)];
    let partitions = asked.map(|(at, topic)| (at, topic, wish.clone())).into();
    let request = AlterPartitionsRequest { broker: 1, broker_epoch: world.epoch(1), partitions };
    let answer = world.ask(|controller, now| controller.alter_partitions(request, now)).unwrap();
    let found: Vec<_> = answer
        .partitions
        .into_iter()
        .map(|(at, altered)| (at.to_string(), altered.map(|record| record.in_sync).map_err(|refusal| refusal.message)))
        .collect();
    let refused = |name: &str, sentence: String| (name.to_owned(), Err(sentence));
    let other = format!("t-0 is of the topic {topic}, and broker 1 asks for one of {}", TopicId(5));
    assert_eq!(
        found,
        [
            refused("u-0", "there is no topic `u`".to_owned()),
            refused("t-1", "the topic `t` has no partition 1: it has 1, from 0".to_owned()),
            refused("t-0", other),
            refused("t-0", "t-0 is named twice in one request".to_owned()),
            refused("t-1", "t-1 is named twice in one request".to_owned()),
        ]
    );
    let alone = world.wish(1, &t, topic, wish);
    assert_eq!(alone.unwrap().in_sync, [1, 2]);
}

#[test]
fn a_leader_that_was_replaced_is_refused() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    let topic = world.partition(&t).topic;
    let (one, three) = (world.epoch(1), world.epoch(3));
    let late =
        AlterPartitionRequest { leader: 1, leader_epoch: 0, partition_epoch: 0, in_sync: vec![(1, one), (3, three)] };
    world.silence(&[1]);
    world.beat(1);
    let sentence = "broker 1 asks in leader epoch 0, and it is 1 by now";
    refused(ErrorCode::FencedLeaderEpoch, sentence, world.wish(1, &t, topic, late));
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
}

#[test]
fn a_copy_that_cannot_be_used_is_gone() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    let t = at("t", 0);
    assert!(!world.fails(1, std::slice::from_ref(&t)).is_fenced, "the broker itself is alive");
    assert_eq!(world.told(), "2 leads in 1, in sync [2, 3], eligible [], change 1");
    let records = world.log.len();
    world.beat(1);
    assert_eq!(world.log.len(), records, "said again, it is no news");
    let sentence = "broker 1 cannot be in sync: it cannot use its log of t-0";
    refused(ErrorCode::IneligibleReplica, sentence, world.alter(&t, &[1, 2, 3]));
    world.silence(&[2, 3]);
    assert_eq!(
        world.told(),
        "nobody leads in 2, in sync [], eligible [3], change 2",
        "1 is alive, and cannot lead this"
    );
    world.start(1);
    world.beat(2);
    assert_eq!(world.told(), "nobody leads in 2, in sync [], eligible [3], change 2");
    world.beat(3);
    assert_eq!(world.told(), "3 leads in 3, in sync [3], eligible [], change 3");
}

#[test]
fn the_last_copy_that_fails_stays_in_sync_and_leads_no_more() {
    let mut world = World::with_partition(one_row(), &[1, 2, 3], &[]);
    world.alter(&at("t", 0), &[1]).unwrap();
    world.fails(1, &[at("t", 0)]);
    assert_eq!(world.told(), "nobody leads in 1, in sync [1], eligible [], change 2");
    world.wait_with(20_000, &[1, 2, 3]);
    assert_eq!(world.told(), "nobody leads in 1, in sync [1], eligible [], change 2");
    world.fails(1, &[]);
    assert_eq!(world.told(), "1 leads in 2, in sync [1], eligible [], change 3", "it can use its copy after all");
}

#[test]
fn a_failure_of_an_earlier_topic_is_not_one_of_a_later() {
    let mut world = World::with_partition(config(), &[1, 2, 3], &[]);
    world.fails(1, &[at("t", 0)]);
    let stale = world.heartbeat(1);
    world.delete("t").unwrap();
    world.create("t", 1, 3, &[]).unwrap();
    world.place(&at("t", 0), &[1, 2, 3]);
    world.ask(|controller, now| controller.heartbeat(stale, now)).unwrap();
    assert_eq!(world.told(), "1 leads in 0, in sync [1, 2, 3], eligible [], change 0");
}
