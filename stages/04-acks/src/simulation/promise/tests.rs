use partitioning::api::TopicId;
use partitioning::topics::catalogue::TopicRecord;
use replication::records::{BrokerRecord, MetadataRecord};

use super::Loses::{Disk, Power, Process};
use super::*;

fn orders() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

fn broker(state: &mut ClusterState, id: i32, epoch: i64) {
    let record = BrokerRecord { epoch, incarnation: 0, address: String::new(), fenced: false, stopping: false };
    state.replay(&MetadataRecord::Broker(id, Some(record)));
}

fn partition(state: &mut ClusterState, in_sync: &[i32], eligible: &[i32], partition_epoch: i32) {
    let record = PartitionRecord {
        topic: TopicId(1),
        replicas: vec![1, 2, 3],
        in_sync: in_sync.to_vec(),
        leader: in_sync.first().copied(),
        leader_epoch: 0,
        partition_epoch,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: eligible.to_vec(),
        last_leader: None,
    };
    state.replay(&MetadataRecord::Partition(orders(), Some(record)));
}

/// Four brokers and a partition on three of them, with `min.insync.replicas`.
fn cluster(min_in_sync: &str) -> ClusterState {
    let mut state = ClusterState::default();
    (1..=4).for_each(|id| broker(&mut state, id, id.into()));
    let configs = [("min.insync.replicas".to_owned(), min_in_sync.to_owned())].into();
    let topic = TopicRecord { id: TopicId(1), partitions: 1, replication_factor: 3, configs, deleted: false };
    state.replay(&MetadataRecord::Topic("orders".into(), Some(topic)));
    partition(&mut state, &[1, 2, 3], &[], 0);
    state
}

fn asks_for(list: &[i32]) -> Vec<Doing> {
    let role = ReplicaRole::Leader { in_sync: vec![1, 2, 3], pending: list.to_vec(), followers: Vec::new() };
    vec![(orders(), role)]
}

fn usual() -> Promise {
    Promise::new(true, false)
}

#[test]
fn all_may_be_killed() {
    for promise in [Promise::new(true, false), Promise::new(false, false)] {
        let (state, mut promise) = (cluster("1"), promise);
        assert!(promise.allows(&[1, 2, 3, 4], Process, &state, &[]));
    }
}

#[test]
fn as_many_may_lose_power_as_the_setting_says() {
    assert!(usual().allows(&[1], Power, &cluster("2"), &[]));
    assert!(!usual().allows(&[1, 2], Power, &cluster("2"), &[]));
    assert!(!usual().allows(&[1], Power, &cluster("1"), &[]));
    assert!(usual().allows(&[4], Disk, &cluster("1"), &[]), "it has no copy");
}

#[test]
fn without_a_second_row_nobody_in_sync_may_lose_anything() {
    let (mut state, mut promise) = (cluster("2"), Promise::new(false, false));
    assert!(!promise.allows(&[1], Power, &state, &[]));
    partition(&mut state, &[2, 3], &[], 1);
    assert!(promise.allows(&[1], Power, &state, &[]));
}

#[test]
fn where_each_append_is_flushed_all_may_lose_power_but_not_their_disks() {
    let (state, mut promise) = (cluster("1"), Promise::new(true, true));
    assert!(promise.allows(&[1, 2, 3], Power, &state, &[]));
    assert!(!promise.allows(&[1], Disk, &state, &[]));
}

/// Nobody is in sync, and the only one in the second row was killed. He leaves it when he is back, and then whoever led last leads again.
#[test]
fn whoever_led_last_keeps_his_disk_if_nobody_else_is_sure_to_come_back() {
    for min_in_sync in ["1", "2"] {
        let (mut state, mut promise) = (cluster(min_in_sync), usual());
        partition(&mut state, &[], &[1], 1);
        let mut record = state.partition(&orders()).unwrap().clone();
        record.last_leader = Some(2);
        state.replay(&MetadataRecord::Partition(orders(), Some(record)));
        assert!(promise.allows(&[2], Disk, &state, &[]), "broker 1 leads");
        promise.taken(&[1], Process, &state, &[]);
        assert!(!promise.allows(&[2], Disk, &state, &[]), "broker 1 does not");
        assert!(promise.allows(&[2], Process, &state, &[]));
        assert!(promise.allows(&[3], Disk, &state, &[]));
    }
}

/// Whoever led last has lost something and is back. It would be him who leads if the only one in the second row came back from a fall.
#[test]
fn nobody_falls_who_would_leave_it_to_a_last_leader_with_less() {
    for (loses, is_enough) in [(Process, true), (Power, false), (Disk, false)] {
        let (mut state, mut promise) = (cluster("2"), usual());
        partition(&mut state, &[1], &[2], 1);
        promise.taken(&[1], loses, &state, &[]);
        broker(&mut state, 1, 9);
        partition(&mut state, &[], &[2], 2);
        let mut record = state.partition(&orders()).unwrap().clone();
        record.last_leader = Some(1);
        state.replay(&MetadataRecord::Partition(orders(), Some(record)));
        assert_eq!(promise.allows(&[2], Process, &state, &[]), is_enough, "{loses:?}");
        assert!(promise.allows(&[3], Disk, &state, &[]), "broker 2 leads");
        partition(&mut state, &[2], &[1], 3);
        assert!(promise.allows(&[2], Process, &state, &[]), "broker 1 has all of it again");
    }
}

#[test]
fn somebody_must_be_left_who_has_not_ended_at_all() {
    let (mut state, mut promise) = (cluster("2"), usual());
    partition(&mut state, &[1, 2], &[], 1);
    promise.taken(&[1], Process, &state, &[]);
    assert!(
        !promise.allows(&[2], Power, &state, &[]),
        "2 may be believed to lead when it is back, and 1 has left the list"
    );
    assert!(promise.allows(&[2], Process, &state, &[]));
    promise.taken(&[2], Process, &state, &[]);
    assert!(!promise.allows(&[2], Power, &state, &[]));
}

#[test]
fn whoever_has_fallen_counts_again_when_he_is_in_sync_again() {
    let (mut state, mut promise) = (cluster("2"), usual());
    promise.taken(&[1], Power, &state, &[]);
    assert!(!promise.allows(&[2], Power, &state, &[]));
    assert!(!promise.allows(&[2, 3], Process, &state, &[]), "1 might be all that is left, and has lost something");
    // He is back and has left the list; then he is in sync again.
    broker(&mut state, 1, 9);
    partition(&mut state, &[2, 3], &[], 1);
    assert!(promise.allows(&[2], Power, &state, &[]));
    assert!(promise.allows(&[2, 3], Process, &state, &[]));
}

#[test]
fn the_second_row_counts() {
    let (mut state, mut promise) = (cluster("2"), usual());
    partition(&mut state, &[1], &[2], 1);
    assert!(promise.allows(&[1], Power, &state, &[]));
    partition(&mut state, &[1], &[], 2);
    assert!(!promise.allows(&[1], Power, &state, &[]));
}

#[test]
fn a_list_that_the_dead_had_asked_for_counts_until_it_is_void() {
    let (mut state, mut promise) = (cluster("2"), usual());
    partition(&mut state, &[1, 2], &[], 1);
    promise.taken(&[1], Process, &state, &asks_for(&[1, 3]));
    assert!(!promise.allows(&[3], Power, &state, &[]), "1 and 3 may be all that are in sync");
    partition(&mut state, &[2, 3], &[], 2);
    assert!(promise.allows(&[3], Power, &state, &[]));
}
