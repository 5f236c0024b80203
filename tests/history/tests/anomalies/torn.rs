//! A transaction is read whole or not at all.

use history::{Anomaly, Decision, Rules, Sent, Transaction};

use super::notes::{Notes, ORDERS};
use super::{accepts, accepts_under, rejects, rejects_under};

const STOCK: &str = "stock-0";

/// A producer with a transaction of three records: 10 and 11 at the front of `orders-0`, and 20 at that of `stock-0`.
fn open() -> (Notes, Transaction) {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    notes.sent_in(&transaction, 11, 1);
    notes.sent_to(&transaction, STOCK, 20, 0);
    (notes, transaction)
}

/// Behind it, and behind its markers, is another record in each partition.
fn committed() -> Notes {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Committed);
    notes.acked("producer-2", 12, 3);
    notes.sent("producer-2", STOCK, 21, Sent::Acked { offset: Some(2) });
    notes
}

const ALL: [(&str, i64, u64); 5] = [(ORDERS, 0, 10), (ORDERS, 1, 11), (ORDERS, 3, 12), (STOCK, 0, 20), (STOCK, 2, 21)];

#[test]
fn nobody_has_the_rest_of_it() {
    let notes = committed();
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 3, 12), (STOCK, 0, 20), (STOCK, 2, 21)]);
    rejects("torn_transaction", &notes, Anomaly::TornTransaction);
}

#[test]
fn a_reader_went_past_the_rest_of_it() {
    let notes = committed();
    notes.gave("consumer-1", &ALL);
    notes.gave("consumer-2", &[(ORDERS, 0, 10), (ORDERS, 3, 12)]);
    rejects("torn_transaction_for_one_reader", &notes, Anomaly::TornTransaction);
}

/// In one partition it is committed. In the other it is not, and all is healed.
#[test]
fn one_partition_has_it_and_another_has_not() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11)]);
    notes.drained_all("consumer-1", &[(ORDERS, 3), (STOCK, 2)]);
    rejects("torn_transaction_of_two_partitions", &notes, Anomaly::TornTransaction);
}

/// The markers come one by one. As long as nobody is past the transaction in the other partition, and nobody says that he has read
/// all, the marker there is on its way.
#[test]
fn one_partition_has_it_and_another_has_it_not_yet() {
    for decision in [Decision::Unknown, Decision::Committed] {
        let (notes, transaction) = open();
        notes.sent("producer-2", STOCK, 21, Sent::Acked { offset: Some(1) });
        notes.commit(&transaction, decision);
        notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11)]);
        notes.drained("consumer-1", 3);
        let verdict = accepts_under(&Rules::strict(), &notes);
        assert_eq!(verdict.coverage().not_yet_read, 2);
        // And then it comes.
        notes.gave("consumer-1", &[(STOCK, 0, 20), (STOCK, 1, 21)]);
        notes.drained_all("consumer-1", &[(ORDERS, 3), (STOCK, 3)]);
        accepts(&notes);
    }
}

/// The producer was told that a record is not there, or was told nothing, and has committed the rest of the transaction.
#[test]
fn it_was_committed_without_a_record_that_failed() {
    for (number, sent) in [Sent::Failed, Sent::Unknown].into_iter().enumerate() {
        let notes = Notes::default();
        let transaction = notes.client("producer-1").begin(notes.now());
        notes.sent_in(&transaction, 10, 0);
        transaction.send(notes.now(), &STOCK.into(), 20).end(notes.now(), sent);
        notes.commit(&transaction, Decision::Committed);
        notes.gave("consumer-1", &[(ORDERS, 0, 10)]);
        // It may yet come, as far as anybody knows.
        accepts(&notes);
        notes.drained_all("consumer-1", &[(ORDERS, 2), (STOCK, 1)]);
        rejects(["torn_by_a_failed_record", "torn_by_a_record_in_doubt"][number], &notes, Anomaly::TornTransaction);
    }
}

#[test]
fn in_doubt_it_may_be_nowhere() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.acked("producer-2", 12, 3);
    notes.gave("consumer-1", &[(ORDERS, 3, 12)]);
    notes.drained_all("consumer-1", &[(ORDERS, 4), (STOCK, 2)]);
    accepts(&notes);
}

