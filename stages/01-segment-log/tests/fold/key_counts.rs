//! The fold that counts keys. Judges exercise 1.11.

use segment_log::control::{Marker, Outcome};
use segment_log::{Appended, Batch, BatchBuilder, BatchView, Compression, Fold, KeyCounts, Offset, Record};
use story::judge;

use crate::judging::{Folder, raw_batch, small};

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

/// Dropped, closed, and with every snapshot damaged in turn: a snapshot is only a shortcut.
#[test]
fn the_logs_fold_survives_every_way_of_opening() {
    let folder = Folder::new();
    drop(folder.with_batches(8));
    let count_again = |how: &str| {
        let open = folder.open(small());
        let rule = format!("eight batches of three records, {how}: the fold is what the log gives");
        judge::text(&rule, "k: 24", &counts(open.log.fold()), BOTH);
        open
    };
    count_again("a crash").close();
    drop(count_again("a clean stop"));
    for offset in [24, 18, 9] {
        damage_snapshot(&folder, offset);
        drop(count_again(&format!("the snapshot of {offset} is damaged")));
    }
}

fn damage_snapshot(folder: &Folder, offset: Offset) {
    let path = folder.file(&format!("{offset:020}.snapshot"));
    let mut bytes = std::fs::read(&path).expect("the snapshot is there");
    *bytes.last_mut().expect("it holds a state") ^= 1;
    std::fs::write(&path, bytes).expect("it can be written");
}
