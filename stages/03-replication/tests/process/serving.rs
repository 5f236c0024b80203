//! What it answers, and how it ends.

use partitioning::api::{
    CreatePartitions, CreatePartitionsRequest, CreateTopic, DeleteTopic, DeleteTopicRequest, Fetch, FetchPartition,
    FetchRequest, ListOffsets, ListOffsetsRequest, Metadata, MetadataRequest, MetadataResponse, OffsetSpec, Produce,
    ProducePartition, ProduceRequest,
};
use partitioning::{ErrorCode, TopicPartition};
use replication::api::{
    AlterPartition, AlterPartitionReassignments, AlterPartitionRequest, AlterPartitionsRequest, ElectLeaders,
    ElectLeadersRequest, ElectionType, ReassignRequest,
};
use replication::machine::decisions;
use replication::records::MetadataRecord;
use replication::state::ClusterState;

use crate::support::{Machine, Running, topic};

fn own_log() -> TopicPartition {
    TopicPartition::new("__cluster_metadata", 0)
}

async fn metadata(running: &Running, topics: Option<&[&str]>) -> MetadataResponse {
    let topics = topics.map(|topics| topics.iter().map(|name| name.to_string()).collect());
    running.ask::<Metadata>(MetadataRequest { topics }).await.expect("it answers")
}

/// What a broker learns that reads the log.
async fn learned(running: &Running) -> ClusterState {
    let asked = FetchPartition { at: own_log(), offset: 0, max_bytes: 1 << 20 };
    let request = FetchRequest { max_bytes: 1 << 20, partitions: vec![asked] };
    let answer = running.ask::<Fetch>(request).await.expect("it answers");
    let fetched = answer.partitions[0].1.clone().expect("the log is here");
    let mut state = ClusterState::default();
    for batch in segment_log::batches(&fetched.records.0) {
        let records: Vec<MetadataRecord> = decisions(&batch.expect("a whole batch")).expect("decisions");
        records.iter().for_each(|record| state.replay(record));
    }
    state
}

#[tokio::test]
async fn a_broker_learns_from_the_log_what_the_controller_has_decided() {
    let machine = Machine::new();
    let running = machine.start().await;
    for id in 1..=3 {
        running.join(id, id as u128).await;
    }
    let info = running.ask::<CreateTopic>(topic("orders", 2, 3)).await.expect("it is made");
    let grown = CreatePartitionsRequest { name: "orders".into(), count: 4 };
    assert_eq!(running.ask::<CreatePartitions>(grown).await.expect("it is grown").id, info.id);
    running.ask::<CreateTopic>(topic("gone", 1, 1)).await.expect("it is made");
    running.ask::<DeleteTopic>(DeleteTopicRequest { name: "gone".into() }).await.expect("it is deleted");
    let told = metadata(&running, None).await;
    assert_eq!(told.brokers.iter().map(|broker| broker.id).collect::<Vec<_>>(), [1, 2, 3]);
    let topics: Vec<_> =
        told.topics.iter().map(|(name, info)| (&**name, info.as_ref().unwrap().partitions.len())).collect();
    assert_eq!(topics, [("orders", 4)]);
    assert_eq!(learned(&running).await.metadata(&MetadataRequest { topics: None }), told);
    assert!(running.stop().await.expect("it ends in order"));
}

