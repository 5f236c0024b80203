//! Judges exercise 2.9: a story in which two records of one key are read in the wrong order.
//!
//! The story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: which records came into which partitions, and what each `poll` returned.

mod support {
    pub(crate) mod driver;
}

use std::collections::{BTreeMap, BTreeSet};

use story::{Submission, Told, judge};

use support::driver::Driver;

/// A record, where it came to lie, and when.
struct Sent {
    step: usize,
    /// `orders-1@0`
    place: String,
    topic: String,
    key: String,
    value: String,
}

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

/// The records with keys, as they came into the partitions.
fn sent(steps: &[Told]) -> Vec<Sent> {
    let (mut sent, mut known) = (Vec::new(), BTreeSet::new());
    for (number, step) in steps.iter().enumerate() {
        for topic in step.state["topics"].as_array().into_iter().flatten() {
            let topic_name = topic["name"].as_str().unwrap_or_default();
            for partition in topic["partitions"].as_array().into_iter().flatten() {
                for batch in partition["batches"].as_array().into_iter().flatten() {
                    for record in batch["records"].as_array().into_iter().flatten() {
                        let place = format!("{topic_name}-{}@{}", partition["index"], record["offset"]);
                        let [key, value] = ["key", "value"].map(|field| record[field].as_str().map(str::to_owned));
                        let Some(key) = key else { continue };
                        let value = value.unwrap_or_default();
                        if known.insert((place.clone(), key.clone(), value.clone())) {
                            sent.push(Sent { step: number, place, topic: topic_name.to_owned(), key, value });
                        }
                    }
                }
            }
        }
    }
    sent
}

/// For each consumer that was made, the places of the records in the order in which `poll` returned them.
fn reads(steps: &[Told]) -> Vec<(String, Vec<String>)> {
    let mut reads: Vec<(String, Vec<String>)> = Vec::new();
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
                let places = step.answer.lines().filter_map(|line| line.split_once("  ")).map(|(place, _)| place);
                reads[index].1.extend(places.map(str::to_owned));
            }
            _ => {}
        }
    }
    reads
}

/// Two records of one key in one topic, the first sent before the second, and both read by one consumer: whether the
/// second was read first.
fn pairs(sent: &[Sent], reads: &[(String, Vec<String>)]) -> Vec<bool> {
    let mut pairs = Vec::new();
    for (_, places) in reads {
        let read = |record: &Sent| places.iter().position(|place| *place == record.place);
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
fn told(sent: &[Sent], reads: &[(String, Vec<String>)]) -> String {
    const MOST: usize = 5;
    let mut lines: Vec<String> =
        sent.iter().map(|one| format!("sent  {}: {}, to {}", one.key, one.value, one.place)).collect();
    lines.extend(reads.iter().map(|(consumer, places)| match places.is_empty() {
        true => format!("{consumer} has polled nothing"),
        false => format!("{consumer} has polled {}", places.join(", ")),
    }));
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
        let producers = step.state["producers"].as_array().into_iter().flatten();
        producers
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
