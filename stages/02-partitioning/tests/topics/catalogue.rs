//! The catalogue as a fold: what it judges, what it learns, and what it does about records that it cannot read.

use std::collections::BTreeMap;
use std::sync::Arc;

use partitioning::api::TopicId;
use partitioning::topics::catalogue::{CATALOGUE_LOG, Catalogue, CatalogueRules, TopicRecord, decision};
use partitioning::{ErrorCode, Refusal};
use segment_log::{BatchBuilder, Compression, Error, Fold, Log, LogConfig, LogDir, Origin, Record, codec};

use crate::data::{BEGIN, Data, refused};

const BROKER: Origin = Origin::Coordinator { leader_epoch: 0 };

fn rules() -> CatalogueRules {
    CatalogueRules { brokers: 3, max_partitions: 10, log: LogConfig::default() }
}

fn record(id: u128, partitions: u32) -> TopicRecord {
    TopicRecord {
        id: TopicId(id),
        partitions,
        replication_factor: 1,
        configs: BTreeMap::from([("segment.bytes".to_owned(), "4096".to_owned())]),
        deleted: false,
    }
}

fn deleted(record: TopicRecord) -> TopicRecord {
    TopicRecord { deleted: true, ..record }
}

fn open(data: &Data, rules: CatalogueRules) -> (LogDir, Log<Catalogue>) {
    let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (log, _) = dir.open_log(CATALOGUE_LOG, LogConfig::default(), Catalogue::new(rules), BEGIN).expect("it opens");
    (dir, log)
}

fn decide(log: &mut Log<Catalogue>, name: &str, record: Option<&TopicRecord>) -> Result<(), Refusal> {
    match log.append(decision(name, record, BEGIN), BROKER, BEGIN) {
        Ok(_) => Ok(()),
        Err(Error::Rejected(why)) => Err(why.reason::<Refusal>().expect("a refusal").clone()),
        Err(error) => panic!("{error}"),
    }
}

fn known(log: &Log<Catalogue>) -> Vec<(String, TopicRecord)> {
    log.fold().iter().map(|(name, record)| (name.to_string(), record.clone())).collect()
}

#[test]
fn a_life_of_a_topic() {
    let data = Data::new();
    let (_dir, mut log) = open(&data, rules());
    let decisions = [Some(record(1, 2)), Some(record(1, 3)), Some(deleted(record(1, 3))), None, Some(record(2, 1))];
    for decided in decisions {
        decide(&mut log, "orders", decided.as_ref()).expect("it is allowed");
        assert_eq!(log.fold().get("orders"), decided.as_ref());
        let is_live = decided.as_ref().is_some_and(|record| !record.deleted);
        assert_eq!(log.fold().live("orders").is_ok(), is_live);
    }
    assert_eq!(log.end(), 5, "one record for each decision");
}

#[test]
fn what_a_record_means_follows_from_what_was_before() {
    let data = Data::new();
    let (_dir, mut log) = open(&data, rules());
    decide(&mut log, "orders", Some(&record(1, 3))).expect("it is new");
    decide(&mut log, "gone", Some(&record(2, 1))).expect("it is new");
    decide(&mut log, "gone", Some(&deleted(record(2, 1)))).expect("it is there");
    let before = known(&log);
    let mut refuse = |name: &str, record: Option<TopicRecord>, code, sentence: &str| {
        refused(code, sentence, log.fold().judge(name, record.as_ref()));
        refused(code, sentence, decide(&mut log, name, record.as_ref()));
    };
    let exists = ErrorCode::TopicAlreadyExists;
    refuse("orders", Some(record(9, 3)), exists, "the topic `orders` exists already");
    refuse("orders", Some(record(9, 4)), exists, "the topic `orders` exists already");
    let reserved = "the topic `gone` is deleted, and its name is free once its folders are removed";
    refuse("gone", Some(record(9, 1)), exists, reserved);
    refuse("gone", Some(record(2, 5)), exists, reserved);
    refuse("gone", Some(deleted(record(2, 1))), exists, reserved);
    let shrink = "the topic `orders` has 3 partitions: with 2 it would lose records: a topic never shrinks";
    refuse("orders", Some(record(1, 2)), ErrorCode::InvalidPartitions, shrink);
    let invalid = "the topic `orders` is not deleted, so its name cannot be free";
    refuse("orders", None, ErrorCode::InvalidRequest, invalid);
    let unknown = ErrorCode::UnknownTopicOrPartition;
    refuse("nobody", None, unknown, "there is no topic `nobody`");
    refuse("nobody", Some(deleted(record(9, 1))), unknown, "there is no topic `nobody`");
    assert_eq!((known(&log), log.end()), (before, 3), "what is refused leaves no trace");
}

