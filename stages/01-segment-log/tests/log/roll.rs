//! When a segment is full. Judges exercise 1.6.

use segment_log::LogConfig;
use segment_log::log::{RollQuestion, RollReason, should_roll};
use story::judge;

use crate::judging::{CLIENT, Folder, sized, small};

const ROLL: &str = "src/log/roll.rs, fn should_roll";

/// A segment of 600 of 1000 bytes that has been open for 10 of 60 seconds, and a batch of 100 bytes.
const CALM: RollQuestion =
    RollQuestion { size: 600, incoming: 100, age_ms: 10_000, index_full: false, relative_offset: 20 };

fn config() -> LogConfig {
    LogConfig { segment_bytes: 1_000, segment_ms: 60_000, ..LogConfig::default() }
}

#[track_caller]
fn judge_roll(rule: &str, expected: Option<RollReason>, question: RollQuestion) {
    judge::eq(rule, expected, should_roll(&question, &config()), ROLL);
}

#[test]
fn a_segment_with_room_stays() {
    judge_roll("600 of 1000 bytes, 10 of 60 seconds: a batch of 100 bytes fits", None, CALM);
    judge_roll("an empty segment takes the first batch", None, RollQuestion { size: 0, relative_offset: 0, ..CALM });
}

#[test]
fn a_segment_rolls_before_it_passes_its_size() {
    let with = |size, incoming| RollQuestion { size, incoming, ..CALM };
    judge_roll("900 + 100 bytes are the 1000 of segment.bytes, and not beyond", None, with(900, 100));
    judge_roll("901 + 100 bytes are beyond the 1000 of segment.bytes", Some(RollReason::Size), with(901, 100));
    judge_roll("1000 + 1 bytes are beyond the 1000 of segment.bytes", Some(RollReason::Size), with(1_000, 1));
    judge_roll("100 + 901 bytes are beyond the 1000 of segment.bytes", Some(RollReason::Size), with(100, 901));
}

#[test]
fn sizes_up_to_2_gib_do_not_overflow() {
    let largest = i32::MAX as u32;
    let config = LogConfig { segment_bytes: largest, ..config() };
    let roll = |size, incoming| should_roll(&RollQuestion { size, incoming, ..CALM }, &config);
    let rule = "2147483647 + 2147483647 bytes are beyond the 2147483647 of segment.bytes";
    judge::eq(rule, Some(RollReason::Size), roll(largest, largest), ROLL);
    let rule = "2147483547 + 100 bytes are the 2147483647 of segment.bytes, and not beyond";
    judge::eq(rule, None, roll(largest - 100, 100), ROLL);
}

#[test]
fn a_segment_rolls_when_it_is_older_than_its_time() {
    let with = |age_ms| RollQuestion { age_ms, ..CALM };
    judge_roll("60000 ms are the 60000 of segment.ms, and not longer", None, with(60_000));
    judge_roll("60001 ms are longer than the 60000 of segment.ms", Some(RollReason::Age), with(60_001));
    judge_roll("an age of -5 ms (a clock was set back) is not longer than 60000", None, with(-5));
}

#[test]
fn a_full_index_rolls_the_segment() {
    let question = RollQuestion { index_full: true, ..CALM };
    judge_roll("an index without room closes the segment", Some(RollReason::IndexFull), question);
}

#[test]
fn an_empty_segment_takes_any_batch_at_any_age() {
    let empty = RollQuestion { size: 0, ..CALM };
    let rule = "an empty segment takes a batch of 5000 bytes: a new one would have no more room";
    judge_roll(rule, None, RollQuestion { incoming: 5_000, ..empty });
    let rule = "an empty segment does not grow old: a new one would be empty too";
    judge_roll(rule, None, RollQuestion { age_ms: i64::MAX, ..empty });
    judge_roll("an empty segment has room in its index", None, RollQuestion { index_full: true, ..empty });
}

#[test]
fn an_offset_beyond_31_bits_rolls_even_an_empty_segment() {
    let far = i64::from(i32::MAX) + 1;
    for size in [0, 600] {
        let rule = format!("{size} bytes, offset 2^31 behind the base: an index entry has 31 bits for it");
        judge_roll(&rule, Some(RollReason::OffsetSpan), RollQuestion { size, relative_offset: far, ..CALM });
        let rule = format!("{size} bytes, offset 2^31 - 1 behind the base: 31 bits are enough");
        judge_roll(&rule, None, RollQuestion { size, relative_offset: far - 1, ..CALM });
    }
}

#[test]
fn a_log_rolls_where_the_rule_says() {
    let folder = Folder::new();
    let open = folder.with_batches(8);
    judge::eq("segments of 300 bytes hold three batches of 100", vec![0, 9, 18], open.segments(), ROLL);

    let folder = Folder::new();
    let mut open = folder.open(LogConfig { segment_ms: 1_000, ..small() });
    for time in [5_000, 6_000, 6_001, 6_500] {
        open.log.append(sized(0, 3, 100, time), CLIENT, 0).expect("the batch is appended");
    }
    let rule = "segment.ms 1000, times 5000, 6000, 6001, 6500: the third is 1001 ms younger than the first";
    judge::eq(rule, vec![0, 6], open.segments(), ROLL);

    let folder = Folder::new();
    let mut open = folder.open(LogConfig { segment_bytes: 10_000, segment_index_bytes: 36, ..small() });
    (0..8).for_each(|_| open.append());
    let rule = "segment.index.bytes 36 has room for three times, the last of which closes the index";
    judge::eq(rule, vec![0, 9, 18], open.segments(), ROLL);
}
