//! What a run has come to: verdicts, findings, and what it covered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use history::Verdict;
use serde::{Deserialize, Serialize};

use super::faults::Fault;
use super::storm::Storm;
use super::workload::Workload;
use super::world::World;

/// What is said of a workload's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The workload.
    pub workload: String,
    /// Nothing is broken.
    pub is_clean: bool,
    /// The anomalies that are not allowed, by name.
    pub broken: Vec<String>,
    /// The checker's report.
    pub report: String,
    /// Its numbers.
    pub counts: BTreeMap<String, u64>,
}

impl Judged {
    pub(super) fn new(workload: &str, verdict: &Verdict) -> Self {
        let coverage = verdict.coverage();
        let counts = [
            ("records acknowledged", coverage.acked),
            ("records failed", coverage.failed),
            ("records in doubt", coverage.unknown),
            ("polls", coverage.polls),
            ("records read", coverage.records),
            ("duplicates", verdict.count(history::Anomaly::Duplicate)),
            ("overtaken", verdict.count(history::Anomaly::NonmonotonicSend)),
        ];
        // A workload without transactions has nothing to say of them.
        let transactions = [
            ("committed transactions", coverage.committed),
            ("aborted transactions", coverage.aborted),
            ("transactions of whose end nobody was told", coverage.undecided),
            ("transactions in several partitions", coverage.spread),
            ("records refused, as the producer is fenced", coverage.fenced),
        ];
        let told = transactions.into_iter().filter(|(_, count)| *count > 0);
        let counts = counts.into_iter().chain(told);
        Judged {
            workload: workload.to_owned(),
            is_clean: verdict.is_clean(),
            broken: verdict.broken().into_iter().map(|anomaly| anomaly.to_string()).collect(),
            report: verdict.to_string(),
            counts: counts.map(|(name, count)| (name.to_owned(), count as u64)).collect(),
        }
    }
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The run's number.
    pub seed: u64,
    /// What it was like.
    pub settings: String,
    /// How long it was, in simulated milliseconds.
    pub millis: u64,
    /// What is said of each workload.
    pub judged: Vec<Judged>,
    /// What else is wrong.
    pub findings: Vec<String>,
    /// What it covered, in numbers.
    pub counts: BTreeMap<String, u64>,
    /// How often each fault happened.
    pub faults: BTreeMap<Fault, u64>,
    /// The last faults.
    pub recent: Vec<String>,
    /// All histories, one operation a line.
    #[serde(skip)]
    pub history: String,
}

impl Report {
    pub(super) fn new(
        world: &World,
        (storm, judged): (Option<&Storm>, Vec<Judged>),
        findings: Vec<String>,
        workloads: &[Arc<dyn Workload>],
        counted: Vec<(&'static str, u64)>,
    ) -> Self {
        let mut counts = counts(world);
        counts.extend(counted.into_iter().map(|(name, count)| (name.to_owned(), count)));
        for (name, count) in judged.iter().flat_map(|judged| &judged.counts) {
            *counts.entry(name.clone()).or_default() += count;
        }
        let side_by_side = storm.map_or(0, Storm::side_by_side);
        counts.insert("faults side by side".to_owned(), side_by_side);
        let mut history = Vec::new();
        for workload in workloads.iter().filter(|_| world.trace.is_full()) {
            workload.history().write(&mut history).expect("memory takes everything");
        }
        Report {
            seed: world.settings().seed,
            settings: world.settings().to_string(),
            millis: world.now().as_millis() as u64,
            judged,
            findings,
            counts,
            faults: storm.map(|storm| storm.happened().clone()).unwrap_or_default(),
            recent: world.trace.recent(),
            history: String::from_utf8(history).expect("a history is text"),
        }
    }

    /// Nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.judged.iter().all(|judged| judged.is_clean)
    }

    /// What is wrong, in a few words.
    pub fn wrongs(&self) -> Vec<String> {
        let broken = self.judged.iter().flat_map(|judged| judged.broken.clone());
        let findings = self.findings.iter().cloned();
        let too_little = self.judged.iter().filter(|judged| !judged.is_clean && judged.broken.is_empty());
        broken.chain(findings).chain(too_little.map(|_| "the run did too little".to_owned())).collect()
    }
}

fn counts(world: &World) -> BTreeMap<String, u64> {
    let decided = world.overseer().decided();
    let counts = [
        ("registrations", decided.registrations),
        ("brokers fenced", decided.fenced),
        ("elections", decided.elections),
        ("elections from the second row", decided.from_second_row),
        ("elections of the last leader", decided.last_leaders),
        ("unclean elections", decided.unclean),
        ("times without a leader", decided.leaderless),
        ("shrinks of the in-sync list", decided.shrinks),
        ("expansions of the in-sync list", decided.expansions),
        ("moves done", decided.moves),
        ("moves called off", decided.moves_called_off),
        ("logs that parted", world.fetches().diverging()),
        ("logs out of range", world.fetches().out_of_range()),
    ];
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_clean() { "clean" } else { "NOT CLEAN" };
        writeln!(f, "seed {}: {verdict}, after {} simulated seconds", self.seed, self.millis / 1_000)?;
        writeln!(f, "  {}", self.settings)?;
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        for judged in self.judged.iter().filter(|judged| !judged.is_clean) {
            writeln!(f, "\nworkload `{}`: {}", judged.workload, judged.report)?;
        }
        writeln!(f, "\ncovered")?;
        for (name, count) in &self.counts {
            writeln!(f, "  {count:7}  {name}")?;
        }
        writeln!(f, "faults")?;
        for (fault, count) in &self.faults {
            writeln!(f, "  {count:7}  {fault}")?;
        }
        if !self.is_clean() {
            writeln!(f, "the last faults")?;
            self.recent.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        }
        Ok(())
    }
}
