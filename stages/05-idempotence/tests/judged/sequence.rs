//! How records are counted, and what a batch's header says of it. Judges exercise 5.1.

use idempotence::producers::Numbered;
use idempotence::sequence::plus;
use segment_log::{BatchBuilder, Compression, Record};
use story::judge;

use crate::support::{NOW, batch};

const PLUS: &str = "src/sequence.rs, fn plus";
const OF: &str = "src/producers/verdict.rs, fn Numbered::of";
const LAST: i32 = i32::MAX;

#[track_caller]
fn judge_plus(rule: &str, sequence: i32, count: i32, expected: i32) {
    let rule = format!("the number {count} places behind {sequence}. {rule}");
    judge::eq(&rule, expected, plus(sequence, count), PLUS);
}

#[test]
fn numbers_go_up() {
    judge_plus("One after the other.", 0, 1, 1);
    judge_plus("One after the other.", 7, 3, 10);
    judge_plus("No place behind it is itself.", 41, 0, 41);
    judge_plus("2147483647 is a number like any other.", LAST - 1, 1, LAST);
}

#[test]
fn after_the_last_number_comes_0() {
    let rule = "After 2147483647 comes 0, and no number is left out.";
    judge_plus(rule, LAST, 1, 0);
    judge_plus(rule, LAST, 2, 1);
    judge_plus(rule, LAST - 1, 5, 3);
    judge_plus(rule, LAST, LAST, LAST - 1);
    judge_plus(rule, LAST - 1, LAST, LAST - 2);
}

#[track_caller]
fn judge_of(rule: &str, expected: Option<(i64, i16, i32, i32)>, batch: &segment_log::Batch) {
    let said = |(producer, epoch, first, last)| Numbered { producer, epoch, first, last };
    judge::eq(rule, expected.map(said), Numbered::of(&batch.view()), OF);
}

#[test]
fn a_header_says_whose_records_they_are_and_their_numbers() {
    judge_of("one record has one number, the first and the last", Some((7, 0, 5, 5)), &batch(7, 0, 5, 1));
    judge_of("three records from 40 on: 40, 41 and 42", Some((7, 2, 40, 42)), &batch(7, 2, 40, 3));
    judge_of("producer 0 is a producer, and number 0 a number", Some((0, 0, 0, 1)), &batch(0, 0, 0, 2));
}

#[test]
fn the_numbers_of_a_batch_go_round() {
    let rule = "three records from 2147483646 on: the last has number 0";
    judge_of(rule, Some((7, 0, LAST - 1, 0)), &batch(7, 0, LAST - 1, 3));
}

#[test]
fn what_compaction_took_had_a_number() {
    let mut builder = BatchBuilder::new(Compression::None).producer(7, 0, 10);
    builder.push_at(1, &Record::new(NOW, "key", "a value"));
    builder.keep_range(4);
    let rule = "five records had 10…14, and compaction has left one of them. The batch is 10…14 all the same";
    judge_of(rule, Some((7, 0, 10, 14)), &builder.build().expect("nothing is compressed"));
}

#[test]
fn what_nobody_numbered_has_no_numbers() {
    judge_of("producer -1: nobody has numbered it", None, &batch(-1, -1, -1, 2));
    judge_of("a producer, and no number: it is a marker, say (stage 06)", None, &batch(7, 3, -1, 1));
    judge_of("a number, and no producer", None, &batch(-1, 0, 5, 1));
}

#[test]
fn a_header_says_what_somebody_sent() {
    let mut builder = BatchBuilder::new(Compression::None).producer(7, 0, 10);
    builder.push(&Record::new(NOW, "key", "a value"));
    builder.keep_range(i32::MAX);
    let batch = builder.build().expect("nothing is compressed");
    let rule = "last_offset_delta is 2147483647: that is odd, and nothing overflows";
    let found = std::panic::catch_unwind(|| Numbered::of(&batch.view()).map(|numbered| numbered.first));
    judge::that(rule, matches!(found, Ok(Some(10))), "it panics, or says something else of the first number", OF);
}
