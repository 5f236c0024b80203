//! A record that was handed over once, to a producer that numbers its records, is there twice. Judges exercise 5.8.

use story::{Submission, Told, judge};

use crate::driver::IdempotenceDriver;
use crate::state::{acked, doubled, judge_none, sent, told};

fn submission() -> Submission {
    Submission::new("05-idempotence/5.8.story")
}

fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    submission().play(&mut IdempotenceDriver::new())
}

#[test]
fn every_producer_numbers_its_records() {
    let (steps, look_at) = (steps(), look_at());
    let rule = "every producer has enable.idempotence=true";
    judge_none(rule, &steps, &look_at, |step, words| {
        step.name == "producer" && !words.iter().any(|word| word == "enable.idempotence=true")
    });
    let rule = "records are handed to producers: nobody brings batches by hand (append, produce, ask)";
    judge_none(rule, &steps, &look_at, |step, _| ["append", "produce", "ask"].contains(&step.name.as_str()));
}

#[test]
fn each_record_is_sent_once() {
    let steps = steps();
    let often: Vec<_> = sent(&steps).into_iter().filter(|(_, count)| *count > 1).map(|(value, _)| value).collect();
    let rule = "each record is handed to a producer once";
    judge::that(rule, often.is_empty(), format_args!("{}", often.join(", ")), &look_at());
}

#[test]
fn no_disk_forgets_and_no_topic_is_deleted() {
    let rule = "no disk forgets anything, and no topic is deleted";
    judge_none(rule, &steps(), &look_at(), |step, _| ["power", "wipe", "delete"].contains(&step.name.as_str()));
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
