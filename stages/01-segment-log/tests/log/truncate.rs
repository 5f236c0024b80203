//! Taking back the log's end. Judges exercise 1.8.
//!
//! What is left is one question, and in which order it was done is the other: a crash may come after any step.

use segment_log::{Offset, Origin};
use story::judge;

use crate::judging::{Folder, Open, small, three};

const TRUNCATE: &str = "src/log/truncate.rs, fn Log::try_truncate";

/// Batches of three records up to `end`.
fn batches_to(end: Offset) -> Vec<(Offset, Offset)> {
    (0..end / 3).map(|batch| (3 * batch, 3 * batch + 2)).collect()
}

/// A log of seven batches in three segments, truncated to `offset`.
fn truncated(folder: &Folder, offset: Offset) -> (Open, Offset) {
    let mut open = folder.with_batches(7);
    let end = open.log.truncate(offset, 0).unwrap_or_else(|error| panic!("truncate({offset}): {error}"));
    (open, end)
}

#[test]
fn every_record_from_the_offset_on_is_gone() {
    for offset in 0..=21 {
        let folder = Folder::new();
        let (open, end) = truncated(&folder, offset);
        let expected = offset / 3 * 3;
        let rule =
            format!("truncate({offset}): a batch that reaches across {offset} goes, so the log ends at {expected}");
        let told = |(answer, end): (Offset, Offset)| format!("answer {answer}, end {end}");
        judge::text(&rule, &told((expected, expected)), &told((end, open.log.end())), TRUNCATE);
        let rule = format!("truncate({offset}): the batches before {expected} stay");
        judge::eq(&rule, batches_to(expected), open.batches(), TRUNCATE);
    }
}

#[test]
fn segments_from_the_offset_on_are_gone_with_their_files() {
    for (offset, expected) in [(20, vec![0, 9, 18]), (17, vec![0, 9]), (9, vec![0, 9]), (8, vec![0]), (0, vec![0])] {
        let folder = Folder::new();
        let (open, _) = truncated(&folder, offset);
        let rule = format!("truncate({offset}): segments that begin after {offset} go, with all their files");
        judge::eq(&rule, expected.clone(), open.segments(), TRUNCATE);
        let with_files: Vec<Offset> = [0, 9, 18].into_iter().filter(|base| folder.segment(*base).exists()).collect();
        judge::eq(&rule, expected, with_files, TRUNCATE);
    }
}

#[test]
fn the_fold_forgets_with_the_log() {
    for offset in [0, 4, 9, 13, 18, 20] {
        let folder = Folder::new();
        let (open, end) = truncated(&folder, offset);
        let rule = format!("truncate({offset}): the fold is what the records up to {end} give, one for each");
        judge::eq(&rule, end as u64, open.counted(), TRUNCATE);
    }
}

/// Appends batches after a truncation. A panic would hide the rule, so it is caught and judged.
fn append(open: &mut Open, offset: Offset, count: usize) {
    let append = std::panic::AssertUnwindSafe(|| (0..count).for_each(|_| open.append()));
    let appended = std::panic::catch_unwind(append);
    let rule = format!("truncate({offset}): the segment that was cut takes batches again: its indexes have room");
    judge::that(&rule, appended.is_ok(), format_args!("an append ends in a panic"), TRUNCATE);
}

#[test]
fn appending_goes_on_at_the_new_end() {
    for offset in [0, 4, 9, 13, 18, 20] {
        let folder = Folder::new();
        let (mut open, end) = truncated(&folder, offset);
        let before = open.segments();
        append(&mut open, offset, 1);
        let rule = format!("truncate({offset}): what comes next gets offset {end} and stands behind what was left");
        judge::eq(&rule, batches_to(end + 3), open.batches(), TRUNCATE);
        judge::eq("the fold goes on where the log does", end as u64 + 3, open.counted(), TRUNCATE);
        let rule = "the segment that was cut is the active one again, so the batch goes there";
        judge::eq(rule, before, open.segments(), TRUNCATE);
        // More than a segment's worth, then from the disk alone.
        append(&mut open, offset, 5);
        drop(open);
        let open = folder.open(small());
        let rule = format!("truncate({offset}), six batches, a crash of the program: all of it is there");
        judge::eq(&rule, batches_to(end + 18), open.batches(), TRUNCATE);
        judge::eq("the fold too", end as u64 + 18, open.counted(), TRUNCATE);
    }
}

