//! Reading by offset, over segments and gaps; and by time. Judges exercise 1.7.

use segment_log::batch::batches;
use segment_log::{Error, Offset, Origin, Slice};
use story::judge;

use crate::judging::{CLIENT, Folder, Open, sized, small, three};

const READ: &str = "src/log/read.rs, fn Log::read";

/// The first and last offsets of the whole batches that a slice holds.
fn inside(slice: &Slice) -> Vec<(Offset, Offset)> {
    let bytes = slice.to_bytes().expect("the bytes are there");
    let places = batches(&bytes).map(|batch| batch.map(|batch| (batch.base_offset(), batch.last_offset())));
    places.collect::<Result<_, _>>().expect("a slice holds batches")
}

/// The batches that were read, as a judgement shows them.
fn told(batches: &[(Offset, Offset)]) -> String {
    let batches: Vec<_> = batches.iter().map(|(base, last)| format!("{base}–{last}")).collect();
    if batches.is_empty() { "nothing".to_owned() } else { format!("batches {}", batches.join(", ")) }
}

/// What a read gives: batches, or an error.
fn found(open: &Open, from: Offset, max_bytes: usize) -> String {
    match open.log.read(from, max_bytes) {
        Ok(slice) => told(&inside(&slice)),
        Err(error) => format!("an error: {error}"),
    }
}

#[track_caller]
fn judge_read(rule: &str, open: &Open, (from, max_bytes): (Offset, usize), expected: &[(Offset, Offset)]) {
    judge::text(rule, &told(expected), &found(open, from, max_bytes), READ);
}

#[test]
fn a_read_begins_with_the_batch_that_holds_the_offset() {
    let folder = Folder::new();
    let open = folder.with_batches(7);
    for from in 0..21 {
        let first = from / 3 * 3;
        let rule = format!("read({from}, 100): the batch that holds offset {from} comes first");
        judge_read(&rule, &open, (from, 100), &[(first, first + 2)]);
    }
}

#[test]
fn a_read_gives_what_fits_of_one_segment() {
    let folder = Folder::new();
    let open = folder.with_batches(7);
    judge_read("read(0, 200): two batches of 100 bytes", &open, (0, 200), &[(0, 2), (3, 5)]);
    judge_read("read(0, 10000): the segment ends after three batches", &open, (0, 10_000), &[(0, 2), (3, 5), (6, 8)]);
    judge_read(
        "read(14, 10000): from the batch of 14 to its segment's end",
        &open,
        (14, 10_000),
        &[(12, 14), (15, 17)],
    );
    judge_read("read(4, 0): one whole batch, however little was asked for", &open, (4, 0), &[(3, 5)]);
    judge_read("read(20, 10000): the active segment's only batch", &open, (20, 10_000), &[(18, 20)]);
    let len = open.log.read(0, 250).map(|slice| slice.len()).map_err(|error| error.to_string());
    judge::eq("read(0, 250) gives 250 bytes, though the last batch is cut off", Ok(250), len, READ);
}

#[test]
fn at_the_end_of_the_log_a_read_is_empty() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    for end in [0, 3, 6, 9, 12] {
        judge::eq("the log ends where we think", end, open.log.end(), "src/log/append.rs");
        judge_read(&format!("read({end}) of a log that ends at {end} is empty, and no error"), &open, (end, 100), &[]);
        open.append();
    }
}

#[test]
fn outside_of_the_log_a_read_is_an_error() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.delete_before(11, 0).expect("the start moves");
    for from in [-1, 0, 8, 9, 10, 22, 1_000, i64::MAX, i64::MIN] {
        let found = open.log.read(from, 100);
        let is_refused = matches!(
            found,
            Err(Error::OffsetOutOfRange { asked, start: 11, end: 21 }) if asked == from
        );
        let rule = format!("the log holds 11 to before 21, so {from} is Error::OffsetOutOfRange");
        let found = found.map_or_else(|error| format!("{error:?}"), |slice| told(&inside(&slice)));
        judge::that(&rule, is_refused, format_args!("{found}"), READ);
    }
    judge_read("the log starts at 11: its batch, 9 to 11, is served", &open, (11, 100), &[(9, 11)]);
}

/// Ten batches in four segments. Then the last batches of the first two segments go, as compaction takes them: 3 to 8,
/// and 15 to 17.
fn compacted(folder: &Folder) -> Open {
    folder.with_batches(10).close();
    for (base, left) in [(0, 100), (9, 200)] {
        folder.damage(base, |bytes| bytes.truncate(left));
        for suffix in ["index", "timeindex"] {
            std::fs::remove_file(folder.file(&format!("{base:020}.{suffix}"))).expect("it is there");
        }
    }
    folder.open(small())
}

/// Copies of batches, with offsets missing between them: what a follower gets of a log that was compacted.
fn with_gaps(folder: &Folder, bases: &[Offset]) -> Open {
    let mut open = folder.open(small());
    for &base in bases {
        open.log.append(three(base), Origin::Replication, 0).expect("copies may leave gaps");
    }
    open
}

#[test]
fn a_read_in_a_gap_begins_with_the_next_batch() {
    let folder = Folder::new();
    let open = with_gaps(&folder, &[0, 10, 20, 30]);
    judge::eq("30 is in a segment of its own", vec![0, 30], open.segments(), "src/log/roll.rs");
    for (from, first) in [(2, 0), (3, 10), (9, 10), (10, 10), (13, 20), (22, 20)] {
        let rule = format!("batches at 0, 10, 20 and 30: the first that reaches to {from} is at {first}");
        judge_read(&rule, &open, (from, 100), &[(first, first + 2)]);
    }
}

