//! What lies below an offset: reads that hide the log's end, and retention that spares it.

use segment_log::batch::batches;
use segment_log::{Error, LogConfig, Offset, Origin};

use crate::judging::{CLIENT, Folder, Open, sized, small, three};

/// The first and last offsets of the whole batches that a read gives.
#[track_caller]
fn found(open: &Open, from: Offset, until: Offset, max_bytes: usize) -> Vec<(Offset, Offset)> {
    let slice = open.log.read_below(from, until, max_bytes).expect("the log reads");
    let bytes = slice.to_bytes().expect("the bytes are there");
    assert_eq!(bytes.len(), slice.len());
    batches(&bytes)
        .map(|batch| batch.expect("a batch"))
        .map(|batch| (batch.base_offset(), batch.last_offset()))
        .collect()
}

#[test]
fn no_batch_is_given_that_reaches_to_the_offset_or_beyond() {
    let folder = Folder::new();
    let open = folder.with_batches(7);
    for until in 0..=21 {
        for from in 0..=21 {
            // The whole batches of that segment before `until`, from the one on that holds `from`.
            let all: Vec<_> = (from / 3..7).map(|batch| (3 * batch, 3 * batch + 2)).collect();
            let segment = from / 9;
            let expected: Vec<_> =
                all.into_iter().filter(|(base, last)| base / 9 == segment && last < &until && from < 21).collect();
            assert_eq!(found(&open, from, until, 10_000), expected, "from {from}, below {until}");
        }
    }
}

#[test]
fn what_is_shown_is_cut_by_the_bytes_that_were_asked_for() {
    let folder = Folder::new();
    let open = folder.with_batches(7);
    let len = |from, until, max_bytes| open.log.read_below(from, until, max_bytes).expect("the log reads").len();
    assert_eq!((len(0, 9, 150), len(0, 6, 150), len(0, 3, 150)), (150, 150, 100));
    assert_eq!((len(0, 9, 0), len(0, 4, 0)), (100, 100), "one batch at least, if one is shown");
    assert_eq!((len(0, 2, 0), len(0, 2, 1_000)), (0, 0), "none, if none is");
    assert_eq!(len(12, 100, 1_000), 200, "beyond the end nothing is hidden");
}

#[test]
fn outside_of_the_log_it_is_an_error_whatever_is_hidden() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.log.delete_before(11, 0).expect("the start moves");
    for (from, until) in [(10, 21), (10, 15), (22, 21), (22, 15), (-1, 0), (i64::MAX, 5)] {
        let found = open.log.read_below(from, until, 100);
        let is_refused = matches!(found, Err(Error::OffsetOutOfRange { asked, start: 11, end: 21 }) if asked == from);
        assert!(is_refused, "from {from}, below {until}: {found:?}");
    }
    assert!(found(&open, 21, 15, 100).is_empty(), "the end is in the log");
    assert!(found(&open, 11, 0, 100).is_empty(), "so is the start, though all of it is hidden");
}

#[test]
fn gaps_between_offsets_hide_nothing_and_show_nothing() {
    let folder = Folder::new();
    let mut open = folder.open(small());
    for base in [0, 10, 20, 50, 60, 70, 100] {
        open.log.append(three(base), Origin::Replication, 0).expect("copies may leave gaps");
    }
    // The segments: 0, 10, 20 | 50, 60, 70 | 100.
    let all = [(0, 2), (10, 12), (20, 22)];
    for (until, shown) in
        [(3, 1), (9, 1), (10, 1), (12, 1), (13, 2), (20, 2), (22, 2), (23, 3), (40, 3), (55, 3), (103, 3)]
    {
        assert_eq!(found(&open, 0, until, 10_000), all[..shown], "below {until}");
    }
    assert_eq!(found(&open, 30, 40, 10_000), [], "the next batch lies beyond");
    assert_eq!(found(&open, 30, 53, 10_000), [(50, 52)], "and here it does not");
    assert_eq!(found(&open, 75, 99, 10_000), []);
}

/// Seven batches in three segments, of which the first two are closed.
fn old(folder: &Folder, retention_ms: Option<i64>, retention_bytes: Option<u64>) -> Open {
    folder.with_batches(7).close();
    folder.open(LogConfig { retention_ms, retention_bytes, ..small() })
}

#[test]
fn a_segment_that_reaches_beyond_the_offset_stays_however_old() {
    for (until, expected) in [
        (0, vec![]),
        (8, vec![]),
        (9, vec![0]),
        (17, vec![0]),
        (18, vec![0, 9]),
        (20, vec![0, 9]),
        (21, vec![0, 9, 18]),
    ] {
        let folder = Folder::new();
        let mut open = old(&folder, Some(1), None);
        assert_eq!(open.log.retain_below(until, 1_000_000).expect("it retains"), expected, "all is old, below {until}");
        let left = if until == 21 { vec![21] } else { vec![0, 9, 18][expected.len()..].to_vec() };
        assert_eq!((open.segments(), open.log.end()), (left.clone(), 21), "below {until}");
        assert_eq!(open.log.log_start(), left[0], "below {until}");
        open.append();
        assert_eq!(open.log.end(), 24, "it goes on");
    }
}

#[test]
fn a_segment_that_reaches_beyond_the_offset_stays_however_large_the_log() {
    let folder = Folder::new();
    let mut open = old(&folder, None, Some(0));
    assert_eq!(open.log.retain_below(17, 0).expect("it retains"), [0]);
    assert_eq!(open.log.retain(0).expect("it retains"), [9, 18], "without a bound all goes");
}

#[test]
fn what_is_kept_by_the_settings_stays_below_the_offset_too() {
    let folder = Folder::new();
    let mut open = old(&folder, None, None);
    assert_eq!(open.log.retain_below(21, 1_000_000).expect("it retains"), Vec::<Offset>::new());
    open.log.delete_before(10, 0).expect("the start moves");
    assert_eq!(open.segments(), [9, 18], "a start that moves takes whole segments before it, and no other");
}

#[test]
fn a_start_that_moves_takes_no_segment_beyond_it() {
    let folder = Folder::new();
    let mut open = old(&folder, Some(1), None);
    // The clock says that all is old. That is retention's business.
    assert_eq!(open.log.delete_before(12, 1_000_000).expect("the start moves"), [0]);
    assert_eq!((open.segments(), open.log.log_start()), (vec![9, 18], 12));
}

#[test]
fn a_log_that_stopped_retains_nothing() {
    let folder = Folder::new();
    let mut open = old(&folder, Some(1), None);
    assert_eq!(open.log.stopped(), None);
    folder.disk.fail("sync", ".log", 0);
    open.log.append(sized(0, 3, 100, 1), CLIENT, 0).expect("nothing is flushed yet");
    assert!(open.log.flush().is_err());
    let why = open.log.stopped().expect("it stopped");
    assert_eq!(why.replace(&format!("{}/", folder.path().display()), ""), told("log-0/00000000000000000018.log"));
    assert!(matches!(open.log.retain_below(9, 1_000_000), Err(Error::Stopped { .. })));
    assert_eq!(found(&open, 0, 3, 100), [(0, 2)], "it can be read");
}

fn told(file: &str) -> String {
    format!("the log stopped when it could not flush {file}: what is on the disk is unknown")
}
