//! Opening a log that was not closed: what is cut, and what is reported. Judges exercise 1.9.
//!
//! Each test appends batches of 100 bytes, drops the log as a crash would, damages the file, and opens it again.

use segment_log::batch::BatchError;
use segment_log::{Error, Offset};
use story::judge;

use crate::judging::{Folder, Open, small};

const RECOVER: &str = "src/log/open.rs, fn Loader::recover";

/// Three batches, of which the first `flushed` were flushed before the crash; then `damage` is done to the file.
fn after_crash(folder: &Folder, flushed: usize, damage: impl FnOnce(&mut Vec<u8>)) {
    let mut open = folder.open(small());
    for _ in 0..flushed {
        open.append();
    }
    open.log.flush().expect("it flushes");
    open.dir.checkpoint().expect("the checkpoints are written");
    for _ in flushed..3 {
        open.append();
    }
    drop(open);
    folder.damage(0, damage);
}

/// Opens the log; where it must open, a failure is judged.
#[track_caller]
fn opened(folder: &Folder, rule: &str) -> Open {
    let opened = folder.try_open(small());
    let fault = opened.as_ref().err().map(|error| folder.told(error)).unwrap_or_default();
    judge::that(rule, opened.is_ok(), format_args!("{fault}"), RECOVER);
    opened.expect("it was judged")
}

fn bases(open: &Open) -> Vec<Offset> {
    open.batches().iter().map(|(base, _)| *base).collect()
}

#[test]
fn a_log_that_is_whole_stays_whole() {
    for flushed in 0..=3 {
        let folder = Folder::new();
        after_crash(&folder, flushed, |_| {});
        let open = opened(&folder, "three whole batches: the log opens");
        judge::eq("three whole batches: nothing is cut", vec![0, 3, 6], bases(&open), RECOVER);
        judge::that(
            "nothing was cut, so nothing is said of a cut",
            open.recovery.cut.is_none(),
            &open.recovery.cut,
            RECOVER,
        );
        judge::eq("three good batches: recovery.verified goes up by three", 3, open.recovery.verified, RECOVER);
    }
}

#[test]
fn a_torn_batch_at_the_end_is_cut() {
    for left in [5, 11, 12, 60, 61, 99] {
        let folder = Folder::new();
        after_crash(&folder, 2, |bytes| bytes.truncate(200 + left));
        let rule = format!("two batches were flushed, of a third {left} bytes are there: the log opens");
        let open = opened(&folder, &rule);
        judge::eq("the log ends behind its last whole batch", (6, vec![0, 3]), (open.log.end(), bases(&open)), RECOVER);
        let length = std::fs::metadata(folder.segment(0)).expect("it is there").len();
        judge::eq("what is cut is cut from the file, too", 200, length, RECOVER);
    }
}

#[test]
fn everything_behind_the_first_bad_batch_is_cut() {
    for (flushed, at, expected) in [(0, 50, 0), (0, 150, 3), (1, 150, 3), (1, 299, 6), (2, 250, 6)] {
        let folder = Folder::new();
        after_crash(&folder, flushed, |bytes| bytes[at] ^= 1);
        let rule = format!("{flushed} of 3 batches flushed, byte {at} changed: what was not flushed may be lost");
        let open = opened(&folder, &rule);
        let rule = format!("{flushed} of 3 batches flushed, byte {at} changed: the log ends before that batch");
        judge::eq(&rule, expected, open.log.end(), RECOVER);
        let length = std::fs::metadata(folder.segment(0)).expect("it is there").len();
        judge::eq("the bad batch and all behind it are cut from the file", expected as u64 / 3 * 100, length, RECOVER);
    }
}

#[test]
fn a_cut_is_described() {
    let folder = Folder::new();
    after_crash(&folder, 1, |bytes| bytes[170] ^= 1);
    let open = opened(&folder, "one of three batches was flushed, and the second is damaged: the log opens");
    judge::eq("one batch was verified before the bad one", 1, open.recovery.verified, RECOVER);
    judge::that("what was cut is told in `Recovery::cut`", open.recovery.cut.is_some(), &open.recovery.cut, RECOVER);
    let cut = open.recovery.cut.expect("it was judged");
    let found = (cut.file, cut.position, cut.end, cut.bytes);
    let rule = "file, position of the first bad batch, the log's end now, and how many bytes went";
    judge::eq(rule, (folder.segment(0), 100, 3, 200), found, RECOVER);
    let is_checksum = matches!(cut.why, Error::Corrupt { position: 100, rule: BatchError::Checksum { .. }, .. });
    judge::that("the reason is the rule that the batch breaks", is_checksum, &cut.why, RECOVER);
}

