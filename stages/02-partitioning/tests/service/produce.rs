//! Appending: a batch for each partition, and an answer for each.

use bytes::BytesMut;
use partitioning::api::{NewTopic, ProducePartition, ProduceRequest, Produced, RecordBytes, TopicPartition};
use partitioning::{ErrorCode, Refusal, Service, ServiceLimits};
use segment_log::control::{Marker, Outcome};
use segment_log::{BatchBuilder, Compression, Record};

use crate::data::{BEGIN, Data, at, batch, bytes, read_all, refused, topic, with_configs};
use crate::{serve, serve_on, with_threads};

type Answers = Vec<(TopicPartition, Result<Produced, Refusal>)>;

async fn produce(service: &Service, batches: Vec<(TopicPartition, RecordBytes)>) -> Answers {
    let partitions = batches.into_iter().map(|(at, records)| ProducePartition { at, records }).collect();
    service.produce(ProduceRequest { partitions }).await.partitions
}

/// The answer to a batch that goes to `orders-0` alone.
async fn produce_one(service: &Service, records: impl Into<RecordBytes>) -> Result<Produced, Refusal> {
    let mut answers = produce(service, vec![(at("orders", 0), records.into())]).await;
    assert_eq!((answers.len(), &answers[0].0), (1, &at("orders", 0)));
    answers.remove(0).1
}

#[tokio::test]
async fn batches_get_offsets() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let produced = |base_offset| Produced { base_offset, log_append_time: None, log_start: 0 };
    assert_eq!(produce_one(&service, bytes(batch(&["a", "b"]))).await, Ok(produced(0)));
    assert_eq!(produce_one(&service, bytes(batch(&["c"]))).await, Ok(produced(2)));
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(["a", "b", "c"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn partitions_do_not_depend_on_each_other() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let record = |value| bytes(batch(&[value]));
    let asked = [at("orders", 2), at("nobody", 0), at("orders", 9), at("orders", 0), at("orders", 2)];
    let answers = produce(&service, asked.iter().cloned().zip(["a", "b", "c", "d", "e"].map(record)).collect()).await;
    let (places, mut results): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    assert_eq!(places, asked, "in the order of the request");
    let unknown = ErrorCode::UnknownTopicOrPartition;
    refused(
        ErrorCode::InvalidRequest,
        "orders-2 is named twice: a request brings one batch for a partition",
        results.pop().expect("five answers"),
    );
    assert_eq!(results.pop().expect("five answers").map(|produced| produced.base_offset), Ok(0));
    let sentence = "the topic `orders` has no partition 9: it has 3, from 0";
    refused(unknown, sentence, results.pop().expect("five answers"));
    refused(unknown, "there is no topic `nobody`", results.pop().expect("five answers"));
    assert_eq!(results.pop().expect("five answers").map(|produced| produced.base_offset), Ok(0));
    assert_eq!(read_all(&topics, &at("orders", 2)), Ok(vec!["a".to_owned()]), "the first of the two");
    assert!(produce(&service, Vec::new()).await.is_empty());
}

#[tokio::test]
async fn a_partition_gets_one_whole_batch() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let good = batch(&["a"]).into_bytes();
    let mut two = good.clone();
    two.extend_from_slice(&good);
    let rule = "a request brings exactly one batch for a partition";
    let none = format!("{rule}, and there is none");
    refused(ErrorCode::InvalidRecord, &none, produce_one(&service, BytesMut::new()).await);
    let more = format!("{rule}, and {} bytes follow the first", good.len());
    refused(ErrorCode::InvalidRecord, &more, produce_one(&service, two).await);
    let mut one_more = good.clone();
    one_more.extend_from_slice(&[0]);
    let more = format!("{rule}, and 1 bytes follow the first");
    refused(ErrorCode::InvalidRecord, &more, produce_one(&service, one_more).await);
    let cut = good.clone().split_to(good.len() - 1);
    let sentence = format!(
        "the batch is refused: the batch is cut off: it needs {} bytes and {} are there",
        good.len(),
        good.len() - 1
    );
    refused(ErrorCode::CorruptMessage, &sentence, produce_one(&service, cut).await);
    let mut flipped = good.clone();
    *flipped.last_mut().expect("it has bytes") ^= 1;
    let refusal = produce_one(&service, flipped).await.expect_err("the checksum fails");
    assert_eq!(refusal.code, ErrorCode::CorruptMessage);
    assert!(refusal.message.starts_with("the batch is refused: the checksum does not match"), "{refusal}");
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec![]), "nothing was written");
}

