//! Creating, growing, describing: what each gives, and what each refuses. Deleting has a file of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::api::NewTopic;
use partitioning::{Error, ErrorCode, LocalPartition, Partitions, TopicsConfig};

use crate::data::{Data, all_topics, append, at, read_all, refused, topic, with_configs};

#[test]
fn a_topic_is_made_with_its_folders() {
    let data = Data::new();
    let topics = data.open();
    let info = topics.create(&topic("orders", 3)).expect("it is made");
    assert_eq!(info.partitions.len(), 3);
    for partition in &info.partitions {
        assert_eq!((partition.leader, partition.leader_epoch), (Some(7), 0));
        assert_eq!((&partition.replicas, &partition.in_sync), (&vec![7], &vec![7]));
    }
    assert!(info.configs.is_empty());
    assert_eq!(data.folders(), ["orders-0", "orders-1", "orders-2"]);
    for number in 0..3 {
        assert_eq!(append(&topics, &at("orders", number), "a"), Ok(0));
    }
}

#[test]
fn what_nobody_says_is_the_brokers_default() {
    let data = Data::new();
    let topics = data.try_open(TopicsConfig { num_partitions: 4, ..data.config() }).expect("it opens");
    let info = topics.create(&NewTopic { partitions: None, ..topic("orders", 0) }).expect("it is made");
    assert_eq!(info.partitions.len(), 4);
}

#[test]
fn ids_tell_topics_apart() {
    let data = Data::new();
    let topics = data.open();
    let first = topics.create(&topic("orders", 1)).expect("it is made").id;
    let second = topics.create(&topic("payments", 1)).expect("it is made").id;
    topics.delete("orders").expect("it is there");
    let again = topics.create(&topic("orders", 1)).expect("the name is free").id;
    topics.close().expect("it closes");
    // The same seed, and still another id: half of it is the offset of the topic's record.
    let topics = data.open();
    let third = topics.create(&topic("refunds", 1)).expect("it is made").id;
    let ids = std::collections::BTreeSet::from([first, second, again, third]);
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.0 >> 64 != 0), "half of it is by chance: {ids:?}");
}

