//! Whose first record is let in.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use segment_log::{BatchBuilder, Compression, Origin, Record};
use transactions::partition::Verification;

use crate::support::{Kept, NOW};

fn verifying() -> Kept {
    Kept::with(Verification::BeforeFirstWrite)
}

#[test]
fn the_first_record_needs_the_coordinators_word_and_the_next_ones_do_not() {
    let mut kept = verifying();
    assert_snapshot!(kept.data(7, 0, 0, true).unwrap_err(), @"producer 7, epoch 0: no transaction of it is known to have this partition, or the one that had it is over (INVALID_TXN_STATE)");
    let ticket = kept.log().fold_mut().ticket(7, 0).expect("it is to be asked");
    assert!(kept.data(7, 0, 0, true).is_err(), "asked is not answered");
    assert!(kept.log().fold_mut().admit(ticket));
    kept.data(7, 0, 0, true).unwrap();
    assert_eq!(kept.log().fold_mut().ticket(7, 0), None, "the partition knows by itself");
    kept.data(7, 0, 1, true).unwrap();
}

#[test]
fn a_marker_makes_tickets_worthless() {
    let mut kept = verifying();
    let ticket = kept.log().fold_mut().ticket(7, 0).unwrap();
    // The transaction ends between the coordinator's word and the record.
    kept.marker(7, 1, Outcome::Abort, 0).unwrap();
    assert!(!kept.log().fold_mut().admit(ticket));
    assert!(kept.data(7, 0, 0, true).is_err());
    assert_eq!(kept.fold().open().count(), 0, "nothing hangs");
    // Also what was admitted already.
    let ticket = kept.log().fold_mut().ticket(7, 1).unwrap();
    assert!(kept.log().fold_mut().admit(ticket));
    kept.marker(7, 2, Outcome::Abort, 0).unwrap();
    assert!(kept.data(7, 1, 0, true).is_err());
}

#[test]
fn each_transaction_is_asked_for_anew() {
    let mut kept = verifying();
    let ticket = kept.log().fold_mut().ticket(7, 0).unwrap();
    kept.log().fold_mut().admit(ticket);
    kept.data(7, 0, 0, true).unwrap();
    kept.marker(7, 1, Outcome::Commit, 0).unwrap();
    assert!(kept.log().fold_mut().ticket(7, 1).is_some());
    assert_eq!(kept.data(7, 1, 0, true).unwrap_err().code, ErrorCode::InvalidTxnState);
}

#[test]
fn a_no_leaves_nothing_behind() {
    let mut kept = verifying();
    let first = kept.log().fold_mut().ticket(7, 0).unwrap();
    kept.log().fold_mut().give_back(first);
    let second = kept.log().fold_mut().ticket(7, 0).unwrap();
    assert_ne!(first, second);
    assert!(!kept.log().fold_mut().admit(first), "an answer to a question that was given up");
    assert!(kept.log().fold_mut().admit(second));
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
