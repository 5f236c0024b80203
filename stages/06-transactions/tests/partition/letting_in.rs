//! Whose first record is let in.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use segment_log::{BatchBuilder, Compression, Origin, Record};
use transactions::coordinator::Epochs;
use transactions::partition::Verification;

use crate::support::{Kept, NOW};

fn verifying() -> Kept {
    Kept::with(Verification::BeforeFirstWrite, Epochs::OfTransaction)
}

#[test]
fn the_first_record_needs_the_coordinators_word_and_the_next_ones_do_not() {
    let mut kept = verifying();
    assert_snapshot!(kept.data(7, 0, 0, true).unwrap_err(), @"producer 7, epoch 0: no transaction of it is known to have this partition, or the one that had it is over (INVALID_TXN_STATE)");
    let ticket = kept.ticket(7, 0).unwrap().expect("it is to be asked");
    assert!(kept.data(7, 0, 0, true).is_err(), "asked is not answered");
    assert!(kept.log().fold_mut().admit(ticket));
    kept.data(7, 0, 0, true).unwrap();
    assert_eq!(kept.ticket(7, 0), Ok(None), "the partition knows by itself");
    kept.data(7, 0, 1, true).unwrap();
}

#[test]
fn a_marker_makes_tickets_worthless() {
    let mut kept = verifying();
    let ticket = kept.ticket(7, 0).unwrap().unwrap();
    // The transaction ends between the coordinator's word and the record.
    kept.marker(7, 1, Outcome::Abort, 0).unwrap();
    assert!(!kept.log().fold_mut().admit(ticket));
    assert!(kept.data(7, 0, 0, true).is_err());
    assert_eq!(kept.fold().open().count(), 0, "nothing hangs");
    // Also what was admitted already.
    let ticket = kept.ticket(7, 1).unwrap().unwrap();
    assert!(kept.log().fold_mut().admit(ticket));
    kept.marker(7, 2, Outcome::Abort, 0).unwrap();
    assert!(kept.data(7, 1, 0, true).is_err());
}

#[test]
fn each_transaction_is_asked_for_anew() {
    let mut kept = verifying();
    let ticket = kept.ticket(7, 0).unwrap().unwrap();
    kept.log().fold_mut().admit(ticket);
    kept.data(7, 0, 0, true).unwrap();
    kept.marker(7, 1, Outcome::Commit, 0).unwrap();
    assert!(kept.ticket(7, 1).unwrap().is_some());
    assert_eq!(kept.data(7, 1, 0, true).unwrap_err().code, ErrorCode::InvalidTxnState);
}

#[test]
fn a_no_leaves_nothing_behind() {
    let mut kept = verifying();
    let first = kept.ticket(7, 0).unwrap().unwrap();
    kept.log().fold_mut().give_back(first);
    let second = kept.ticket(7, 0).unwrap().unwrap();
    assert_ne!(first, second);
    assert!(!kept.log().fold_mut().admit(first), "an answer to a question that was given up");
    assert!(kept.log().fold_mut().admit(second));
}

#[test]
fn an_older_epoch_does_not_take_a_newer_ones_place() {
    let mut kept = verifying();
    let ticket = kept.ticket(7, 5).unwrap().unwrap();
    assert_snapshot!(kept.ticket(7, 3).unwrap_err(), @"producer 7, epoch 3: the producer is in epoch 5 by now (INVALID_PRODUCER_EPOCH)");
    assert!(kept.log().fold_mut().admit(ticket));
    kept.data(7, 5, 0, true).unwrap();
    kept.marker(7, 6, Outcome::Commit, 0).unwrap();
    assert_eq!(kept.ticket(7, 5).unwrap_err().code, ErrorCode::InvalidProducerEpoch, "the log knows of epoch 6");
}

/// With epochs that are raised at `init` alone, two transactions have the same epoch, and their markers look alike.
#[test]
fn a_marker_that_looks_like_the_last_one_makes_tickets_worthless_too() {
    let mut kept = Kept::with(Verification::BeforeFirstWrite, Epochs::OfInit);
    let first = kept.marker(7, 0, Outcome::Abort, 0).unwrap();
    assert_eq!(kept.marker(7, 0, Outcome::Abort, 0), Ok(first), "nobody asks: it was written");
    let ticket = kept.ticket(7, 0).unwrap().unwrap();
    assert_ne!(kept.marker(7, 0, Outcome::Abort, 0), Ok(first));
    assert!(!kept.log().fold_mut().admit(ticket));
    assert!(kept.data(7, 0, 0, true).is_err(), "it would hang");
}

/// A batch of a newer epoch would keep the marker of the one that is open out, for ever.
#[test]
fn a_newer_epoch_is_not_of_the_transaction_that_is_open() {
    let mut kept = verifying();
    let ticket = kept.ticket(7, 0).unwrap().unwrap();
    kept.log().fold_mut().admit(ticket);
    kept.data(7, 0, 0, true).unwrap();
    assert_eq!(kept.data(7, 1, 0, true).unwrap_err().code, ErrorCode::InvalidTxnState);
    let ticket = kept.ticket(7, 1).unwrap().expect("another epoch is another transaction: it is to be asked");
    kept.log().fold_mut().give_back(ticket);
    kept.data(7, 0, 1, true).unwrap();
    kept.marker(7, 1, Outcome::Commit, 0).unwrap();
    assert_eq!(kept.fold().open().count(), 0);
}

#[test]
fn a_retry_of_what_is_there_needs_no_word() {
    let mut kept = Kept::new();
    let place = kept.data(7, 0, 0, true).unwrap();
    assert_eq!(kept.data(7, 0, 0, true), Ok(place));
}

#[test]
fn what_is_of_no_transaction_does_not_come_into_one() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap();
    assert_snapshot!(kept.data(7, 0, 1, false).unwrap_err(), @"producer 7, epoch 0: it has a transaction open here, and this batch is of none (INVALID_TXN_STATE)");
    let mut batch = BatchBuilder::new(Compression::None).transactional();
    batch.push(&Record::new(NOW, None, "of nobody"));
    let refused = kept.append(batch.build().unwrap(), Origin::Client { leader_epoch: 0 }).unwrap_err();
    assert_snapshot!(refused, @"a batch of a transaction has a producer id and a sequence (INVALID_RECORD)");
    kept.data(9, 0, 0, false).unwrap();
}
