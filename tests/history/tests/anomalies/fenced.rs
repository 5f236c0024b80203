//! A producer that was told that it is fenced can do nothing any more.

use history::{Anomaly, Decision, Rules, Sent, check};

use super::notes::{Notes, ORDERS};
use super::{accepts, rejects, rejects_under};

/// A transaction with 10 at offset 0. Then 11 is refused, because the producer is fenced.
fn fenced() -> (Notes, history::Transaction) {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    transaction.send(notes.now(), &ORDERS.into(), 11).fenced(notes.now());
    (notes, transaction)
}

#[test]
fn its_send_was_fenced() {
    let (notes, _transaction) = fenced();
    notes.acked("producer-2", 12, 3);
    notes.polled("consumer-1", &[(1, 11), (3, 12)]);
    rejects("read_of_a_fenced_write", &notes, Anomaly::FencedRead);
}

/// The zombie went on, and a broker took it, whatever it said.
#[test]
fn it_sent_when_it_was_fenced() {
    for outcome in [Sent::Acked { offset: Some(3) }, Sent::Unknown] {
        let (notes, _transaction) = fenced();
        notes.sent("producer-1", ORDERS, 12, outcome);
        notes.acked("producer-2", 13, 4);
        notes.polled("consumer-1", &[(3, 12), (4, 13)]);
        let verdict = rejects_under(&Rules::strict(), &notes, Anomaly::FencedRead, 1);
        if outcome != Sent::Unknown {
            super::shows("read_of_a_zombies_write", &verdict);
        }
        // Those who may read what is not committed may not read that either.
        rejects_under(&Rules::strict().read_uncommitted(), &notes, Anomaly::FencedRead, 1);
    }
}

/// It had not asked for a commit, so its transaction was aborted, and a commit that comes later is a zombie's.
#[test]
fn it_committed_when_it_was_fenced() {
    for decision in [Decision::Committed, Decision::Unknown, Decision::Fenced] {
        let (notes, transaction) = fenced();
        notes.commit(&transaction, decision);
        notes.polled("consumer-1", &[(0, 10)]);
        let verdict = rejects_under(&Rules::strict(), &notes, Anomaly::AbortedRead, 1);
        if decision == Decision::Committed {
            super::shows("aborted_read_of_a_zombie", &verdict);
        }
    }
}

#[test]
fn it_was_told_so_of_an_earlier_transaction() {
    let notes = Notes::default();
    let first = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&first, 10, 0);
    notes.commit(&first, Decision::Fenced);
    let second = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&second, 11, 2);
    notes.commit(&second, Decision::Committed);
    notes.polled("consumer-1", &[(2, 11)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::FencedRead, 1);
}

/// The client tries a commit again by itself. If only the second attempt was fenced, the first was heard.
#[test]
fn a_commit_that_is_fenced_is_in_doubt() {
    for read in [&[(0, 10), (2, 12)][..], &[(2, 12)]] {
        let notes = Notes::default();
        let transaction = notes.client("producer-1").begin(notes.now());
        notes.sent_in(&transaction, 10, 0);
        notes.commit(&transaction, Decision::Fenced);
        notes.acked("producer-2", 12, 2);
        notes.polled("consumer-1", read);
        notes.drained("consumer-1", 3);
        let verdict = super::accepts_under(&Rules::strict(), &notes);
        assert_eq!((verdict.coverage().undecided, verdict.coverage().in_doubt), (1, 1));
    }
}

#[test]
fn what_it_did_before_it_was_told_may_be_read() {
    let notes = Notes::default();
    notes.acked("producer-1", 9, 0);
    let first = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&first, 10, 1);
    notes.commit(&first, Decision::Committed);
    // Under way when the other is refused.
    let under_way = notes.client("producer-1").send(notes.now(), &ORDERS.into(), 11);
    notes.sent("producer-1", ORDERS, 12, Sent::Fenced);
    under_way.unknown(notes.now());
    // Its successor has a name of its own.
    notes.acked("producer-1b", 13, 4);
    notes.polled("consumer-1", &[(0, 9), (1, 10), (3, 11), (4, 13)]);
    accepts(&notes);
    let verdict = check(&notes.history(), &Rules::strict());
    assert!(verdict.to_string().contains("3 acknowledged, 0 failed, 1 fenced, 1 in doubt"), "{verdict}");
}

#[test]
fn what_a_fenced_producer_did_need_not_be_there() {
    let (notes, transaction) = fenced();
    notes.commit(&transaction, Decision::Fenced);
    notes.sent("producer-1", ORDERS, 12, Sent::Acked { offset: Some(3) });
    notes.acked("producer-2", 13, 4);
    notes.polled("consumer-1", &[(4, 13)]);
    notes.drained("consumer-1", 5);
    accepts(&notes);
}
