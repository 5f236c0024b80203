//! Who is forgotten, and when. Judges exercise 5.4.

use story::judge;

use crate::Told;

const LOOK: &str = "src/producers.rs, fn Producers::forget_silent";

/// Looks at the clock. A producer is remembered for a second.
fn look(told: &mut Told, now: i64) -> String {
    told.producers.forget_silent(now, |_| false);
    told.known()
}

#[track_caller]
fn judge_look(rule: &str, told: &mut Told, now: i64, expected: &str) {
    let rule = format!("producer.id.expiration.ms is 1000, and the clock says {now}. {rule}");
    let found = look(told, now);
    judge::text(&rule, expected, &found, LOOK);
}

const KNOWN: &str = "p7 e0: 0@100";

#[test]
fn silence_begins_with_the_first_look() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    // The records say 1700000000000. That is the producer's business.
    judge_look("It is the first look after its batch.", &mut told, 5_000, KNOWN);
    judge_look("It is silent for 999 ms.", &mut told, 5_999, KNOWN);
    judge_look("It is silent for 1000 ms.", &mut told, 6_000, "nobody");
}

#[test]
fn looking_is_not_hearing() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    for now in [0, 300, 600, 900] {
        judge_look("It is not silent for so long yet.", &mut told, now, KNOWN);
    }
    judge_look("It was looked at all the time, and not heard of.", &mut told, 1_200, "nobody");
}

#[test]
fn the_times_of_records_say_nothing() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    let rule = "Its records are years older, and came a moment ago.";
    judge_look(rule, &mut told, crate::support::NOW + 100_000_000_000, KNOWN);
}

#[test]
fn each_is_silent_by_itself() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1).batch(9, 0, 0, 1);
    look(&mut told, 0);
    told.batch(9, 0, 1, 1);
    look(&mut told, 600);
    judge_look("Producer 9 was heard of, and producer 7 was not.", &mut told, 1_100, "p9 e0: 0@101 1@102");
}

#[test]
fn a_clock_that_is_set_back_keeps_nobody_for_ever() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    look(&mut told, 900_000);
    judge_look("It was set back by a quarter of an hour.", &mut told, 0, KNOWN);
    judge_look("A second after that.", &mut told, 1_000, "nobody");
}

#[test]
fn whom_somebody_keeps_stays() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1).batch(9, 0, 0, 1);
    told.producers.forget_silent(0, |id| id == 7);
    told.producers.forget_silent(9_000, |id| id == 7);
    judge::text("both are silent, and somebody keeps producer 7", KNOWN, &told.known(), LOOK);
    judge_look("Nobody keeps it any more, and it was silent all the time.", &mut told, 9_001, "nobody");
}

#[test]
fn no_clock_is_too_odd() {
    let mut told = Told::remembering(1_000);
    told.batch(7, 0, 0, 1);
    look(&mut told, i64::MIN);
    judge_look("At the last look it said the smallest number there is.", &mut told, i64::MAX, "nobody");
    let mut told = Told::remembering(u64::MAX);
    told.batch(7, 0, 0, 1);
    look(&mut told, 0);
    told.producers.forget_silent(1 << 40, |_| false);
    judge::text("it is remembered for longer than a clock can say", KNOWN, &told.known(), LOOK);
}
