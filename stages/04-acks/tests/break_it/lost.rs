//! An acknowledged record is lost, and no disk has forgotten anything. Judges exercise 4.4.

use story::{Submission, Told, judge};

use crate::play;
use crate::state::{Acked, Partition, acked, judge_none, partitions, told};

fn submission() -> Submission {
    Submission::new("04-acks/4.4.story")
}

fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    play(&submission())
}

/// Whether a record is lost: somebody leads, and nobody who may lead has it.
fn is_lost(record: &Acked, partition: &Partition) -> bool {
    let Some(leader) = partition.led() else { return false };
    let has = |id: &i64| {
        let copy = partition.copies.iter().find(|copy| copy.broker == *id);
        copy.is_some_and(|copy| copy.records.iter().any(|(_, value)| *value == record.value))
    };
    // What retention has taken is not lost.
    leader.start <= record.offset && !partition.may_lead.iter().any(has)
}

#[test]
fn all_is_sent_with_acks_1() {
    let rule = "every record is sent with acks=1";
    judge_none(rule, &steps(), &look_at(), |step, words| {
        let sends = ["produce", "ask", "producer"].contains(&step.name.as_str());
        sends && !words.iter().any(|word| word == "acks=1")
    });
}

#[test]
fn no_disk_forgets_and_no_rule_is_an_old_one() {
    let (steps, look_at) = (steps(), look_at());
    judge_none("no disk forgets anything, and no topic is deleted", &steps, &look_at, |step, _| {
        ["power", "wipe", "delete"].contains(&step.name.as_str())
    });
    judge_none("nobody is elected who may lack something", &steps, &look_at, |step, words| {
        let has = |text: &str| words.iter().any(|word| word == text);
        (step.name == "elect" && has("unclean")) || has("unclean.leader.election.enable=true")
    });
    judge_none(
        "all rules are those of today: no truncation=, no restart=, no wait-policy",
        &steps,
        &look_at,
        |step, words| {
            let is_old = |word: &String| word.starts_with("truncation=") || word.starts_with("restart=");
            step.name == "wait-policy" || words.iter().any(is_old)
        },
    );
}

#[test]
fn a_record_is_acknowledged() {
    let steps = steps();
    let rule = "a producer is told that its record is stored";
    judge::that(rule, !acked(&steps).is_empty(), format_args!("{}", told(&steps)), &look_at());
}

#[test]
fn at_the_end_nobody_who_may_lead_has_it() {
    let steps = steps();
    let partitions = partitions(&steps);
    let led = partitions.iter().any(|partition| partition.led().is_some());
    judge::that("at the end the partition has a leader, which runs", led, format_args!("{}", told(&steps)), &look_at());
    let lost =
        |record: &Acked| partitions.iter().any(|partition| partition.at == record.at && is_lost(record, partition));
    let rule = "a record was acked, and at the end nobody has it who leads, is in sync, or is eligible to lead";
    judge::that(rule, acked(&steps).iter().any(lost), format_args!("{}", told(&steps)), &look_at());
}
