//! What is read was sent, and was not refused.

use history::{Anomaly, Decision, Operation, Record, Rules, Sent, check};

use super::notes::{Notes, ORDERS};
use super::{accepts, rejects, rejects_under};

#[test]
fn nobody_sent_it() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10), (1, 99)]);
    rejects("phantom", &notes, Anomaly::Phantom);
}

#[test]
fn it_was_sent_to_another_partition() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", "orders-1", 11, Sent::Unknown);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    rejects("phantom_of_another_partition", &notes, Anomaly::Phantom);
}

#[test]
fn it_was_sent_only_later() {
    let notes = Notes::default();
    notes.polled("consumer-1", &[(0, 10)]);
    notes.acked("producer-1", 10, 0);
    rejects("phantom_of_the_future", &notes, Anomaly::Phantom);
}

#[test]
fn a_phantom_is_one_finding_however_many_read_it() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.polled("consumer-1", &[(0, 10), (1, 99)]);
    notes.polled("consumer-2", &[(0, 10), (1, 99)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::Phantom, 1);
}

#[test]
fn it_was_sent_while_the_poll_was_under_way() {
    let notes = Notes::default();
    let poll = notes.client("consumer-1").poll(notes.now());
    let send = notes.client("producer-1").send(notes.now(), &ORDERS.into(), 10);
    poll.gave(notes.now(), vec![Record::new(ORDERS, 0, 10)]);
    send.acked(notes.now(), Some(0));
    accepts(&notes);
}

#[test]
fn its_send_had_failed() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", ORDERS, 11, Sent::Failed);
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    rejects("read_of_a_failed_write", &notes, Anomaly::FailedRead);
}

#[test]
fn its_send_was_in_doubt_or_never_ended() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", ORDERS, 11, Sent::Unknown);
    drop(notes.client("producer-2").send(notes.now(), &ORDERS.into(), 12));
    notes.polled("consumer-1", &[(0, 10), (1, 12), (2, 11)]);
    accepts(&notes);
}

/// Who leaves out what should not be there is right.
#[test]
fn what_must_not_be_read_is_not_skipped() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.sent("producer-1", ORDERS, 11, Sent::Failed);
    notes.acked("producer-1", 12, 2);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 12)]);
    notes.polled("consumer-2", &[(0, 10), (2, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::FailedRead, 1);
}

/// A recorder never gives two events one time. A history from elsewhere may, and then nothing is held against the broker.
#[test]
fn where_times_are_equal_the_order_is_open() {
    let notes = Notes::default();
    let poll = notes.client("consumer-1").poll(notes.now());
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    notes.commit(&transaction, Decision::Committed);
    poll.gave(notes.now(), vec![Record::new(ORDERS, 0, 10)]);
    accepts(&notes);

    let mut operations: Vec<Operation> = notes.history().into();
    let commit = operations[3].began;
    operations[0].ended = Some(commit);
    assert!(check(&operations.clone().into(), &Rules::strict()).is_clean());
    operations[0].ended = Some(commit - 1);
    assert_eq!(check(&operations.clone().into(), &Rules::strict()).broken(), [Anomaly::PrecommittedRead]);

    // Outside of a transaction it is the send that counts.
    let notes = Notes::default();
    notes.polled("consumer-1", &[(0, 10)]);
    notes.acked("producer-1", 10, 0);
    let mut operations: Vec<Operation> = notes.history().into();
    operations[0].ended = Some(operations[1].began);
    assert!(check(&operations.into(), &Rules::strict()).is_clean());
}
