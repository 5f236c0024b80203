//! The index of aborted transactions: written as the fold says, found by range, made again by a replay.

use segment_log::batch::BatchView;
use segment_log::control::{Marker, Outcome};
use segment_log::{
    AbortedTransaction, Appended, BatchBuilder, Compression, Fold, Log, LogConfig, LogDir, Offset, Origin, Record,
    Rejection,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use segment_log::disk::RealDisk;
use tempfile::TempDir;

const NOW: i64 = 1_700_000_000_000;

/// The first offset of each producer's open transaction. Stage 06 has the real one.
#[derive(Debug, Default, Clone, PartialEq)]
struct Open {
    first: BTreeMap<i64, Offset>,
    ended: Option<AbortedTransaction>,
}

impl Fold for Open {
    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let producer_id = batch.producer_id();
        if !batch.is_control() {
            self.first.entry(producer_id).or_insert(at.base_offset);
            return;
        }
        let Some(first_offset) = self.first.remove(&producer_id) else { return };
        let records = batch.records(100).unwrap();
        let marker = records.iter().next().unwrap().unwrap();
        if Marker::decode(marker.key, marker.value).unwrap().outcome == Outcome::Abort {
            let last_stable_offset = self.first.values().min().copied().unwrap_or(at.last_offset + 1);
            let last_offset = at.last_offset;
            self.ended = Some(AbortedTransaction { producer_id, first_offset, last_offset, last_stable_offset });
        }
    }

    fn aborted(&mut self) -> Option<AbortedTransaction> {
        self.ended.take()
    }

    fn snapshot(&self) -> Vec<u8> {
        let pairs = self.first.iter().flat_map(|(id, first)| [id.to_be_bytes(), first.to_be_bytes()]);
        pairs.flatten().collect()
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        let numbers = snapshot.unwrap_or_default().chunks(8).map(|bytes| i64::from_be_bytes(bytes.try_into().unwrap()));
        let numbers: Vec<i64> = numbers.collect();
        *self = Open { first: numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect(), ended: None };
        Ok(())
    }
}

struct Kept {
    folder: TempDir,
    open: Option<(LogDir, Log<Open>)>,
}

impl Kept {
    fn new() -> Self {
        let mut kept = Kept { folder: tempfile::tempdir().unwrap(), open: None };
        kept.start();
        kept
    }

    fn start(&mut self) {
        let config = LogConfig {
            segment_bytes: 400,
            segment_index_bytes: 1 << 10,
            index_interval_bytes: 100,
            retention_ms: None,
            ..LogConfig::default()
        };
        let dir = LogDir::open(Arc::new(RealDisk), self.folder.path()).unwrap();
        let (log, _) = dir.open_log("orders-0", config, Open::default(), NOW).unwrap();
        self.open = Some((dir, log));
    }

    fn crash(&mut self) {
        self.open = None;
        self.start();
    }

    fn restart(&mut self) {
        let (dir, log) = self.open.take().unwrap();
        log.close().unwrap();
        dir.close().unwrap();
        self.start();
    }

    fn log(&mut self) -> &mut Log<Open> {
        &mut self.open.as_mut().unwrap().1
    }

    fn data(&mut self, producer: i64) -> Offset {
        let mut batch = BatchBuilder::new(Compression::None).producer(producer, 0, 0).transactional();
        batch.push(&Record::new(NOW, None, "a value"));
        let origin = Origin::Client { leader_epoch: 0 };
        self.log().append(batch.build().unwrap(), origin, NOW).unwrap().base_offset
    }

    fn end(&mut self, producer: i64, outcome: Outcome) -> Offset {
        let marker = Marker { outcome, coordinator_epoch: 0 };
        let batch = BatchBuilder::control(marker, producer, 0, NOW).build().unwrap();
        let origin = Origin::Coordinator { leader_epoch: 0 };
        self.log().append(batch, origin, NOW).unwrap().base_offset
    }

    /// The aborted transactions that a reader of all from `from` on is told: producer, first offset, last offset.
    fn aborted(&mut self, from: Offset) -> Vec<(i64, Offset, Offset)> {
        let (mut next, mut found) = (from, BTreeMap::new());
        let end = self.log().end();
        while next < end {
            let read = self.log().read_committed(next, end, 200).unwrap();
            for entry in read.aborted {
                found.insert(entry.last_offset, (entry.producer_id, entry.first_offset, entry.last_offset));
            }
            let bytes = read.slice.to_bytes().unwrap();
            next = segment_log::batches(&bytes).last().unwrap().unwrap().next_offset();
        }
        found.into_values().collect()
    }

