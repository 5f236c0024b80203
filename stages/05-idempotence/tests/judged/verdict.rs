//! What becomes of a batch. Judges exercise 5.2.

use idempotence::producers::{Judgement, Numbered, Unknown, judge as judged};
use segment_log::Appended;
use story::judge;

use crate::Told;

const LOOK: &str = "src/producers/verdict.rs, fn judge";

fn said(judgement: Judgement) -> String {
    match judgement {
        Judgement::Next => "it is written".to_owned(),
        Judgement::Duplicate(Appended { base_offset, last_offset, .. }) => {
            format!("it is there: {base_offset}…{last_offset}")
        }
        Judgement::OutOfOrder { expected } => format!("out of order, {expected} comes next"),
        Judgement::OldEpoch { current } => format!("an old epoch, {current} is the current one"),
    }
}

/// The log holds these batches of producer 7, from offset 100 on: epoch, first number, how many.
#[track_caller]
fn judge_after(rule: &str, log: &[(i16, i32, usize)], comes: (i16, i32, i32), expected: &str) {
    judge_by(rule, log, comes, Unknown::TakesAny, expected);
}

#[track_caller]
fn judge_by(rule: &str, log: &[(i16, i32, usize)], comes: (i16, i32, i32), unknown: Unknown, expected: &str) {
    let mut told = Told::new();
    for &(epoch, first, count) in log {
        told.batch(7, epoch, first, count);
    }
    let (epoch, first, last) = comes;
    let rule = format!("known is {}. Epoch {epoch}, {first}…{last} comes. {rule}", told.known());
    let batch = Numbered { producer: 7, epoch, first, last };
    judge::text(&rule, expected, &said(judged(told.producers.get(7), &batch, unknown)), LOOK);
}

#[test]
fn the_next_number_is_written() {
    judge_after("It begins where the last one ended.", &[(0, 0, 5)], (0, 5, 9), "it is written");
    judge_after("Likewise.", &[(0, 0, 5), (0, 5, 1)], (0, 6, 6), "it is written");
}

#[test]
fn a_gap_is_out_of_order() {
    judge_after("5 is missing.", &[(0, 0, 5)], (0, 6, 9), "out of order, 5 comes next");
    judge_after("5…9 are missing.", &[(0, 0, 5)], (0, 10, 14), "out of order, 5 comes next");
    judge_after("Not even close.", &[(0, 0, 5)], (0, i32::MAX, i32::MAX), "out of order, 5 comes next");
}

#[test]
fn what_is_there_has_the_place_that_it_has() {
    let log = [(0, 0, 2), (0, 2, 2), (0, 4, 1), (0, 5, 3)];
    judge_after("It is the last one again.", &log, (0, 5, 7), "it is there: 105…107");
    judge_after("Each that is remembered is known.", &log, (0, 0, 1), "it is there: 100…101");
    judge_after("Likewise.", &log, (0, 4, 4), "it is there: 104…104");
}

#[test]
fn what_is_forgotten_is_not_written_again() {
    let log = [(0, 0, 2), (0, 2, 2), (0, 4, 1), (0, 5, 3), (0, 8, 1), (0, 9, 1)];
    let rule = "It was there, and nobody knows where. It is not the next one.";
    judge_after(rule, &log, (0, 0, 1), "out of order, 10 comes next");
}

#[test]
fn a_part_of_a_batch_is_no_duplicate() {
    let rule = "A producer sends a batch again as it was.";
    for comes in [(0, 0, 3), (0, 1, 4), (0, 0, 5), (0, 4, 5), (0, 2, 2)] {
        judge_after(rule, &[(0, 0, 5)], comes, "out of order, 5 comes next");
    }
}

#[test]
fn an_older_epoch_is_refused() {
    let log = [(0, 0, 5), (3, 0, 1)];
    let expected = "an old epoch, 3 is the current one";
    judge_after("Whatever its number.", &log, (2, 1, 1), expected);
    judge_after("Also if its number was there, in that epoch.", &log, (0, 0, 4), expected);
    judge_after("Also if the same numbers are there, in the current one.", &log, (2, 0, 0), expected);
}

#[test]
fn a_newer_epoch_begins_at_0() {
    let log = [(0, 0, 5)];
    judge_after("From its start.", &log, (1, 0, 4), "it is written");
    judge_after("No epoch between is needed.", &log, (9, 0, 0), "it is written");
    let rule = "5 would be next in epoch 0. In epoch 1 its start is missing.";
    judge_after(rule, &log, (1, 5, 9), "out of order, 0 comes next");
}

#[test]
fn an_epoch_in_which_nothing_was_numbered_begins_at_0() {
    let rule = "A marker (stage 06) has said the epoch, and had no number.";
    judge_after(rule, &[(2, -1, 1)], (2, 0, 3), "it is written");
    judge_after(rule, &[(2, -1, 1)], (2, 1, 3), "out of order, 0 comes next");
}

#[test]
fn after_the_last_number_comes_0() {
    let last = i32::MAX;
    judge_after("", &[(0, last, 1)], (0, 0, 9), "it is written");
    judge_after("", &[(0, last - 1, 3)], (0, 1, 1), "it is written");
    judge_after("", &[(0, last - 1, 3)], (0, last - 1, 0), "it is there: 100…102");
    judge_after("", &[(0, last, 1)], (0, 1, 1), "out of order, 0 comes next");
}

#[test]
fn of_an_unknown_producer_any_number_is_taken_or_only_0() {
    let rule = "Its state may have gone, and then it has not begun now.";
    judge_by(rule, &[], (4, 17, 17), Unknown::TakesAny, "it is written");
    judge_by(rule, &[], (0, 0, 0), Unknown::TakesAny, "it is written");
    let rule = "Only the first number is taken (KIP-890).";
    judge_by(rule, &[], (4, 17, 17), Unknown::FromZero, "out of order, 0 comes next");
    judge_by(rule, &[], (4, 0, 3), Unknown::FromZero, "it is written");
}
