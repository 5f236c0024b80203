//! Judges exercise 3.8: a story in which two logs fork, though no disk forgets anything.
//!
//! The story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: by where the replicas stand at its end.

mod support {
    pub(crate) mod driver;
    pub(crate) mod own;
}

use std::collections::BTreeMap;

use serde_json::Value;
use story::{Submission, Told, judge};

use support::driver::Driver;
use support::own::Replication;

fn submission() -> Submission {
    Submission::new("03-replication/3.8.story")
}

/// Where the learner should look.
fn look_at() -> String {
    submission().look_at()
}

fn steps() -> Vec<Told> {
    submission().play(&mut Driver::new(Replication))
}

/// The entries of a list in a state.
fn entries<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value[list].as_array().into_iter().flatten()
}

/// A replica of a broker that runs.
#[derive(Clone, Copy)]
struct Copy<'v> {
    broker: i64,
    replica: &'v Value,
}

impl Copy<'_> {
    fn at(&self) -> &str {
        self.replica["at"].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str) -> i64 {
        self.replica[field].as_i64().unwrap_or(-1)
    }

    /// Offset, and what lies there: epoch, key and value.
    fn records(&self) -> BTreeMap<i64, String> {
        let one = |record: &Value| {
            let key = record["key"].as_str().map_or_else(String::new, |key| format!("{key}: "));
            let value = record["value"].as_str().unwrap_or("null");
            (record["offset"].as_i64().unwrap_or(-1), format!("{key}{value} (e{})", record["epoch"]))
        };
        entries(self.replica, "records").map(one).collect()
    }

    /// Up to where the leader believes that `follower` has the same, because it has said so in this epoch.
    fn heard_of(&self, follower: i64) -> Option<i64> {
        entries(self.replica, "followers").find(|known| known["id"].as_i64() == Some(follower))?["end"].as_i64()
    }

    fn told(&self) -> String {
        let (role, epoch) = (self.replica["role"].as_str().unwrap_or_default(), self.number("leader_epoch"));
        let records: Vec<_> = self.records().into_iter().map(|(offset, record)| format!("{offset} {record}")).collect();
        let high_watermark = self.number("high_watermark");
        format!("broker {}, {role} in {epoch}, high watermark {high_watermark}: {}", self.broker, records.join("  "))
    }
}

/// All replicas of brokers that run, at the end.
fn copies(steps: &[Told]) -> Vec<Copy<'_>> {
    let Some(last) = steps.last() else { return Vec::new() };
    let running = entries(&last.state, "brokers").filter(|broker| broker["state"] == "running");
    let copies = |broker| {
        let id = broker_id(broker);
        entries(broker, "replicas").map(move |replica| Copy { broker: id, replica })
    };
    running.flat_map(copies).collect()
}

fn broker_id(broker: &Value) -> i64 {
    broker["id"].as_i64().unwrap_or(-1)
}

/// A leader, a follower of it in the same epoch, and up to where the leader has heard that the follower has the same.
fn pairs<'v>(copies: &[Copy<'v>]) -> Vec<(Copy<'v>, Copy<'v>, i64)> {
    let mut pairs = Vec::new();
    for leader in copies.iter().filter(|copy| copy.replica["role"] == "leader") {
        let follows = |copy: &&Copy<'_>| {
            let is_same = copy.at() == leader.at() && copy.number("leader_epoch") == leader.number("leader_epoch");
            is_same && copy.replica["role"] == "follower"
        };
        for follower in copies.iter().filter(follows) {
            if let Some(end) = leader.heard_of(follower.broker) {
                pairs.push((*leader, *follower, end));
            }
        }
    }
    pairs
}

/// Whether both hold another record at one offset that both call committed, and that the leader takes for the same.
fn has_forked(leader: &Copy<'_>, follower: &Copy<'_>, heard: i64) -> bool {
    let committed = [leader.number("high_watermark"), follower.number("high_watermark"), heard];
    let theirs = follower.records();
    let differs = |(offset, record): (i64, String)| {
        committed.iter().all(|end| offset < *end) && theirs.get(&offset).is_some_and(|other| *other != record)
    };
    leader.records().into_iter().any(differs)
}

/// How the replicas stand at the end, as the judgement shows it.
fn told(copies: &[Copy<'_>]) -> String {
    let lines: Vec<String> = copies.iter().take(8).map(Copy::told).collect();
    format!("\n{}", lines.join("\n"))
}

#[track_caller]
fn judge_none(rule: &str, steps: &[Told], is_odd: impl Fn(&Told) -> bool) {
    let found = steps.iter().find(|step| is_odd(step)).map_or(String::new(), |step| step.command.clone());
    judge::that(rule, found.is_empty(), format_args!("{found}"), &look_at());
}

#[test]
fn no_disk_forgets_and_nobody_leads_who_may_lack_something() {
    let steps = steps();
    judge_none("processes die, and no disk forgets anything", &steps, |step| {
        ["power", "wipe"].contains(&step.name.as_str())
    });
    judge_none(
        "the controller notices who was started again: restart is leaves-in-sync, as it is by default",
        &steps,
        |step| step.name == "cluster" && step.command.contains("restart=keeps-place"),
    );
    judge_none("nobody is elected who may lack something", &steps, |step| {
        let is_unclean = step.name == "elect" && step.command.contains("unclean");
        is_unclean || step.command.contains("unclean.leader.election.enable=true")
    });
}

#[test]
fn at_the_end_a_leader_has_heard_of_its_follower() {
    let steps = steps();
    let copies = copies(&steps);
    let rule = "at the end a leader and a follower run, and the follower has asked: the leader believes that their logs are \
                the same up to there";
    judge::that(rule, !pairs(&copies).is_empty(), format_args!("{}", told(&copies)), &look_at());
}

#[test]
fn both_hold_another_record_at_one_offset_and_call_it_committed() {
    let steps = steps();
    let copies = copies(&steps);
    let rule = "a leader and its follower hold different records at one offset, below both high watermarks";
    let is_found = pairs(&copies).iter().any(|(leader, follower, heard)| has_forked(leader, follower, *heard));
    judge::that(rule, is_found, format_args!("{}", told(&copies)), &look_at());
}
