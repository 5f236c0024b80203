//! What becomes of the numbers behind a batch that was not stored.

use idempotence::sequences::{Identity, Leave, Why};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::{Ending, Fate};

use crate::support::{Desk, ID};

#[test]
fn out_of_order_behind_others_goes_again_under_its_number() {
    let mut desk = Desk::in_flight(1..=3);
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    assert_eq!(desk.out_of_order(3, true), Fate::Again);
    desk.is_lost(1);
    for number in 1..=3 {
        assert_eq!(desk.leaves(number), (ID, 0, 10 * number as i32));
        desk.stored(number);
    }
}

/// What it missed has been stored meanwhile. The answer is older than that.
#[test]
fn out_of_order_is_about_the_time_at_which_the_batch_left() {
    let mut desk = Desk::in_flight(1..=2);
    desk.stored(1);
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    assert_eq!(desk.leaves(2), (ID, 0, 20), "now it is the first");
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
}

#[test]
fn out_of_order_as_the_first_begins_anew_once_nothing_is_under_way() {
    let mut desk = Desk::in_flight(1..=3);
    assert_eq!(desk.out_of_order(1, false), Fate::Again);
    desk.waits(1, Why::Unresolved);
    desk.waits(4, Why::EarlierComesBack);
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    desk.waits(1, Why::Unresolved);
    assert_eq!(desk.out_of_order(3, false), Fate::Again);
    assert_eq!(desk.leaves(1), (ID, 1, 0));
    desk.stored(1);
    assert_eq!(desk.leaves(2), (ID, 1, 10));
    desk.stored(2);
    assert_eq!((desk.leaves(3), desk.leaves(4)), ((ID, 1, 20), (ID, 1, 30)));
}

/// Another number would be another batch to the log, and a copy with the old one may be in it.
#[test]
fn what_is_in_doubt_is_never_numbered_anew() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(1);
    desk.is_lost(2);
    desk.comes_back(3);
    desk.leaves(1);
    assert_eq!(desk.out_of_order(1, true), Fate::Failed, "it may be in a log all the same");
    desk.ended(1, Ending::InDoubt);
    assert_eq!(desk.leaves(2), (ID, 0, 20), "the log may have both by now");
    assert_eq!(desk.out_of_order(2, true), Fate::Failed);
    desk.ended(2, Ending::InDoubt);
    assert_eq!(desk.leaves(3), (ID, 0, 30));
    assert_eq!(desk.out_of_order(3, false), Fate::Again, "this one is in none");
    assert_eq!(desk.leaves(3), (ID, 1, 0));
}

#[test]
fn what_is_in_doubt_behind_one_that_is_numbered_anew_never_leaves() {
    let mut desk = Desk::in_flight(1..=3);
    desk.comes_back(1);
    desk.is_lost(2);
    desk.comes_back(3);
    desk.leaves(1);
    assert_eq!(desk.out_of_order(1, false), Fate::Again);
    assert_eq!(desk.leaves(1), (ID, 1, 0));
    assert_eq!(desk.gate(2), Leave::Never);
    desk.ended(2, Ending::InDoubt);
    desk.waits(3, Why::EarlierUnderWay);
    desk.stored(1);
    assert_eq!(desk.leaves(3), (ID, 1, 10), "its numbers follow those of 1");
    assert_eq!(desk.leaves(4), (ID, 1, 20));
}

#[test]
fn a_refusal_for_good_leaves_a_sure_gap_and_those_behind_it_begin_anew() {
    let mut desk = Desk::in_flight(1..=3);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.waits(4, Why::Unresolved);
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    desk.waits(2, Why::Unresolved);
    assert_eq!(desk.out_of_order(3, false), Fate::Again);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
    desk.stored(2);
    assert_eq!(desk.leaves(3), (ID, 1, 10));
}

#[test]
fn what_stands_before_a_sure_gap_keeps_its_number() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(1);
    desk.refused(2, ErrorCode::MessageTooLarge);
    desk.comes_back(3);
    assert_eq!(desk.leaves(1), (ID, 0, 10));
    desk.waits(3, Why::EarlierUnderWay);
    desk.stored(1);
    assert_eq!(desk.leaves(3), (ID, 1, 0));
}

#[test]
fn what_is_in_doubt_behind_a_sure_gap_never_leaves() {
    let mut desk = Desk::in_flight(1..=3);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.is_lost(2);
    assert_eq!(desk.gate(2), Leave::Never);
    desk.ended(2, Ending::InDoubt);
    desk.comes_back(3);
    assert_eq!(desk.leaves(3), (ID, 1, 0));
}

#[test]
fn with_nothing_behind_a_gap_the_next_new_batch_begins_anew() {
    for ending in [Ending::NotStored, Ending::InDoubt] {
        let mut desk = Desk::in_flight(1..=2);
        desk.ended(2, ending);
        desk.waits(3, Why::Unresolved);
        desk.stored(1);
        assert_eq!(desk.leaves(3), (ID, 1, 0), "{ending:?}");
        assert_eq!(desk.leaves(4), (ID, 1, 10), "the log knows the id");
    }
}

#[test]
fn a_doubtful_gap_is_closed_by_one_that_is_stored_behind_it() {
    let mut desk = Desk::in_flight(1..=3);
    desk.ended(1, Ending::InDoubt);
    desk.waits(4, Why::Unresolved);
    desk.is_lost(2);
    assert_eq!(desk.leaves(2), (ID, 0, 20), "it asks");
    desk.waits(4, Why::Unresolved);
    desk.stored(2);
    assert_eq!(desk.leaves(4), (ID, 0, 40), "so 1 was stored too");
}

