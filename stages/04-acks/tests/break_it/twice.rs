//! A record that was sent once is there twice, and nobody has touched a cable. Judges exercise 4.5.

use story::{Submission, Told, judge};

use crate::play;
use crate::state::{acked, doubled, judge_none, sent, told};

fn submission() -> Submission {
    Submission::new("04-acks/4.5.story")
}

fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    play(&submission())
}

#[test]
fn nobody_touches_the_network() {
    judge_none("no cable is cut, and nothing is held back", &steps(), &look_at(), |step, _| {
        ["cut", "isolate", "hold", "release"].contains(&step.name.as_str())
    });
}

#[test]
fn each_record_is_sent_once() {
    let steps = steps();
    let often: Vec<_> = sent(&steps).into_iter().filter(|(_, count)| *count > 1).map(|(value, _)| value).collect();
    judge::that(
        "each record is handed to a producer once",
        often.is_empty(),
        format_args!("{}", often.join(", ")),
        &look_at(),
    );
}

#[test]
fn a_consumer_finds_one_of_them_twice() {
    let steps = steps();
    let rule = "at the end somebody leads, and below its high watermark the same record lies at two offsets";
    judge::that(rule, !doubled(&steps).is_empty(), format_args!("{}", told(&steps)), &look_at());
}

#[test]
fn its_producer_was_told_once_that_it_is_stored() {
    let steps = steps();
    let told_once = |value: &String| acked(&steps).iter().filter(|record| record.value == *value).count() == 1;
    let rule = "and its producer was told, once, that it is stored (`deliveries`)";
    judge::that(rule, doubled(&steps).iter().any(told_once), format_args!("{}", told(&steps)), &look_at());
}
