//! Folds: the counter of keys, which exercise 1.11 asks for, pairs of folds, and a log's fold over its whole life.

#[path = "support/judging.rs"]
mod judging;
#[path = "support/judging_disk.rs"]
mod judging_disk;

use std::sync::Arc;

use bytes::Bytes;
use segment_log::control::{Marker, Outcome};
use segment_log::disk::RealDisk;
use segment_log::{
    Appended, Batch, BatchBuilder, BatchView, Compression, Fold, KeyCounts, LogDir, Offset, Record, Rejection,
};
use story::judge;

use crate::judging::{CLIENT, Folder, raw_batch, small, three};

const APPLY: &str = "src/fold/key_counts.rs, fn <KeyCounts as Fold>::apply";
const BOTH: &str = "src/fold/key_counts.rs, snapshot and restore";
const RESTORE: &str = "src/fold/key_counts.rs, fn <KeyCounts as Fold>::restore";

/// A batch whose records have these keys.
fn keyed(codec: Compression, keys: &[Option<&str>]) -> Batch {
    let mut builder = BatchBuilder::new(codec);
    for key in keys {
        builder.push(&Record::new(1_000, *key, "paid"));
    }
    builder.build().expect("memory for a small batch")
}

fn learn(fold: &mut KeyCounts, batch: &BatchView<'_>) {
    fold.apply(batch, &Appended::of(batch));
}

/// The fold of these batches, from nothing.
fn folded(batches: &[&[Option<&str>]]) -> KeyCounts {
    let mut fold = KeyCounts::default();
    for keys in batches {
        learn(&mut fold, &keyed(Compression::None, keys).view());
    }
    fold
}