#[test]
fn offsets_with_gaps_are_cut_as_well() {
    for (offset, expected) in
        [(11, vec![0]), (15, vec![0, 10]), (20, vec![0, 10]), (49, vec![0, 10, 20]), (52, vec![0, 10, 20])]
    {
        let folder = Folder::new();
        let mut open = folder.open(small());
        for base in [0, 10, 20, 50, 60] {
            open.log.append(three(base), Origin::Replication, 0).expect("copies may leave gaps");
        }
        let end = open.log.truncate(offset, 0).unwrap_or_else(|error| panic!("truncate({offset}): {error}"));
        let rule = format!("batches at 0, 10, 20 | 50, 60: truncate({offset}) leaves these");
        let left: Vec<_> = open.batches().iter().map(|(base, _)| *base).collect();
        judge::eq(&rule, expected.clone(), left, TRUNCATE);
        let last = expected.last().map_or(0, |base| base + 3);
        let is_between = last <= end && end <= offset && end == open.log.end();
        judge::that("the log ends behind its last batch, and not beyond the offset", is_between, end, TRUNCATE);
    }
}

#[test]
fn the_start_and_the_recovery_point_come_back_with_the_end() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.delete_before(14, 0).expect("the start moves");
    open.log.flush().expect("it flushes");
    open.log.truncate(13, 0).expect("it truncates");
    let found = (open.log.log_start(), open.log.recovery_point(), open.log.end());
    judge::eq(
        "log start 14, flushed to 21, truncate(13): neither lies beyond the end, 12",
        (12, 12, 12),
        found,
        TRUNCATE,
    );
}

/// The notes of a truncation to 13, flushed and with the checkpoints written: those that a crash could tell apart.
fn notes_of_a_truncation() -> Vec<String> {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.flush().expect("it flushes");
    open.dir.checkpoint().expect("the checkpoints are written");
    folder.disk.take_notes();
    open.log.truncate(13, 0).expect("it truncates");
    let mut notes = folder.disk.take_notes();
    let counts = |note: &String| {
        let is_renamed = note.starts_with("rename ");
        let is_removed = note.starts_with("remove ") && !note.ends_with("index");
        is_renamed || is_removed || note.starts_with("cut ") || note.starts_with("sync_dir log-0")
    };
    notes.retain(counts);
    notes
}

/// Where in the notes something was done.
fn step(notes: &[String], what: &str) -> Option<usize> {
    notes.iter().position(|note| note.starts_with(what))
}

/// The notes from the first on that removes or cuts, as one text.
fn judge_order(rule: &str, notes: &[String], first: Option<usize>, then: Option<usize>) {
    let in_order = matches!((first, then), (Some(first), Some(then)) if first < then);
    judge::that(rule, in_order, format_args!("\n{}", notes.join("\n")), TRUNCATE);
}

#[test]
fn the_checkpoints_are_lowered_before_anything_goes() {
    let notes = notes_of_a_truncation();
    let lowered = step(&notes, "rename recovery-point-offset-checkpoint");
    let removed = step(&notes, "remove 0000");
    let rule = "the checkpoints come first: they must not speak of what is about to go";
    judge_order(rule, &notes, lowered, removed);
    judge_order(rule, &notes, lowered, step(&notes, "cut 00000000000000000009.log"));
}

#[test]
fn segments_go_newest_first() {
    let folder = Folder::new();
    let mut open = folder.with_batches(10);
    folder.disk.take_notes();
    open.log.truncate(5, 0).expect("it truncates");
    let notes = folder.disk.take_notes();
    let is_log = |note: &&String| note.starts_with("remove ") && note.ends_with(".log");
    let removed: Vec<_> =
        notes.iter().filter(is_log).map(|note| note.trim_start_matches("remove ").to_owned()).collect();
    let expected: Vec<_> = [27, 18, 9].map(|base| format!("{base:020}.log")).into();
    let rule = "the newest segment goes first, so that a crash leaves no hole";
    judge::text(rule, &expected.join("\n"), &removed.join("\n"), TRUNCATE);
}

#[test]
fn removals_are_durable_before_the_cut() {
    let notes = notes_of_a_truncation();
    let last_removed = notes.iter().rposition(|note| note.starts_with("remove 0000") && note.ends_with(".log"));
    let synced = last_removed.and_then(|at| Some(at + step(&notes[at..], "sync_dir log-0")?));
    let rule = "after the last segment is removed, the folder is flushed";
    judge_order(rule, &notes, last_removed, synced);
    let rule = "the folder is flushed before the segment that stays is cut";
    judge_order(rule, &notes, synced, step(&notes, "cut 00000000000000000009.log"));
}