#[test]
fn a_read_in_a_gap_between_segments_goes_on_in_the_next() {
    let folder = Folder::new();
    let open = with_gaps(&folder, &[0, 10, 20, 50, 60, 70, 100]);
    judge::eq("the segments begin where their first batch does", vec![0, 50, 100], open.segments(), "src/log/roll.rs");
    for (from, first) in [(23, 50), (49, 50), (50, 50), (73, 100), (99, 100)] {
        let rule = format!("batches at 0, 10, 20 | 50, 60, 70 | 100: the first that reaches to {from} is at {first}");
        judge_read(&rule, &open, (from, 100), &[(first, first + 2)]);
    }
    judge_read("the log ends at 103, and a read there is empty", &open, (103, 100), &[]);
}

#[test]
fn a_read_where_compaction_took_the_end_of_a_segment_goes_on_in_the_next() {
    let folder = Folder::new();
    let open = compacted(&folder);
    for (from, first) in [(2, 0), (3, 9), (6, 9), (8, 9), (9, 9), (14, 12), (15, 18), (17, 18), (18, 18), (27, 27)] {
        let rule = format!("batches at 0 | 9, 12 | 18, 21, 24 | 27: the first that reaches to {from} is at {first}");
        judge_read(&rule, &open, (from, 100), &[(first, first + 2)]);
    }
    judge_read("the log ends at 30, and a read there is empty", &open, (30, 100), &[]);
}

#[test]
fn a_new_segment_without_batches_is_no_obstacle() {
    let folder = Folder::new();
    let mut open = folder.with_batches(3);
    open.log.delete_before(9, 0).expect("all of it goes");
    judge::eq("one empty segment is left", vec![9], open.segments(), "src/log/retention.rs");
    judge_read("the log is empty, and a read at its end too", &open, (9, 100), &[]);
    let start = open.log.read(8, 100).map(|slice| inside(&slice));
    let is_refused = matches!(start, Err(Error::OffsetOutOfRange { asked: 8, start: 9, end: 9 }));
    judge::that("offset 8 was deleted", is_refused, &start, READ);
    open.append();
    judge_read("what is appended then is read", &open, (9, 100), &[(9, 11)]);
}

/// A reset removes all segments before it makes a new one. If that fails, there is none.
#[test]
fn a_log_that_stopped_without_segments_answers_with_an_error() {
    let folder = Folder::new();
    let mut open = folder.with_batches(4);
    folder.disk.fail("create", ".log", 0);
    let reset = open.log.reset(0, 0);
    assert!(matches!(reset, Err(Error::Io { action: "create", .. })), "{reset:?}");
    // A panic would end the program. It is caught here, so that it can be judged.
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| found(&open, 0, 100)));
    let found = found.unwrap_or_else(|_| "a panic".to_owned());
    let is_error = found.starts_with("an error: the log stopped");
    let rule = "a log without segments answers with an error: `ensure_whole` comes first";
    judge::that(rule, is_error, format_args!("{found}"), READ);
}

#[test]
fn batch_by_batch_the_whole_log_comes_back() {
    let folder = Folder::new();
    let open = with_gaps(&folder, &[0, 10, 20, 50, 60, 70, 100]);
    let all: Vec<_> = [0, 10, 20, 50, 60, 70, 100].map(|base| (base, base + 2)).into();
    assert_eq!(open.batches(), all);
    let from_12: Vec<_> = open.log.batches(12).map(|batch| batch.expect("it reads").view().base_offset()).collect();
    assert_eq!(from_12, [10, 20, 50, 60, 70, 100]);
    assert_eq!(open.log.batches(103).count(), 0);
    let mut outside = open.log.batches(104);
    assert!(matches!(outside.next(), Some(Err(Error::OffsetOutOfRange { asked: 104, .. }))));
    assert!(outside.next().is_none(), "an error ends the walk");
}

#[test]
fn a_damaged_batch_ends_the_walk_with_its_place() {
    let folder = Folder::new();
    let open = folder.with_batches(5);
    folder.damage(9, |bytes| bytes[170] ^= 1);
    let walk: Vec<_> = open.log.batches(0).collect();
    assert_eq!(walk.len(), 5, "four batches and an error");
    match walk.last() {
        Some(Err(Error::Corrupt { file, position: 100, .. })) => assert_eq!(*file, folder.segment(9)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_walk_that_meets_no_batch_says_where() {
    let folder = Folder::new();
    let open = folder.with_batches(3);
    folder.damage(0, |bytes| bytes[116] = 7);
    match open.log.read(5, 100) {
        Err(Error::Corrupt { file, position: 100, rule }) => {
            assert_eq!(
                (file, rule.to_string().as_str()),
                (folder.segment(0), "magic is 7, and only format 2 is stored")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn by_time_the_first_record_at_or_after_it_is_found() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    for time in [500, 100, 900, 200, 700, 950, 300] {
        open.log.append(sized(0, 3, 100, time), CLIENT, 0).expect("the batch is appended");
    }
    let expected = [(0, 0), (100, 0), (500, 0), (501, 6), (900, 6), (901, 15), (950, 15)];
    for (time, offset) in expected {
        let found = open.log.find_time(time).expect("the log reads").map(|(_, offset)| offset);
        assert_eq!(found, Some(offset), "time {time}");
    }
    assert_eq!(open.log.find_time(951).expect("the log reads"), None);
    open.log.delete_before(7, 0).expect("the start moves");
    assert_eq!(open.log.find_time(0).expect("the log reads"), Some((900, 7)), "what was deleted is not found");
    assert_eq!(open.log.find_time(600).expect("the log reads"), Some((900, 7)));
}
