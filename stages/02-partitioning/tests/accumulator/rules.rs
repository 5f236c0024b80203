//! The decisions, one by one. Judges exercise 2.5.

use std::time::Duration;

use partitioning::producer::accumulator::{
    Closed, Placement, ReadyQuestion, ReadyReason, is_full, placement, why_ready,
};
use story::judge;

const PLACEMENT: &str = "src/producer/accumulator/rules.rs, fn placement";
const IS_FULL: &str = "src/producer/accumulator/rules.rs, fn is_full";
const WHY_READY: &str = "src/producer/accumulator/rules.rs, fn why_ready";

const LINGER: Duration = Duration::from_millis(10);
/// A batch that came 3 of 10 ms ago, and is open.
const CALM: ReadyQuestion = ReadyQuestion { closed: None, waited: Duration::from_millis(3), is_exhausted: false };

#[test]
fn a_record_joins_the_open_batch_if_it_fits() {
    let with = |open, incoming| placement(Some(open), incoming, 1_000);
    judge::eq("600 + 300 bytes are within the 1000 of batch.size", Placement::Open, with(600, 300), PLACEMENT);
    judge::eq("600 + 400 bytes are the 1000 of batch.size", Placement::Open, with(600, 400), PLACEMENT);
    judge::eq("600 + 401 bytes are beyond the 1000 of batch.size", Placement::New, with(600, 401), PLACEMENT);
    judge::eq("1000 + 1 bytes are beyond the 1000 of batch.size", Placement::New, with(1_000, 1), PLACEMENT);
    judge::eq("a record beyond all numbers does not fit", Placement::New, with(600, usize::MAX), PLACEMENT);
}

#[test]
fn a_new_batch_takes_any_record() {
    judge::eq("no batch is open", Placement::New, placement(None, 10, 1_000), PLACEMENT);
    judge::eq(
        "no batch is open, and the record is too long for one",
        Placement::New,
        placement(None, 5_000, 1_000),
        PLACEMENT,
    );
}

#[test]
fn a_batch_is_full_at_its_size() {
    judge::eq("999 bytes of 1000 are not full", false, is_full(999, 1_000), IS_FULL);
    judge::eq("1000 bytes of 1000 are full", true, is_full(1_000, 1_000), IS_FULL);
    judge::eq("5000 bytes of 1000, one long record, are full", true, is_full(5_000, 1_000), IS_FULL);
}

#[track_caller]
fn judge_ready(rule: &str, expected: Option<ReadyReason>, question: ReadyQuestion) {
    judge::eq(rule, expected, why_ready(&question, LINGER), WHY_READY);
}

#[test]
fn an_open_batch_lingers() {
    let waited = |millis| ReadyQuestion { waited: Duration::from_millis(millis), ..CALM };
    judge_ready("open for 3 of the 10 ms of linger.ms: it waits", None, CALM);
    judge_ready("open for 0 of the 10 ms of linger.ms: it waits", None, waited(0));
    let almost = ReadyQuestion { waited: LINGER - Duration::from_nanos(1), ..CALM };
    judge_ready("open for a nanosecond less than linger.ms: it waits", None, almost);
    judge_ready("open for the 10 ms of linger.ms: it leaves", Some(ReadyReason::Lingered), waited(10));
    judge_ready("open for more than linger.ms: it leaves", Some(ReadyReason::Lingered), waited(11));
    let at_once = why_ready(&waited(0), Duration::ZERO);
    judge::eq("linger.ms 0: nothing waits", Some(ReadyReason::Lingered), at_once, WHY_READY);
}

#[test]
fn a_closed_batch_leaves_at_once() {
    let closed = |why| ReadyQuestion { closed: Some(why), waited: Duration::ZERO, ..CALM };
    judge_ready("full after 0 ms: it leaves", Some(ReadyReason::Full), closed(Closed::Full));
    judge_ready("flushed after 0 ms: it leaves", Some(ReadyReason::Flushed), closed(Closed::Flushed));
    let both = ReadyQuestion { waited: LINGER, is_exhausted: true, ..closed(Closed::Full) };
    judge_ready("if several reasons hold, the first is named", Some(ReadyReason::Full), both);
    let both = ReadyQuestion { waited: LINGER, is_exhausted: true, ..closed(Closed::Flushed) };
    judge_ready("flushed, lingered and no memory: the first is named", Some(ReadyReason::Flushed), both);
}

#[test]
fn nothing_lingers_when_memory_is_short() {
    let exhausted = ReadyQuestion { is_exhausted: true, ..CALM };
    let rule = "open for 3 of 10 ms, and somebody waits for memory: it leaves";
    judge_ready(rule, Some(ReadyReason::MemoryExhausted), exhausted);
    let both = ReadyQuestion { waited: LINGER, ..exhausted };
    judge_ready("if several reasons hold, the first is named", Some(ReadyReason::Lingered), both);
}