#[test]
fn snapshots_of_what_is_gone_are_gone() {
    let folder = Folder::new();
    let (_open, _) = truncated(&folder, 13);
    let is_there = |offset: Offset| folder.file(&format!("{offset:020}.snapshot")).exists();
    let found: Vec<Offset> = [9, 18].into_iter().filter(|offset| is_there(*offset)).collect();
    let rule = "truncate(13): a state saved for 18 speaks of records that are gone; the one for 9 stays";
    judge::eq(rule, vec![9], found, TRUNCATE);
}

/// A power failure after each step in turn. Whatever is found then must be a log without a hole, and no batch of it lies.
#[test]
fn a_crash_after_any_step_leaves_a_log_without_a_hole() {
    for steps in 0.. {
        let folder = Folder::new();
        let mut open = folder.with_batches(10);
        open.dir.checkpoint().expect("the checkpoints are written");
        folder.disk.fail_power_after(steps);
        let finished = open.log.truncate(13, 0).is_ok();
        drop(open);
        folder.disk.mend();
        let rule = format!("the power fails after {steps} steps of truncate(13): the log opens");
        let opened = folder.try_open(small());
        let fault = opened.as_ref().err().map(|error| folder.told(error)).unwrap_or_default();
        judge::that(&rule, opened.is_ok(), format_args!("{fault}"), TRUNCATE);
        let open = opened.expect("it was judged");
        let rule = format!("the power fails after {steps} steps of truncate(13): the log has no hole");
        judge::eq(&rule, batches_to(open.log.end()), open.batches(), TRUNCATE);
        let rule = format!("the power fails after {steps} steps of truncate(13): what stays lies before 13");
        judge::that(&rule, open.log.end() >= 12, open.log.end(), TRUNCATE);
        judge::eq("the fold agrees with the log", open.log.end() as u64, open.counted(), TRUNCATE);
        if finished {
            judge::eq("after all steps the log ends at 12", 12, open.log.end(), TRUNCATE);
            return;
        }
    }
}

/// The checkpoint said 21. If it still does after a truncation to 12, then a torn batch at 15 looks like damage.
#[test]
fn a_torn_write_after_a_truncation_is_no_damage() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.flush().expect("it flushes");
    open.dir.checkpoint().expect("the checkpoints are written");
    open.log.truncate(13, 0).expect("it truncates");
    open.append();
    open.append();
    drop(open);
    folder.damage(9, |bytes| bytes.truncate(250));
    let opened = folder.try_open(small());
    let rule = "flushed to 21, truncate(13), two batches, the second torn: it was never flushed, so it is cut";
    let end =
        opened.map_or_else(|error| format!("an error: {}", folder.told(&error)), |open| open.log.end().to_string());
    judge::text(rule, "15", &end, TRUNCATE);
}

#[test]
fn nothing_happens_beyond_the_end() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    folder.disk.take_notes();
    for offset in [21, 22, i64::MAX] {
        assert_eq!(open.log.truncate(offset, 0).expect("nothing to do"), 21);
    }
    assert_eq!(folder.disk.take_notes(), Vec::<String>::new());
}

#[test]
fn before_the_first_segment_everything_goes() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.delete_before(10, 0).expect("the start moves");
    assert_eq!(open.log.truncate(4, 0).expect("it truncates"), 4);
    assert_eq!((open.log.log_start(), open.log.end(), open.segments(), open.counted()), (4, 4, vec![4], 0));
    open.append();
    open.close();
    assert_eq!(folder.open(small()).batches(), [(4, 6)]);
}

#[test]
fn a_reset_starts_anew_anywhere() {
    for offset in [0, 7, 500] {
        let folder = Folder::new();
        let mut open = folder.with_batches(7);
        open.log.reset(offset, 0).expect("it resets");
        assert_eq!((open.log.log_start(), open.log.end(), open.segments()), (offset, offset, vec![offset]));
        assert_eq!((open.counted(), open.log.size()), (0, 0));
        assert!(open.log.recovery_point() <= offset, "nothing is flushed that is not there");
        open.append();
        drop(open);
        let open = folder.open(small());
        assert_eq!((open.log.log_start(), open.batches()), (offset, vec![(offset, offset + 2)]));
    }
}
