//! What a partition learns from a batch that is in its log. Judges exercise 5.3.

use story::judge;

use crate::Told;
use crate::support::Kept;

const APPLY: &str = "src/producers.rs, fn <Producers as Fold>::apply";
const LEARN: &str = "src/producers.rs, fn Producer::learn";

#[test]
fn a_batch_is_remembered_with_its_place() {
    let mut told = Told::new();
    told.batch(7, 0, 0, 5).batch(7, 0, 5, 1);
    judge::text("each batch: its numbers, and where it is", "p7 e0: 0…4@100 5@105", &told.known(), LEARN);
}

#[test]
fn five_are_remembered_and_the_oldest_goes() {
    let mut told = Told::new();
    for number in 0..5 {
        told.batch(7, 0, number, 1);
    }
    judge::text("five are remembered", "p7 e0: 0@100 1@101 2@102 3@103 4@104", &told.known(), LEARN);
    told.batch(7, 0, 5, 1).batch(7, 0, 6, 1);
    judge::text("of seven, the last five", "p7 e0: 2@102 3@103 4@104 5@105 6@106", &told.known(), LEARN);
}

#[test]
fn each_producer_is_known_by_itself() {
    let mut told = Told::new();
    told.batch(7, 0, 0, 1).batch(9, 4, 0, 2).batch(7, 0, 1, 1);
    let rule = "two producers have numbers and epochs of their own";
    judge::text(rule, "p7 e0: 0@100 1@103; p9 e4: 0…1@101", &told.known(), APPLY);
}

#[test]
fn what_nobody_sent_teaches_nothing() {
    let mut told = Told::new();
    told.batch(-1, -1, -1, 3);
    judge::text("producer -1 is nobody", "nobody", &told.known(), APPLY);
}

#[test]
fn another_epoch_begins_anew() {
    let mut told = Told::new();
    told.batch(7, 0, 0, 5).batch(7, 1, 0, 2);
    judge::text("what was in epoch 0 says nothing about epoch 1", "p7 e1: 0…1@105", &told.known(), APPLY);
    told.batch(7, 5, 0, 1);
    judge::text("no epoch between is needed", "p7 e5: 0@107", &told.known(), APPLY);
}

#[test]
fn what_is_in_the_log_is_not_judged() {
    let mut told = Told::new();
    told.batch(7, 0, 40, 2).batch(7, 0, 90, 1);
    let rule = "a leader has let them in, for a reason of its own. The log is the truth";
    judge::text(rule, "p7 e0: 40…41@100 90@102", &told.known(), APPLY);
    told.batch(7, 3, 0, 1).batch(7, 2, 8, 1);
    let rule = "the last batch in the log has epoch 2, so this is the producer's epoch there";
    judge::text(rule, "p7 e2: 8@104", &told.known(), APPLY);
}

#[test]
fn a_batch_without_a_number_says_the_epoch() {
    let mut told = Told::new();
    told.batch(7, 2, -1, 1);
    judge::text("a marker of stage 06: a producer, an epoch, no number", "p7 e2:", &told.known(), APPLY);
    told.batch(7, 2, 0, 1).batch(7, 2, -1, 1);
    judge::text("in the same epoch it changes nothing", "p7 e2: 0@101", &told.known(), APPLY);
    told.batch(7, 3, -1, 1);
    judge::text("in another one, the numbers begin anew", "p7 e3:", &told.known(), APPLY);
}

#[test]
fn who_is_heard_of_is_not_silent() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    told.producers.forget_silent(0, |_| false);
    told.batch(7, 0, 1, 1);
    told.producers.forget_silent(1_500, |_| false);
    let rule = "its silence begins with the first look at the clock after its last batch: `heard` is None until then";
    judge::text(rule, "p7 e0: 0@100 1@101", &told.known(), APPLY);
    told.batch(7, 0, -1, 1);
    told.producers.forget_silent(3_000, |_| false);
    let rule = "a batch without a number is heard, too";
    judge::text(rule, "p7 e0: 0@100 1@101", &told.known(), APPLY);
}

/// A log on a disk, cut and opened again: all of it comes through `apply`.
#[test]
fn whoever_reads_the_same_log_knows_the_same() {
    let mut kept = Kept::small();
    for number in 0..8 {
        kept.write(7, 0, number, 1);
    }
    kept.write(9, 0, 0, 2);
    let before = "p7 e0: 3-3@3 4-4@4 5-5@5 6-6@6 7-7@7; p9 e0: 0-1@8";
    judge::text("the log holds 0…7 of producer 7, and 0…1 of producer 9", before, &kept.known(), APPLY);
    kept.crash();
    judge::text("the same after a crash, from the same log", before, &kept.known(), APPLY);
    kept.log().truncate(6, crate::support::NOW).expect("it can be cut");
    let after = "p7 e0: 1-1@1 2-2@2 3-3@3 4-4@4 5-5@5";
    judge::text("what is cut off is forgotten, and what it had pushed out is known again", after, &kept.known(), APPLY);
}
