//! The rule, case by case.

use idempotence::producers::{Judgement, Numbered, Producers, Unknown, judge};
use segment_log::{Appended, Fold};

use crate::support::{Kept, batch};

fn numbered(epoch: i16, first: i32, last: i32) -> Numbered {
    Numbered { producer: 7, epoch, first, last }
}

/// A producer that has brought these batches: epoch, first number, how many.
fn after(batches: &[(i16, i32, usize)]) -> Producers {
    let mut producers = Producers::default();
    let mut next = 100;
    for &(epoch, first, count) in batches {
        let mut batch = batch(7, epoch, first, count);
        batch.set_place(next, 0);
        producers.apply(&batch.view(), &Appended::of(&batch.view()));
        next += count as i64;
    }
    producers
}

fn duplicate(base: i64, last: i64) -> Judgement {
    Judgement::Duplicate(Appended { base_offset: base, last_offset: last, log_append_time: None })
}

#[test]
fn the_next_number_is_written_and_no_other() {
    let producers = after(&[(0, 0, 5)]);
    assert_eq!(producers.judge(&numbered(0, 5, 9)), Judgement::Next);
    assert_eq!(producers.judge(&numbered(0, 6, 9)), Judgement::OutOfOrder { expected: 5 });
    assert_eq!(producers.judge(&numbered(0, 10, 14)), Judgement::OutOfOrder { expected: 5 });
    assert_eq!(producers.judge(&numbered(0, i32::MAX, i32::MAX)), Judgement::OutOfOrder { expected: 5 });
}

#[test]
fn each_of_the_last_five_batches_is_known_again() {
    let producers = after(&[(0, 0, 2), (0, 2, 2), (0, 4, 1), (0, 5, 3), (0, 8, 1), (0, 9, 1)]);
    assert_eq!(producers.judge(&numbered(0, 2, 3)), duplicate(102, 103));
    assert_eq!(producers.judge(&numbered(0, 5, 7)), duplicate(105, 107));
    assert_eq!(producers.judge(&numbered(0, 9, 9)), duplicate(109, 109));
    // The first of the six is forgotten. It is not written a second time, all the same.
    assert_eq!(producers.judge(&numbered(0, 0, 1)), Judgement::OutOfOrder { expected: 10 });
}

#[test]
fn a_part_of_a_batch_is_no_duplicate_of_it() {
    let producers = after(&[(0, 0, 5)]);
    for part in [numbered(0, 0, 3), numbered(0, 1, 4), numbered(0, 0, 5), numbered(0, 4, 5)] {
        assert_eq!(producers.judge(&part), Judgement::OutOfOrder { expected: 5 }, "{part:?}");
    }
}

#[test]
fn an_older_epoch_is_refused_whatever_its_number() {
    let producers = after(&[(0, 0, 5), (3, 0, 1)]);
    for old in [numbered(2, 0, 0), numbered(0, 0, 4), numbered(0, 5, 5), numbered(2, 1, 1)] {
        assert_eq!(producers.judge(&old), Judgement::OldEpoch { current: 3 }, "{old:?}");
    }
}

#[test]
fn a_newer_epoch_begins_at_0() {
    let producers = after(&[(0, 0, 5)]);
    assert_eq!(producers.judge(&numbered(1, 0, 4)), Judgement::Next);
    assert_eq!(producers.judge(&numbered(1, 5, 9)), Judgement::OutOfOrder { expected: 0 });
    assert_eq!(producers.judge(&numbered(i16::MAX, 0, 0)), Judgement::Next);
    // The same numbers as a batch of the epoch before are no duplicate.
    let producers = after(&[(0, 0, 5), (1, 0, 2)]);
    assert_eq!(producers.judge(&numbered(1, 0, 4)), Judgement::OutOfOrder { expected: 2 });
    assert_eq!(producers.judge(&numbered(1, 0, 1)), duplicate(105, 106));
}

#[test]
fn numbers_go_on_at_0_after_the_last_one() {
    let last = i32::MAX;
    // Three records: 2147483646, 2147483647 and 0.
    let producers = after(&[(0, last - 1, 3)]);
    assert_eq!(producers.get(7).unwrap().last(), Some(0));
    assert_eq!(producers.judge(&numbered(0, 1, 1)), Judgement::Next);
    assert_eq!(producers.judge(&numbered(0, last - 1, 0)), duplicate(100, 102));
    let producers = after(&[(0, last, 1)]);
    assert_eq!(producers.judge(&numbered(0, 0, 9)), Judgement::Next);
    assert_eq!(producers.judge(&numbered(0, last, last)), duplicate(100, 100));
}

#[test]
fn of_an_unknown_producer_any_number_is_taken_or_only_the_first() {
    let takes = |unknown, first| judge(None, &numbered(4, first, first), unknown);
    assert_eq!(takes(Unknown::TakesAny, 0), Judgement::Next);
    assert_eq!(takes(Unknown::TakesAny, 17), Judgement::Next);
    assert_eq!(takes(Unknown::FromZero, 0), Judgement::Next);
    assert_eq!(takes(Unknown::FromZero, 17), Judgement::OutOfOrder { expected: 0 });
}

#[test]
fn a_no_names_the_producer_and_the_rule() {
    let mut kept = Kept::small();
    kept.write(7, 1, 0, 5);
    insta::assert_snapshot!(kept.refused(7, 1, 9, 2), @"producer 7, epoch 1, sequence numbers 9 to 10: 5 comes next, so either some before it are missing, or it is an old one (OUT_OF_ORDER_SEQUENCE_NUMBER)");
    insta::assert_snapshot!(kept.refused(7, 0, 5, 1), @"producer 7, epoch 0, sequence number 5: the producer is in epoch 1 by now (INVALID_PRODUCER_EPOCH)");
    insta::assert_snapshot!(kept.refused(7, -1, 5, 1), @"producer 7, epoch -1, sequence number 5: an epoch is at least 0 (INVALID_RECORD)");
}

#[test]
fn batches_without_a_number_are_nobodys_business() {
    let mut kept = Kept::small();
    kept.write(-1, -1, -1, 2);
    kept.write(-1, -1, -1, 2);
    assert_eq!(kept.known(), "");
}