#[test]
fn limits_are_those_of_the_rules() {
    let catalogue = Catalogue::new(rules());
    let copies = |replication_factor| TopicRecord { replication_factor, ..record(1, 1) };
    assert_eq!(catalogue.judge("orders", Some(&copies(3))), Ok(()));
    refused(
        ErrorCode::InvalidReplicationFactor,
        "the topic `orders` would have 4 copies of each partition, and 3 can be kept: one for each broker that there is",
        catalogue.judge("orders", Some(&copies(4))),
    );
    assert_eq!(catalogue.judge("orders", Some(&record(1, 10))), Ok(()));
    refused(
        ErrorCode::InvalidPartitions,
        "the topic `orders` needs 11 more partitions, and max.broker.partitions = 10 leaves room for 10",
        catalogue.judge("orders", Some(&record(1, 11))),
    );
}

#[test]
fn a_deleted_topic_takes_no_room() {
    let data = Data::new();
    let (_dir, mut log) = open(&data, rules());
    decide(&mut log, "large", Some(&record(1, 10))).expect("it is new");
    assert!(decide(&mut log, "orders", Some(&record(2, 1))).is_err());
    decide(&mut log, "large", Some(&deleted(record(1, 10)))).expect("it is there");
    assert_eq!(log.fold().partitions(), 0);
    decide(&mut log, "orders", Some(&record(2, 10))).expect("there is room");
}

#[test]
fn a_batch_holds_one_decision() {
    let data = Data::new();
    let (_dir, mut log) = open(&data, rules());
    let mut two = BatchBuilder::new(Compression::None);
    for name in ["a", "b"] {
        two.push(&Record::new(BEGIN, name, record(1, 1).encode()));
    }
    for batch in [two, BatchBuilder::new(Compression::None)] {
        let error = log.append(batch.build().expect("a batch"), BROKER, BEGIN).expect_err("it is refused");
        assert_eq!(
            error.to_string(),
            "the batch is refused: a batch of __cluster_metadata-0 holds one decision (INVALID_RECORD)"
        );
    }
}

#[test]
fn a_replay_gives_the_same_with_and_without_a_snapshot() {
    let data = Data::new();
    let (dir, mut log) = open(&data, rules());
    decide(&mut log, "orders", Some(&record(1, 2))).expect("it is new");
    decide(&mut log, "gone", Some(&record(2, 1))).expect("it is new");
    decide(&mut log, "gone", Some(&deleted(record(2, 1)))).expect("it is there");
    let before = known(&log);
    log.close().and_then(|()| dir.close()).expect("it closes");
    // Limits that were lowered since do not undo the past.
    let strict = CatalogueRules { brokers: 0, max_partitions: 0, ..rules() };
    let (dir, log) = open(&data, strict.clone());
    assert_eq!(known(&log), before);
    drop((dir, log));
    let snapshot = data.path().join(CATALOGUE_LOG).join("00000000000000000003.snapshot");
    std::fs::remove_file(snapshot).expect("the clean stop left one");
    let (_dir, log) = open(&data, strict);
    assert_eq!(known(&log), before);
}

#[test]
fn a_compacted_history_is_understood() {
    // Of each key, compaction keeps the last record: a tombstone for a name of which nothing else is left, a deletion
    // without the topic, a growth without its beginning.
    let data = Data::new();
    append_raw(&data, Some(b"a"), None);
    append_raw(&data, Some(b"b"), Some(deleted(record(2, 4)).encode()));
    append_raw(&data, Some(b"c"), Some(record(3, 5).encode()));
    let (_dir, log) = open(&data, rules());
    assert_eq!(log.fold().fault(), None);
    assert_eq!(known(&log), [("b".to_owned(), deleted(record(2, 4))), ("c".to_owned(), record(3, 5))]);
}

