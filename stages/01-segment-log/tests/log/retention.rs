//! Which old segments go. Judges exercise 1.10.

use segment_log::log::{SegmentFacts, expired};
use segment_log::{Error, LogConfig};
use story::judge;

use crate::judging::{CLIENT, Folder, sized, small};

const EXPIRED: &str = "src/log/retention.rs, fn expired";

/// Segments of 100 offsets each, by size and youngest record. The last is the active one.
fn segments(facts: &[(u64, i64)]) -> Vec<SegmentFacts> {
    let segment = |(number, &(size, largest_timestamp)): (i64, &(u64, i64))| SegmentFacts {
        size,
        largest_timestamp,
        next_offset: 100 * (number + 1),
    };
    (0..).zip(facts).map(segment).collect()
}

fn keep_ms(limit: i64) -> LogConfig {
    LogConfig { retention_ms: Some(limit), retention_bytes: None, ..LogConfig::default() }
}

fn keep_bytes(limit: u64) -> LogConfig {
    LogConfig { retention_ms: None, retention_bytes: Some(limit), ..LogConfig::default() }
}

fn keep_all() -> LogConfig {
    LogConfig { retention_ms: None, retention_bytes: None, ..LogConfig::default() }
}

#[track_caller]
fn judge_expired(rule: &str, expected: usize, facts: &[(u64, i64)], config: &LogConfig, now: i64) {
    judge::eq(rule, expected, expired(&segments(facts), 0, config, now), EXPIRED);
}

#[test]
fn without_a_limit_nothing_goes() {
    let facts = [(500, 0), (500, 1_000), (500, 2_000)];
    judge_expired("no retention.ms, no retention.bytes: all stay", 0, &facts, &keep_all(), i64::MAX);
}

#[test]
fn a_segment_goes_when_its_youngest_record_is_too_old() {
    let facts = [(500, 1_000), (500, 2_000), (500, 3_000)];
    let config = keep_ms(700);
    for (now, expected) in [(1_500, 0), (1_700, 0), (1_701, 1), (2_700, 1), (2_701, 2), (3_700, 2)] {
        let rule = format!("retention.ms 700, youngest records 1000, 2000, 3000: at {now} so many are older");
        judge_expired(&rule, expected, &facts, &config, now);
    }
    judge_expired("the active segment goes too when it is old: a new one is begun", 3, &facts, &config, 3_701);
}

#[test]
fn a_segment_goes_when_enough_is_left_without_it() {
    let facts = [(500, 0), (500, 0), (500, 0)];
    for (limit, expected) in [(1_500, 0), (1_001, 0), (1_000, 1), (900, 1), (501, 1), (500, 2), (1, 2), (0, 3)] {
        let rule = format!("retention.bytes {limit}, three segments of 500: at least {limit} bytes stay");
        judge_expired(&rule, expected, &facts, &keep_bytes(limit), 0);
    }
    let uneven = [(100, 0), (900, 0), (100, 0)];
    judge_expired("retention.bytes 1000 of 1100: without the first, 1000 are left", 1, &uneven, &keep_bytes(1_000), 0);
    judge_expired("retention.bytes 999 of 1100: without the second too, only 100", 1, &uneven, &keep_bytes(999), 0);
}

#[test]
fn a_segment_goes_when_all_of_it_lies_before_the_start() {
    let facts = segments(&[(500, 0), (500, 0), (500, 0)]);
    for (log_start, expected) in [(0, 0), (99, 0), (100, 1), (101, 1), (199, 1), (200, 2), (300, 3)] {
        let rule = format!("log start {log_start}, segments end at 100, 200, 300: so many lie before it");
        judge::eq(&rule, expected, expired(&facts, log_start, &keep_all(), 0), EXPIRED);
    }
}

#[test]
fn a_log_loses_its_front_and_never_its_middle() {
    let facts = [(500, 1_000), (500, 9_000), (500, 2_000), (500, 9_500)];
    let rule = "the third is too old, but the second before it stays: only the first goes";
    judge_expired(rule, 1, &facts, &keep_ms(3_000), 10_000);
    let facts = [(500, 9_000), (500, 1_000), (500, 2_000)];
    judge_expired("the first is young, so it stays and all behind it", 0, &facts, &keep_ms(3_000), 10_000);
    let facts = [(900, 0), (100, 0), (900, 0)];
    let rule = "retention.bytes 1500 of 1900: the first cannot go, so the second stays, small as it is";
    judge_expired(rule, 0, &facts, &keep_bytes(1_500), 0);
}

