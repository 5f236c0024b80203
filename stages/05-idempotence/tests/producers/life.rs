//! The state in a log: it lives through crashes, cuts and retention, and ends with time.

use std::time::Duration;

use idempotence::producers::{Producers, ProducersConfig};
use segment_log::{Fold, LogConfig, Origin, Rejection};

use crate::support::{Kept, NOW, batch};

/// Batches enough for several segments, of two producers.
fn filled() -> Kept {
    let mut kept = Kept::small();
    for number in 0..6 {
        kept.write(7, 0, number * 2, 2);
        kept.write(9, 0, number, 1);
    }
    assert!(kept.log().segments().count() > 3, "several segments");
    kept
}

const ALL: &str = "p7 e0: 2-3@3 4-5@6 6-7@9 8-9@12 10-11@15; p9 e0: 1-1@5 2-2@8 3-3@11 4-4@14 5-5@17";

#[test]
fn a_retry_is_answered_with_the_place_that_it_has() {
    let mut kept = filled();
    assert_eq!(kept.known(), ALL);
    let end = kept.log().end();
    for _ in 0..2 {
        assert_eq!(kept.append(batch(7, 0, 8, 2)).unwrap().base_offset, 12);
    }
    assert_eq!(kept.log().end(), end, "nothing was written");
}

#[test]
fn a_crash_forgets_nothing_and_a_snapshot_bounds_what_is_read_again() {
    let mut kept = filled();
    let recovery = kept.crash();
    assert_eq!(kept.known(), ALL);
    let last = kept.log().segments().last().unwrap().base_offset();
    assert_eq!(recovery.snapshot, Some(last), "the state at the last roll");
    assert!(recovery.replayed < 4, "{recovery:?}");
    assert_eq!(kept.append(batch(9, 0, 4, 1)).unwrap().base_offset, 14, "a retry after the crash is known");
    kept.write(9, 0, 6, 1);
}

#[test]
fn a_clean_stop_needs_no_replay() {
    let mut kept = filled();
    let recovery = kept.restart();
    assert_eq!((kept.known().as_str(), recovery.replayed), (ALL, 0));
}

#[test]
fn what_is_cut_off_was_never_there() {
    let mut kept = filled();
    kept.log().truncate(12, NOW).unwrap();
    assert_eq!(kept.known(), "p7 e0: 0-1@0 2-3@3 4-5@6 6-7@9; p9 e0: 0-0@2 1-1@5 2-2@8 3-3@11");
    // It comes again, from its producer or from another leader, and is no duplicate.
    assert_eq!(kept.write(7, 0, 8, 2), 12);
    insta::assert_snapshot!(kept.refused(9, 0, 5, 1), @"producer 9, epoch 0, sequence number 5: 4 comes next, so either some before it are missing, or it is an old one (OUT_OF_ORDER_SEQUENCE_NUMBER)");
}

#[test]
fn an_epoch_that_is_cut_off_is_not_known_any_more() {
    let mut kept = filled();
    let end = kept.log().end();
    kept.write(7, 5, 0, 1);
    kept.log().truncate(end, NOW).unwrap();
    assert_eq!(kept.known(), ALL);
    kept.write(7, 0, 12, 2);
}

/// KAFKA-7190: a producer that writes less often than records live must not be unknown each time.
#[test]
fn a_producer_is_known_for_longer_than_its_records_live() {
    let mut kept = filled();
    kept.log().delete_before(18, NOW).unwrap();
    assert_eq!((kept.log().log_start(), kept.known().as_str()), (18, ALL));
    let recovery = kept.crash();
    assert!(!recovery.state_lost);
    assert_eq!(kept.known(), ALL, "it is in the snapshot of the segment that is left");
    assert_eq!(kept.append(batch(7, 0, 10, 2)).unwrap().base_offset, 15, "the place that it had");
    kept.write(7, 0, 12, 1);
}

#[test]
fn a_log_that_starts_over_knows_nobody() {
    let mut kept = filled();
    kept.log().reset(500, NOW).unwrap();
    assert_eq!(kept.known(), "");
    assert_eq!(kept.write(7, 0, 12, 2), 500, "any number is taken");
    kept.refused(7, 0, 20, 1);
}

#[test]
fn who_is_not_heard_of_is_forgotten_and_who_is_stays() {
    let producers = ProducersConfig { expiration: Duration::from_secs(100), ..ProducersConfig::default() };
    let mut kept = Kept::new(LogConfig { retention_ms: None, ..LogConfig::default() }, producers);
    let at = |seconds: i64| NOW + seconds * 1_000;
    kept.write(7, 0, 0, 1);
    kept.write(9, 0, 0, 1);
    kept.log().retain(at(50)).unwrap();
    kept.write(9, 0, 1, 1);
    kept.log().retain(at(100)).unwrap();
    kept.log().retain(at(149)).unwrap();
    assert_eq!(kept.known(), "p7 e0: 0-0@0; p9 e0: 0-0@1 1-1@2", "the clock counts from the first look at it");
    kept.log().retain(at(150)).unwrap();
    assert_eq!(kept.known(), "p9 e0: 0-0@1 1-1@2");
    kept.log().retain(at(199)).unwrap();
    assert_eq!(kept.known(), "p9 e0: 0-0@1 1-1@2");
    kept.log().retain(at(200)).unwrap();
    assert_eq!(kept.known(), "");
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_for_ever() {
    let producers = ProducersConfig { expiration: Duration::from_secs(100), ..ProducersConfig::default() };
    let mut kept = Kept::new(LogConfig { retention_ms: None, ..LogConfig::default() }, producers);
    kept.write(7, 0, 0, 1);
    kept.log().retain(NOW + 1_000_000_000).unwrap();
    kept.log().retain(NOW).unwrap();
    kept.log().retain(NOW + 99_999).unwrap();
    assert_eq!(kept.known(), "p7 e0: 0-0@0");
    kept.log().retain(NOW + 100_000).unwrap();
    assert_eq!(kept.known(), "");
}

#[test]
fn a_follower_learns_what_it_copies_and_judges_nothing() {
    let mut kept = Kept::small();
    let mut copy = |epoch: i16, first: i32, offset: i64| {
        let mut copied = batch(7, epoch, first, 1);
        copied.set_place(offset, 0);
        kept.log().append(copied, Origin::Replication, NOW).expect("a copy was judged by the leader");
        kept.known()
    };
    assert_eq!(copy(0, 40, 0), "p7 e0: 40-40@0");
    assert_eq!(copy(0, 45, 3), "p7 e0: 40-40@0 45-45@3", "with a gap, as after compaction");
    assert_eq!(copy(2, 0, 4), "p7 e2: 0-0@4");
    assert_eq!(copy(1, 9, 5), "p7 e1: 9-9@5", "the leader knew better");
}

#[test]
fn a_snapshot_that_no_log_could_give_is_refused() {
    let of = |producers: &Producers| producers.snapshot();
    let mut kept = filled();
    let good = of(kept.log().fold());
    let mut restored = Producers::default();
    restored.restore(Some(&good)).unwrap();
    assert_eq!(&restored, kept.producers());
    let refused = |bytes: &[u8]| -> Rejection { Producers::default().restore(Some(bytes)).unwrap_err() };
    for end in 0..good.len() {
        refused(&good[..end]);
    }
    refused(&[&good[..], &[0]].concat());
}