#[test]
fn it_is_closed_by_any_that_is_stored_behind_it() {
    let mut desk = Desk::in_flight(1..=3);
    desk.ended(1, Ending::InDoubt);
    desk.stored(3);
    assert_eq!(desk.leaves(4), (ID, 0, 40), "2 is under way, and was stored too");
}

#[test]
fn it_is_closed_also_if_its_batch_ends_after_that() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(1);
    desk.stored(2);
    desk.ended(1, Ending::InDoubt);
    assert_eq!(desk.leaves(4), (ID, 0, 40), "3 is under way, and nothing is missing before it");
}

#[test]
fn a_doubtful_gap_is_sure_if_one_behind_it_is_out_of_order() {
    let mut desk = Desk::in_flight(1..=2);
    desk.ended(1, Ending::InDoubt);
    desk.comes_back(2);
    assert_eq!(desk.leaves(2), (ID, 0, 20));
    assert_eq!(desk.out_of_order(2, false), Fate::Again);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
}

/// It was under way when its time was over, though the sender knows that it was never sent.
#[test]
fn what_ends_for_certain_while_under_way_leaves_a_sure_gap() {
    let mut desk = Desk::in_flight(1..=2);
    desk.ended(1, Ending::NotStored);
    desk.comes_back(2);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
}

/// The sender still says "in doubt", as the doubt was of the old number.
#[test]
fn what_is_numbered_anew_and_ends_before_it_leaves_again_leaves_a_sure_gap() {
    let mut desk = Desk::in_flight(1..=3);
    for number in 1..=3 {
        desk.comes_back(number);
    }
    desk.leaves(1);
    desk.out_of_order(1, false);
    desk.leaves(1);
    desk.ended(2, Ending::InDoubt);
    desk.stored(1);
    assert_eq!(desk.leaves(3), (ID, 2, 0), "not asked: 2 was certainly not there");
}

#[test]
fn the_epoch_is_one_for_all_partitions() {
    let mut desk = Desk::in_flight(1..=1);
    desk.turn_to(1);
    for number in 2..=3 {
        desk.leaves(number);
        desk.refused(number, ErrorCode::MessageTooLarge);
    }
    assert_eq!(desk.leaves(4), (ID, 2, 0), "two gaps, two epochs");
    desk.turn_to(0);
    assert_eq!(desk.leaves(5), (ID, 0, 20), "while something is in flight it stays in its epoch");
    desk.stored(1);
    desk.stored(5);
    assert_eq!(desk.leaves(6), (ID, 2, 0), "then it takes the newest");
    desk.turn_to(2);
    assert_eq!(desk.leaves(7), (ID, 2, 0));
}

#[test]
fn who_is_behind_takes_the_newest_epoch_and_makes_none() {
    let mut desk = Desk::in_flight(1..=2);
    desk.turn_to(1);
    desk.leaves(3);
    desk.refused(3, ErrorCode::MessageTooLarge);
    desk.leaves(4);
    desk.turn_to(0);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.comes_back(2);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
    assert_eq!(desk.sequences.identity(), Some(Identity { producer_id: ID, epoch: 1 }));
}

#[test]
fn after_the_last_epoch_comes_another_producer_id() {
    let mut desk = Desk::nobody();
    desk.obtained(ID, i16::MAX);
    desk.leaves(0);
    desk.stored(0);
    desk.turn_to(1);
    desk.leaves(1);
    desk.refused(1, ErrorCode::MessageTooLarge);
    assert!(!desk.sequences.wants_identity());
    desk.waits(2, Why::NoIdentity);
    assert!(desk.sequences.wants_identity());
    desk.obtained(8, 0);
    assert_eq!(desk.leaves(2), (8, 0, 0));
    desk.waits(3, Why::FirstGoesAlone);
    desk.turn_to(0);
    assert_eq!(desk.leaves(4), (8, 0, 0));
}

#[test]
fn a_new_producer_id_is_for_what_is_in_flight_too() {
    let mut desk = Desk::nobody();
    desk.obtained(ID, i16::MAX);
    desk.leaves(0);
    desk.stored(0);
    for number in 1..=3 {
        desk.leaves(number);
    }
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.comes_back(2);
    desk.comes_back(3);
    desk.waits(2, Why::NoIdentity);
    desk.obtained(8, 0);
    assert_eq!(desk.leaves(2), (8, 0, 0));
    desk.stored(2);
    assert_eq!(desk.leaves(3), (8, 0, 10));
}

#[test]
fn an_epoch_that_is_refused_is_somebody_elses_and_the_id_is_given_up() {
    let mut desk = Desk::in_flight(1..=2);
    assert_eq!(desk.failed(1, ErrorCode::InvalidProducerEpoch, false, true), Fate::Failed, "whatever was said");
    desk.ended(1, Ending::NotStored);
    assert!(desk.sequences.wants_identity());
    desk.comes_back(2);
    desk.waits(2, Why::NoIdentity);
    desk.turn_to(1);
    desk.waits(3, Why::NoIdentity);
    desk.obtained(8, 0);
    assert_eq!(desk.leaves(3), (8, 0, 0));
    desk.turn_to(0);
    assert_eq!(desk.leaves(2), (8, 0, 0));
    // Late answers under the old id are no reason to give up the new one.
    assert_eq!(desk.failed(9, ErrorCode::InvalidProducerEpoch, false, false), Fate::Failed);
    assert!(!desk.sequences.wants_identity());
}

#[test]
fn out_of_order_that_may_not_be_tried_again_is_an_end() {
    let mut desk = Desk::in_flight(1..=2);
    desk.comes_back(2);
    desk.refused(1, ErrorCode::OutOfOrderSequenceNumber);
    assert_eq!(desk.leaves(2), (ID, 1, 0));
}