/// What a fold has counted, a key a line.
fn counts(fold: &KeyCounts) -> String {
    let name = |key: Option<&[u8]>| match key {
        None => "no key".to_owned(),
        Some(b"") => "the empty key".to_owned(),
        Some(key) => key.escape_ascii().to_string(),
    };
    let lines: Vec<_> = fold.iter().map(|(key, count)| format!("{}: {count}", name(key))).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

#[test]
fn counts_the_records_of_each_key() {
    let fold = folded(&[&[Some("alice"), Some("bob"), Some("alice")]]);
    judge::eq("alice, bob, alice: two records of alice, one of bob", 2, fold.count(Some(b"alice")), APPLY);
    judge::eq("alice, bob, alice: two records of alice, one of bob", 1, fold.count(Some(b"bob")), APPLY);
    judge::eq("a key that never came has no records", 0, fold.count(Some(b"carol")), APPLY);
}

#[test]
fn adds_to_what_it_counted_before() {
    let fold = folded(&[&[Some("alice")], &[Some("bob"), Some("alice")], &[Some("alice")]]);
    let rule = "three batches: alice | bob, alice | alice";
    judge::text(rule, "alice: 3\nbob: 1", &counts(&fold), APPLY);
}

#[test]
fn no_key_is_not_the_empty_key() {
    let fold = folded(&[&[None, Some(""), None, Some("")], &[None]]);
    let rule = "two records have the empty key, and three have none";
    judge::text(rule, "no key: 3\nthe empty key: 2", &counts(&fold), APPLY);
}

#[test]
fn opens_compressed_batches() {
    for codec in Compression::ALL {
        let mut fold = KeyCounts::default();
        learn(&mut fold, &keyed(codec, &[Some("alice"), None, Some("alice")]).view());
        let rule = format!("{codec}: the keys are inside, so the batch is opened");
        judge::text(&rule, "no key: 1\nalice: 2", &counts(&fold), APPLY);
    }
}

#[test]
fn control_batches_are_no_data() {
    let mut fold = folded(&[&[Some("alice")]]);
    let marker = Marker { outcome: Outcome::Commit, coordinator_epoch: 1 };
    let batch = BatchBuilder::control(marker, 7, 0, 1_000).build().expect("nothing is compressed");
    learn(&mut fold, &batch.view());
    let rule = "a control batch is a note for readers: its record is not counted";
    judge::text(rule, "alice: 1", &counts(&fold), APPLY);
    judge::eq("a control batch can be read, too", 0, fold.unreadable(), APPLY);
}

#[test]
fn a_batch_that_cannot_be_read_counts_as_one_and_none_of_its_keys_do() {
    let good = [0x0e, 0, 0, 0, 0x02, b'k', 0x01, 0];
    let broken = [0x0e, 0, 0, 2, 0x7e, b'k', 0x01, 0];
    for records in [[good, broken].concat(), broken.to_vec()] {
        let bytes = raw_batch(if records.len() > 8 { 2 } else { 1 }, &records);
        let batch = BatchView::parse(&bytes).expect("the header holds");
        assert!(batch.verify().is_ok(), "the checksum holds: its maker is at fault");
        let mut fold = folded(&[&[Some("alice")]]);
        learn(&mut fold, &batch);
        learn(&mut fold, &batch);
        judge::eq("two batches have a record that cannot be read", 2, fold.unreadable(), APPLY);
        let rule = "all of a batch's keys count, or none: not those before the broken record";
        judge::text(rule, "alice: 1", &counts(&fold), APPLY);
    }
}

/// A fold with everything that it can hold.
fn rich() -> KeyCounts {
    let mut fold = folded(&[&[Some("alice"), None, Some(""), Some("bob"), Some("alice")]]);
    let bytes = raw_batch(1, &[0xff]);
    learn(&mut fold, &BatchView::parse(&bytes).expect("the header holds"));
    fold
}

#[track_caller]
fn restored(fold: &mut KeyCounts, snapshot: Option<&[u8]>) {
    let result = fold.restore(snapshot);
    judge::that("a fold restores what its own snapshot gave, and None", result.is_ok(), &result, RESTORE);
}

#[test]
fn restore_gives_back_what_snapshot_kept() {
    for before in [rich(), KeyCounts::default()] {
        let mut after = KeyCounts::default();
        restored(&mut after, Some(&before.snapshot()));
        judge::text("restore(snapshot()) gives the same counts", &counts(&before), &counts(&after), BOTH);
        let rule = "restore(snapshot()) gives the same number of unreadable batches";
        judge::eq(rule, before.unreadable(), after.unreadable(), BOTH);
        judge::eq("restore(snapshot()) gives the same state", before, after, BOTH);
    }
}

#[test]
fn restore_forgets_what_was_before() {
    let mut fold = rich();
    let other = folded(&[&[Some("carol"), Some("alice")]]);
    restored(&mut fold, Some(&other.snapshot()));
    let rule = "restore becomes the snapshot's state, and adds nothing to it";
    judge::text(rule, &counts(&other), &counts(&fold), RESTORE);
    judge::eq("the unreadable batches of before are forgotten too", 0, fold.unreadable(), RESTORE);
}

#[test]
fn restore_of_none_is_the_state_before_the_first_batch() {
    let mut fold = rich();
    restored(&mut fold, None);
    judge::text("restore(None): no batch was seen yet", "nothing", &counts(&fold), RESTORE);
    judge::eq("restore(None): no batch was seen yet", KeyCounts::default(), fold, RESTORE);
}

#[test]
fn what_is_no_snapshot_is_refused_and_a_fresh_start_still_works() {
    let snapshot = rich().snapshot();
    let longer = [&snapshot[..], &[0]].concat();
    let cases: [(&str, &[u8]); 4] = [
        ("no bytes at all", &[]),
        ("another version", &[99, 0, 0]),
        ("a snapshot without its last byte", &snapshot[..snapshot.len() - 1]),
        ("a snapshot with a byte more", &longer),
    ];
    for (name, bytes) in cases {
        let mut fold = rich();
        let result = fold.restore(Some(bytes));
        judge::that(&format!("{name}: restore answers with an error"), result.is_err(), &result, RESTORE);
        restored(&mut fold, None);
        judge::eq("after an error, restore(None) starts from nothing", KeyCounts::default(), fold, RESTORE);
    }
}

#[test]
fn a_fold_goes_on_where_its_snapshot_was_taken() {
    let mut straight = folded(&[&[Some("alice"), None], &[Some("bob")]]);
    let mut resumed = KeyCounts::default();
    restored(&mut resumed, Some(&folded(&[&[Some("alice"), None]]).snapshot()));
    learn(&mut resumed, &keyed(Compression::None, &[Some("bob")]).view());
    for fold in [&mut straight, &mut resumed] {
        learn(fold, &keyed(Compression::None, &[Some("alice"), Some("bob")]).view());
    }
    judge::eq("snapshot, restore and the batches after it give what all batches give", straight, resumed, RESTORE);
}

#[test]
fn the_logs_fold_survives_every_way_of_opening() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (None, 0));
    (0..8).for_each(|_| open.append());
    drop(open);

    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (Some(18), 2), "a snapshot is saved at each roll");
    assert_eq!(open.counted(), 24);
    open.close();

    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.recovery.replayed), (Some(24), 0), "and one at a clean stop");
    assert_eq!(open.counted(), 24);
    drop(open);

    // A snapshot is only a shortcut: a damaged one is passed over.
    let damage = |offset: Offset| {
        let path = folder.file(&format!("{offset:020}.snapshot"));
        let mut bytes = std::fs::read(&path).expect("the snapshot is there");
        *bytes.last_mut().expect("it holds a state") ^= 1;
        std::fs::write(&path, bytes).expect("it can be written");
    };
    for (damaged, expected) in [(24, (Some(18), 2)), (18, (Some(9), 5)), (9, (None, 8))] {
        damage(damaged);
        let open = folder.open(small());
        assert_eq!((open.recovery.snapshot, open.recovery.replayed), expected);
        assert_eq!(open.counted(), 24);
    }
}

