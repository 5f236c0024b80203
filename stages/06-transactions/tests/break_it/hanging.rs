//! A transaction is open in a partition, and nobody will end it. Judges exercise 6.8.

use std::collections::BTreeSet;

use story::{Submission, Told, judge};

use crate::look::{Seen, see};
use crate::state::{acked, judge_none, words};

fn submission() -> Submission {
    Submission::new("06-transactions/6.8.story")
}

fn look_at() -> String {
    submission().look_at()
}

fn seen() -> &'static Seen {
    see(&submission())
}

/// `add pay-1 orders-0 stock-0`, or `init first id=pay-1`: the producer, and what follows its name.
fn of(step: &Told) -> (String, Vec<String>) {
    let mut words = words(&step.command).into_iter().skip(1);
    (words.next().unwrap_or_default(), words.collect())
}

/// Commands that bring a record into a partition which its producer has never added.
fn unasked(steps: &[Told]) -> Vec<String> {
    let mut added = BTreeSet::new();
    let mut odd = Vec::new();
    for step in steps {
        let (producer, rest) = of(step);
        match step.name.as_str() {
            // Whoever begins has added nothing.
            "init" => added.retain(|(by, _)| *by != producer),
            "add" => added.extend(rest.into_iter().map(|at| (producer.clone(), at))),
            "write" => {
                let number = rest.iter().find_map(|word| word.strip_prefix("partition=")).unwrap_or("0");
                let at = format!("{}-{number}", rest.first().cloned().unwrap_or_default());
                if !added.contains(&(producer, at)) {
                    odd.push(step.command.clone());
                }
            }
            _ => {}
        }
    }
    odd
}

#[test]
fn each_record_is_of_a_partition_that_was_added() {
    let seen = seen();
    let rule = "a producer writes to no partition that it has never added: it is late, and not lost";
    let odd = unasked(&seen.steps);
    judge::that(rule, odd.is_empty(), format_args!("{}", odd.join(", ")), &look_at());
    let rule = "a record of a transaction comes from a producer (`write`, `txn-send`): nobody brings batches by hand";
    judge_none(rule, &seen.steps, &look_at(), |step, _| step.name == "append");
}

#[test]
fn no_disk_forgets_and_no_topic_is_deleted() {
    let rule = "no disk forgets anything, and no topic is deleted";
    judge_none(rule, &seen().steps, &look_at(), |step, _| ["power", "wipe", "delete"].contains(&step.name.as_str()));
}

#[test]
fn a_partition_has_an_open_transaction() {
    let seen = seen();
    let rule = "ten seconds after the story, a partition has an open transaction";
    judge::that(rule, !seen.open.is_empty(), format_args!("{}", seen.told()), &look_at());
}

#[test]
fn its_coordinator_knows_of_none() {
    let seen = seen();
    let rule = "ten seconds after the story, a partition has an open transaction, and its coordinator has nothing to end: Empty, \
                CompleteCommit or CompleteAbort";
    judge::that(rule, seen.hanging().next().is_some(), format_args!("{}", seen.told()), &look_at());
}

#[test]
fn a_record_behind_it_is_acknowledged_and_not_read() {
    let seen = seen();
    let is_held_back = |at: &str, from: i64| {
        let behind = |record: &crate::state::Acked| record.at == at && record.offset > from;
        acked(&seen.steps).iter().filter(|record| behind(record)).any(|record| {
            let value = (record.at.clone(), record.value.clone());
            !seen.read.contains(&value)
        })
    };
    let rule =
        "behind its first record lies another one, which was acked, and which readers of committed records do not get";
    let held_back = seen.hanging().any(|(at, _, from)| is_held_back(at, *from));
    judge::that(rule, held_back, format_args!("{}", seen.told()), &look_at());
}