#[test]
fn damage_in_what_was_flushed_is_reported_and_kept() {
    for (flushed, at, position) in [(1, 50, 0), (2, 150, 100), (3, 150, 100), (3, 299, 200), (3, 16, 0)] {
        let folder = Folder::new();
        after_crash(&folder, flushed, |bytes| bytes[at] ^= 1);
        let before = std::fs::read(folder.segment(0)).expect("it is there");
        let found = folder.try_open(small()).map(|open| (open.log.end(), open.recovery.cut));
        let is_reported = matches!(
            &found,
            Err(Error::Corrupt { file, position: at, .. }) if *file == folder.segment(0) && *at == position
        );
        let rule = format!("{flushed} of 3 batches flushed, byte {at} changed: Error::Corrupt, position {position}");
        judge::that(&rule, is_reported, &found, RECOVER);
        let after = std::fs::read(folder.segment(0)).expect("it is there");
        let told = |bytes: &[u8]| format!("a file of {} bytes", bytes.len());
        judge::text("damage in what was flushed is never cut away", &told(&before), &told(&after), RECOVER);
        judge::that(
            "damage in what was flushed is left as it is",
            before == after,
            format_args!("other bytes"),
            RECOVER,
        );
    }
}

#[test]
fn a_flushed_batch_that_is_missing_is_damage() {
    let folder = Folder::new();
    after_crash(&folder, 3, |bytes| bytes.truncate(270));
    let found = folder.try_open(small()).map(|open| open.log.end());
    let is_reported = matches!(found, Err(Error::Corrupt { position: 200, .. }));
    judge::that(
        "three batches were flushed and 30 bytes of the third are gone: it is reported",
        is_reported,
        &found,
        RECOVER,
    );
}

/// The bad batch begins exactly where the flushed part ends: it is the first that was not flushed.
#[test]
fn the_first_batch_that_was_not_flushed_may_be_cut() {
    for flushed in 0..3 {
        let folder = Folder::new();
        after_crash(&folder, flushed, |bytes| bytes[100 * flushed + 70] ^= 1);
        let rule = format!("flushed up to {0}, the batch at {0} is bad: it is cut, not reported", 3 * flushed);
        let open = opened(&folder, &rule);
        judge::eq(&rule, 3 * flushed as i64, open.log.end(), RECOVER);
    }
}

#[test]
fn lost_writes_leave_zeros_and_zeros_are_cut() {
    let folder = Folder::new();
    after_crash(&folder, 1, |bytes| bytes[100..200].fill(0));
    let open = opened(&folder, "the second of three batches was lost, the third was not: the log opens");
    judge::eq("behind a hole nothing counts, however whole it is", vec![0], bases(&open), RECOVER);
    let folder = Folder::new();
    after_crash(&folder, 3, |bytes| bytes.resize(1_000, 0));
    let open = opened(&folder, "zeros behind three whole batches: the log opens");
    judge::eq("zeros behind the last batch are cut", vec![0, 3, 6], bases(&open), RECOVER);
    let cut = open.recovery.cut.map(|cut| (cut.position, cut.bytes));
    judge::eq("700 bytes of zeros were cut at 300", Some((300, 700)), cut, RECOVER);
}

/// If only the program died, the bytes are there but perhaps in the page cache alone. From now on they count as flushed.
#[test]
fn what_is_kept_is_flushed() {
    for damage in [None, Some(250)] {
        let folder = Folder::new();
        after_crash(&folder, 0, |bytes| bytes.truncate(damage.unwrap_or(300)));
        folder.disk.take_notes();
        let open = opened(&folder, "nothing was flushed before the crash: the log opens");
        let notes = folder.disk.take_notes();
        let is_synced = notes.iter().any(|note| note == "sync 00000000000000000000.log");
        let rule = "recovery ends with a flush of the segment, since its end is the new recovery point";
        let notes: Vec<_> = notes.into_iter().filter(|note| note.contains(".log")).collect();
        let found = if notes.is_empty() { "nothing was done to the file".to_owned() } else { notes.join("\n") };
        judge::that(rule, is_synced, format_args!("\n{found}"), RECOVER);
        assert_eq!(open.log.recovery_point(), open.log.end());
    }
}

#[test]
fn a_recovered_log_goes_on() {
    let folder = Folder::new();
    after_crash(&folder, 1, |bytes| bytes.truncate(210));
    let mut open = opened(&folder, "a torn batch that was not flushed: the log opens");
    judge::eq("the fold is what the two whole batches give", 6, open.counted(), RECOVER);
    (0..3).for_each(|_| open.append());
    judge::eq("appending goes on behind the cut", vec![0, 3, 6, 9, 12], bases(&open), RECOVER);
    open.close();
    let open = folder.open(small());
    judge::eq("and after a clean stop", vec![0, 3, 6, 9, 12], bases(&open), RECOVER);
}

/// Only the last segment can be torn: a segment begins when all before it is flushed.
#[test]
fn damage_in_the_segments_before_the_last_is_never_cut() {
    let folder = Folder::new();
    let open = folder.with_batches(7);
    drop(open);
    folder.damage(18, |bytes| bytes[70] ^= 1);
    let open = opened(&folder, "the last segment's only batch is torn: the log opens");
    judge::eq("18 was not flushed, and is cut", 18, open.log.end(), RECOVER);
    drop(open);
    folder.damage(9, |bytes| bytes.truncate(120));
    std::fs::remove_file(folder.file("00000000000000000009.index")).expect("it is there");
    match folder.try_open(small()) {
        Err(Error::Corrupt { file, position: 100, .. }) => assert_eq!(file, folder.segment(9)),
        other => panic!("{:?}", other.map(|open| open.recovery)),
    }
}
