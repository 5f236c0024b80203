//! What an error means for the numbers. Judges exercise 5.7.

use idempotence::sequences::{Leave, Why};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::{Ending, Fate};
use story::judge;

use crate::desk::{Desk, ID};

const LOOK: &str = "src/sequences.rs, fn Sequences::attempt_failed";

#[track_caller]
fn judge_fate(rule: &str, expected: Fate, found: Fate) {
    judge::eq(rule, expected, found, LOOK);
}

/// Producer, epoch and number of a batch that leaves.
#[track_caller]
fn judge_leaves(rule: &str, expected: (i64, i16, i32), desk: &mut Desk, number: u64) {
    let rule = format!("batch {number} leaves: {rule} (producer, epoch, number)");
    let gate = desk.gate(number);
    judge::that(&rule, gate == Leave::Now, gate, LOOK);
    judge::eq(&rule, expected, desk.leaves(number), LOOK);
}

#[test]
fn what_says_nothing_of_numbers_is_as_it_was_said() {
    let mut desk = Desk::in_flight(1..=2);
    let code = ErrorCode::NotEnoughReplicas;
    judge_fate("NOT_ENOUGH_REPLICAS, and it may be tried again", Fate::Again, desk.failed(1, code, false, true));
    let code = ErrorCode::MessageTooLarge;
    judge_fate("MESSAGE_TOO_LARGE, and it may not", Fate::Failed, desk.failed(2, code, false, false));
}

#[test]
fn what_failed_is_not_under_way_any_more() {
    let mut desk = Desk::in_flight(1..=2);
    desk.failed(1, ErrorCode::NotEnoughReplicas, false, true);
    let rule = "batch 1 has come back: nothing new leaves before it does";
    judge::eq(rule, Leave::Wait(Why::EarlierComesBack), desk.gate(3), LOOK);
    judge_leaves("it has come back, and goes again under its number", (ID, 0, 10), &mut desk, 1);
}

#[test]
fn a_doubt_is_kept() {
    let mut desk = Desk::in_flight(1..=2);
    desk.failed(2, ErrorCode::RequestTimedOut, true, true);
    desk.failed(1, ErrorCode::MessageTooLarge, false, false);
    desk.ended(1, Ending::NotStored);
    let rule =
        "an attempt of 2 is in doubt, and 1 is certainly not there. So 2 can have neither number: it never leaves";
    judge::eq(rule, Leave::Never, desk.gate(2), LOOK);
}

#[test]
fn out_of_order_behind_others_goes_again() {
    let mut desk = Desk::in_flight(1..=3);
    let rule = "1 is not there yet, so 2 came too early. It goes again";
    judge_fate(rule, Fate::Again, desk.out_of_order(2, false));
    desk.stored(1);
    judge_leaves("it keeps its number", (ID, 0, 20), &mut desk, 2);
    let rule = "3 left behind 2, which is not there yet. An attempt of 3 is in doubt. It goes again all the same";
    judge_fate(rule, Fate::Again, desk.out_of_order(3, true));
}

#[test]
fn out_of_order_as_the_first_is_numbered_anew() {
    let mut desk = Desk::in_flight(1..=1);
    let rule = "nothing was in flight before 1, so the log has lost what was in it. 1 is certainly not there";
    judge_fate(rule, Fate::Again, desk.out_of_order(1, false));
    judge_leaves("it is the first of the next epoch", (ID, 1, 0), &mut desk, 1);
}

#[test]
fn what_counts_is_how_it_left() {
    let mut desk = Desk::in_flight(1..=2);
    desk.stored(1);
    let rule = "2 left behind 1, which is stored since. The refusal is older than that";
    judge_fate(rule, Fate::Again, desk.out_of_order(2, false));
    judge_leaves("so it keeps its number", (ID, 0, 20), &mut desk, 2);
}

#[test]
fn what_is_in_doubt_is_not_numbered_anew() {
    let mut desk = Desk::in_flight(1..=1);
    let rule = "it is out of order as the first, and an earlier attempt may be in a log. With another number it could be there twice";
    judge_fate(rule, Fate::Failed, desk.out_of_order(1, true));
    desk.ended(1, Ending::InDoubt);
    judge_leaves("nothing is in flight, and 1 may be missing", (ID, 1, 0), &mut desk, 2);
}

#[test]
fn out_of_order_that_may_not_be_tried_again_has_failed() {
    let mut desk = Desk::in_flight(1..=2);
    let found = desk.failed(1, ErrorCode::OutOfOrderSequenceNumber, false, false);
    judge_fate("it may not be tried again", Fate::Failed, found);
    let found = desk.failed(2, ErrorCode::OutOfOrderSequenceNumber, false, false);
    judge_fate("the same behind others", Fate::Failed, found);
}

#[test]
fn an_epoch_that_is_refused_is_somebody_elses() {
    let mut desk = Desk::in_flight(1..=2);
    let found = desk.failed(1, ErrorCode::InvalidProducerEpoch, false, true);
    judge_fate("somebody else writes with this id: it has failed, whatever may be tried again", Fate::Failed, found);
    let rule = "and this producer wants another id";
    judge::that(rule, desk.sequences.wants_identity(), "it keeps the one that it has", LOOK);
}

#[test]
fn what_has_ended_is_not_looked_at() {
    let mut desk = Desk::in_flight(1..=2);
    desk.ended(1, Ending::InDoubt);
    let found = desk.failed(1, ErrorCode::InvalidProducerEpoch, false, true);
    judge_fate("1 has ended: it is as it was said", Fate::Again, found);
    let rule = "an answer to what has ended is no reason to give up an id";
    judge::that(rule, !desk.sequences.wants_identity(), "it wants another id", LOOK);
}

#[test]
fn a_late_answer_under_the_old_id_does_not_spend_the_new_one() {
    let mut desk = Desk::in_flight(1..=2);
    desk.failed(1, ErrorCode::InvalidProducerEpoch, false, true);
    desk.ended(1, Ending::NotStored);
    desk.obtained(8, 0);
    let found = desk.failed(2, ErrorCode::InvalidProducerEpoch, false, true);
    judge_fate("2 left under the old id", Fate::Failed, found);
    let rule = "the new id is good: the refusal was about the old one";
    judge::that(rule, !desk.sequences.wants_identity(), "it wants yet another id", LOOK);
}