#[tokio::test]
async fn leaders_and_operators_are_answered() {
    let machine = Machine::new();
    let running = machine.start().await;
    let joined = running.join(1, 1).await;
    running.join(2, 2).await;
    running.ask::<CreateTopic>(topic("t", 1, 1)).await.expect("it is made");
    let at = TopicPartition::new("t", 0);
    let move_to_1 = ReassignRequest { partitions: vec![(at.clone(), Some(vec![1]))] };
    let moved = running.ask::<AlterPartitionReassignments>(move_to_1).await.expect("it answers");
    assert_eq!(moved.partitions[0].1.as_ref().unwrap().replicas[0], 1);
    let election = ElectLeadersRequest { election: ElectionType::Unclean, partitions: vec![at.clone()] };
    let elected = running.ask::<ElectLeaders>(election).await.expect("it answers");
    assert_eq!(elected.partitions[0].1.as_ref().unwrap_err().code, ErrorCode::ElectionNotNeeded);
    let state = learned(&running).await;
    let record = state.partition(&at).expect("it is there").clone();
    let wish = AlterPartitionRequest {
        leader: 1,
        leader_epoch: record.leader_epoch + 1,
        partition_epoch: record.partition_epoch,
        in_sync: vec![(1, joined.epoch)],
    };
    let partitions = vec![(at, record.topic, wish)];
    let request = AlterPartitionsRequest { broker: 1, broker_epoch: joined.epoch, partitions };
    let answer = running.ask::<AlterPartition>(request).await.expect("it answers");
    assert_eq!(answer.partitions[0].1.as_ref().unwrap_err().code, ErrorCode::NotController);
    running.stop().await.expect("it ends in order");
}

#[tokio::test]
async fn its_log_is_a_topic_that_can_be_found_and_not_written_to() {
    let machine = Machine::new();
    let running = machine.start().await;
    running.join(1, 1).await;
    assert!(metadata(&running, None).await.topics.is_empty(), "nobody is told of it who does not ask");
    let told = metadata(&running, Some(&["__cluster_metadata"])).await;
    let addresses: Vec<_> = told.brokers.iter().map(|broker| (broker.id, &*broker.address)).collect();
    assert_eq!(addresses, [(0, &*running.address), (1, "broker-1:9092")]);
    assert_eq!(told.topics[0].1.as_ref().unwrap().partitions[0].leader, Some(0));
    let ends = ListOffsetsRequest { partitions: vec![(own_log(), OffsetSpec::Latest)] };
    let ends = running.ask::<ListOffsets>(ends).await.expect("it answers");
    assert_eq!(
        ends.partitions[0].1.as_ref().unwrap().as_ref().unwrap().offset,
        3,
        "the cluster, a broker, and it is alive"
    );
    let batch = |at| ProducePartition { at, records: Default::default() };
    let request = ProduceRequest { partitions: vec![batch(own_log()), batch(TopicPartition::new("orders", 0))] };
    let answer = running.ask::<Produce>(request).await.expect("it answers");
    let refusals: Vec<_> =
        answer.partitions.into_iter().map(|(_, produced)| produced.unwrap_err().to_string()).collect();
    assert_eq!(
        refusals,
        [
            "the topic `__cluster_metadata` is the brokers' own: clients do not write to it (INVALID_TOPIC_EXCEPTION)",
            "the controller keeps __cluster_metadata-0 and no other log: orders-0 is a broker's (UNKNOWN_TOPIC_OR_PARTITION)",
        ]
    );
    running.stop().await.expect("it ends in order");
}

#[tokio::test]
async fn what_was_decided_is_known_after_a_restart() {
    let machine = Machine::new();
    let running = machine.start().await;
    let joined = running.join(1, 1).await;
    running.ask::<CreateTopic>(topic("orders", 2, 1)).await.expect("it is made");
    let before = metadata(&running, None).await;
    assert!(running.stop().await.expect("it ends in order"));
    let running = machine.start().await;
    assert_eq!(metadata(&running, None).await, before);
    let again = running.join(1, 2).await;
    assert_eq!(again.cluster, joined.cluster);
    assert!(again.epoch > joined.epoch);
    running.stop().await.expect("it ends in order");
}

#[tokio::test]
async fn a_log_that_does_not_write_ends_the_process() {
    let machine = Machine::new();
    let running = machine.start().await;
    running.join(1, 1).await;
    machine.disk.fill();
    let refused = running.ask::<CreateTopic>(topic("orders", 1, 1)).await.expect_err("it cannot be written");
    assert_eq!(refused.code(), Some(ErrorCode::StorageError));
    let ended = running.task.await.expect("it does not panic").expect_err("it decides nothing any more");
    assert_eq!(ended.code(), Some(ErrorCode::StorageError));
}
