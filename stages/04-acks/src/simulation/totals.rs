//! Many runs together: what they covered, and whether that is enough.
//!
//! A storm in which nothing happens proves nothing. So all runs together have floors: each kind of fault must have happened, and
//! each thing that faults lead to. One run alone cannot have everything, so the floors hold from [`ENOUGH`] runs on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::faults::Fault;
use super::report::Report;

/// So many runs must have covered everything.
pub const ENOUGH: usize = 20;

/// What must have happened in them, by the names of the reports' numbers.
const FLOORS: [&str; 17] = [
    "brokers fenced",
    "duplicates",
    "elections",
    "elections from the second row",
    "elections of the last leader",
    "expansions of the in-sync list",
    "faults side by side",
    "logs that parted",
    "moves called off",
    "moves done",
    "overtaken",
    "records acknowledged",
    "records in doubt",
    "records read",
    "registrations",
    "shrinks of the in-sync list",
    "times without a leader",
];

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    runs: usize,
    /// What must have happened beside [`FLOORS`].
    floors: &'static [&'static str],
    /// The seeds that were not clean.
    failed: BTreeSet<u64>,
    millis: u64,
    counts: BTreeMap<String, u64>,
    faults: BTreeMap<Fault, u64>,
}

impl Totals {
    /// No run yet. In many of them this must have happened, beside what must have in any stage's.
    pub fn with_floors(floors: &'static [&'static str]) -> Self {
        Totals { floors, ..Totals::default() }
    }

    /// One run more.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.millis += report.millis;
        if !report.is_clean() {
            self.failed.insert(report.seed);
        }
        for (name, count) in &report.counts {
            *self.counts.entry(name.clone()).or_default() += count;
        }
        for (fault, count) in &report.faults {
            *self.faults.entry(*fault).or_default() += count;
        }
    }

    /// One run more, of which there is no report.
    pub fn add_lost(&mut self, seed: u64) {
        self.runs += 1;
        self.failed.insert(seed);
    }

    /// How many runs.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// The seeds that were not clean.
    pub fn failed(&self) -> &BTreeSet<u64> {
        &self.failed
    }

    /// What did not happen, and should have.
    pub fn missing(&self) -> Vec<String> {
        if self.runs < ENOUGH {
            return Vec::new();
        }
        let faults =
            Fault::ALL.into_iter().filter(|fault| !self.faults.contains_key(fault)).map(|fault| fault.to_string());
        let floors = FLOORS.iter().chain(self.floors).copied();
        let counts = floors.filter(|name| self.counts.get(*name).is_none_or(|count| *count == 0));
        faults.chain(counts.map(str::to_owned)).collect()
    }

    /// All runs were clean, and they covered enough.
    pub fn is_clean(&self) -> bool {
        self.failed.is_empty() && self.missing().is_empty()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, failed, seconds) = (self.runs, self.failed.len(), self.millis / 1_000);
        writeln!(f, "{runs} runs, {failed} not clean; {seconds} simulated seconds")?;
        writeln!(f, "covered")?;
        for (name, count) in &self.counts {
            writeln!(f, "  {count:9}  {name}")?;
        }
        writeln!(f, "faults")?;
        for (fault, count) in &self.faults {
            writeln!(f, "  {count:9}  {fault}")?;
        }
        self.missing().iter().try_for_each(|what| writeln!(f, "never happened: {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, is_clean: bool) -> Report {
        Report {
            seed,
            settings: String::new(),
            millis: 1_000,
            judged: Vec::new(),
            findings: if is_clean { Vec::new() } else { vec!["a fork".to_owned()] },
            counts: FLOORS.into_iter().map(|name| (name.to_owned(), 1)).collect(),
            faults: Fault::ALL.into_iter().map(|fault| (fault, 1)).collect(),
            recent: Vec::new(),
            history: String::new(),
        }
    }

    #[test]
    fn a_run_that_fails_is_remembered() {
        let mut totals = Totals::default();
        totals.add(&run(1, true));
        assert!(totals.is_clean());
        totals.add(&run(2, false));
        totals.add_lost(3);
        assert_eq!(totals.failed().iter().copied().collect::<Vec<_>>(), [2, 3]);
        assert!(!totals.is_clean());
    }

    #[test]
    fn many_runs_that_lack_something_are_not_enough() {
        let mut totals = Totals::default();
        for seed in 0..ENOUGH as u64 {
            assert!(totals.is_clean(), "a few runs need not have everything");
            let mut idle = run(seed, true);
            idle.faults.remove(&Fault::Hold);
            idle.counts.insert("elections".to_owned(), 0);
            totals.add(&idle);
        }
        assert_eq!(totals.missing(), ["hold and release", "elections"]);
        assert!(!totals.is_clean());
        totals.add(&run(99, true));
        assert!(totals.is_clean());
    }
}
