//! When appended bytes are forced to the disk. Judges exercise 1.13.

#[path = "support/judging.rs"]
mod judging;
#[path = "support/judging_disk.rs"]
mod judging_disk;

use std::sync::Arc;

use segment_log::{
    EveryAppend, EveryMessages, EveryMillis, FlushPolicy, LogConfig, Offset, PageCache, Timestamp, Unflushed,
};
use story::judge;

use crate::judging::{CLIENT, Folder, sized, small};

const IS_DUE: &str = "src/flush.rs, fn <EveryMillis as FlushPolicy>::is_due";

/// One record of 100 bytes that has waited from `since` to `now`.
fn waited(since: Timestamp, now: Timestamp) -> Unflushed {
    Unflushed { messages: 1, bytes: 100, since, now }
}

#[track_caller]
fn judge_due(rule: &str, expected: bool, flush_ms: i64, unflushed: Unflushed) {
    let told = |is_due: bool| if is_due { "due" } else { "not due" };
    judge::text(rule, told(expected), told(EveryMillis(flush_ms).is_due(&unflushed)), IS_DUE);
}

#[test]
fn a_flush_is_due_once_a_record_has_waited_so_long() {
    for (now, expected) in [(5_000, false), (5_001, false), (5_999, false), (6_000, true), (6_001, true), (9_999, true)]
    {
        let rule = format!("flush.ms 1000: a record of 5000 has waited {} ms at {now}", now - 5_000);
        judge_due(&rule, expected, 1_000, waited(5_000, now));
    }
    judge_due("flush.ms 1: a record of 5000 has waited 1 ms at 5001", true, 1, waited(5_000, 5_001));
    judge_due("flush.ms 0: no record waits at all", true, 0, waited(5_000, 5_000));
}

#[test]
fn neither_number_nor_size_counts() {
    let many = Unflushed { messages: 1_000_000, bytes: 1 << 40, ..waited(5_000, 5_999) };
    judge_due("flush.ms 1000: a million records wait, the oldest for 999 ms", false, 1_000, many);
    let one = Unflushed { messages: 1, bytes: 1, ..waited(5_000, 6_000) };
    judge_due("flush.ms 1000: one record of one byte has waited 1000 ms", true, 1_000, one);
}

#[test]
fn a_clock_that_was_set_back_makes_it_due() {
    for (since, now) in [(5_000, 4_999), (5_000, 0), (5_000, -1), (1_700_000_000_000, 1_699_999_996_400)] {
        let rule = format!("appended at {since}, and now it is {now}: nobody knows how long it waited, so flush");
        judge_due(&rule, true, 1_000, waited(since, now));
    }
}

#[test]
fn clocks_at_the_edges_do_not_overflow() {
    judge_due("from the first moment there is to the last", true, 1_000, waited(i64::MIN, i64::MAX));
    judge_due("from the last moment there is back to the first", true, 1_000, waited(i64::MAX, i64::MIN));
    judge_due("flush.ms 9223372036854775807: not in this life", false, i64::MAX, waited(0, i64::MAX - 1));
}

/// Appends a batch of three at each of these times. Gives the recovery point after each: up to where the log is flushed.
fn flushed_after(policy: impl FlushPolicy, times: &[Timestamp]) -> Vec<Offset> {
    let folder = Folder::new();
    let config = LogConfig { segment_bytes: 10_000, flush: Arc::new(policy), ..small() };
    let mut open = folder.open(config);
    folder.disk.take_notes();
    let mut points = Vec::new();
    for (number, &time) in (0..).zip(times) {
        open.log.append(sized(0, 3, 100, 1_000 + number), CLIENT, time).expect("the batch is appended");
        let synced = folder.disk.take_notes().iter().any(|note| note == "sync 00000000000000000000.log");
        let is_flushed = open.log.recovery_point() == open.log.end();
        assert_eq!(synced, is_flushed, "the recovery point moves with a flush, and only then");
        points.push(open.log.recovery_point());
    }
    points
}

#[test]
fn a_log_flushes_when_the_policy_says_so() {
    let found = flushed_after(EveryMillis(100), &[5_000, 5_050, 5_099, 5_100, 5_150, 5_249, 5_250, 5_400]);
    let rule = "flush.ms 100, appends at 5000, 5050, 5099, 5100 …: flushed up to 12 at 5100, to 21 at 5250";
    judge::eq(rule, vec![0, 0, 0, 12, 12, 12, 21, 21], found, IS_DUE);
    let found = flushed_after(EveryMillis(100), &[5_000, 5_050, 4_000, 4_050]);
    let rule = "flush.ms 100, the clock goes back to 4000 at the third append: flush then";
    judge::eq(rule, vec![0, 0, 9, 9], found, IS_DUE);
}

#[test]
fn the_other_policies() {
    assert_eq!(flushed_after(PageCache, &[0; 5]), [0; 5]);
    assert_eq!(flushed_after(EveryAppend, &[0; 4]), [3, 6, 9, 12]);
    assert_eq!(flushed_after(EveryMessages(6), &[0; 5]), [0, 6, 6, 12, 12]);
    assert_eq!(flushed_after(EveryMessages(7), &[0; 5]), [0, 0, 9, 9, 9]);
}

#[test]
fn time_passes_without_appends_too() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { flush: Arc::new(EveryMillis(100)), ..small() });
    open.log.flush_if_due(9_999).expect("nothing waits");
    open.log.append(sized(0, 3, 100, 1_000), CLIENT, 5_000).expect("the batch is appended");
    open.log.flush_if_due(5_099).expect("not yet");
    assert_eq!(open.log.recovery_point(), 0);
    open.log.flush_if_due(5_100).expect("now");
    assert_eq!(open.log.recovery_point(), 3);
    folder.disk.take_notes();
    open.log.flush().expect("nothing waits");
    open.log.flush_if_due(9_999).expect("nothing waits");
    assert_eq!(folder.disk.take_notes(), Vec::<String>::new(), "what is flushed is not flushed again");
}