#[tokio::test]
async fn what_the_log_refuses_is_told_in_its_words() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let mut placed = BatchBuilder::new(Compression::None).place(5, 0);
    placed.push(&Record::new(BEGIN, None, "a"));
    refused(
        ErrorCode::InvalidRecord,
        "the batch is refused: base_offset is 5, and a producer's batches start at 0: the log gives the offsets",
        produce_one(&service, bytes(placed.build().expect("a batch"))).await,
    );
    let marker = BatchBuilder::control(Marker { outcome: Outcome::Commit, coordinator_epoch: 0 }, 1, 0, BEGIN);
    let refusal = produce_one(&service, bytes(marker.build().expect("a batch"))).await.expect_err("it is refused");
    assert_eq!(refusal.code, ErrorCode::InvalidRecord, "{refusal}");
    let large = "v".repeat(1 << 16);
    let refusal = produce_one(&service, bytes(batch(&[&large]))).await.expect_err("it is refused");
    assert_eq!(refusal.code, ErrorCode::RecordListTooLarge, "segment.bytes, not max.message.bytes: {refusal}");
    data.disk.fail("write", "orders-0/00000000000000000000.log", 0);
    let refusal = produce_one(&service, bytes(batch(&["a"]))).await.expect_err("the disk fails");
    assert_eq!(refusal.code, ErrorCode::StorageError, "{refusal}");
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec![]), "nothing was written");
    topics.close().expect("it closes");
    let refusal = produce_one(&service, bytes(batch(&["a"]))).await.expect_err("it is closed");
    assert_eq!(refusal.code, ErrorCode::NotLeaderOrFollower, "{refusal}");
}

#[tokio::test]
async fn the_brokers_own_topics_are_not_written_to() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    topics.create(&topic("__consumer_offsets", 1)).expect("it is made");
    let mut answers = produce(&service, vec![(at("__consumer_offsets", 0), bytes(batch(&["a"])))]).await;
    let sentence = "the topic `__consumer_offsets` is the brokers' own: clients do not write to it";
    refused(ErrorCode::InvalidTopic, sentence, answers.remove(0).1);
}

#[tokio::test]
async fn a_log_that_sets_the_time_tells_it() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let new: NewTopic = with_configs(topic("clocked", 1), &[("message.timestamp.type", "LogAppendTime")]);
    topics.create(&new).expect("it is made");
    let now = data.set_time(5_000);
    let mut answers = produce(&service, vec![(at("clocked", 0), bytes(batch(&["a"])))]).await;
    let produced = answers.remove(0).1.expect("it is appended");
    assert_eq!(produced, Produced { base_offset: 0, log_append_time: Some(now), log_start: 0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_each_get_their_own_offsets() {
    let data = Data::new();
    let (_topics, service) = serve_on(&data, with_threads(&data), ServiceLimits::default());
    let requests = (0..50).map(|number| {
        let service = service.clone();
        let value = number.to_string();
        tokio::spawn(async move { produce_one(&service, bytes(batch(&[&value, &value]))).await })
    });
    let mut offsets = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        offsets.push(request.await.expect("no panic").expect("it is appended").base_offset);
    }
    offsets.sort_unstable();
    assert_eq!(offsets, (0..50).map(|number| 2 * number).collect::<Vec<_>>());
}
