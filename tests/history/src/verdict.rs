//! The verdict: what was broken, with the operations that show it, and what the run covered.
//!
//! A run can break one promise a thousand times. The first of them are kept with their evidence, and the rest is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::anomaly::Anomaly;
use crate::coverage::{Coverage, count};
use crate::mistake::Mistake;
use crate::operation::{Offset, Operation, Partition, Value};
use crate::rules::{Rules, Shortfall};
use crate::witness;

/// How many findings of one kind are kept with their evidence.
const KEPT: usize = 100;
/// How many of them a report shows.
const SHOWN: usize = 3;
/// How many mistakes a report shows.
const MISTAKES_SHOWN: usize = 10;

/// One case of an anomaly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Of which kind.
    pub anomaly: Anomaly,
    /// In which partitions; only torn transactions and cycles can have more than one.
    pub partitions: Vec<Partition>,
    /// The offsets that it is about. None if it is about several partitions.
    pub offsets: Vec<Offset>,
    /// The values that it is about.
    pub values: Vec<Value>,
    /// What is wrong, in one sentence.
    pub what: String,
    /// Why, step by step: of a cycle, for each transaction why it comes after the one before it.
    pub steps: Vec<String>,
    /// The operations that show it, in the order in which they began.
    pub evidence: Vec<Evidence>,
}

/// An operation that shows a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its index in the history. Reports count from 1, as the lines of a file are counted.
    pub operation: usize,
    /// What it says of the matter, in one line.
    pub text: String,
}

/// What a pass has noticed, before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Clue<'c> {
    pub(crate) partitions: Vec<&'c str>,
    pub(crate) offsets: Vec<Offset>,
    pub(crate) values: Vec<Value>,
    /// In any order, and the same more than once.
    pub(crate) operations: Vec<usize>,
    pub(crate) what: String,
    pub(crate) steps: Vec<String>,
}

/// Findings as they are collected.
pub(crate) struct Findings<'h> {
    operations: &'h [Operation],
    found: BTreeMap<Anomaly, Found>,
}

#[derive(Debug, Clone, Default)]
struct Found {
    count: usize,
    kept: Vec<Finding>,
}

impl<'h> Findings<'h> {
    pub(crate) fn new(operations: &'h [Operation]) -> Self {
        Findings { operations, found: BTreeMap::new() }
    }

    /// Counts a finding, and keeps it if there are not many yet.
    pub(crate) fn add<'c>(&mut self, anomaly: Anomaly, clue: impl FnOnce() -> Clue<'c>) {
        let found = self.found.entry(anomaly).or_default();
        found.count += 1;
        if found.kept.len() >= KEPT {
            return;
        }
        let Clue { partitions, offsets, values, operations, what, steps } = clue();
        let (offsets, values) = (each_once(offsets), each_once(values));
        let partitions: Vec<Partition> = each_once(partitions).into_iter().map(Partition::from).collect();
        let operations: BTreeSet<usize> = operations.into_iter().collect();
        let evidence = operations.into_iter().map(|operation| {
            let text = witness::line(&self.operations[operation], &partitions, &offsets, &values);
            Evidence { operation, text }
        });
        let evidence = evidence.collect();
        found.kept.push(Finding { anomaly, partitions, offsets, values, what, steps, evidence });
    }
}

/// What [`check`](crate::check) says of a run. It prints as a short report.
#[derive(Debug, Clone)]
pub struct Verdict {
    mistakes: Vec<Mistake>,
    found: BTreeMap<Anomaly, Found>,
    allowed: BTreeSet<Anomaly>,
    coverage: Coverage,
    shortfalls: Vec<Shortfall>,
}

impl Verdict {
    pub(crate) fn new(
        mistakes: Vec<Mistake>,
        findings: Findings<'_>,
        rules: &Rules,
        coverage: Coverage,
        shortfalls: Vec<Shortfall>,
    ) -> Self {
        let found = findings.found;
        let allowed = found.keys().copied().filter(|&anomaly| rules.allows(anomaly)).collect();
        Verdict { mistakes, found, allowed, coverage, shortfalls }
    }

    /// Nothing is broken, the history has no mistakes, and the run did enough.
    pub fn is_clean(&self) -> bool {
        self.mistakes.is_empty() && self.shortfalls.is_empty() && self.broken().is_empty()
    }

    /// The kinds of anomalies that were found and are not allowed, in the order of [`Anomaly::ALL`].
    pub fn broken(&self) -> Vec<Anomaly> {
        self.found.keys().copied().filter(|anomaly| !self.allowed.contains(anomaly)).collect()
    }

    /// The kinds that were found and are allowed: a story that wants to show a loss looks here.
    pub fn allowed(&self) -> Vec<Anomaly> {
        self.allowed.iter().copied().collect()
    }

    /// How often an anomaly was found, allowed or not.
    pub fn count(&self, anomaly: Anomaly) -> usize {
        self.found.get(&anomaly).map_or(0, |found| found.count)
    }

    /// The first hundred findings of a kind, with their evidence.
    pub fn findings(&self, anomaly: Anomaly) -> &[Finding] {
        self.found.get(&anomaly).map_or(&[], |found| &found.kept)
    }

    /// What is wrong with the history itself. If there is anything, nothing else was judged.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// What the run did.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Of what the run did too little.
    pub fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }

    fn headline(&self) -> String {
        let broken = self.broken().len();
        match (self.mistakes.len(), broken) {
            (0, 0) if self.shortfalls.is_empty() => "clean".to_owned(),
            (0, 0) => "not clean: the run did too little".to_owned(),
            (0, _) => format!("not clean: {} broken", count(broken, "promise")),
            (mistakes, _) => format!("not judged: the workload made {}", count(mistakes, "mistake")),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        for mistake in self.mistakes.iter().take(MISTAKES_SHOWN) {
            writeln!(f, "  {mistake}")?;
        }
        more(f, "  ", self.mistakes.len(), MISTAKES_SHOWN)?;
        for shortfall in &self.shortfalls {
            writeln!(f, "  {shortfall}")?;
        }
        for (anomaly, found) in &self.found {
            let allowed = if self.allowed.contains(anomaly) { " (allowed)" } else { "" };
            writeln!(f, "\n{anomaly} × {}{allowed}: {}", found.count, anomaly.meaning())?;
            for finding in found.kept.iter().take(SHOWN) {
                write!(f, "{finding}")?;
            }
            more(f, "  ", found.count, SHOWN)?;
        }
        write!(f, "\nthe run\n{}", self.coverage)
    }
}

impl fmt::Display for Finding {
    /// The sentence, then a line for each step and for each operation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}: {}", self.partitions.join(", "), self.what)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "    {step}"))?;
        for Evidence { operation, text } in &self.evidence {
            writeln!(f, "    #{:<5} {text}", operation + 1)?;
        }
        Ok(())
    }
}

fn each_once<T: Copy + Ord>(items: Vec<T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.into_iter().filter(|&item| seen.insert(item)).collect()
}

/// Says how many there are that are not shown.
fn more(f: &mut fmt::Formatter<'_>, indent: &str, number: usize, shown: usize) -> fmt::Result {
    if number > shown { writeln!(f, "{indent}… and {} more", number - shown) } else { Ok(()) }
}

/// `1, 2 and 3`; of more than `most` the first, and that there are others.
pub(crate) fn list(items: impl Iterator<Item = String>, most: usize) -> String {
    let mut items: Vec<String> = items.take(most + 1).collect();
    if items.len() > most {
        items[most] = "others".to_owned();
    }
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}