/// Who was given nothing of it lost all of it, or skipped all of it. That has other names.
#[test]
fn none_of_it_is_no_part_of_it() {
    let notes = committed();
    notes.gave("consumer-2", &[(ORDERS, 3, 12), (STOCK, 2, 21)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::LostWrite, 3);

    let notes = Notes::default();
    notes.acked("producer-2", 9, 0);
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 1);
    notes.sent_in(&transaction, 11, 2);
    notes.commit(&transaction, Decision::Committed);
    notes.acked("producer-2", 12, 4);
    notes.polled("consumer-1", &[(0, 9), (1, 10), (2, 11), (4, 12)]);
    notes.polled("consumer-2", &[(0, 9), (4, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::PollSkip, 1);
}

/// A consumer that begins in the middle, or is sent there, asked for no more.
#[test]
fn who_begins_in_the_middle_has_a_part_of_it() {
    let notes = committed();
    notes.gave("consumer-1", &ALL);
    notes.gave("consumer-2", &[(ORDERS, 1, 11), (ORDERS, 3, 12)]);
    let consumer = notes.client("consumer-3");
    notes.gave("consumer-3", &[(ORDERS, 0, 10)]);
    consumer.seek(notes.now(), &ORDERS.into());
    notes.gave("consumer-3", &[(ORDERS, 3, 12)]);
    accepts(&notes);
}

#[test]
fn what_came_late_did_come() {
    let notes = committed();
    notes.gave("consumer-1", &ALL);
    notes.gave("consumer-2", &[(ORDERS, 0, 10), (ORDERS, 3, 12), (ORDERS, 1, 11)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::NonmonotonicPoll, 1);
}

/// At the end of a partition nothing comes after it that would show that it was passed. But the consumer says that it was at the end.
#[test]
fn the_rest_is_missing_at_the_end() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Committed);
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 1, 11), (STOCK, 0, 20)]);
    notes.gave("consumer-2", &[(ORDERS, 0, 10)]);
    accepts(&notes);
    notes.drained("consumer-2", 3);
    rejects("torn_transaction_at_the_end", &notes, Anomaly::TornTransaction);
}

/// The same, with two consumers, several records and a record that is no part of it: each has one name.
#[test]
fn each_missing_record_is_told_once() {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    (0..6).for_each(|at| notes.sent_in(&transaction, 10 + at, at as i64));
    notes.acked("producer-2", 20, 6);
    notes.commit(&transaction, Decision::Committed);
    notes.acked("producer-2", 21, 8);
    let all: Vec<(i64, u64)> = (0..6).map(|at| (at, 10 + at as u64)).chain([(6, 20), (8, 21)]).collect();
    notes.polled("consumer-1", &all);
    notes.polled("consumer-2", &[(0, 10), (8, 21)]);
    notes.polled("consumer-3", &[(0, 10), (1, 11), (6, 20), (8, 21)]);
    let verdict = history::check(&notes.history(), &Rules::strict());
    assert_eq!(verdict.broken(), [Anomaly::TornTransaction, Anomaly::PollSkip]);
    assert_eq!((verdict.count(Anomaly::TornTransaction), verdict.count(Anomaly::PollSkip)), (2, 1));
    let told = |anomaly| verdict.findings(anomaly).iter().map(|finding| &*finding.what).collect::<Vec<_>>();
    assert_eq!(
        told(Anomaly::TornTransaction),
        [
            "transaction 0 was read in part: consumer-2 was given 10, and went past 11, 12, 13 and 2 more",
            "transaction 0 was read in part: consumer-3 was given 10, and went past 12, 13, 14 and 1 more",
        ]
    );
    assert_eq!(told(Anomaly::PollSkip), ["consumer-2 went from offset 0 to 8, and was not given 6"]);
}

/// Where records may be lost, so may be parts of transactions.
#[test]
fn a_loss_that_is_allowed_tears_nothing() {
    let notes = committed();
    notes.gave("consumer-1", &[(ORDERS, 0, 10), (ORDERS, 3, 12), (STOCK, 0, 20), (STOCK, 2, 21)]);
    let verdict = accepts_under(&Rules::strict().unclean_elections(), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::LostWrite]);
}

/// A consumer that is sent back and then passes what it was given before is told what it had besides, or that it skipped.
#[test]
fn what_is_missing_is_no_part_that_it_had() {
    for (whole, anomaly) in [(true, Anomaly::TornTransaction), (false, Anomaly::PollSkip)] {
        let notes = Notes::default();
        notes.acked("producer-2", 9, 0);
        let transaction = notes.client("producer-1").begin(notes.now());
        notes.sent_in(&transaction, 10, 1);
        if whole {
            notes.sent_in(&transaction, 11, 2);
        }
        notes.commit(&transaction, Decision::Committed);
        notes.acked("producer-2", 12, 4);
        let all: Vec<_> =
            [(0, 9), (1, 10), (2, 11), (4, 12)].into_iter().filter(|(_, value)| whole || *value != 11).collect();
        for records in [&[(1, 10)][..], &[(1, 10)], &all, &[(0, 9), (4, 12)]] {
            notes.client("consumer-1").seek(notes.now(), &ORDERS.into());
            notes.polled("consumer-1", records);
        }
        rejects_under(&Rules::strict(), &notes, anomaly, 1);
    }
}

/// What came too early has a name, and says nothing of what comes later.
#[test]
fn a_read_that_came_too_early_shows_no_part_of_it() {
    for its_own in [true, false] {
        let (notes, transaction) = open();
        let poll = if its_own { transaction.poll(notes.now()) } else { notes.client("consumer-2").poll(notes.now()) };
        poll.gave(notes.now(), vec![history::Record::new(ORDERS, 0, 10)]);
        notes.commit(&transaction, Decision::Committed);
        notes.acked("producer-2", 12, 3);
        notes.polled("consumer-1", &[(3, 12)]);
        let verdict = history::check(&notes.history(), &Rules::strict());
        assert_eq!(verdict.broken(), [Anomaly::LostWrite, Anomaly::PrecommittedRead], "{verdict}");
    }
}
