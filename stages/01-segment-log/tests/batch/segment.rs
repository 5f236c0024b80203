//! Segments that Kafka's own log wrote: we find what Kafka finds, and write the indexes that Kafka wrote.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use segment_log::disk::RealDisk;
use segment_log::{BatchView, Log, LogConfig, LogDir, Recovery};
use serde_json::Value;

use crate::fixtures::assert_header;
use crate::judging::{fixture, root};
use crate::oracle::Expected;

const BASES: [i64; 2] = [5_000, 5_244];
/// The offset after the last batch of each.
const ENDS: [i64; 2] = [5_244, 5_253];

fn described() -> Vec<Value> {
    let json: Value = serde_json::from_slice(&fixture("segment/segment.json")).expect("the fixture is JSON");
    json["segments"].as_array().expect("segments").clone()
}

fn name(base: i64, suffix: &str) -> String {
    format!("{base:020}{suffix}")
}

/// A data folder that holds the given files of Kafka's as the log `log-0`, and was closed in order: with the mark, and a
/// recovery point at the log's end.
fn folder(bases: &[i64], suffixes: &[&str]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log = dir.path().join("log-0");
    std::fs::create_dir(&log).expect("it is empty");
    for (base, suffix) in bases.iter().flat_map(|base| suffixes.iter().map(move |suffix| (*base, *suffix))) {
        let from = root().join("tests/fixtures/segment").join(name(base, suffix));
        std::fs::copy(from, log.join(name(base, suffix))).unwrap_or_else(|error| panic!("{base}{suffix}: {error}"));
    }
    let end = BASES.into_iter().zip(ENDS).find(|(base, _)| bases.last() == Some(base)).expect("a base").1;
    let checkpoint = format!("0\n1\nlog 0 {end}\n");
    std::fs::write(dir.path().join("recovery-point-offset-checkpoint"), checkpoint).expect("it can be written");
    std::fs::write(dir.path().join(".kafka_cleanshutdown"), "").expect("the mark can be set");
    dir
}

fn open(dir: &Path) -> (LogDir, Log, Recovery) {
    let data = LogDir::open(Arc::new(RealDisk), dir).expect("the folder opens");
    let config = LogConfig { index_interval_bytes: 2_048, retention_ms: None, ..LogConfig::default() };
    let (log, recovery) = data.open_log("log-0", config, (), 0).expect("the log opens");
    (data, log, recovery)
}

fn pairs(json: &Value) -> Vec<(i64, i64)> {
    let pair = |pair: &Value| (pair[0].as_i64().expect("a number"), pair[1].as_i64().expect("a number"));
    json.as_array().expect("pairs").iter().map(pair).collect()
}

#[test]
fn kafkas_indexes_are_believed_and_say_what_kafka_reads() {
    let dir = folder(&BASES, &[".log", ".index", ".timeindex"]);
    let (_data, log, recovery) = open(dir.path());
    assert!(recovery.rebuilt.is_empty(), "{:?}", recovery.rebuilt);
    assert_eq!((log.log_start(), log.end()), (5_000, 5_253));
    for (segment, expected) in log.segments().zip(described()) {
        let index: Vec<_> = segment.offset_index().iter().collect();
        let index: Vec<_> = index.iter().map(|entry| (entry.relative_offset.into(), entry.position.into())).collect();
        assert_eq!(index, pairs(&expected["index"]));
        let times: Vec<_> = segment.time_index().iter().collect();
        let times: Vec<_> = times.iter().map(|entry| (entry.timestamp, entry.relative_offset.into())).collect();
        assert_eq!(times, pairs(&expected["time_index"]));
        assert_eq!(i64::from(segment.size()), expected["size"].as_i64().expect("a size"));
        assert_eq!(segment.next_offset(), expected["next_offset"].as_i64().expect("an offset"));
    }
}

#[test]
fn our_indexes_of_kafkas_log_are_kafkas_indexes() {
    let dir = folder(&BASES, &[".log"]);
    let (data, log, recovery) = open(dir.path());
    assert_eq!(recovery.rebuilt.len(), BASES.len(), "an index that is missing is made again");
    log.close().expect("the log is closed");
    data.close().expect("the folder is closed");
    for (base, suffix) in BASES.iter().flat_map(|base| [".log", ".index", ".timeindex"].map(|suffix| (*base, suffix))) {
        let (name, path): (_, PathBuf) = (name(base, suffix), dir.path().join("log-0").join(name(base, suffix)));
        let found = std::fs::read(path).expect("the file is there");
        assert_eq!(found, fixture(&format!("segment/{name}")), "{name} is Kafka's, byte for byte");
    }
}

#[test]
fn batches_are_what_kafka_reads() {
    let mut batches = 0;
    for (base, expected) in BASES.into_iter().zip(described()) {
        let bytes = fixture(&format!("segment/{}", name(base, ".log")));
        for expected in expected["batches"].as_array().expect("batches") {
            let expected = Expected::of(expected.clone());
            let at = expected.number("position") as usize;
            let batch = BatchView::parse(&bytes[at..]).expect("a batch starts here");
            batch.verify().unwrap_or_else(|error| panic!("byte {at}: {error}"));
            assert_header(&format!("the batch at byte {at}"), &batch, &expected);
            let records = batch.records(1 << 20).expect("the records open");
            let good = records.iter().filter(Result::is_ok).count() as i64;
            assert_eq!(good, expected.number("count"), "the batch at byte {at}");
            batches += 1;
        }
    }
    assert_eq!(batches, 65);
}

#[test]
fn every_offset_is_found_where_kafka_finds_it() {
    for (base, expected) in BASES.into_iter().zip(described()) {
        let dir = folder(&[base], &[".log", ".index", ".timeindex"]);
        let (_data, log, _) = open(dir.path());
        let lookups = expected["offset_lookups"].as_array().expect("lookups");
        for lookup in lookups {
            let offset = lookup[0].as_i64().expect("an offset");
            let slice = log.read(offset, 0).unwrap_or_else(|error| panic!("{offset}: {error}"));
            if lookup[1].is_null() {
                assert!(slice.is_empty(), "{offset} is the end");
                continue;
            }
            let found = slice.to_bytes().expect("the bytes are there");
            let batch = BatchView::parse(&found).expect("a read begins with a whole batch");
            let found = (batch.base_offset(), slice.position(), batch.size() as u64);
            let number = |at: usize| lookup[at].as_u64().expect("a number");
            assert_eq!(found, (number(1) as i64, number(2), number(3)), "offset {offset}");
        }
        assert!(lookups.len() >= 9);
    }
}

#[test]
fn every_time_is_found_where_kafka_finds_it() {
    for (base, expected) in BASES.into_iter().zip(described()) {
        let dir = folder(&[base], &[".log", ".index", ".timeindex"]);
        let (_data, log, _) = open(dir.path());
        let lookups = expected["time_lookups"].as_array().expect("lookups");
        for lookup in lookups {
            let time = lookup[0].as_i64().expect("a time");
            let expected = lookup[1].as_i64().map(|offset| (lookup[2].as_i64().expect("a time"), offset));
            assert_eq!(log.find_time(time).expect("the log reads"), expected, "time {time}");
        }
        assert!(lookups.len() >= 10);
    }
}