#[test]
fn what_retention_takes_the_fold_keeps() {
    let folder = Folder::new();
    let mut open = folder.with_batches(8);
    open.log.delete_before(18, 0).expect("the start moves");
    assert_eq!((open.log.log_start(), open.counted()), (18, 24));
    drop(open);
    let open = folder.open(small());
    assert_eq!((open.recovery.snapshot, open.counted()), (Some(18), 24), "the snapshot knows what is gone");
}

/// A fold that notes what it was told.
#[derive(Debug, Default, Clone, PartialEq)]
struct Diary(Vec<String>);

impl Fold for Diary {
    fn apply(&mut self, _batch: &BatchView<'_>, at: &Appended) {
        self.0.push(format!("{}-{}", at.base_offset, at.last_offset));
    }

    fn start_moved(&mut self, log_start: Offset) {
        self.0.push(format!("start-{log_start}"));
    }

    fn snapshot(&self) -> Vec<u8> {
        self.0.join(" ").into_bytes()
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        let words = std::str::from_utf8(snapshot.unwrap_or_default()).map_err(Rejection::new)?;
        self.0 = words.split_whitespace().map(str::to_owned).collect();
        Ok(())
    }
}

#[test]
fn a_pair_of_folds_is_a_fold() {
    let mut pair = (KeyCounts::default(), Diary::default());
    assert_eq!(pair.check(&three(0).view(), &CLIENT).expect("nobody objects"), segment_log::Verdict::Write);
    let batch = three(6);
    pair.apply(&batch.view(), &Appended::of(&batch.view()));
    pair.start_moved(3);
    assert_eq!(
        (pair.0.count(Some(b"k")), pair.1.0.as_slice()),
        (3, ["6-8".to_owned(), "start-3".to_owned()].as_slice())
    );

    let mut other = (rich(), Diary(vec!["old".to_owned()]));
    other.restore(Some(&pair.snapshot())).expect("its own snapshot");
    assert_eq!(other, pair);
    assert!(other.restore(Some(&[1, 2, 3])).is_err());
    other.restore(None).expect("a fold can always start from nothing");
    assert_eq!(other, (KeyCounts::default(), Diary::default()));
    assert!(<((), ()) as Fold>::STATELESS, "two without a state have none");
    assert!(!<((), KeyCounts) as Fold>::STATELESS && !<(KeyCounts, ()) as Fold>::STATELESS);
    let mut half = (KeyCounts::default(), Diary(vec!["old".to_owned()]));
    half.restore(Some(&(KeyCounts::default(), Diary::default()).snapshot())).expect("its own snapshot");
    assert_eq!(half.1, Diary::default(), "each half restarts from its own bytes");
}

