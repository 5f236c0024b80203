//! Starting again: what a broker finds in its folder, and what it does about each thing.

use std::sync::Arc;

use partitioning::{ErrorCode, TopicsConfig};
use segment_log::{LogConfig, LogDir};

use crate::data::{BEGIN, CLIENT, Data, all_topics, append, at, batch, read_all, refused, topic, with_configs};

fn kept() -> Vec<String> {
    vec!["kept".to_owned()]
}

#[test]
fn a_clean_stop_keeps_all() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&with_configs(topic("orders", 2), &[("max.message.bytes", "80")])).expect("it is made");
    topics.create(&topic("payments", 1)).expect("it is made");
    topics.grow(&Arc::from("payments"), 3).expect("it grows");
    append(&topics, &at("payments", 2), "kept").expect("it is there");
    let before = topics.describe(None);
    assert!(topics.close().expect("it closes"));
    let topics = data.open();
    assert_eq!(topics.describe(None), before, "ids and settings too");
    assert_eq!(read_all(&topics, &at("payments", 2)), Ok(kept()));
    let sentence = "the batch has 170 bytes, and max.message.bytes allows 80";
    refused(ErrorCode::MessageTooLarge, sentence, append(&topics, &at("orders", 0), &"v".repeat(100)));
    assert!(topics.close().expect("it closes"), "and clean it is again");
}

#[test]
fn a_killed_process_keeps_all() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    append(&topics, &at("orders", 1), "kept").expect("it is there");
    drop(topics);
    let topics = data.open();
    assert_eq!(
        (all_topics(&topics), read_all(&topics, &at("orders", 1))),
        (vec![("orders".to_owned(), 2)], Ok(kept()))
    );
}

#[test]
fn a_folder_has_one_broker_at_a_time() {
    let data = Data::new();
    let _topics = data.open();
    let error = data.try_open(data.config()).expect_err("it is in use").to_string();
    assert!(error.contains("is in use") && error.contains("one writer at a time"), "{error}");
}

/// Puts a log of somebody else into the folder.
fn foreign_log(data: &Data, name: &str, values: &[&str]) {
    let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (mut log, _) = dir.open_log(name, LogConfig::default(), (), BEGIN).expect("it opens");
    if !values.is_empty() {
        log.append(batch(values), CLIENT.in_epoch(0), BEGIN).expect("it is appended");
    }
    log.close().and_then(|()| dir.close()).expect("it closes");
}

#[test]
fn a_log_with_records_that_no_topic_has_is_left_alone() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    topics.close().expect("it closes");
    for name in ["log-0", "orders-1", "payments-0", "__cluster_metadata-1"] {
        foreign_log(&data, name, &["kept"]);
    }
    let topics = data.open();
    assert_eq!(all_topics(&topics), [("orders".to_owned(), 1)]);
    let left_alone = |number: &str| {
        let folder = data.path().join(number);
        let told = format!(
            "no log for {number}: {} holds records that belong to no topic, and is left alone",
            folder.display()
        );
        ErrorCode::StorageError.because(told)
    };
    assert_eq!(topics.create(&topic("payments", 2)).map(drop), Err(left_alone("payments-0")));
    assert_eq!(topics.grow(&Arc::from("orders"), 3).map(drop), Err(left_alone("orders-1")));
    assert_eq!(data.folders(), ["__cluster_metadata-1", "log-0", "orders-0", "orders-1", "payments-0"]);
    assert!(topics.close().expect("it closes"));
    for name in ["log-0", "orders-1", "payments-0"] {
        let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
        let (log, _) = dir.open_log(name, LogConfig::default(), (), BEGIN).expect("it opens");
        assert_eq!(log.end(), 1, "{name}");
    }
}

#[test]
fn empty_logs_that_no_topic_has_go() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    topics.close().expect("it closes");
    // What a crash leaves before a topic is recorded: folders with an empty segment, and one with nothing at all.
    foreign_log(&data, "orders-1", &[]);
    foreign_log(&data, "payments-0", &[]);
    std::fs::create_dir(data.path().join("payments-1")).expect("it is made");
    let topics = data.open();
    assert_eq!(data.folders(), ["orders-0"]);
    topics.create(&topic("payments", 2)).expect("the names are free");
    assert_eq!(append(&topics, &at("payments", 1), "a"), Ok(0));
}

#[test]
fn empty_logs_that_come_later_go_when_they_are_in_the_way() {
    let data = Data::new();
    let topics = data.open();
    std::fs::create_dir(data.path().join("orders-1")).expect("it is made");
    topics.create(&topic("orders", 2)).expect("nothing is lost by it");
    assert_eq!(append(&topics, &at("orders", 1), "a"), Ok(0));
}

#[test]
fn what_only_looks_like_a_log_is_left_alone() {
    let data = Data::new();
    std::fs::write(data.path().join("backup-2024"), "mine").expect("it is written");
    std::fs::create_dir(data.path().join("photos-7")).expect("it is made");
    std::fs::write(data.path().join("photos-7/cat.jpg"), "mine").expect("it is written");
    let topics = data.open();
    for file in ["backup-2024", "photos-7/cat.jpg"] {
        assert_eq!(std::fs::read_to_string(data.path().join(file)).expect("it is there"), "mine");
    }
    for name in ["backup", "photos"] {
        let partitions = if name == "backup" { 2025 } else { 8 };
        let refusal = topics.create(&topic(name, partitions)).expect_err("a part of it has no place");
        assert_eq!(refusal.code, ErrorCode::StorageError, "{refusal}");
    }
    topics.create(&topic("photos", 7)).expect("number 7 is not needed");
}