#[test]
fn an_empty_active_segment_stays() {
    judge_expired("the empty active segment stays, however old", 1, &[(500, 0), (0, 0)], &keep_ms(10), 9_999);
    judge_expired("a log of one empty segment keeps it", 0, &[(0, 0)], &keep_ms(10), 9_999);
    judge_expired("retention.bytes 0: the empty segment is no gain", 1, &[(500, 0), (0, 0)], &keep_bytes(0), 0);
    let found = expired(&segments(&[(500, 0), (0, 0)]), 200, &keep_all(), 0);
    judge::eq("the log starts at its end, 200: the empty segment is where it goes on", 1, found, EXPIRED);
}

/// Compaction can take all that a segment had.
#[test]
fn an_empty_closed_segment_is_no_obstacle() {
    let rule = "a closed segment without batches goes like any other, and does not hold up those behind it";
    judge_expired(rule, 2, &[(0, 0), (500, 0), (500, 9_999)], &keep_ms(10), 9_999);
    judge_expired(rule, 2, &[(0, 0), (500, 0), (500, 0)], &keep_bytes(400), 0);
    let found = expired(&segments(&[(0, 0), (500, 0), (500, 0)]), 200, &keep_all(), 0);
    judge::eq(rule, 2, found, EXPIRED);
}

#[test]
fn any_of_the_three_reasons_is_enough() {
    let config = LogConfig { retention_ms: Some(1_000), retention_bytes: Some(700), ..LogConfig::default() };
    let facts = segments(&[(500, 0), (500, 9_500), (500, 9_600), (500, 9_700)]);
    let rule = "the first is old, the second more than enough bytes, the third neither";
    judge::eq(rule, 2, expired(&facts, 50, &config, 10_000), EXPIRED);
    let rule = "log start 300: the third lies before it, the fourth stays for its bytes";
    judge::eq(rule, 3, expired(&facts, 300, &config, 10_000), EXPIRED);
}

#[test]
fn times_at_the_edges_do_not_overflow() {
    judge_expired("a youngest record of -1 at the last moment there is", 1, &[(5, -1), (0, 0)], &keep_ms(10), i64::MAX);
    judge_expired("a record from the far future is not old", 0, &[(5, i64::MAX)], &keep_ms(10), i64::MIN);
}

#[test]
fn a_log_retains_by_time() {
    let folder = Folder::new();
    let mut open = folder.open(LogConfig { retention_ms: Some(100), ..small() });
    for time in [1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 3_000] {
        open.log.append(sized(0, 3, 100, time), CLIENT, time).expect("the batch is appended");
    }
    judge::eq("nothing is old at 1100", Vec::<i64>::new(), open.log.retain(1_100).expect("it retains"), EXPIRED);
    judge::eq("the first segment is old at 1101", vec![0], open.log.retain(1_101).expect("it retains"), EXPIRED);
    assert_eq!((open.log.log_start(), open.segments(), folder.segment(0).exists()), (9, vec![9, 18], false));
    judge::eq("at 9000 all are old", vec![9, 18], open.log.retain(9_000).expect("it retains"), EXPIRED);
    judge::eq("a log always has a segment", vec![21], open.segments(), EXPIRED);
    assert_eq!((open.log.log_start(), open.log.end(), open.counted()), (21, 21, 21), "the fold remembers what it saw");
    open.append();
    assert_eq!(open.batches(), [(21, 23)]);
}

#[test]
fn a_log_retains_by_size() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    open.close();
    open = folder.open(LogConfig { retention_bytes: Some(400), ..small() });
    judge::eq("700 bytes, without the first 300 still 400", vec![0], open.log.retain(0).expect("it retains"), EXPIRED);
    assert_eq!((open.log.size(), open.log.log_start()), (400, 9));
    assert!(open.log.retain(0).expect("it retains").is_empty());
}

#[test]
fn the_start_moves_and_stays_moved() {
    let folder = Folder::new();
    let mut open = folder.with_batches(7);
    assert!(matches!(open.log.delete_before(22, 0), Err(Error::OffsetOutOfRange { asked: 22, start: 0, end: 21 })));
    assert_eq!(open.log.delete_before(10, 0).expect("the start moves"), [0]);
    assert_eq!(open.log.log_start(), 10);
    assert!(open.log.delete_before(4, 0).expect("nothing to do").is_empty());
    assert_eq!(open.log.log_start(), 10, "a start does not move back");
    drop(open);
    let mut open = folder.open(small());
    assert_eq!((open.log.log_start(), open.log.end()), (10, 21), "after a crash too");
    assert_eq!(open.log.delete_before(21, 0).expect("the start moves"), [9, 18]);
    open.close();
    let open = folder.open(small());
    assert_eq!((open.log.log_start(), open.log.end(), open.segments()), (21, 21, vec![21]));
}