#[test]
fn a_topic_is_refused_for_each_rule() {
    let data = Data::new();
    let topics = data.try_open(TopicsConfig { max_partitions: 20, ..data.config() }).expect("it opens");
    topics.create(&topic("a.b", 5)).expect("it is made");
    let create = |new: NewTopic| topics.create(&new).map(|info| info.partitions.len());
    let copies = |count| NewTopic { replication_factor: Some(count), ..topic("orders", 1) };
    refused(
        ErrorCode::InvalidTopic,
        "the topic name is empty, and a name has 1 to 249 characters",
        create(topic("", 1)),
    );
    refused(
        ErrorCode::InvalidTopic,
        "the topic name `a_b` collides with `a.b`: names must differ in more than `.` and `_`",
        create(topic("a_b", 1)),
    );
    refused(ErrorCode::TopicAlreadyExists, "the topic `a.b` exists already", create(topic("a.b", 5)));
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` would have 0 partitions, and a topic has 1 to 10000",
        create(topic("orders", 0)),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` would have 10001 partitions, and a topic has 1 to 10000",
        create(topic("orders", 10_001)),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` needs 16 more partitions, and max.broker.partitions = 20 leaves room for 15",
        create(topic("orders", 16)),
    );
    refused(
        ErrorCode::InvalidReplicationFactor,
        "the topic `orders` would have 2 copies of each partition, and 1 can be kept: one for each broker that there is",
        create(copies(2)),
    );
    refused(
        ErrorCode::InvalidReplicationFactor,
        "the topic `orders` would have 0 copies of each partition, and 1 can be kept: one for each broker that there is",
        create(copies(0)),
    );
    refused(
        ErrorCode::InvalidRequest,
        "the topic `__cluster_metadata` is the brokers' own: it cannot be made by a client",
        create(topic("__cluster_metadata", 1)),
    );
    assert_eq!(all_topics(&topics), [("a.b".to_owned(), 5)]);
    assert_eq!(data.folders().len(), 5, "nothing is left of what was refused");
    assert_eq!(create(topic("orders", 15)), Ok(15), "what fits exactly, fits");
}

#[test]
fn settings_are_refused_by_name_and_rule() {
    let data = Data::new();
    let topics = data.open();
    let create = |key: &str, value: &str| topics.create(&with_configs(topic("orders", 1), &[(key, value)]));
    let long = "9".repeat(129);
    for (key, value, sentence) in [
        ("segment.bytes", "0", "segment.bytes is 0, and it is from 1 to 2147483647"),
        ("retention.ms", "soon", "retention.ms is soon, and it is at least 0, or -1 to keep all"),
        ("colour", "red", "colour is red, and a log has no such setting"),
        ("retention.ms", &long, "the setting `retention.ms` has more than 128 bytes, or its value has"),
    ] {
        refused(ErrorCode::InvalidConfig, sentence, create(key, value));
    }
    assert!(data.folders().is_empty());
}

#[test]
fn a_topics_settings_hold_for_its_partitions_alone() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&with_configs(topic("small", 1), &[("max.message.bytes", "80")])).expect("it is made");
    topics.create(&topic("large", 1)).expect("it is made");
    let value = "v".repeat(100);
    assert!(append(&topics, &at("large", 0), &value).is_ok());
    let sentence = "the batch has 170 bytes, and max.message.bytes allows 80";
    refused(ErrorCode::MessageTooLarge, sentence, append(&topics, &at("small", 0), &value));
    let info = topics.describe(Some(&["small".to_owned()])).remove(0).1.expect("it is there");
    assert_eq!(info.configs, BTreeMap::from([("max.message.bytes".to_owned(), "80".to_owned())]));
}

#[test]
fn growth_leaves_what_is_there_untouched() {
    let data = Data::new();
    let topics = data.open();
    let created = topics.create(&with_configs(topic("orders", 2), &[("max.message.bytes", "80")])).expect("it is made");
    append(&topics, &at("orders", 1), "a").expect("it is there");
    let found_before = topics.find(&at("orders", 1)).expect("it is there");
    let grown = topics.grow(&Arc::from("orders"), 4).expect("it grows");
    assert_eq!((grown.partitions.len(), grown.id, &grown.configs), (4, created.id, &created.configs));
    assert_eq!(data.folders(), ["orders-0", "orders-1", "orders-2", "orders-3"]);
    // Whoever holds on to a partition holds the one that is served.
    found_before.append(crate::data::batch(&["b"]), crate::data::CLIENT, 0).expect("it is the same partition");
    assert_eq!(read_all(&topics, &at("orders", 1)), Ok(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(append(&topics, &at("orders", 3), "c"), Ok(0));
    let sentence = "the batch has 170 bytes, and max.message.bytes allows 80";
    refused(ErrorCode::MessageTooLarge, sentence, append(&topics, &at("orders", 3), &"v".repeat(100)));
}

#[test]
fn growth_is_refused_for_each_rule() {
    let data = Data::new();
    let topics = data.try_open(TopicsConfig { max_partitions: 5, ..data.config() }).expect("it opens");
    topics.create(&topic("orders", 3)).expect("it is made");
    let grow = |name: &str, count| topics.grow(&Arc::from(name), count).map(|info| info.partitions.len());
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` has 3 partitions: with 2 it would lose records: a topic never shrinks",
        grow("orders", 2),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` has 3 partitions: with 0 it would lose records: a topic never shrinks",
        grow("orders", 0),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` has 3 partitions: to grow it takes more",
        grow("orders", 3),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` needs 3 more partitions, and max.broker.partitions = 5 leaves room for 2",
        grow("orders", 6),
    );
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` would have 4294967295 partitions, and a topic has 1 to 10000",
        grow("orders", u32::MAX),
    );
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `payments`", grow("payments", 2));
    refused(
        ErrorCode::InvalidRequest,
        "the topic `__cluster_metadata` is the brokers' own: it cannot be grown by a client",
        grow("__cluster_metadata", 2),
    );
    assert_eq!(grow("orders", 5), Ok(5));
    assert_eq!(data.folders().len(), 5);
}