#[test]
fn a_log_that_somebody_took_away_begins_anew() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 2)).expect("it is made");
    for number in 0..2 {
        append(&topics, &at("orders", number), "kept").expect("it is there");
    }
    topics.close().expect("it closes");
    std::fs::remove_dir_all(data.path().join("orders-0")).expect("it is there");
    let topics = data.open();
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(vec![]));
    assert_eq!(read_all(&topics, &at("orders", 1)), Ok(kept()));
}

#[test]
fn damage_is_said_and_nothing_is_served() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "kept").expect("it is there");
    topics.close().expect("it closes");
    let file = data.segment("orders-0");
    let mut bytes = std::fs::read(&file).expect("it is there");
    bytes.truncate(40);
    std::fs::write(&file, &bytes).expect("it is written");
    for _ in 0..2 {
        let error = data.try_open(data.config()).expect_err("a record is missing");
        let told = data.told(&error);
        assert!(told.starts_with("orders-0/00000000000000000000.log, byte 0: "), "{told}");
    }
    assert_eq!(std::fs::read(&file).expect("it is there"), bytes, "nothing was cut away");
}

/// Damages one byte of the catalogue, and opens the folder.
fn after_damage(position: usize) -> (Data, partitioning::Result<partitioning::Topics>) {
    let data = Data::new();
    let topics = data.open();
    for name in ["a", "b", "c"] {
        topics.create(&topic(name, 1)).expect("it is made");
    }
    // As if the process were killed: the next start reads the end, and cuts what does not hold.
    drop(topics);
    let file = data.segment("__cluster_metadata-0");
    let mut bytes = std::fs::read(&file).expect("it is there");
    bytes[position] ^= 1;
    std::fs::write(&file, &bytes).expect("it is written");
    let opened = data.try_open(data.config());
    if opened.is_err() {
        assert_eq!(std::fs::read(&file).expect("it is there"), bytes, "nothing was cut away");
    }
    (data, opened)
}

#[test]
fn no_decision_is_forgotten_that_stands_behind_damage() {
    // A length, a checksum, and a record.
    for position in [10, 18, 80] {
        let (data, opened) = after_damage(position);
        let told = data.told(opened.expect_err("topics would be forgotten"));
        assert!(
            told.starts_with("__cluster_metadata-0: __cluster_metadata-0/00000000000000000000.log, byte 0: "),
            "{told}"
        );
        let why = "; whole decisions follow, so no crash has done this, and none is cut away";
        assert!(told.ends_with(why), "{told}");
    }
}

#[test]
fn the_last_decision_alone_may_be_torn() {
    let length = after_damage(0).0.segment("__cluster_metadata-0").metadata().expect("it is there").len() as usize;
    let (_data, opened) = after_damage(length - 1);
    let names: Vec<_> = all_topics(&opened.expect("a crash can do that")).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_setting_that_this_program_does_not_know_is_said() {
    use partitioning::topics::catalogue::{CATALOGUE_LOG, TopicRecord, decision};
    let data = Data::new();
    let dir = LogDir::open(data.disk.clone(), data.path()).expect("it opens");
    let (mut log, _) = dir.open_log(CATALOGUE_LOG, LogConfig::default(), (), BEGIN).expect("it opens");
    let record = TopicRecord {
        id: partitioning::api::TopicId(1),
        partitions: 1,
        replication_factor: 1,
        configs: [("colour".to_owned(), "red".to_owned())].into(),
        deleted: false,
    };
    log.append(decision("orders", Some(&record), BEGIN), CLIENT.in_epoch(0), BEGIN).expect("it is appended");
    log.close().and_then(|()| dir.close()).expect("it closes");
    let error = data.try_open(data.config()).expect_err("how shall it be kept?");
    let sentence = "__cluster_metadata-0: the topic `orders`: colour is red, and a log has no such setting";
    assert_eq!(data.told(&error), sentence);
}

#[test]
fn a_limit_that_was_lowered_since_keeps_what_is_there() {
    let data = Data::new();
    let topics = data.open();
    topics.create(&topic("orders", 3)).expect("it is made");
    topics.close().expect("it closes");
    let topics = data.try_open(TopicsConfig { max_partitions: 2, ..data.config() }).expect("it opens");
    assert_eq!(all_topics(&topics), [("orders".to_owned(), 3)]);
    let sentence = "the topic `new` needs 1 more partitions, and max.broker.partitions = 2 leaves room for 0";
    refused(ErrorCode::InvalidPartitions, sentence, topics.create(&topic("new", 1)));
}

#[test]
fn a_file_system_that_takes_upper_and_lower_case_for_the_same_loses_nothing() {
    let mut data = Data::new();
    Arc::get_mut(&mut data.disk).expect("nobody else has it").folds_case = true;
    let topics = data.open();
    topics.create(&topic("orders", 1)).expect("it is made");
    append(&topics, &at("orders", 0), "kept").expect("it is there");
    let sentence = "no log for Orders-0: to this file system it has the same name as another folder that is there";
    refused(ErrorCode::StorageError, sentence, topics.create(&topic("Orders", 1)));
    assert_eq!(read_all(&topics, &at("orders", 0)), Ok(kept()));
}
