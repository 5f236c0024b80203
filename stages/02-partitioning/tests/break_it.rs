//! Judges exercise 2.9: a story in which two records of one key are read in the wrong order.
//!
//! The story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: which records came into which partitions, and what each `poll` returned.

mod support {
    pub(crate) mod driver;
}

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use story::{Submission, Told, judge};

use support::driver::Driver;

/// A record, and when it came.
struct Sent {
    step: usize,
    topic: String,
    key: String,
    /// As `poll` tells of it: `orders-1@0  alice: ordered`. The place alone would not do. A topic that is deleted and made
    /// anew has the same places, with other records.
    line: String,
}

/// A consumer, and what `poll` told of its records, in order.
type Read = (String, Vec<String>);

fn submission() -> Submission {
    Submission::new("02-partitioning/2.9.story")
}

/// Where the learner should look.
fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    submission().play(&mut Driver::new())
}

/// A command without its quoted words.
fn unquoted(command: &str) -> String {
    command.split('"').step_by(2).collect()
}

/// The entries of a list in a state.
fn entries<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value[list].as_array().into_iter().flatten()
}

/// The records with keys, in the order in which they came into the partitions.
fn sent(steps: &[Told]) -> Vec<Sent> {
    let (mut sent, mut known) = (Vec::new(), BTreeSet::new());
    for (number, step) in steps.iter().enumerate() {
        for topic in entries(&step.state, "topics") {
            let name = topic["name"].as_str().unwrap_or_default();
            for (partition, record) in records(topic) {
                let Some(key) = record["key"].as_str() else { continue };
                let value = record["value"].as_str().unwrap_or("null");
                let line = format!("{name}-{partition}@{}  {key}: {value}", record["offset"]);
                if known.insert(line.clone()) {
                    sent.push(Sent { step: number, topic: name.to_owned(), key: key.to_owned(), line });
                }
            }
        }
    }
    sent
}

/// The records of a topic, each with its partition's number.
fn records(topic: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let of = |partition| entries(partition, "batches").flat_map(|batch| entries(batch, "records"));
    entries(topic, "partitions").flat_map(move |partition| of(partition).map(|record| (&partition["index"], record)))
}

/// Each consumer that was made, and what it polled.
fn reads(steps: &[Told]) -> Vec<Read> {
    let mut reads: Vec<Read> = Vec::new();
    let mut latest: BTreeMap<String, usize> = BTreeMap::new();
    for step in steps {
        let consumer = step.command.split_whitespace().nth(1).unwrap_or_default().to_owned();
        match step.name.as_str() {
            // One that is made again begins again.
            "consumer" => {
                latest.insert(consumer.clone(), reads.len());
                reads.push((consumer, Vec::new()));
            }
            "poll" => {
                let Some(&index) = latest.get(&consumer) else { continue };
                let records = step.answer.lines().filter(|line| line.contains('@'));
                reads[index].1.extend(records.map(str::to_owned));
            }
            _ => {}
        }
    }
    reads
}

/// Two records of one key in one topic, the first sent before the second, and both read by one consumer: whether the
/// second was read first.
fn pairs(sent: &[Sent], reads: &[Read]) -> Vec<bool> {
    let mut pairs = Vec::new();
    for (_, lines) in reads {
        let read = |record: &Sent| lines.iter().position(|line| *line == record.line);
        for second in sent {
            let earlier =
                |first: &&Sent| first.step < second.step && first.topic == second.topic && first.key == second.key;
            for first in sent.iter().filter(earlier) {
                if let (Some(first), Some(second)) = (read(first), read(second)) {
                    pairs.push(second < first);
                }
            }
        }
    }
    pairs
}

/// What was sent and what was read, as the judgement shows it.
fn told(sent: &[Sent], reads: &[Read]) -> String {
    const MOST: usize = 5;
    let mut lines: Vec<String> = sent.iter().map(|one| format!("sent: {}", one.line)).collect();
    for (consumer, read) in reads {
        lines.extend(read.iter().map(|line| format!("{consumer} polls: {line}")));
    }
    if lines.len() > 2 * MOST {
        let more = lines.len() - 2 * MOST;
        lines.splice(MOST..MOST + more, [format!("… {more} more")]);
    }
    format!("\n{}", lines.join("\n"))
}

#[test]
fn the_producer_goes_by_key_and_nobody_seeks() {
    let steps = steps();
    let names = |step: &&Told| {
        ["produce", "send"].contains(&step.name.as_str()) && unquoted(&step.command).contains(" partition=")
    };
    let found = steps.iter().find(names).map_or(String::new(), |step| step.command.clone());
    judge::that(
        "no record names its partition: the key decides",
        found.is_empty(),
        format_args!("{found}"),
        &look_at(),
    );
    let other = |step: &Told| {
        entries(&step.state, "producers")
            .filter_map(|producer| producer["partitioner"].as_str())
            .find(|name| !["default", "key"].contains(name))
            .map(str::to_owned)
    };
    let found = steps.iter().find_map(other).unwrap_or_default();
    let rule = "every producer goes by key, as it does if nothing else is set";
    judge::that(rule, found.is_empty(), format_args!("partitioner.class={found}"), &look_at());
    let found = steps.iter().find(|step| step.name == "seek").map_or(String::new(), |step| step.command.clone());
    judge::that(
        "nobody seeks: a reader that goes back reads again",
        found.is_empty(),
        format_args!("{found}"),
        &look_at(),
    );
}

#[test]
fn one_consumer_reads_two_records_of_one_key() {
    let steps = steps();
    let (sent, reads) = (sent(&steps), reads(&steps));
    let rule = "two records of one key are sent, the second after the first was acked, and one consumer polls both";
    judge::that(rule, !pairs(&sent, &reads).is_empty(), format_args!("{}", told(&sent, &reads)), &look_at());
}

#[test]
fn the_second_is_read_before_the_first() {
    let steps = steps();
    let (sent, reads) = (sent(&steps), reads(&steps));
    let rule = "of two records of one key, the one that was sent later is polled first";
    let is_found = pairs(&sent, &reads).contains(&true);
    judge::that(rule, is_found, format_args!("{}", told(&sent, &reads)), &look_at());
}