    /// What one read is told.
    fn told(&mut self, from: Offset, until: Offset) -> Vec<i64> {
        let read = self.log().read_committed(from, until, 1).unwrap();
        read.aborted.iter().map(|entry| entry.producer_id).collect()
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("orders-0")).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|ending| ending == "txnindex"));
        files.sort();
        files
    }
}

/// Transactions of five producers, over several segments; two are aborted.
fn filled() -> Kept {
    let mut kept = Kept::new();
    kept.data(1); //  0
    kept.data(2); //  1
    kept.data(3); //  2
    kept.end(2, Outcome::Abort); //  3
    kept.data(1); //  4
    kept.end(1, Outcome::Commit); //  5
    kept.data(4); //  6
    kept.end(3, Outcome::Abort); //  7
    kept.data(4); //  8
    kept.data(5); //  9
    kept.end(4, Outcome::Abort); // 10
    assert_eq!(kept.log().end(), 11);
    assert!(kept.log().segments().count() >= 3, "several segments");
    kept
}

const ALL: [(i64, Offset, Offset); 3] = [(2, 1, 3), (3, 2, 7), (4, 6, 10)];

#[test]
fn a_reader_is_told_of_what_was_aborted_among_its_records() {
    let mut kept = filled();
    assert_eq!(kept.aborted(0), ALL);
    assert_eq!(kept.aborted(4), ALL[1..], "the first one is over before");
    assert_eq!(kept.told(0, 11), [2], "a short read, and what begins before the next index entry");
    assert_eq!(kept.told(8, 9), [4]);
    assert_eq!(kept.told(0, 1), Vec::<i64>::new(), "nothing aborted begins before offset 1");
}

#[test]
fn most_segments_have_no_such_file() {
    let mut kept = Kept::new();
    for _ in 0..20 {
        kept.data(1);
    }
    kept.end(1, Outcome::Commit);
    assert_eq!(kept.files(), Vec::<PathBuf>::new());
    assert_eq!(kept.aborted(0), []);
}

#[test]
fn it_is_there_after_a_clean_stop_and_after_a_crash() {
    let mut kept = filled();
    kept.restart();
    assert_eq!(kept.aborted(0), ALL);
    kept.crash();
    assert_eq!(kept.aborted(0), ALL);
    kept.end(5, Outcome::Abort);
    kept.crash();
    assert_eq!(kept.aborted(0), [&ALL[..], &[(5, 9, 11)]].concat());
}

#[test]
fn a_cut_takes_the_transactions_that_end_behind_it() {
    let mut kept = filled();
    kept.log().truncate(10, NOW).unwrap();
    assert_eq!(kept.aborted(0), ALL[..2]);
    // It ends otherwise this time.
    kept.end(4, Outcome::Commit);
    assert_eq!(kept.aborted(0), ALL[..2]);
    kept.log().truncate(3, NOW).unwrap();
    assert_eq!(kept.aborted(0), []);
    kept.crash();
    assert_eq!(kept.aborted(0), []);
    kept.end(3, Outcome::Abort);
    assert_eq!(kept.aborted(0), [(3, 2, 3)]);
    kept.log().reset(100, NOW).unwrap();
    assert_eq!(kept.files(), Vec::<PathBuf>::new());
}

#[test]
fn retention_takes_a_segments_file_with_it() {
    let mut kept = filled();
    let before = kept.files().len();
    kept.log().delete_before(8, NOW).unwrap();
    assert!(kept.files().len() < before);
    assert_eq!(kept.aborted(8), ALL[2..]);
}

#[test]
fn a_file_that_cannot_be_read_is_made_again() {
    for damage in ["torn", "garbage", "empty"] {
        for which in 0..2 {
            let mut kept = filled();
            kept.restart();
            let file = kept.files()[which].clone();
            let bytes = std::fs::read(&file).unwrap();
            kept.open.take().map(|(dir, log)| (log.close().unwrap(), dir.close().unwrap()));
            let damaged = match damage {
                "torn" => bytes[..bytes.len() - 1].to_vec(),
                "garbage" => vec![0xff; 34],
                _ => Vec::new(),
            };
            std::fs::write(&file, damaged).unwrap();
            kept.start();
            assert_eq!(kept.aborted(0), ALL, "{damage} {which}");
            kept.restart();
            assert_eq!(kept.aborted(0), ALL, "{damage} {which}, and stays");
        }
    }
}

#[test]
fn a_deleted_log_leaves_no_file_behind() {
    let mut kept = filled();
    let (dir, log) = kept.open.take().unwrap();
    drop(log);
    dir.delete_log("orders-0").unwrap();
    assert!(!kept.folder.path().join("orders-0").exists());
}
