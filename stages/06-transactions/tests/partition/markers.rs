//! Markers: which are written, and what they bring.

use insta::assert_snapshot;
use partitioning::ErrorCode;
use segment_log::control::Outcome;
use transactions::coordinator::Epochs;
use transactions::partition::Verification;

use crate::support::Kept;

#[test]
fn a_marker_ends_the_transaction_and_brings_the_next_epoch() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap();
    kept.commit(1);
    assert_eq!((kept.last_stable(), kept.fold().open().count()), (0, 1));
    kept.marker(7, 1, Outcome::Commit, 3).unwrap();
    assert_eq!(kept.fold().open().count(), 0);
    assert_eq!(kept.last_stable(), 0, "the marker could be lost");
    kept.commit(2);
    assert_eq!(kept.last_stable(), 2);
    assert_eq!(kept.data(7, 0, 1, true).unwrap_err().code, ErrorCode::InvalidProducerEpoch, "a late record");
    kept.data(7, 1, 0, true).unwrap();
}

#[test]
fn a_marker_that_is_there_is_not_written_again() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap();
    let place = kept.marker(7, 1, Outcome::Abort, 3).unwrap();
    assert_eq!(kept.marker(7, 1, Outcome::Abort, 3), Ok(place));
    // Nor by the coordinator that takes over.
    assert_eq!(kept.marker(7, 1, Outcome::Abort, 4), Ok(place));
    assert_eq!(kept.log().end(), 2);
    kept.crash();
    assert_eq!(kept.marker(7, 1, Outcome::Abort, 4), Ok(place));
}

/// Where all of a producer's transactions have one epoch, a copy of the old coordinator's request could end the next one.
#[test]
fn the_next_coordinators_marker_fences_the_one_before_it() {
    let mut kept = Kept::with(Verification::Off, Epochs::OfInit);
    kept.data(7, 0, 0, true).unwrap();
    kept.marker(7, 0, Outcome::Commit, 3).unwrap();
    kept.marker(7, 0, Outcome::Commit, 4).unwrap();
    kept.data(7, 0, 1, true).unwrap();
    assert_eq!(kept.marker(7, 0, Outcome::Commit, 3).unwrap_err().code, ErrorCode::TransactionCoordinatorFenced);
    assert_eq!(kept.fold().open().count(), 1);
}

#[test]
fn a_coordinator_that_was_replaced_writes_nothing() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap();
    kept.marker(7, 1, Outcome::Commit, 5).unwrap();
    kept.data(7, 1, 0, true).unwrap();
    assert_snapshot!(kept.marker(7, 2, Outcome::Abort, 4).unwrap_err(), @"producer 7: a marker of coordinator epoch 4, and one of epoch 5 is in the log (TRANSACTION_COORDINATOR_FENCED)");
    assert_eq!(kept.fold().coordinator_epoch(7), Some(5));
}

#[test]
fn a_marker_of_an_epoch_that_is_over_ends_nothing() {
    let mut kept = Kept::new();
    kept.marker(7, 4, Outcome::Abort, 5).unwrap();
    kept.data(7, 4, 0, true).unwrap();
    assert_snapshot!(kept.marker(7, 3, Outcome::Commit, 5).unwrap_err(), @"producer 7: a marker of epoch 3, and the producer is in epoch 4 (INVALID_PRODUCER_EPOCH)");
    assert_eq!(kept.fold().open().count(), 1);
}

/// A snapshot that says such a thing is not believed, and with it all that is known of others would be lost.
#[test]
fn a_marker_of_nobody_is_not_written() {
    let mut kept = Kept::new();
    assert_snapshot!(kept.marker(7, -1, Outcome::Abort, 0).unwrap_err(), @"a marker of producer 7, epoch -1, coordinator epoch 0: none of them is below 0 (INVALID_RECORD)");
    for (producer, epoch, coordinator) in [(-1, 0, 0), (7, i16::MIN, 0), (7, 0, -1)] {
        let refused = kept.marker(producer, epoch, Outcome::Commit, coordinator).unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRecord, "{producer} {epoch} {coordinator}");
    }
    assert_eq!(kept.log().end(), 0);
}

/// KIP-1228: the broker was slow with the first request, the second one did the work, and then the first one is carried out.
#[test]
fn a_marker_that_is_late_does_not_end_the_next_transaction() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap();
    let place = kept.marker(7, 1, Outcome::Commit, 3).unwrap();
    kept.data(7, 1, 0, true).unwrap();
    assert_snapshot!(kept.marker(7, 1, Outcome::Commit, 3).unwrap_err(), @"producer 7: a marker of epoch 1, and the producer is in epoch 1 (INVALID_PRODUCER_EPOCH)");
    assert_eq!(kept.fold().open().count(), 1);
    let own = kept.marker(7, 2, Outcome::Abort, 3).unwrap();
    assert!(own.base_offset > place.base_offset);
    // With one epoch for all of a producer's transactions it is not to be told from the right one.
    let mut kept = Kept::with(Verification::Off, Epochs::OfInit);
    kept.data(7, 0, 0, true).unwrap();
    kept.marker(7, 0, Outcome::Commit, 3).unwrap();
    kept.data(7, 0, 1, true).unwrap();
    kept.marker(7, 0, Outcome::Commit, 3).unwrap();
    assert_eq!(kept.fold().open().count(), 0);
}

#[test]
fn what_is_aborted_is_left_out_and_what_is_committed_is_not() {
    let mut kept = Kept::new();
    kept.data(7, 0, 0, true).unwrap(); // 0
    kept.data(8, 0, 0, true).unwrap(); // 1
    kept.data(9, 0, 0, false).unwrap(); // 2
    kept.marker(7, 1, Outcome::Abort, 0).unwrap(); // 3
    kept.data(7, 1, 0, true).unwrap(); // 4
    kept.marker(8, 1, Outcome::Commit, 0).unwrap(); // 5
    kept.marker(7, 2, Outcome::Commit, 0).unwrap(); // 6
    kept.commit(7);
    for max_bytes in [1, 200, 10_000] {
        assert_eq!(kept.read_committed(0, max_bytes), [1, 2, 4]);
        assert_eq!(kept.read_committed(1, max_bytes), [1, 2, 4]);
        assert_eq!(kept.read_committed(3, max_bytes), [4]);
    }
}

#[test]
fn a_producer_with_an_open_transaction_is_not_forgotten() {
    let mut kept = Kept::new();
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    kept.data(7, 0, 0, true).unwrap();
    kept.data(8, 0, 0, false).unwrap();
    let now = crate::support::NOW;
    kept.log().retain(now).unwrap();
    kept.log().retain(now + 3 * DAY).unwrap();
    assert!(kept.fold().producers().get(7).is_some() && kept.fold().producers().get(8).is_none());
    kept.marker(7, 1, Outcome::Commit, 0).unwrap();
    kept.log().retain(now + 4 * DAY).unwrap();
    kept.log().retain(now + 5 * DAY).unwrap();
    assert!(kept.fold().producers().get(7).is_none());
}
