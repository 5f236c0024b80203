//! Looking up: where a partition begins, where it ends, where it reaches a time.

use partitioning::api::{FoundOffset, ListOffsetsRequest, OffsetSpec};
use partitioning::{ErrorCode, Partitions, Refusal, Service};

use crate::data::{BEGIN, CLIENT, Data, at, batch_at, refused, topic, with_configs};
use crate::serve;

async fn look_up(service: &Service, topic: &str, place: OffsetSpec) -> Result<Option<FoundOffset>, Refusal> {
    let request = ListOffsetsRequest { partitions: vec![(at(topic, 0), place)] };
    let mut answers = service.list_offsets(request).await.partitions;
    assert_eq!((answers.len(), &answers[0].0), (1, &at(topic, 0)));
    answers.remove(0).1
}

fn found(offset: i64, timestamp: Option<i64>) -> Result<Option<FoundOffset>, Refusal> {
    Ok(Some(FoundOffset { offset, timestamp }))
}

#[tokio::test]
async fn places_are_found() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    let short = [("segment.bytes", "80"), ("retention.ms", "1000")];
    topics.create(&with_configs(topic("short", 1), &short)).expect("it is made");
    for place in [OffsetSpec::Earliest, OffsetSpec::Latest] {
        assert_eq!(look_up(&service, "short", place).await, found(0, None), "an empty log begins and ends at 0");
    }
    assert_eq!(look_up(&service, "short", OffsetSpec::Timestamp(0)).await, Ok(None));
    let partition = topics.find(&at("short", 0)).expect("it is there");
    for time in [0, 10, 2_000, 1_990] {
        partition.append(batch_at(BEGIN + time, &["a"]), CLIENT, BEGIN).expect("it is appended");
    }
    let at_time = |after: i64| look_up(&service, "short", OffsetSpec::Timestamp(BEGIN + after));
    assert_eq!(at_time(0).await, found(0, Some(BEGIN)));
    assert_eq!(at_time(1).await, found(1, Some(BEGIN + 10)));
    assert_eq!(at_time(11).await, found(2, Some(BEGIN + 2_000)), "the first at or after it, in the order of offsets");
    assert_eq!(at_time(2_000).await, found(2, Some(BEGIN + 2_000)));
    assert_eq!(at_time(2_001).await, Ok(None));
    assert_eq!(look_up(&service, "short", OffsetSpec::Timestamp(-5)).await, found(0, Some(BEGIN)));
    topics.housekeep(BEGIN + 1_500);
    assert_eq!(look_up(&service, "short", OffsetSpec::Earliest).await, found(2, None), "retention took the front");
    assert_eq!(look_up(&service, "short", OffsetSpec::Latest).await, found(4, None));
    assert_eq!(at_time(0).await, found(2, Some(BEGIN + 2_000)));
}

#[tokio::test]
async fn each_place_has_its_answer() {
    let data = Data::new();
    let (_topics, service) = serve(&data);
    let asked = [at("orders", 2), at("nobody", 0), at("orders", 3), at("orders", 2)];
    let partitions = asked.iter().map(|at| (at.clone(), OffsetSpec::Latest)).collect();
    let answers = service.list_offsets(ListOffsetsRequest { partitions }).await.partitions;
    let (places, mut results): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    assert_eq!(places, asked);
    assert_eq!(results.pop().expect("four answers"), found(0, None));
    let unknown = ErrorCode::UnknownTopicOrPartition;
    let sentence = "the topic `orders` has no partition 3: it has 3, from 0";
    refused(unknown, sentence, results.pop().expect("four answers"));
    refused(unknown, "there is no topic `nobody`", results.pop().expect("four answers"));
    assert_eq!(results.pop().expect("four answers"), found(0, None));
}

/// A small request of ten thousand look-ups, each of which opens the same large batch, would keep a partition busy for long.
#[tokio::test]
async fn a_partition_is_looked_up_by_time_once() {
    let data = Data::new();
    let (topics, service) = serve(&data);
    topics
        .find(&at("orders", 0))
        .expect("it is there")
        .append(batch_at(BEGIN, &["a"]), CLIENT, BEGIN)
        .expect("it fits");
    let time = OffsetSpec::Timestamp(0);
    let places = [time, OffsetSpec::Earliest, OffsetSpec::Latest, OffsetSpec::Latest, time];
    let asked = places.map(|place| (at("orders", 0), place)).into_iter().chain([(at("orders", 1), time)]);
    let answers = service.list_offsets(ListOffsetsRequest { partitions: asked.collect() }).await.partitions;
    let results: Vec<_> = answers.into_iter().map(|(_, result)| result).collect();
    let twice = "orders-0 is named twice with a time: a request looks one up in a partition";
    let expected = [
        found(0, Some(BEGIN)),
        found(0, None),
        found(1, None),
        found(1, None),
        Err(ErrorCode::InvalidRequest.because(twice)),
        Ok(None),
    ];
    assert_eq!(results, expected);
}
