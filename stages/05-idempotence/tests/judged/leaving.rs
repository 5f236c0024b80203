//! When a batch may leave. Judges exercise 5.6.

use idempotence::sequences::{Leave, Why};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::Ending;
use story::judge;

use crate::desk::Desk;

const TURN: &str = "src/sequences/run.rs, fn Run::turn";
const NEW: &str = "src/sequences/run.rs, fn Run::turn_of_new";

fn said(leave: Leave) -> String {
    match leave {
        Leave::Now => "now".to_owned(),
        Leave::Wait(why) => format!("not yet: {why:?}"),
        Leave::Never => "never".to_owned(),
    }
}

#[track_caller]
fn judge_gate(rule: &str, desk: &mut Desk, number: u64, expected: Leave, look_at: &str) {
    let rule = format!("may batch {number} leave? {rule}");
    let found = said(desk.gate(number));
    judge::text(&rule, &said(expected), &found, look_at);
}

const BACK_WAITS: Leave = Leave::Wait(Why::EarlierComesBack);
const UNRESOLVED: Leave = Leave::Wait(Why::Unresolved);

#[test]
fn the_first_batch_goes_alone() {
    let mut desk = Desk::new();
    judge_gate("Nothing is in flight.", &mut desk, 0, Leave::Now, NEW);
    desk.leaves(0);
    let rule = "The log knows nothing of this producer yet, and may take any number from it.";
    judge_gate(rule, &mut desk, 1, Leave::Wait(Why::FirstGoesAlone), NEW);
    desk.stored(0);
    judge_gate("Batch 0 is stored: the log knows the producer.", &mut desk, 1, Leave::Now, NEW);
    desk.leaves(1);
    judge_gate("One is in flight, and five may be.", &mut desk, 2, Leave::Now, NEW);
}

#[test]
fn five_are_in_flight_and_not_six() {
    let mut desk = Desk::in_flight(1..=4);
    judge_gate("1 to 4 are in flight: it is the fifth.", &mut desk, 5, Leave::Now, NEW);
    let mut desk = Desk::in_flight(1..=5);
    judge_gate("1 to 5 are in flight.", &mut desk, 6, Leave::Wait(Why::FiveInFlight), NEW);
    desk.stored(1);
    judge_gate("1 is stored.", &mut desk, 6, Leave::Now, NEW);
}

#[test]
fn what_the_broker_must_know_again_counts_from_the_first_in_flight() {
    let mut desk = Desk::in_flight(1..=5);
    for number in 2..=5 {
        desk.stored(number);
    }
    let rule = "1 is in flight, and 2 to 5 are stored behind it. With 6, the broker would not know 1 again.";
    judge_gate(rule, &mut desk, 6, Leave::Wait(Why::FiveInFlight), NEW);
}

#[test]
fn nothing_new_leaves_while_one_waits_to_go_again() {
    let mut desk = Desk::in_flight(1..=3);
    desk.comes_back(2);
    judge_gate("2 has come back. What comes behind it would find it missing.", &mut desk, 4, BACK_WAITS, NEW);
}

#[test]
fn what_comes_back_leaves_as_the_first() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(2);
    let rule = "2 has come back. 1 is under way, and may yet fail.";
    judge_gate(rule, &mut desk, 2, Leave::Wait(Why::EarlierUnderWay), TURN);
    desk.is_lost(1);
    judge_gate("It is the first. 3 is under way, which is behind it.", &mut desk, 1, Leave::Now, TURN);
    judge_gate("1 has come back too, and goes before it.", &mut desk, 2, BACK_WAITS, TURN);
    desk.leaves(1);
    desk.stored(1);
    judge_gate("1 is stored: now it is the first.", &mut desk, 2, Leave::Now, TURN);
}

#[test]
fn no_new_batch_leaves_behind_a_gap_while_others_are_in_flight() {
    let mut desk = Desk::in_flight(1..=3);
    desk.ended(1, Ending::InDoubt);
    let rule = "1 ended, and nobody knows whether it is there. 2 is under way, and will tell.";
    judge_gate(rule, &mut desk, 4, UNRESOLVED, NEW);
    desk.stored(2);
    judge_gate("2 is stored, so 1 was.", &mut desk, 4, Leave::Now, NEW);
    let mut desk = Desk::in_flight(1..=3);
    desk.ended(3, Ending::NotStored);
    judge_gate("3 ended and is not there, and 1 and 2 are under way.", &mut desk, 4, UNRESOLVED, NEW);
}

#[test]
fn behind_a_gap_the_numbers_begin_anew() {
    let mut desk = Desk::in_flight(1..=1);
    desk.refused(1, ErrorCode::MessageTooLarge);
    judge_gate("1 ended and is not there. Nothing is in flight.", &mut desk, 2, Leave::Now, NEW);
    let rule = "what follows a gap has number 0 of the next epoch: producer, epoch, number";
    judge::eq(rule, (crate::desk::ID, 1, 0), desk.leaves(2), NEW);
    let mut desk = Desk::in_flight(1..=1);
    desk.ended(1, Ending::InDoubt);
    let rule = "likewise if nobody knows whether 1 is there: nothing in flight can tell";
    judge::eq(rule, (crate::desk::ID, 1, 0), desk.leaves(2), NEW);
}

#[test]
fn what_is_numbered_anew_waits_until_nothing_is_under_way() {
    let mut desk = Desk::in_flight(1..=3);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.comes_back(2);
    let rule = "1 is not there, so 2 and 3 get new numbers. 3 is under way with its old one.";
    judge_gate(rule, &mut desk, 2, UNRESOLVED, TURN);
    desk.comes_back(3);
    judge_gate("Nothing is under way.", &mut desk, 2, Leave::Now, TURN);
    let rule = "2 is the first of the next epoch: producer, epoch, number";
    judge::eq(rule, (crate::desk::ID, 1, 0), desk.leaves(2), TURN);
}

#[test]
fn what_may_be_in_a_log_gets_no_other_number() {
    let mut desk = Desk::in_flight(1..=2);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.is_lost(2);
    let rule = "1 is not there, so its number is of no use. An attempt is in doubt, so it can have no other.";
    judge_gate(rule, &mut desk, 2, Leave::Never, TURN);
}

#[test]
fn behind_a_gap_that_is_in_doubt_the_next_one_asks() {
    let mut desk = Desk::in_flight(1..=2);
    desk.ended(1, Ending::InDoubt);
    desk.is_lost(2);
    let rule = "1 may be there. If it is, 2 fits, under the number that it has.";
    judge_gate(rule, &mut desk, 2, Leave::Now, TURN);
    judge::eq("2 keeps its number: producer, epoch, number", (crate::desk::ID, 0, 20), desk.leaves(2), TURN);
}
