//! What is read is committed.

use history::{Anomaly, Decision, Record, Rules};

use super::notes::{Notes, ORDERS};
use super::{accepts, accepts_under, rejects, rejects_under};

/// A producer with a transaction that holds 10 at offset 0 and 11 at offset 1, not yet ended.
fn open() -> (Notes, history::Transaction) {
    let notes = Notes::default();
    let transaction = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&transaction, 10, 0);
    notes.sent_in(&transaction, 11, 1);
    (notes, transaction)
}

const BOTH: [(i64, u64); 2] = [(0, 10), (1, 11)];

#[test]
fn it_was_aborted() {
    let (notes, transaction) = open();
    notes.abort(&transaction, Decision::Aborted);
    notes.polled("consumer-1", &[(0, 10)]);
    rejects("aborted_read", &notes, Anomaly::AbortedRead);
}

#[test]
fn a_commit_was_asked_for_and_refused() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Aborted);
    notes.polled("consumer-1", &BOTH);
    rejects_under(&Rules::strict(), &notes, Anomaly::AbortedRead, 2);
}

/// Nobody asked for a commit, so there can have been none, whatever the answer would have been.
#[test]
fn an_abort_in_doubt_is_an_abort() {
    let (notes, transaction) = open();
    notes.abort(&transaction, Decision::Unknown);
    notes.polled("consumer-1", &[(0, 10)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::AbortedRead, 1);
}

#[test]
fn an_abort_after_a_commit_in_doubt_is_in_doubt() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.abort(&transaction, Decision::Unknown);
    notes.polled("consumer-1", &BOTH);
    accepts(&notes);
}

#[test]
fn what_is_aborted_need_not_be_there_and_leaves_its_offsets_empty() {
    let (notes, transaction) = open();
    notes.abort(&transaction, Decision::Aborted);
    notes.acked("producer-1", 12, 3);
    notes.polled("consumer-1", &[(3, 12)]);
    notes.drained("consumer-1", 4);
    accepts(&notes);
}

#[test]
fn nobody_had_asked_to_commit_yet() {
    let (notes, transaction) = open();
    notes.polled("consumer-1", &[(0, 10)]);
    notes.commit(&transaction, Decision::Committed);
    notes.polled("consumer-1", &[(1, 11)]);
    rejects("precommitted_read", &notes, Anomaly::PrecommittedRead);
}

#[test]
fn nobody_ever_asked_to_commit() {
    let (notes, _transaction) = open();
    notes.polled("consumer-1", &[(0, 10)]);
    rejects("precommitted_read_never_asked", &notes, Anomaly::PrecommittedRead);
}

#[test]
fn a_transaction_read_what_it_wrote() {
    let (notes, transaction) = open();
    transaction.poll(notes.now()).gave(notes.now(), vec![Record::new(ORDERS, 0, 10)]);
    notes.commit(&transaction, Decision::Committed);
    notes.polled("consumer-1", &BOTH);
    rejects("precommitted_read_of_its_own", &notes, Anomaly::PrecommittedRead);
}

#[test]
fn the_poll_was_under_way_when_the_commit_was_asked_for() {
    let (notes, transaction) = open();
    let poll = notes.client("consumer-1").poll(notes.now());
    let commit = transaction.commit(notes.now());
    poll.gave(notes.now(), vec![Record::new(ORDERS, 0, 10), Record::new(ORDERS, 1, 11)]);
    commit.end(notes.now(), Decision::Committed);
    accepts(&notes);
}

#[test]
fn who_reads_uncommitted_may_see_all_of_this() {
    let (notes, transaction) = open();
    notes.polled("consumer-1", &[(0, 10)]);
    notes.abort(&transaction, Decision::Aborted);
    let second = notes.client("producer-1").begin(notes.now());
    notes.sent_in(&second, 12, 3);
    notes.polled("consumer-1", &[(1, 11), (3, 12)]);
    notes.commit(&second, Decision::Committed);
    let verdict = accepts_under(&Rules::strict().read_uncommitted(), &notes);
    assert_eq!(verdict.allowed(), [Anomaly::AbortedRead, Anomaly::PrecommittedRead]);
}

#[test]
fn a_commit_in_doubt_need_not_be_there() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.acked("producer-2", 12, 3);
    notes.polled("consumer-1", &[(3, 12)]);
    notes.drained("consumer-1", 4);
    accepts(&notes);
}

/// Half of the transaction was read, so it is committed, and the other half must be there.
#[test]
fn a_commit_in_doubt_of_which_a_part_was_read_is_a_commit() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.polled("consumer-1", &[(1, 11)]);
    rejects("torn_transaction_in_doubt", &notes, Anomaly::TornTransaction);
    // To someone who may read what is not committed it says nothing.
    accepts_under(&Rules::strict().read_uncommitted(), &notes);
}

/// Records of an aborted transaction took offsets that another log may have given to others.
#[test]
fn offsets_of_what_is_not_certain_are_no_evidence() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.acked("producer-2", 12, 1);
    notes.polled("consumer-1", &[(1, 12)]);
    accepts(&notes);
}

#[test]
fn a_committed_transaction_must_be_there() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Unknown);
    notes.commit(&transaction, Decision::Committed);
    notes.acked("producer-2", 12, 3);
    notes.polled("consumer-1", &[(0, 10), (3, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::TornTransaction, 1);
}

/// No part of it was read, so it is the coordinator's word alone that says it must be there.
#[test]
fn a_committed_transaction_that_nobody_read_must_be_there() {
    let (notes, transaction) = open();
    notes.commit(&transaction, Decision::Committed);
    notes.acked("producer-2", 12, 3);
    notes.polled("consumer-1", &[(3, 12)]);
    rejects_under(&Rules::strict(), &notes, Anomaly::LostWrite, 2);
}

/// Each of these reads is wrong by itself, and so proves nothing: the rest of the transaction need not be there.
#[test]
fn a_read_that_is_wrong_proves_no_commit() {
    type Read = fn(&Notes, &history::Transaction);
    let somebodys: Read = |notes, _| notes.polled("consumer-1", &[(0, 10)]);
    let its_own: Read = |notes, own| own.poll(notes.now()).gave(notes.now(), vec![Record::new(ORDERS, 0, 10)]);
    let elsewhere: Read = |notes, _| {
        let poll = notes.client("consumer-1").poll(notes.now());
        poll.gave(notes.now(), vec![Record::new("orders-1", 0, 10)]);
    };
    let of_a_failed_send: Read = |notes, own| {
        own.send(notes.now(), &ORDERS.into(), 13).failed(notes.now());
        notes.polled("consumer-1", &[(2, 13)]);
    };
    for (before_the_commit, read, anomaly) in [
        (true, somebodys, Anomaly::PrecommittedRead),
        (true, its_own, Anomaly::PrecommittedRead),
        (false, its_own, Anomaly::PrecommittedRead),
        (false, elsewhere, Anomaly::Phantom),
        (false, of_a_failed_send, Anomaly::FailedRead),
        // The one that is right, and by which 11 is missing.
        (false, somebodys, Anomaly::TornTransaction),
    ] {
        let (notes, transaction) = open();
        if before_the_commit {
            read(&notes, &transaction);
        }
        let commit = transaction.commit(notes.now());
        if !before_the_commit {
            read(&notes, &transaction);
        }
        commit.end(notes.now(), Decision::Unknown);
        notes.acked("producer-2", 12, 4);
        notes.polled("consumer-2", &[(4, 12)]);
        notes.drained("consumer-2", 5);
        rejects_under(&Rules::strict(), &notes, anomaly, 1);
    }
}