/// Puts a record into the catalogue's log that nobody has judged.
fn append_raw(data: &Data, key: Option<&[u8]>, value: Option<Vec<u8>>) {
    let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (mut log, _) = dir.open_log(CATALOGUE_LOG, LogConfig::default(), (), BEGIN).expect("it opens");
    let mut batch = BatchBuilder::new(Compression::None);
    let (key, value) = (key.map(|key| key.to_vec().into()), value.map(Into::into));
    batch.push(&Record { timestamp: BEGIN, key, value, headers: Vec::new() });
    log.append(batch.build().expect("a batch"), BROKER, BEGIN).expect("it is appended");
    log.close().and_then(|()| dir.close()).expect("it closes");
}

#[test]
fn a_record_that_cannot_be_read_is_a_fault_and_no_topic() {
    let value = || record(1, 1).encode();
    let later = codec::encode(2, &record(1, 1));
    let mut cut = value();
    cut.pop();
    let more = [value(), vec![0]].concat();
    for (key, value, fault) in [
        (None, value(), "it has no key, which is the topic's name"),
        (Some(&b"\xff"[..]), value(), "its key is not text"),
        (
            Some(b"../up"),
            value(),
            "the topic name `../up` has '/' in it, and a name is made of a-z, A-Z, 0-9, `.`, `_` and `-`",
        ),
        (Some(b"a"), Vec::new(), "the topic `a`: there are no bytes"),
        (Some(b"a"), later, "the topic `a`: they were written as version 2, and this program reads version 1"),
        (Some(b"a"), more, "the topic `a`: 1 bytes follow the value"),
        (Some(b"a"), record(1, 0).encode(), "the topic `a` would have 0 partitions, and a topic has 1 to 10000"),
        (
            Some(b"a"),
            record(1, u32::MAX).encode(),
            "the topic `a` would have 4294967295 partitions, and a topic has 1 to 10000",
        ),
    ] {
        let fault = format!("the record at offset 1: {fault}");
        is_fault(key, value, |found| found == fault);
    }
    is_fault(Some(b"a"), cut, |found| found.starts_with("the record at offset 1: the topic `a`: they do not decode: "));
}

/// Between two records that are whole, and found again after a restart: no snapshot forgets it.
fn is_fault(key: Option<&[u8]>, value: Vec<u8>, is_right: impl Fn(&str) -> bool) {
    let data = Data::new();
    append_raw(&data, Some(b"before"), Some(record(7, 1).encode()));
    append_raw(&data, key, Some(value));
    append_raw(&data, Some(b"after"), Some(record(8, 1).encode()));
    for _ in 0..2 {
        let (dir, log) = open(&data, rules());
        let fault = log.fold().fault().expect("a fault").to_owned();
        assert!(is_right(&fault), "{fault}");
        assert_eq!(known(&log), [("before".to_owned(), record(7, 1))], "nothing after it is learned");
        log.close().and_then(|()| dir.close()).expect("it closes");
    }
    // The broker does not start, and says why.
    let error = data.try_open(data.config()).expect_err("it must not guess");
    let told = data.told(&error);
    assert!(told.strip_prefix("__cluster_metadata-0: ").is_some_and(is_right), "{told}");
}

#[test]
fn a_snapshot_of_another_kind_is_refused() {
    let mut catalogue = Catalogue::new(rules());
    assert!(catalogue.restore(Some(b"")).is_err());
    assert!(catalogue.restore(Some(&codec::encode(9, &()))).is_err());
    assert!(catalogue.restore(None).is_ok() && catalogue.iter().next().is_none());
}

#[test]
fn names_in_the_catalogue_are_in_order() {
    let data = Data::new();
    let (_dir, mut log) = open(&data, rules());
    for (id, name) in ["b", "c", "a"].into_iter().enumerate() {
        decide(&mut log, name, Some(&record(id as u128, 1))).expect("it is new");
    }
    let names: Vec<Arc<str>> = log.fold().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["a", "b", "c"].map(Arc::from));
}
