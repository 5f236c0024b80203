//! A partition keeps the order in which one producer sent, and a consumer walks along it.

use std::sync::Arc;

use history::{Anomaly, Decision, Record, Rules, Sent};

use super::notes::{Notes, ORDERS, partition};
use super::{accepts, accepts_under, rejects, rejects_under, shows};

/// Five records, which consumer-1 has read.
fn five() -> Notes {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12, 13, 14]);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 12), (3, 13), (4, 14)]);
    notes
}

/// Nothing comes after it that would show that it was passed. But the consumer says that it was at the end.
#[test]
fn a_skip_at_the_end() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11, 12]);
    notes.polled("consumer-1", &[(0, 10), (1, 11), (2, 12)]);
    notes.polled("consumer-2", &[(0, 10)]);
    notes.drained("consumer-2", 1);
    accepts(&notes);
    notes.drained("consumer-2", 3);
    // That it goes on, and comes to the next end, is not one more.
    notes.acked("producer-1", 13, 3);
    notes.polled("consumer-2", &[(3, 13)]);
    notes.drained("consumer-2", 4);
    rejects("poll_skip_at_the_end", &notes, Anomaly::PollSkip);
}

#[test]
fn left_out_between_two_polls() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (1, 11)]);
    notes.polled("consumer-2", &[(3, 13), (4, 14)]);
    rejects("poll_skip", &notes, Anomaly::PollSkip);
}

#[test]
fn left_out_inside_of_a_poll() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (4, 14)]);
    rejects("poll_skip_inside_of_a_poll", &notes, Anomaly::PollSkip);
}

#[test]
fn two_gaps_are_two_skips() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (2, 12), (4, 14)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::PollSkip, 2);
}

#[test]
fn a_poll_that_gave_nothing_or_never_ended_hides_no_skip() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10)]);
    notes.polled("consumer-2", &[]);
    drop(notes.client("consumer-2").poll(notes.now()));
    notes.polled("consumer-2", &[(2, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::PollSkip, 1);
}

#[test]
fn an_offset_that_nobody_ever_saw_is_a_gap_of_the_log() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 0);
    notes.acked("producer-1", 11, 5);
    notes.polled("consumer-1", &[(0, 10)]);
    notes.polled("consumer-1", &[(5, 11)]);
    accepts(&notes);
}

#[test]
fn after_a_seek_or_an_assignment_a_consumer_goes_on_anywhere() {
    let jumps: [fn(&Notes); 3] = [
        |notes| notes.client("consumer-2").seek(notes.now(), &partition(ORDERS)),
        |notes| notes.client("consumer-2").assign(notes.now(), vec![partition("orders-1"), partition(ORDERS)]),
        // A rebalance inside of a poll, before what it gives.
        |notes| {
            let poll = notes.client("consumer-2").poll(notes.now());
            notes.client("consumer-2").assign(notes.now(), vec![partition(ORDERS)]);
            poll.gave(notes.now(), vec![Record::new(ORDERS, 2, 12)]);
        },
    ];
    for jump in jumps {
        let notes = five();
        notes.polled("consumer-2", &[(0, 10)]);
        jump(&notes);
        notes.polled("consumer-2", &[(3, 13), (4, 14)]);
        jump(&notes);
        notes.polled("consumer-2", &[(3, 13)]);
        accepts(&notes);
    }
}

/// Where a consumer begins is its own matter.
#[test]
fn what_lies_before_a_consumers_first_record_is_not_skipped() {
    let notes = five();
    notes.polled("consumer-2", &[(3, 13), (4, 14)]);
    accepts(&notes);
}

#[test]
fn a_jump_of_another_consumer_or_in_another_partition_is_no_excuse() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10)]);
    notes.client("consumer-1").seek(notes.now(), &partition(ORDERS));
    notes.client("consumer-2").seek(notes.now(), &partition("orders-1"));
    notes.client("consumer-2").assign(notes.now(), vec![partition("orders-1")]);
    notes.polled("consumer-2", &[(2, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::PollSkip, 1);
}

/// The gap is closed before the seek, so it is one, even if it is read later.
#[test]
fn a_skip_that_is_made_good_after_a_seek_is_a_skip() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (2, 12)]);
    notes.client("consumer-2").seek(notes.now(), &partition(ORDERS));
    notes.polled("consumer-2", &[(1, 11), (2, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::PollSkip, 1);
}

#[test]
fn of_a_wide_skip_the_first_records_are_named() {
    let notes = Notes::default();
    let values: Vec<u64> = (100..200).collect();
    notes.acked_all("producer-1", &values);
    let records: Vec<(i64, u64)> = (0..).zip(values).collect();
    notes.polled("consumer-1", &records);
    notes.polled("consumer-2", &records[..10]);
    notes.polled("consumer-2", &records[90..]);
    rejects("poll_skip_wide", &notes, Anomaly::PollSkip);
}

#[test]
fn back_to_what_was_read() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (1, 11), (2, 12)]);
    notes.polled("consumer-2", &[(1, 11), (2, 12), (3, 13)]);
    rejects("nonmonotonic_poll", &notes, Anomaly::NonmonotonicPoll);
}

