//! What a played story has come to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use story::{Told, judge};

/// The entries of a list in a state.
pub(crate) fn entries<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value[list].as_array().into_iter().flatten()
}

/// The words of a command: names, values and pairs. What is quoted is one word, without its quotes. A command may be marked as
/// one that must fail, or is not to be printed.
pub(crate) fn words(command: &str) -> Vec<String> {
    let command = command.trim_start_matches(['!', '>', '(']).trim_end_matches(')');
    let mut words = vec![String::new()];
    for (place, part) in command.split('"').enumerate() {
        if place % 2 == 1 {
            words.last_mut().expect("there is always one").push_str(part);
            continue;
        }
        let mut parts = part.split_whitespace();
        let begins_apart = part.starts_with(char::is_whitespace);
        if let Some(first) = parts.next() {
            match begins_apart {
                true => words.push(first.to_owned()),
                false => words.last_mut().expect("there is always one").push_str(first),
            }
        }
        words.extend(parts.map(str::to_owned));
        if part.ends_with(char::is_whitespace) {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A record that a producer was told is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acked {
    pub(crate) at: String,
    pub(crate) offset: i64,
    pub(crate) value: String,
}

/// What producers were told, up to the end.
pub(crate) fn acked(steps: &[Told]) -> Vec<Acked> {
    let Some(last) = steps.last() else { return Vec::new() };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |entry: &Value| Acked {
        at: text(&entry["at"]),
        offset: entry["offset"].as_i64().unwrap_or(-1),
        value: text(&entry["value"]),
    };
    entries(&last.state, "acked").map(one).collect()
}

/// A replica, as its broker had it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) broker: i64,
    pub(crate) runs: bool,
    pub(crate) leads: bool,
    pub(crate) start: i64,
    pub(crate) high_watermark: i64,
    /// Offset and value.
    pub(crate) records: Vec<(i64, String)>,
}

/// A partition at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) at: String,
    /// Who leads, as the controller has decided.
    pub(crate) leader: Option<i64>,
    /// Who may lead next: in sync, or in the second row.
    pub(crate) may_lead: Vec<i64>,
    pub(crate) copies: Vec<Copy>,
}

impl Partition {
    /// Its leader's copy, if that one runs and leads.
    pub(crate) fn led(&self) -> Option<&Copy> {
        self.copies.iter().find(|copy| Some(copy.broker) == self.leader && copy.runs && copy.leads)
    }
}

/// All partitions at the end.
pub(crate) fn partitions(steps: &[Told]) -> Vec<Partition> {
    let Some(last) = steps.last() else { return Vec::new() };
    let ids = |value: &Value, list: &str| entries(value, list).filter_map(Value::as_i64).collect::<Vec<_>>();
    let one = |record: &Value| {
        let at = record["at"].as_str().unwrap_or_default().to_owned();
        let mut may_lead = ids(record, "in_sync");
        may_lead.extend(ids(record, "eligible"));
        Partition { copies: copies(&last.state, &at), leader: record["leader"].as_i64(), may_lead, at }
    };
    entries(&last.state["controller"], "partitions").map(one).collect()
}

fn copies(state: &Value, at: &str) -> Vec<Copy> {
    let of = |broker: &Value| {
        let replica = entries(broker, "replicas").find(|replica| replica["at"] == at)?;
        let record = |record: &Value| {
            (record["offset"].as_i64().unwrap_or(-1), record["value"].as_str().unwrap_or("null").to_owned())
        };
        Some(Copy {
            broker: broker["id"].as_i64().unwrap_or(-1),
            runs: broker["state"] == "running",
            leads: replica["role"] == "leader",
            start: replica["start"].as_i64().unwrap_or(0),
            high_watermark: replica["high_watermark"].as_i64().unwrap_or(0),
            records: entries(replica, "records").map(record).collect(),
        })
    };
    entries(state, "brokers").filter_map(of).collect()
}

/// The values that were handed to producers, and how often each.
pub(crate) fn sent(steps: &[Told]) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for step in steps.iter().filter(|step| ["send", "produce", "ask"].contains(&step.name.as_str())) {
        // The command's name and the topic come first.
        for value in words(&step.command).into_iter().skip(2).filter(|word| !word.contains('=')) {
            *sent.entry(value).or_insert(0) += 1;
        }
    }
    sent
}

/// The values that consumers find in a partition's log, and how often each.
pub(crate) fn stored(steps: &[Told]) -> Vec<(String, usize)> {
    let mut stored = Vec::new();
    for partition in partitions(steps) {
        let Some(leader) = partition.led() else { continue };
        let mut counts = BTreeMap::new();
        for (_, value) in leader.records.iter().filter(|(offset, _)| *offset < leader.high_watermark) {
            *counts.entry(value.clone()).or_insert(0) += 1;
        }
        stored.extend(counts);
    }
    stored
}

/// The values that consumers find more often than they were sent.
pub(crate) fn doubled(steps: &[Told]) -> Vec<String> {
    let sent = sent(steps);
    let is_doubled = |(value, count): &(String, usize)| sent.get(value) == Some(&1) && *count > 1;
    stored(steps).into_iter().filter(is_doubled).map(|(value, _)| value).collect()
}

/// What was acked, and how the replicas stand at the end, as a judgement shows it.
pub(crate) fn told(steps: &[Told]) -> String {
    let mut text = String::new();
    for Acked { at, offset, value } in acked(steps).iter().take(4) {
        let _ = write!(text, "\nacked: {at}@{offset} {value}");
    }
    for Partition { at, leader, copies, .. } in partitions(steps).iter().take(2) {
        for copy in copies {
            let how = match (copy.runs, Some(copy.broker) == *leader) {
                (false, _) => "does not run",
                (true, true) => "leads",
                (true, false) => "follows",
            };
            let records: Vec<_> = copy.records.iter().map(|(offset, value)| format!("{offset} {value}")).collect();
            let _ = write!(
                text,
                "\n{at}, broker {} {how}, high watermark {}: {}",
                copy.broker,
                copy.high_watermark,
                records.join("  ")
            );
        }
    }
    text
}

/// Judges that no command is of a kind that is not allowed.
#[track_caller]
pub(crate) fn judge_none(rule: &str, steps: &[Told], look_at: &str, is_odd: impl Fn(&Told, &[String]) -> bool) {
    let found = steps.iter().find(|step| is_odd(step, &words(&step.command)));
    let found = found.map_or(String::new(), |step| step.command.clone());
    judge::that(rule, found.is_empty(), format_args!("{found}"), look_at);
}

#[test]
fn commands_are_taken_apart() {
    for (command, expected) in [
        ("send orders \"paid 10\" producer=p", &["send", "orders", "paid 10", "producer=p"][..]),
        ("(cut from=\"broker 1\" to=client)", &["cut", "from=broker 1", "to=client"]),
        ("wait 2s", &["wait", "2s"]),
        ("", &[]),
    ] {
        assert_eq!(words(command), expected);
    }
}