#[test]
fn topics_are_described_by_name_each_once() {
    let data = Data::new();
    let topics = data.open();
    for (name, partitions) in [("b", 2), ("a", 1), ("c", 3)] {
        topics.create(&topic(name, partitions)).expect("it is made");
    }
    let all = [("a".to_owned(), 1), ("b".to_owned(), 2), ("c".to_owned(), 3)];
    assert_eq!(all_topics(&topics), all);
    let asked = ["c", "nobody", "a", "c", "no body"].map(str::to_owned);
    let mut described = topics.describe(Some(&asked)).into_iter();
    let mut next = || described.next().map(|(name, topic)| (name, topic.map(|topic| topic.partitions.len())));
    assert_eq!(next(), Some(("c".to_owned(), Ok(3))));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `nobody`", next().expect("an answer").1);
    assert_eq!(next(), Some(("a".to_owned(), Ok(1))));
    refused(
        ErrorCode::InvalidTopic,
        "the topic name `no body` has ' ' in it, and a name is made of a-z, A-Z, 0-9, `.`, `_` and `-`",
        next().expect("an answer").1,
    );
    assert_eq!(next(), None, "a name that is asked for twice is answered once");
    assert!(topics.describe(Some(&[])).is_empty());
}

#[test]
fn a_partition_is_found_or_it_is_said_what_is_missing() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    let find = |topic: &str, number| topics.find(&at(topic, number)).map(|partition| partition.offsets().end);
    assert_eq!(find("orders", 1), Ok(0));
    refused(ErrorCode::UnknownTopicOrPartition, "there is no topic `payments`", find("payments", 0));
    let sentence = "the topic `orders` has no partition 2: it has 2, from 0";
    refused(ErrorCode::UnknownTopicOrPartition, sentence, find("orders", 2));
    let sentence = "the topic `orders` has no partition 4294967295: it has 2, from 0";
    refused(ErrorCode::UnknownTopicOrPartition, sentence, find("orders", u32::MAX));
    refused(
        ErrorCode::UnknownTopicOrPartition,
        "there is no topic `__cluster_metadata`",
        find("__cluster_metadata", 0),
    );
}

#[test]
fn settings_of_the_broker_have_ranges() {
    let data = Data::new();
    let config = |change: fn(&mut TopicsConfig)| {
        let mut config = data.config();
        change(&mut config);
        config.checked().map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(config(|_| {}), Ok(()));
    let told = |sentence: &str| Err(sentence.to_owned());
    assert_eq!(config(|c| c.node_id = -1), told("node.id is -1, and it is at least 0"));
    assert_eq!(config(|c| c.num_partitions = 0), told("num.partitions is 0, and it is from 1 to 10000"));
    let copies = told("default.replication.factor is 0, and it is at least 1");
    assert_eq!(config(|c| c.default_replication_factor = 0), copies);
    let most = told("max.broker.partitions is 10001, and it is from 1 to 10000");
    assert_eq!(config(|c| c.max_partitions = 10_001), most);
    assert_eq!(config(|c| c.log.segment_ms = 0), told("segment.ms is 0, and it is at least 1"));
    let error = data.try_open(TopicsConfig { node_id: -1, ..data.config() }).expect_err("it is refused");
    assert!(matches!(error, Error::Config { key: "node.id", .. }), "{error}");
    assert!(!data.path().join(".lock").exists(), "refused before the folder is touched");
}

#[test]
fn a_partition_knows_its_name() {
    let data = Data::new();
    let dir = segment_log::LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (log, _) = dir.open_log("orders-3", segment_log::LogConfig::default(), (), 0).expect("it opens");
    assert_eq!(LocalPartition::new(at("orders", 3), log).at().to_string(), "orders-3");
}