#[test]
fn the_same_record_again() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (1, 11), (1, 11), (2, 12)]);
    rejects("nonmonotonic_poll_inside_of_a_poll", &notes, Anomaly::NonmonotonicPoll);
}

/// All was given, and nothing is skipped. Only the order is wrong.
#[test]
fn swapped() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (1, 11), (3, 13), (2, 12), (4, 14)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::NonmonotonicPoll, 1);
}

#[test]
fn back_and_something_left_out_besides() {
    let notes = five();
    notes.polled("consumer-2", &[(0, 10), (1, 11), (3, 13), (1, 11), (4, 14)]);
    let verdict = history::check(&notes.history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::PollSkip, Anomaly::NonmonotonicPoll], "{verdict}");
    let skipped = &verdict.findings(Anomaly::PollSkip)[0];
    assert_eq!((&skipped.values, verdict.count(Anomaly::PollSkip)), (&vec![12], 1), "{verdict}");
}

#[test]
fn two_partitions_are_two_orders() {
    let notes = Notes::default();
    notes.acked_all("producer-1", &[10, 11]);
    notes.sent("producer-1", "orders-1", 20, Sent::Acked { offset: Some(0) });
    notes.sent("producer-1", "orders-1", 21, Sent::Acked { offset: Some(1) });
    let records = [(ORDERS, 0, 10), ("orders-1", 0, 20), (ORDERS, 1, 11), ("orders-1", 1, 21)];
    let records = records.map(|(partition, offset, value)| Record::new(partition, offset, value));
    notes.client("consumer-1").poll(notes.now()).gave(notes.now(), records.to_vec());
    accepts(&notes);
}

#[test]
fn sent_first_and_stored_second() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 1);
    notes.acked("producer-1", 11, 0);
    notes.polled("consumer-1", &[(0, 11), (1, 10)]);
    rejects("nonmonotonic_send", &notes, Anomaly::NonmonotonicSend);
}

/// Both are under way at a time, and the order is that in which they began.
#[test]
fn sent_first_and_stored_second_in_a_pipeline() {
    let notes = Notes::default();
    let producer = notes.client("producer-1");
    let first = producer.send(notes.now(), &partition(ORDERS), 10);
    let second = producer.send(notes.now(), &partition(ORDERS), 11);
    second.acked(notes.now(), Some(0));
    first.acked(notes.now(), Some(1));
    notes.polled("consumer-1", &[(0, 11), (1, 10)]);
    rejects("nonmonotonic_send_pipelined", &notes, Anomaly::NonmonotonicSend);
    let verdict = accepts_under(&Rules::strict().retries_without_idempotence(5), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::NonmonotonicSend]);
}

/// The answers came in another order than the sends began, which says nothing.
#[test]
fn answered_second_and_stored_first() {
    let notes = Notes::default();
    let producer = notes.client("producer-1");
    let first = producer.send(notes.now(), &partition(ORDERS), 10);
    let second = producer.send(notes.now(), &partition(ORDERS), 11);
    second.acked(notes.now(), Some(1));
    first.acked(notes.now(), Some(0));
    notes.polled("consumer-1", &[(0, 10), (1, 11)]);
    accepts(&notes);
}

/// On a simulated clock all of this happens in one microsecond.
#[test]
fn a_clock_that_stands_still_hides_no_order() {
    let recorder = history::Recorder::new();
    let (producer, orders) = (recorder.client("producer-1"), partition(ORDERS));
    let first = producer.send(7, &orders, 10);
    let second = producer.send(7, &orders, 11);
    second.acked(7, Some(0));
    first.acked(7, Some(1));
    let records = vec![Record::new(ORDERS, 0, 11), Record::new(ORDERS, 1, 10)];
    recorder.client("consumer-1").poll(7).gave(7, records);
    let verdict = history::check(&recorder.history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::NonmonotonicSend], "{verdict}");
}

