//! Bytes that lie: damaged files, and batches that someone made to do harm. Nothing here may panic, take memory without
//! bound, or give a wrong answer in silence.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use segment_log::disk::RealDisk;
use segment_log::log::{SegmentFacts, expired};
use segment_log::{
    Batch, BatchBuilder, BatchView, Compression, Error, Fold, Header, KeyCounts, Log, LogConfig, LogDir, Origin,
    Record, Recovery, Result,
};

const CLIENT: Origin = Origin::Client { leader_epoch: 0 };

/// Three records of time `time`, 85 bytes or so.
fn three(time: i64) -> Batch {
    let mut builder = BatchBuilder::new(Compression::None);
    for value in ["a", "b", "c"] {
        builder.push(&Record::new(time, "k", value));
    }
    builder.build().expect("nothing is compressed")
}

fn config() -> LogConfig {
    LogConfig { index_interval_bytes: 100, retention_ms: None, ..LogConfig::default() }
}

fn try_open<F: Fold>(folder: &Path, config: LogConfig, fold: F) -> Result<(LogDir, Log<F>, Recovery)> {
    let dir = LogDir::open(Arc::new(RealDisk), folder)?;
    let (log, recovery) = dir.open_log("log-0", config, fold, 0)?;
    Ok((dir, log, recovery))
}

/// A folder with `count` batches, closed in order.
fn closed(config: LogConfig, count: i64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (dir, mut log, _) = try_open(folder.path(), config, KeyCounts::default()).expect("a new log");
    for number in 0..count {
        log.append(three(number), CLIENT, 0).expect("it is appended");
    }
    log.close().expect("the log is closed");
    assert!(dir.close().expect("the folder is closed"));
    folder
}

fn file(folder: &Path, base: i64, suffix: &str) -> PathBuf {
    folder.join("log-0").join(format!("{base:020}{suffix}"))
}

fn flip(path: &Path, at: usize, bits: u8) {
    let mut bytes = fs::read(path).expect("it is there");
    bytes[at] ^= bits;
    fs::write(path, bytes).expect("it is written");
}

/// A header can be two zero bytes, and a codec packs millions of them into nothing. They are counted, not collected.
#[test]
fn a_batch_of_empty_headers_takes_no_more_room_than_its_bytes() {
    const COUNT: usize = 1_000_000;
    let header = Header { key: String::new(), value: Some(Bytes::new()) };
    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.push(&Record { headers: vec![header; COUNT], ..Record::new(0, None, "") });
    let batch = builder.build().expect("zstd has memory for this");
    assert!(batch.view().size() < 1_000, "{} bytes", batch.view().size());
    let records = batch.view().records(3 * COUNT).expect("it decompresses");
    let record = records.iter().next().expect("one record").expect("it is read");
    assert_eq!((record.headers.len(), record.headers.iter().count()), (COUNT, COUNT));
    assert_eq!(record.headers.iter().next(), Some(("", Some(&b""[..]))));
    let room = std::mem::size_of_val(&record.headers);
    assert!(room <= 24, "a list of them would be here: {room} bytes");
    assert!(batch.view().records(2 * COUNT).is_err(), "and the bound on what comes out holds");
}

#[test]
fn there_may_be_no_limit_to_decompression() {
    let mut builder = BatchBuilder::new(Compression::Gzip);
    builder.push(&Record::new(0, None, "a"));
    let batch = builder.build().expect("gzip has memory for this");
    assert_eq!(batch.view().records(usize::MAX).expect("it decompresses").iter().count(), 1);
}

#[test]
fn records_of_a_batch_that_nobody_verified_do_not_overflow() {
    let mut bytes = three(0).into_bytes();
    bytes[0..8].copy_from_slice(&i64::MAX.to_be_bytes());
    let batch = BatchView::parse(&bytes).expect("it is whole");
    assert!(batch.verify().is_err());
    assert_eq!(batch.records(1_000).expect("nothing is compressed").iter().count(), 3);
}