#[test]
fn without_a_state_no_snapshot_is_saved() {
    let folder = Folder::new();
    let dir = LogDir::open(folder.disk.clone(), folder.path()).expect("a new folder");
    let (mut log, _) = dir.open_log("log-0", small(), (), 0).expect("a new log");
    for _ in 0..4 {
        log.append(judging::sized(0, 3, 100, 1_000), CLIENT, 0).expect("it is appended");
    }
    log.close().expect("it is closed");
    let names = std::fs::read_dir(folder.path().join("log-0")).expect("it lists");
    assert!(names.flatten().all(|name| !name.file_name().to_string_lossy().ends_with(".snapshot")));
}

/// The batches with the given text refuse themselves, or say that they were here before.
#[derive(Debug, Default)]
struct Guard;

#[derive(Debug, thiserror::Error)]
#[error("{0} is not welcome")]
struct NotWelcome(String);

impl Fold for Guard {
    fn check(&self, batch: &BatchView<'_>, _: &segment_log::Origin) -> Result<segment_log::Verdict, Rejection> {
        let first_place = Appended { base_offset: 1, last_offset: 1, log_append_time: None };
        match batch.producer_id() {
            7 => Err(Rejection::new(NotWelcome("producer 7".to_owned()))),
            8 => Ok(segment_log::Verdict::Duplicate(first_place)),
            _ => Ok(segment_log::Verdict::Write),
        }
    }

    fn apply(&mut self, batch: &BatchView<'_>, _: &Appended) {
        assert!(![7, 8].contains(&batch.producer_id()) || batch.base_offset() >= 100, "it was not let in");
    }

    fn snapshot(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: Option<&[u8]>) -> Result<(), Rejection> {
        Ok(())
    }
}

#[test]
fn a_fold_judges_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = LogDir::open(Arc::new(RealDisk), folder.path()).expect("a new folder");
    let (mut log, _) = dir.open_log("log-0", small(), (Guard, KeyCounts::default()), 0).expect("a new log");
    let from = |producer: i64| {
        let mut builder = BatchBuilder::new(Compression::None).producer(producer, 0, 0);
        builder.push(&Record { timestamp: 5, key: Some(Bytes::from_static(b"k")), ..Record::default() });
        builder.build().expect("nothing is compressed")
    };
    log.append(from(1), CLIENT, 0).expect("let in");
    let error = log.append(from(7), CLIENT, 0).expect_err("refused");
    assert_eq!(error.to_string(), "the batch is refused: producer 7 is not welcome");
    let segment_log::Error::Rejected(rejection) = error else { panic!("{error}") };
    assert_eq!(rejection.reason::<NotWelcome>().map(|reason| reason.0.as_str()), Some("producer 7"));
    assert!(rejection.reason::<std::io::Error>().is_none());
    let duplicate = log.append(from(8), CLIENT, 0).expect("known already");
    assert_eq!((duplicate.base_offset, duplicate.last_offset), (1, 1), "the first place is the answer");
    assert_eq!((log.end(), log.fold().1.count(Some(b"k"))), (1, 1), "neither left a trace");

    // A copy was judged by the leader.
    let mut copy = from(7);
    copy.set_place(100, 0);
    log.append(copy, segment_log::Origin::Replication, 0).expect("followers apply without judging");
    assert_eq!(log.end(), 101);
}
