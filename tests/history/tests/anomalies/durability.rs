//! What was acknowledged is there.

use history::{Anomaly, Rules, Sent};

use super::notes::{Notes, ORDERS};
use super::{accepts, accepts_under, rejects, rejects_under, shows};

const NO_OFFSET: Sent = Sent::Acked { offset: None };

#[test]
fn a_reader_got_past_it() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12]);
    notes.polled("consumer-1", &[(0, 10), (2, 12)]);
    rejects("lost_write", &notes, Anomaly::LostWrite);
}

/// Several consumers pass its place. It is one loss, and none of them has skipped a record that is there.
#[test]
fn a_loss_is_one_finding_however_many_pass_it() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12]);
    for consumer in ["consumer-1", "consumer-2", "consumer-3"] {
        notes.polled(consumer, &[(0, 10), (2, 12)]);
    }
    notes.drained("consumer-1", 3);
    rejects_under(&Rules::strict(), &notes, Anomaly::LostWrite, 1);
}

#[test]
fn no_reader_has_come_to_it_yet() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12]);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    let verdict = accepts_under(&Rules::strict(), &notes);
    assert_eq!(verdict.coverage().not_yet_read, 1);
}

#[test]
fn one_reader_is_enough() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12]);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    notes.polled("consumer-2", &[(2, 12)]);
    accepts(&notes);
}

#[test]
fn what_is_in_doubt_or_failed_need_not_be_there() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", ORDERS, 11, Sent::Unknown);
    notes.sent("producer-1", ORDERS, 12, Sent::Failed);
    drop(notes.client("producer-2").send(notes.now(), &ORDERS.into(), 13));
    notes.acked("producer-1", 14, 3);
    notes.polled("consumer-1", &[(0, 10), (3, 14)]);
    notes.drained("consumer-1", 4);
    accepts(&notes);
}

#[test]
fn without_an_offset_what_was_sent_after_it_tells() {
    let notes = Notes::default();
    notes.sent("producer-1", ORDERS, 10, NO_OFFSET);
    notes.sent("producer-1", ORDERS, 11, NO_OFFSET);
    notes.polled("consumer-1", &[(0, 11)]);
    rejects("lost_write_without_an_offset", &notes, Anomaly::LostWrite);
}

#[test]
fn without_an_offset_another_producer_tells_nothing() {
    let notes = Notes::default();
    notes.sent("producer-1", ORDERS, 10, NO_OFFSET);
    notes.sent("producer-2", ORDERS, 11, NO_OFFSET);
    notes.sent("producer-1", "orders-1", 12, NO_OFFSET);
    notes.polled("consumer-1", &[(0, 11)]);
    accepts(&notes);
}

#[test]
fn without_an_offset_what_was_under_way_at_the_time_tells_nothing() {
    let notes = Notes::default();
    let producer = notes.client("producer-1");
    let first = producer.send(notes.now(), &ORDERS.into(), 10);
    let second = producer.send(notes.now(), &ORDERS.into(), 11);
    first.acked(notes.now(), None);
    second.acked(notes.now(), None);
    notes.polled("consumer-1", &[(0, 11)]);
    accepts(&notes);
}

#[test]
fn the_end_was_read_and_it_is_not_there() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.drained("consumer-1", 1);
    rejects("unseen", &notes, Anomaly::Unseen);
}

#[test]
fn the_end_was_read_and_lies_behind_it() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    let draining = notes.client("consumer-1").drain(notes.now());
    // Sent meanwhile; but the end that was read lies behind it.
    notes.acked("producer-1", 12, 2);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    draining.reached(notes.now(), [(ORDERS.into(), 3)].into());
    rejects_under(&Rules::strict(), &notes, Anomaly::Unseen, 1);
}

#[test]
fn the_end_was_read_and_it_had_no_offset() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-2", ORDERS, 11, NO_OFFSET);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.drained("consumer-1", 1);
    rejects_under(&Rules::strict(), &notes, Anomaly::Unseen, 1);
}

/// The last reading that began last tells most of what had been sent, and the one that went furthest most of what has an offset.
#[test]
fn of_several_last_readings_each_tells_something() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.drained("consumer-1", 1);
    notes.sent("producer-2", ORDERS, 11, NO_OFFSET);
    notes.drained("consumer-1", 1);
    rejects_under(&Rules::strict(), &notes, Anomaly::Unseen, 1);

    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10)]);
    let readings = [1, 3, 2].map(|end| (notes.client("consumer-1").drain(notes.now()), end));
    notes.acked("producer-1", 11, 2);
    for (reading, end) in readings {
        reading.reached(notes.now(), [(ORDERS.into(), end)].into());
    }
    rejects_under(&Rules::strict(), &notes, Anomaly::Unseen, 1);
}

#[test]
fn what_was_sent_after_the_last_reading_began_need_not_be_seen() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    let draining = notes.client("consumer-1").drain(notes.now());
    notes.polled("consumer-1", &[(0, 10)]);
    notes.acked("producer-1", 11, 1);
    draining.reached(notes.now(), [(ORDERS.into(), 1)].into());
    let verdict = accepts_under(&Rules::strict(), &notes);
    assert_eq!(verdict.coverage().not_yet_read, 1);
}

#[test]
fn a_last_reading_of_another_partition_or_one_that_never_ended_proves_nothing() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.client("consumer-1").drain(notes.now()).reached(notes.now(), [("orders-1".into(), 5)].into());
    drop(notes.client("consumer-1").drain(notes.now()));
    accepts(&notes);
}

#[test]
fn where_acks_may_be_lost_losses_are_shown_and_allowed() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12, 13]);
    notes.polled("consumer-1", &[(0, 10), (2, 12)]);
    notes.drained("consumer-1", 3);
    let verdict = accepts_under(&Rules::strict().acks_may_be_lost(), &notes);
    shows("losses_allowed", &verdict);
    assert_eq!((verdict.count(Anomaly::LostWrite), verdict.count(Anomaly::Unseen)), (1, 1));
}