/// A clean stop saves verifying, so a damaged header can meet a log that believes. It must not bring it down.
#[test]
fn any_damaged_byte_of_the_last_header_opens_or_is_reported() {
    let folder = closed(config(), 4);
    let path = file(folder.path(), 0, ".log");
    let whole = fs::read(&path).expect("it is there");
    let last = whole.len() * 3 / 4;
    for (at, bits) in (last..last + 61).flat_map(|at| [1, 0x40, 0x80].map(|bits| (at, bits))) {
        let copy = tempfile::tempdir().expect("a temporary folder");
        copy_folder(folder.path(), copy.path());
        flip(&file(copy.path(), 0, ".log"), at, bits);
        match try_open(copy.path(), config(), KeyCounts::default()) {
            Ok((_, log, _)) => assert_eq!(log.end(), 12, "byte {at}, bits {bits:02x}"),
            Err(error) => assert!(error.is_corrupt(), "byte {at}, bits {bits:02x}: {error}"),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("it is readable");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("it has a type").is_dir() {
            fs::create_dir(&target).expect("it is new");
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("it is copied");
        }
    }
}

#[test]
fn an_index_entry_that_rots_misleads_nobody() {
    let folder = closed(config(), 40);
    let index = file(folder.path(), 0, ".index");
    let entries = fs::metadata(&index).expect("it is there").len() as usize / 8;
    for (entry, byte) in (0..entries - 1).flat_map(|entry| [2, 3, 6, 7].map(|byte| (entry, byte))) {
        flip(&index, entry * 8 + byte, 0x40);
        let (_dir, log, _) = try_open(folder.path(), config(), ()).expect("it opens");
        for from in 0..log.end() {
            let batch = log.batches(from).next().expect("there is one").expect("it is whole");
            let offsets = batch.view().base_offset()..=batch.view().last_offset();
            assert!(offsets.contains(&from), "entry {entry}, byte {byte}: {from} is answered by {offsets:?}");
        }
        log.close().expect("it is closed");
        flip(&index, entry * 8 + byte, 0x40);
    }
}

/// Retention asks the last entry of a time index how old a segment is. An entry that rots must not make it immortal.
#[test]
fn the_last_entry_of_a_time_index_is_not_believed_blindly() {
    let small = LogConfig { segment_bytes: 300, ..config() };
    let folder = closed(small.clone(), 10);
    flip(&file(folder.path(), 0, ".timeindex"), 0, 0x40);
    let (_dir, log, recovery) = try_open(folder.path(), small, ()).expect("it opens");
    assert_eq!(recovery.rebuilt.len(), 1, "{:?}", recovery.rebuilt);
    assert_eq!(log.segments().next().expect("a segment").largest_timestamp(), 2);
}

#[test]
fn a_log_whose_segments_are_gone_is_not_a_new_log() {
    let folder = closed(config(), 4);
    fs::remove_file(file(folder.path(), 0, ".log")).expect("it was there");
    let error = try_open(folder.path(), config(), ()).expect_err("12 records were there").to_string();
    assert!(error.ends_with("log-0: there is no segment in it, and the log was flushed up to offset 12"), "{error}");

    fs::remove_dir_all(folder.path().join("log-0")).expect("it was there");
    let (_dir, log, _) = try_open(folder.path(), config(), ()).expect("who takes the folder away means it");
    assert_eq!((log.log_start(), log.end(), log.recovery_point()), (0, 0, 0));
}

#[test]
fn offsets_below_zero_are_refused() {
    let folder = closed(config(), 4);
    let (_dir, mut log, _) = try_open(folder.path(), config(), ()).expect("it opens");
    for refused in [log.truncate(-1, 0).map(drop), log.reset(-1, 0)] {
        assert!(matches!(refused, Err(Error::OffsetOutOfRange { asked: -1, start: 0, end: 12 })), "{refused:?}");
    }
    assert_eq!((log.log_start(), log.end()), (0, 12), "and nothing happened");
}

#[test]
fn a_fold_that_lost_what_retention_took_says_so() {
    let small = LogConfig { segment_bytes: 300, ..config() };
    let folder = closed(small.clone(), 10);
    let (dir, mut log, recovery) = try_open(folder.path(), small.clone(), KeyCounts::default()).expect("it opens");
    assert!(!recovery.state_lost);
    log.delete_before(20, 0).expect("it deletes");
    log.close().expect("it is closed");
    dir.close().expect("it is closed");
    let (dir, log, recovery) = try_open(folder.path(), small.clone(), KeyCounts::default()).expect("it opens");
    assert_eq!((recovery.state_lost, log.fold().count(Some(b"k"))), (false, 30), "the snapshots know them all");
    let first = log.segments().next().expect("a segment").base_offset();
    let snapshots: Vec<_> = (0..=30).map(|offset| file(folder.path(), offset, ".snapshot")).collect();
    drop((log, dir));
    snapshots.iter().filter(|path| path.exists()).for_each(|path| flip(path, 6, 1));
    let (_dir, log, recovery) = try_open(folder.path(), small.clone(), KeyCounts::default()).expect("it opens");
    assert_eq!((recovery.state_lost, log.fold().count(Some(b"k"))), (true, 30 - first as u64));
    drop((log, _dir));
    let (_dir, _log, recovery) = try_open(folder.path(), small, ()).expect("it opens");
    assert!(!recovery.state_lost, "what has no state loses none");
}

/// A log without a fold is opened by its last bytes alone.
#[test]
fn without_a_state_nothing_is_replayed() {
    let folder = closed(config(), 40);
    let (_dir, log, recovery) = try_open(folder.path(), config(), ()).expect("it opens");
    assert_eq!((recovery.replayed, recovery.verified, log.end()), (0, 0, 120));
}

#[test]
fn an_empty_segment_in_front_does_not_hold_the_others() {
    let segment = |size, next_offset| SegmentFacts { size, largest_timestamp: 0, next_offset };
    let config = LogConfig { retention_ms: Some(1_000), ..LogConfig::default() };
    let segments = [segment(0, 0), segment(100, 5), segment(100, 9), segment(0, 9)];
    assert_eq!(expired(&segments, 0, &config, 1_001), 3, "only an active segment that is empty stays");
}

/// What a system without handles says is no verdict on an index.
#[cfg(target_os = "linux")]
#[test]
fn a_closed_segment_holds_one_handle() {
    let handles = || fs::read_dir("/proc/self/fd").expect("it is there").count();
    let small = LogConfig { segment_bytes: 100, ..config() };
    let folder = closed(small.clone(), 60);
    let before = handles();
    let (_dir, log, _) = try_open(folder.path(), small, ()).expect("it opens");
    let (segments, taken) = (log.segments().count(), handles() - before);
    assert_eq!(segments, 60);
    // The other tests of this process come and go meanwhile, but not by the dozen.
    assert!(taken < segments + 40, "{taken} handles for {segments} segments");
}

/// A log that was closed in order, and whose batches are then damaged, is refused each time, and not only the first.
#[test]
fn damage_after_a_clean_stop_is_not_forgotten() {
    let folder = closed(config(), 4);
    let path = file(folder.path(), 0, ".log");
    let last = fs::metadata(&path).expect("it is there").len() as usize * 3 / 4;
    flip(&path, last + 5, 1);
    for _ in 0..3 {
        let error = try_open(folder.path(), config(), ()).expect_err("the last batch is out of place");
        assert!(error.is_corrupt() && error.to_string().contains("the log was closed in order"), "{error}");
    }
    flip(&path, last + 5, 1);
    let (_dir, log, recovery) = try_open(folder.path(), config(), ()).expect("the damage is gone");
    assert_eq!((log.end(), recovery.was_clean), (12, true), "and nothing was changed meanwhile");
}

/// Retention takes the front and truncation the end. Nobody takes the middle.
#[test]
fn a_segment_that_is_missing_between_others_is_reported() {
    let small = LogConfig { segment_bytes: 100, ..config() };
    for (take, message) in [(true, "it is the index of a segment that is missing"), (false, "the batch is cut off")] {
        let folder = closed(small.clone(), 5);
        let path = file(folder.path(), 6, ".log");
        if take {
            fs::remove_file(&path).expect("it was there");
        } else {
            fs::write(&path, "").expect("it is writable");
        }
        for _ in 0..2 {
            let error = try_open(folder.path(), small.clone(), ()).expect_err("three records are gone").to_string();
            assert!(error.contains("00000000000000000006") && error.contains(message), "{error}");
        }
    }
}

#[test]
fn a_base_offset_that_rots_is_met_by_whoever_reads_past_it() {
    let small = LogConfig { segment_bytes: 300, ..config() };
    let folder = closed(small.clone(), 9);
    let path = file(folder.path(), 0, ".log");
    let size = fs::metadata(&path).expect("it is there").len() as usize / 3;
    flip(&path, size + 7, 2);
    let (_dir, log, _) = try_open(folder.path(), small, ()).expect("a closed segment is believed until it is read");
    let found: Vec<_> = log.batches(0).map(|batch| batch.map(|batch| batch.view().base_offset())).collect();
    let (last, good) = found.split_last().expect("something");
    assert!(matches!(last, Err(Error::Corrupt { .. })), "{found:?}");
    assert!(good.iter().flatten().copied().eq([0]), "{found:?}");
}
