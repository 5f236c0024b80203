//! The fold by itself: what records give, in any order in which a log can hold them.

use partitioning::api::{BrokerInfo, MetadataRequest, TopicId};
use partitioning::topics::catalogue::TopicRecord;
use replication::machine::Decision;
use replication::records::{BrokerRecord, ClusterId, MetadataRecord, PartitionRecord};
use replication::state::ClusterState;

use crate::world::at;

fn broker(id: i32, epoch: i64, fenced: bool) -> MetadataRecord {
    let address = format!("broker-{id}:9092");
    let record = BrokerRecord { epoch, incarnation: 1, address, fenced, stopping: false };
    MetadataRecord::Broker(id, Some(record))
}

fn topic(name: &str, partitions: u32) -> MetadataRecord {
    let record =
        TopicRecord { id: TopicId(1), partitions, replication_factor: 1, configs: Default::default(), deleted: false };
    MetadataRecord::Topic(name.into(), Some(record))
}

fn partition(topic: &str, number: u32, replicas: &[i32]) -> MetadataRecord {
    let record = PartitionRecord {
        topic: TopicId(1),
        replicas: replicas.to_vec(),
        in_sync: replicas.to_vec(),
        leader: replicas.first().copied(),
        leader_epoch: 0,
        partition_epoch: 0,
        adding: Vec::new(),
        removing: Vec::new(),
        eligible: Vec::new(),
        last_leader: None,
    };
    MetadataRecord::Partition(at(topic, number), Some(record))
}

fn after(records: &[MetadataRecord]) -> ClusterState {
    let mut state = ClusterState::default();
    records.iter().for_each(|record| state.replay(record));
    state
}

#[test]
fn the_last_record_of_a_key_says_all() {
    let all = [
        MetadataRecord::Cluster(ClusterId(5)),
        broker(1, 0, true),
        broker(2, 1, false),
        topic("t", 1),
        partition("t", 0, &[1]),
        broker(1, 2, false),
        partition("t", 0, &[2, 1]),
        MetadataRecord::Broker(2, None),
        topic("u", 1),
        partition("u", 0, &[1]),
        MetadataRecord::Topic("u".into(), None),
        MetadataRecord::Partition(at("u", 0), None),
    ];
    let compacted = [5, 0, 11, 6, 7, 3, 10].map(|index| all[index].clone());
    assert_eq!(after(&all), after(&compacted), "a log that keeps the last of each key gives the same");
    let state = after(&all);
    assert_eq!(state.cluster(), Some(ClusterId(5)));
    assert!(state.active(1) && !state.active(2) && state.broker(2).is_none());
    assert_eq!(state.partition(&at("t", 0)).unwrap().replicas, [2, 1]);
    assert_eq!(state.partitions_of(1).map(|(at, _)| at.to_string()).collect::<Vec<_>>(), ["t-0"]);
    assert!(state.topic("u").is_none());
}

#[test]
fn two_states_differ_in_whatever_was_decided() {
    let records = [MetadataRecord::Cluster(ClusterId(5)), broker(1, 0, true), topic("t", 1), partition("t", 0, &[1])];
    let all = after(&records);
    assert_eq!(all, after(&records));
    for left_out in 0..records.len() {
        let mut others = records.to_vec();
        others.remove(left_out);
        assert_ne!(all, after(&others), "without {:?}", records[left_out]);
    }
}

#[test]
fn any_record_is_borne() {
    let odd = [
        partition("t", 7, &[]),
        partition("t", u32::MAX, &[9]),
        MetadataRecord::Topic("nobody".into(), None),
        MetadataRecord::Partition(at("nobody", 0), None),
        MetadataRecord::Broker(4, None),
        topic("t", u32::MAX),
    ];
    let state = after(&odd);
    let info = state.topic_info("t").unwrap();
    assert_eq!(info.partitions.len(), 2, "it tells of those that it knows");
    assert_eq!(
        state.find(&at("t", 0)).unwrap_err().message,
        "the topic `t` has no partition 0: it has 4294967295, from 0"
    );
}

#[test]
fn a_client_is_told_who_can_be_asked() {
    let state = after(&[
        broker(3, 0, false),
        broker(1, 1, false),
        broker(2, 2, true),
        topic("t", 1),
        partition("t", 0, &[1, 2]),
    ]);
    let told = state.metadata(&MetadataRequest { topics: None });
    let info = |id: i32| BrokerInfo { id, address: format!("broker-{id}:9092") };
    assert_eq!(told.brokers, [info(1), info(3)]);
    assert_eq!(told.topics, [("t".to_owned(), state.topic_info("t"))]);
    assert_eq!(told.topics[0].1.as_ref().unwrap().partitions[0].leader, Some(1));
}

#[test]
fn a_record_that_is_not_of_this_log_is_an_error() {
    let read = |key: &str, value: Option<&[u8]>| MetadataRecord::from_parts(key.as_bytes(), value).unwrap_err();
    assert_eq!(read("orders", Some(&[1, 2])), "`orders` is no key of this log");
    assert_eq!(read("broker x", None), "`x` is no broker's number");
    assert_eq!(read("broker -1", None), "`-1` is no broker's number");
    // One number has one key, or a later record would not replace the earlier one.
    assert_eq!(read("broker 02", None), "`02` is no broker's number");
    assert_eq!(read("broker +2", None), "`+2` is no broker's number");
    assert_eq!(read("partition t-01", None), "`t-01` is no partition: one is `topic-number`");
    assert_eq!(read("cluster", None), "a cluster always has its id");
    let (_, value) = topic("t", 1).to_parts();
    assert!(
        read("cluster", value.as_deref()).contains("bytes follow the value"),
        "a topic named `cluster` is no cluster's id"
    );
}
