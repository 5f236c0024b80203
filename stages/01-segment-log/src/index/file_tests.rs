//! Index files: room, trimming, and what is no index.

use crate::Error;
use crate::disk::RealDisk;
use crate::index::{IndexFile, OffsetEntry, TimeEntry};

fn entry(number: u32) -> OffsetEntry {
    OffsetEntry { relative_offset: 10 * number, position: 100 * number }
}

#[test]
fn entries_are_found_while_the_file_has_room_behind_them() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut index = IndexFile::create(&RealDisk, dir.path().join("0.index"), 85).expect("a new index");
    assert_eq!((index.len(), index.room(), index.is_empty()), (0, 10, true));
    assert_eq!((index.last(), index.floor(1_000)), (None, None));
    for number in 1..=10 {
        index.push(entry(number)).expect("there is room");
        assert_eq!((index.last(), index.room()), (Some(entry(number)), 10 - number as usize));
        assert_eq!(index.floor(10 * number + 5), Some(entry(number)));
        assert_eq!(index.floor(u32::MAX), Some(entry(number)), "the zeros behind it are no entries");
    }
    assert_eq!((index.floor(9), index.floor(55)), (None, Some(entry(5))));
    assert_eq!((index.get(9), index.get(10)), (Some(entry(10)), None));
    assert_eq!(index.iter().collect::<Vec<_>>(), (1..=10).map(entry).collect::<Vec<_>>());
}

#[test]
fn a_trimmed_file_is_its_entries_and_opens_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("0.timeindex");
    let times: Vec<_> = (1..=3).map(|at| TimeEntry { timestamp: 1_000 * at, relative_offset: at as u32 }).collect();
    let mut index = IndexFile::create(&RealDisk, path.clone(), 240).expect("a new index");
    times.iter().for_each(|time| index.push(*time).expect("there is room"));
    assert_eq!(std::fs::metadata(&path).expect("it is there").len(), 240);
    index.close(&RealDisk).expect("it shrinks, and is flushed");
    assert_eq!(std::fs::read(&path).expect("it is there").len(), 36);
    drop(index);

    let mut index: IndexFile<TimeEntry> = IndexFile::open(&RealDisk, path.clone()).expect("it opens");
    assert_eq!(index.iter().collect::<Vec<_>>(), times);
    assert_eq!((index.room(), index.floor(2_999)), (0, Some(times[1])));
    index.make_room(&RealDisk, 120).expect("it grows");
    index.truncate(2);
    index.push(TimeEntry { timestamp: 2_001, relative_offset: 7 }).expect("there is room");
    assert_eq!(index.last().map(|entry| entry.relative_offset), Some(7));
    assert_eq!(index.path(), path);
}

#[test]
#[should_panic(expected = "is full")]
fn a_full_index_takes_nothing() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut index = IndexFile::create(&RealDisk, dir.path().join("0.index"), 8).expect("a new index");
    index.push(entry(1)).expect("there is room");
    let _ = index.push(entry(2));
}

#[test]
#[should_panic(expected = "after Some(OffsetEntry { relative_offset: 20, position: 200 })")]
fn entries_ascend() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut index = IndexFile::create(&RealDisk, dir.path().join("0.index"), 80).expect("a new index");
    index.push(entry(2)).expect("there is room");
    let _ = index.push(entry(2));
}

#[test]
fn a_file_of_no_whole_number_of_entries_is_no_index() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("0.index");
    std::fs::write(&path, [0; 20]).expect("a file");
    let error = IndexFile::<OffsetEntry>::open(&RealDisk, path.clone()).expect_err("20 is no multiple of 8");
    assert_eq!(
        error.to_string(),
        format!("{}: an index is a multiple of 8 bytes long, and this one has 20", path.display())
    );
    assert!(error.is_corrupt());
    let missing = IndexFile::<OffsetEntry>::open(&RealDisk, dir.path().join("1.index")).expect_err("there is none");
    assert!(matches!(missing, Error::Io { action: "open", .. }));
}
