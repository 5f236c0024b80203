//! Which number a batch gets, and when it may leave.

use idempotence::sequences::{Leave, Why};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::{Ending, Fate};

use crate::support::{Desk, ID};

#[test]
fn nothing_leaves_before_there_is_a_producer_id() {
    let mut desk = Desk::nobody();
    assert!(desk.sequences.wants_identity());
    desk.waits(0, Why::NoIdentity);
    desk.obtained(ID, 3);
    assert!(!desk.sequences.wants_identity());
    assert_eq!(desk.leaves(0), (ID, 3, 0));
}

#[test]
fn numbers_count_records_partition_by_partition() {
    let mut desk = Desk::new();
    let mut given = Vec::new();
    for (number, records) in [(0, 3), (1, 1), (2, 500), (3, 7)] {
        desk.records = records;
        given.push(desk.leaves(number).2);
        desk.stored(number);
    }
    assert_eq!(given, [0, 3, 4, 504]);
    desk.turn_to(1);
    assert_eq!(desk.leaves(4), (ID, 0, 0));
}

#[test]
fn after_the_last_number_comes_0() {
    let mut desk = Desk::new();
    for (number, records, first) in [(0, i32::MAX as usize, 0), (1, 3, i32::MAX), (2, 1, 2), (3, 1, 3)] {
        desk.records = records;
        assert_eq!(desk.leaves(number).2, first, "batch {number}");
        desk.stored(number);
    }
}

#[test]
fn the_first_batch_of_an_id_goes_alone_as_its_log_may_take_any_number() {
    let mut desk = Desk::new();
    desk.leaves(0);
    desk.waits(1, Why::FirstGoesAlone);
    desk.comes_back(0);
    desk.waits(1, Why::EarlierComesBack);
    assert_eq!(desk.leaves(0), (ID, 0, 0));
    desk.stored(0);
    assert_eq!((desk.leaves(1), desk.leaves(2)), ((ID, 0, 10), (ID, 0, 20)), "then they go together");
    desk.turn_to(1);
    desk.leaves(3);
    desk.waits(4, Why::FirstGoesAlone);
}

#[test]
fn five_are_in_flight_and_not_six() {
    let mut desk = Desk::in_flight(1..=5);
    desk.waits(6, Why::FiveInFlight);
    desk.stored(1);
    assert_eq!(desk.leaves(6), (ID, 0, 60));
    desk.waits(7, Why::FiveInFlight);
}

/// The broker remembers five batches. Were 6 to be written, it would not know 1 again.
#[test]
fn those_count_that_have_ended_behind_the_first_in_flight() {
    let mut desk = Desk::in_flight(1..=5);
    for number in 2..=5 {
        desk.stored(number);
    }
    desk.waits(6, Why::FiveInFlight);
    desk.is_lost(1);
    assert_eq!(desk.leaves(1), (ID, 0, 10));
    desk.waits(6, Why::FiveInFlight);
    desk.stored(1);
    for number in 6..=10 {
        desk.leaves(number);
    }
    desk.waits(11, Why::FiveInFlight);
}

#[test]
fn nothing_new_leaves_while_one_waits_to_go_again() {
    let mut desk = Desk::in_flight(1..=3);
    desk.comes_back(3);
    desk.waits(4, Why::EarlierComesBack);
}

#[test]
fn what_comes_back_keeps_its_number_and_leaves_as_the_first() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(2);
    desk.waits(2, Why::EarlierUnderWay);
    desk.is_lost(1);
    desk.is_lost(3);
    assert_eq!(desk.leaves(1), (ID, 0, 10));
    desk.waits(2, Why::EarlierUnderWay);
    desk.stored(1);
    assert_eq!(desk.leaves(2), (ID, 0, 20));
    desk.waits(3, Why::EarlierUnderWay);
    desk.stored(2);
    assert_eq!(desk.leaves(3), (ID, 0, 30));
    assert_eq!(desk.leaves(4), (ID, 0, 40), "nothing waits to go again any more");
}

#[test]
fn what_was_begun_later_and_is_under_way_holds_nothing_back() {
    let mut desk = Desk::in_flight(1..=3);
    desk.is_lost(1);
    assert_eq!(desk.leaves(1), (ID, 0, 10), "2 and 3 are under way");
}

#[test]
fn a_topic_that_was_made_anew_has_new_logs() {
    let mut desk = Desk::in_flight(1..=2);
    desk.topic = 2;
    assert_eq!(desk.leaves(3), (ID, 0, 0));
    desk.waits(4, Why::FirstGoesAlone);
    // What is told of the topic before changes nothing.
    assert_eq!(desk.out_of_order(1, false), Fate::Again, "as it was said");
    desk.refused(1, ErrorCode::InconsistentTopicId);
    desk.ended(2, Ending::InDoubt);
    desk.stored(3);
    assert_eq!(desk.leaves(4), (ID, 0, 10));
}

#[test]
fn what_never_left_ends_without_a_trace() {
    let mut desk = Desk::in_flight(1..=2);
    desk.ended(3, Ending::NotStored);
    desk.turn_to(9);
    desk.ended(4, Ending::NotStored);
    desk.turn_to(0);
    assert_eq!(desk.gate(5), Leave::Now);
    assert_eq!(desk.leaves(5), (ID, 0, 30));
}