#[test]
fn two_producers_and_sends_in_doubt_have_no_order() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 2);
    notes.acked("producer-2", 11, 0);
    notes.sent("producer-2", ORDERS, 12, Sent::Unknown);
    notes.acked("producer-2", 13, 1);
    notes.polled("consumer-1", &[(0, 11), (1, 13), (2, 10), (3, 12)]);
    accepts(&notes);
}

/// Where its acknowledgement had no offset, a record's place is where it was read.
#[test]
fn order_without_offsets() {
    let notes = Notes::default();
    notes.sent("producer-1", ORDERS, 10, Sent::Acked { offset: None });
    notes.sent("producer-1", ORDERS, 11, Sent::Acked { offset: None });
    notes.polled("consumer-1", &[(0, 11), (1, 10)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::NonmonotonicSend, 1);
}

/// Of a record that is stored twice the place is the one that was acknowledged.
#[test]
fn order_of_what_is_stored_twice() {
    let notes = Notes::default();
    notes.acked("producer-1", 10, 1);
    notes.acked("producer-1", 11, 2);
    notes.polled("consumer-1", &[(0, 11), (1, 10), (2, 11)]);
    accepts_under(&Rules::strict().retries_without_idempotence(1), &notes);
}

/// A transaction with 10 and 12, and between them, if at all, `other` at offset 1.
fn two_of_a_transaction(other: Option<u64>) -> Notes {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    other.into_iter().for_each(|value| notes.acked("producer-2", value, 1));
    notes.sent_in(&transaction, 12, 2);
    notes.commit(&transaction, Decision::Committed);
    let other = other.map(|value| (1, value));
    let records: Vec<_> = [(0, 10)].into_iter().chain(other).chain([(2, 12)]).collect();
    notes.polled("consumer-1", &records);
    notes
}

#[test]
fn something_stands_between_the_records_of_a_transaction() {
    let notes = two_of_a_transaction(Some(11));
    let verdict = accepts_under(&Rules::strict(), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::SendSkip]);
    let verdict = rejects_under(&Rules::strict().forbid(Anomaly::SendSkip), &notes, Anomaly::SendSkip, 1);
    shows("send_skip", &verdict);
}

#[test]
fn nothing_stands_between_the_records_of_a_transaction() {
    accepts_under(&Rules::strict().forbid(Anomaly::SendSkip), &two_of_a_transaction(None));
}

/// What lies between is its own, though out of order: another anomaly, and no skip.
#[test]
fn a_transactions_own_records_do_not_stand_between_its_records() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    for (value, offset) in [(10, 1), (11, 0), (12, 2)] {
        transaction.send(notes.now(), &Arc::from(ORDERS), value).acked(notes.now(), Some(offset));
    }
    notes.commit(&transaction, Decision::Committed);
    notes.polled("consumer-1", &[(0, 11), (1, 10), (2, 12)]);
    rejects_under(&Rules::strict().forbid(Anomaly::SendSkip), &notes, Anomaly::NonmonotonicSend, 1);
}

/// Of what lies between two of its records some is the transaction's own. The first that is not is named.
#[test]
fn the_first_stranger_between_the_records_of_a_transaction_is_named() {
    // Where the transaction's three records are, of which the second is sent last; and who stands between the other two.
    for (own, others, stranger) in [
        ([0, 1, 3], vec![2], Some(2)),
        ([0, 2, 3], vec![1], Some(1)),
        ([0, 2, 5], vec![1, 3, 4], Some(1)),
        ([2, 3, 6], vec![0, 1, 4, 5, 7], Some(4)),
        ([2, 3, 4], vec![0, 1, 5], None),
    ] {
        let notes = Notes::default();
        let transaction = notes.client("producer-1").begin(notes.now());
        let [first, second, third] = own;
        for offset in [first, third, second] {
            notes.sent_in(&transaction, 10 + offset as u64, offset);
        }
        notes.commit(&transaction, Decision::Committed);
        for &offset in &others {
            notes.acked(&format!("producer-{offset}"), 10 + offset as u64, offset);
        }
        let mut records: Vec<_> = own.into_iter().chain(others).map(|offset| (offset, 10 + offset as u64)).collect();
        records.sort_unstable();
        notes.polled("consumer-1", &records);
        let verdict = history::check(&notes.history(), &Rules::strict());
        let named = verdict.findings(Anomaly::SendSkip).iter().map(|skip| skip.offsets.clone()).collect::<Vec<_>>();
        let expected = stranger.map(|stranger| vec![first, third, stranger]);
        assert_eq!(named, expected.into_iter().collect::<Vec<_>>(), "{verdict}");
    }
}
