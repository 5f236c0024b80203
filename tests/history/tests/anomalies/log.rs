//! An offset is one record's, and a record has one offset.

use history::{Anomaly, Record, Rules, Sent};

use super::notes::{Notes, ORDERS};
use super::{accepts, accepts_under, rejects, rejects_under};

#[test]
fn one_offset_two_values_in_polls() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    notes.sent("producer-2", ORDERS, 12, Sent::Unknown);
    notes.polled("consumer-2", &[(0, 10), (1, 12)]);
    rejects("inconsistent_offset_polls", &notes, Anomaly::InconsistentOffset);
}

#[test]
fn one_offset_two_values_in_acknowledgements() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.acked("producer-1", 11, 1);
    notes.acked("producer-2", 12, 1);
    rejects("inconsistent_offset_acks", &notes, Anomaly::InconsistentOffset);
}

/// One producer's two sends at one offset are not out of order.
#[test]
fn one_offset_two_values_in_one_producers_acknowledgements() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.acked("producer-1", 11, 0);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.polled("consumer-2", &[(0, 11)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::InconsistentOffset, 1);
}

#[test]
fn five_values_at_one_offset_are_one_finding() {
    let notes = Notes::default();
    for value in 10..15 {
        notes.sent(&format!("producer-{value}"), ORDERS, value, Sent::Unknown);
        notes.polled(&format!("consumer-{value}"), &[(7, value)]);
    }
    notes.acked("producer-1", 20, 8);
    let verdict = rejects_under(&Rules::strict(), &notes, Anomaly::InconsistentOffset, 1);
    assert_eq!(
        verdict.findings(Anomaly::InconsistentOffset)[0].what,
        "offset 7 holds values 10, 11, 12, 13 and others"
    );
}

#[test]
fn the_same_offset_in_another_partition_is_another_offset() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", "orders-1", 11, Sent::Acked { offset: Some(0) });
    notes.polled("consumer-1", &[(0, 10)]);
    notes.client("consumer-1").poll(notes.now()).gave(notes.now(), vec![Record::new("orders-1", 0, 11)]);
    accepts(&notes);
}

#[test]
fn many_who_see_the_same_record_see_it_once() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    for consumer in ["consumer-1", "consumer-2", "consumer-3"] {
        notes.polled(consumer, &[(0, 10), (1, 11)]);
    }
    accepts(&notes);
}

/// With `acks=1` a leader may have said an offset, and died with it.
#[test]
fn an_acknowledgement_is_no_evidence_where_it_may_be_lost() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.acked("producer-1", 11, 1);
    notes.acked("producer-2", 12, 1);
    notes.polled("consumer-1", &[(0, 10), (1, 12)]);
    let verdict = accepts_under(&Rules::strict().acks_may_be_lost(), &notes);
    assert_eq!((verdict.allowed(), verdict.count(Anomaly::LostWrite)), (vec![Anomaly::LostWrite], 1));

    // What consumers read must agree all the same.
    notes.polled("consumer-2", &[(0, 10), (1, 11)]);
    rejects_under(&Rules::strict().acks_may_be_lost(), &notes, Anomaly::InconsistentOffset, 1);
}

#[test]
fn one_value_at_two_offsets() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 10)]);
    rejects("duplicate", &notes, Anomaly::Duplicate);
}

#[test]
fn one_value_read_at_another_offset_than_its_sender_was_told() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10), (2, 11)]);
    rejects("duplicate_ack_and_poll", &notes, Anomaly::Duplicate);
}

/// What Jepsen's own test says, too: to read one offset twice is a matter of polls.
#[test]
fn one_value_read_twice_at_one_offset_is_no_duplicate() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    notes.client("consumer-1").seek(notes.now(), &ORDERS.into());
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    accepts(&notes);
}

#[test]
fn a_retry_may_store_a_record_twice_if_the_rules_say_so() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 10)]);
    let verdict = accepts_under(&Rules::strict().retries_without_idempotence(1), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::Duplicate]);
}
