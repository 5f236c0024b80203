//! A producer whose epoch is somebody else's to raise (stage 06).

use idempotence::sequences::{Leave, Sequences, Why};
use partitioning::ErrorCode;
use partitioning::producer::sequencing::Ending;

use crate::support::{Desk, ID};

fn kept() -> Desk {
    let mut desk = Desk::nobody();
    desk.sequences = Sequences::of_transactions();
    desk.obtained(ID, 4);
    desk.leaves(0);
    desk.stored(0);
    desk
}

#[test]
fn behind_a_gap_nothing_leaves_until_another_epoch_is_told() {
    let mut desk = kept();
    desk.leaves(1);
    desk.refused(1, ErrorCode::MessageTooLarge);
    assert_eq!(desk.gate(2), Leave::Never);
    assert_eq!(desk.sequences.identity().map(|who| who.epoch), Some(4), "it is not raised here");
    assert!(!desk.sequences.wants_identity());
    desk.obtained(ID, 5);
    assert_eq!(desk.leaves(3), (ID, 5, 0));
}

#[test]
fn other_partitions_go_on() {
    let mut desk = kept();
    desk.leaves(1);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.turn_to(1);
    assert_eq!(desk.leaves(2), (ID, 4, 0));
}

#[test]
fn what_is_in_flight_behind_a_gap_never_leaves_either() {
    let mut desk = kept();
    desk.leaves(1);
    desk.leaves(2);
    desk.refused(1, ErrorCode::MessageTooLarge);
    desk.waits(3, Why::Unresolved);
    desk.comes_back(2);
    assert_eq!(desk.gate(2), Leave::Never);
    desk.ended(2, Ending::NotStored);
    assert_eq!(desk.gate(3), Leave::Never);
}

#[test]
fn an_epoch_that_is_refused_is_no_reason_to_ask_for_an_id() {
    let mut desk = kept();
    desk.leaves(1);
    desk.refused(1, ErrorCode::InvalidProducerEpoch);
    assert!(!desk.sequences.wants_identity());
    assert_eq!(desk.gate(2), Leave::Never);
}

#[test]
fn without_a_gap_the_numbers_go_on_under_the_same_epoch() {
    let mut desk = kept();
    desk.obtained(ID, 4);
    assert_eq!(desk.leaves(1), (ID, 4, 10));
}
