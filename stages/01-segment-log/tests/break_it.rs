//! Judges exercise 1.12: a story that turns over two bytes which the checksum does not cover.
//!
//! The story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: what `flip` changed, what `open` found, and what the log held before and after.

mod support {
    pub(crate) mod driver;
}

use serde_json::Value;
use story::{Submission, Told, judge};

use crate::support::driver::Driver;

/// A flip, and the opening after it.
struct Trial {
    flip: Told,
    open: Told,
    /// The batches before the flip, one a line.
    before: String,
}

fn submission() -> Submission {
    Submission::new("01-segment-log/1.12.story")
}

/// Where the learner should look.
fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    submission().play(&mut Driver::new())
}

/// The batches that the log holds, one a line: its offsets, its bytes, and whether the checksum holds.
fn batches(state: &Value) -> String {
    let segments = state["segments"].as_array().into_iter().flatten();
    let batches = segments.flat_map(|segment| segment["batches"].as_array().into_iter().flatten());
    let line = |batch: &Value| {
        let checksum = if batch["ok"] == true { "holds" } else { "fails" };
        let [base, last, position] = ["base", "last", "position"].map(|field| &batch[field]);
        format!("offsets {base} to {last}, at byte {position}, checksum {checksum}\n")
    };
    batches.map(line).collect()
}

/// The story's two trials. A story of another shape is judged.
fn trials() -> [Trial; 2] {
    let steps = steps();
    let commands = steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut trials = Vec::new();
    let mut flips = 0;
    let mut before = String::new();
    let mut waiting = None;
    for step in steps {
        match step.name.as_str() {
            "flip" => {
                flips += 1;
                waiting = Some((step, before.clone()));
            }
            "open" if waiting.is_some() => {
                before = batches(&step.state);
                trials.extend(waiting.take().map(|(flip, before)| Trial { flip, open: step, before }));
            }
            // What happens between a flip and its opening is part of the trial.
            _ if waiting.is_some() => {}
            _ => before = batches(&step.state),
        }
    }
    let rule = "the story has two flips, and opens the log after each of them";
    let found = format!("{flips} in: {commands}");
    judge::that(rule, flips == 2 && trials.len() == 2, format_args!("{found}"), &look_at());
    trials.try_into().unwrap_or_else(|_| unreachable!("two were counted"))
}

impl Trial {
    /// The two answers, as the judgement shows them.
    fn told(&self) -> String {
        format!("\nflip: {}\nopen: {}", self.flip.answer, self.open.answer.replace('\n', "\nopen: "))
    }

    fn is_after_a_crash(&self) -> bool {
        !self.open.answer.starts_with("opened after a clean stop")
    }

    /// Whether opening the log found something wrong.
    fn was_noticed(&self) -> bool {
        let answer = &self.open.answer;
        answer.starts_with("Error: ") || answer.contains("\ncut: ") || answer.contains("index made again")
    }

    fn was_noticed_by_the_checksum(&self) -> bool {
        self.open.answer.contains("checksum does not match")
    }
}

#[test]
fn both_flips_are_looked_at_by_recovery() {
    for (number, trial) in ["first", "second"].into_iter().zip(trials()) {
        let rule =
            format!("the {number} flip is looked at by recovery: a clean stop reads nothing, so crash before `open`");
        judge::that(&rule, trial.is_after_a_crash(), format_args!("{}", trial.told()), &look_at());
        let is_log = trial.flip.answer.split(',').next().is_some_and(|file| file.ends_with(".log"));
        let rule = format!("the {number} flip is in a batch, so in a `.log`");
        judge::that(&rule, is_log, format_args!("{}", trial.told()), &look_at());
    }
}

#[test]
fn the_first_flip_is_noticed_by_another_rule_than_the_checksum() {
    let [first, _] = trials();
    let rule = "recovery notices the first flip";
    judge::that(rule, first.was_noticed(), format_args!("{}", first.told()), &look_at());
    let rule = "another rule than the checksum notices the first flip";
    judge::that(rule, !first.was_noticed_by_the_checksum(), format_args!("{}", first.told()), &look_at());
}

#[test]
fn the_second_flip_is_noticed_by_nobody() {
    let [_, second] = trials();
    let rule = "nobody notices the second flip: nothing is cut";
    judge::that(rule, !second.was_noticed(), format_args!("{}", second.told()), &look_at());
    let rule = "there are batches that the second flip could have harmed";
    judge::that(rule, !second.before.is_empty(), format_args!("{}", second.told()), &look_at());
    let rule = "nobody notices the second flip: every batch is still at its place and offsets";
    judge::text(rule, &second.before, &batches(&second.open.state), &look_at());
}
