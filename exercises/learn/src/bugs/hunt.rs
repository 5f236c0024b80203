//! Lets one bug loose, until it is found.

use std::cell::OnceCell;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use super::plant;
use super::read::Bug;
use crate::cargo;
use crate::course::Course;
use crate::fault::{Fault, Result};
use crate::process::{self, End, Limits, Ran};
use crate::twin::VARIANT;

/// Who hunts. What he needs is built when it is needed first.
#[derive(Debug)]
pub(crate) struct Hunter<'c> {
    course: &'c Course,
    /// By stage.
    simulations: [OnceCell<PathBuf>; 3],
    model: OnceCell<PathBuf>,
    /// How many seeds run at a time.
    jobs: Option<usize>,
}

/// What the model judges.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Judge<'b> {
    /// The stage with a bug in it.
    Bug(&'b Bug),
    /// The stage as it is, driven by a wrong policy of the model's own.
    Policy,
}

/// How a bug was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caught {
    /// By this seed, which is clean without it; so many were run. What was wrong; and seeds that are not clean without it either.
    Seed { seed: u64, wrongs: Vec<String>, unclean: Vec<u64> },
    /// By the model: a promise is broken. So many states were looked at.
    Model { promise: String, states: u64 },
}

/// A seed that is not clean, as `acks simulate --json` tells it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Unclean {
    seed: u64,
    wrongs: Vec<String>,
}

/// What it says at the end.
#[derive(Debug, Deserialize)]
struct Sum {
    runs: u64,
}

impl<'c> Hunter<'c> {
    /// One who hunts in these twins, so many seeds at a time.
    pub(crate) fn new(course: &'c Course, jobs: Option<usize>) -> Self {
        Hunter { course, simulations: Default::default(), model: OnceCell::new(), jobs }
    }

    /// The simulation with a bug in it.
    pub(crate) fn simulation(&self, bug: &Bug) -> Result<Command> {
        let mut command = self.clean_simulation(bug)?;
        command.env(VARIANT, &bug.name).args(bug.policy.iter().map(|policy| format!("--policy={policy}")));
        Ok(command)
    }

    /// The same storm without it.
    fn clean_simulation(&self, bug: &Bug) -> Result<Command> {
        let cell = &self.simulations[usize::from(bug.storm - plant::SIMULATIONS.start())];
        let mut command = Command::new(built(cell, || plant::simulation(self.course, bug.storm))?);
        command.env_remove(VARIANT).arg("simulate");
        Ok(command)
    }

    fn model(&self) -> Result<Command> {
        let mut command = Command::new(built(&self.model, || plant::model(self.course))?);
        command.env_remove(VARIANT);
        Ok(command)
    }

    /// Runs seeds from 1 on, `most` at most, until one is not clean and would be without the bug.
    pub(crate) fn by_simulation(&self, bug: &Bug, most: u64) -> Result<Option<Caught>> {
        let (mut first, mut unclean) = (1, Vec::new());
        while first <= most {
            let mut command = self.simulation(bug)?;
            command.arg(format!("--first={first}")).arg(format!("--seeds={}", most + 1 - first)).arg("--until-caught");
            let Some(Unclean { seed, wrongs }) = self.seeds(command)? else { break };
            let mut without = self.clean_simulation(bug)?;
            without.arg(format!("--first={seed}")).arg("--seeds=1");
            if self.seeds(without)?.is_none() {
                return Ok(Some(Caught::Seed { seed, wrongs, unclean }));
            }
            unclean.push(seed);
            first = seed + 1;
        }
        Ok(None)
    }

    /// The first seed that is not clean.
    fn seeds(&self, mut command: Command) -> Result<Option<Unclean>> {
        command.arg("--json").args(self.jobs.map(|jobs| format!("--jobs={jobs}")));
        let ran = run(&mut command)?;
        first_unclean(&ran.stdout).ok_or_else(|| failed(&command, &ran))
    }

    /// Has the model look for a broken promise, in the bounds of a scenario.
    pub(crate) fn by_model(&self, judge: Judge<'_>, scenario: &str) -> Result<Option<Caught>> {
        let mut command = self.model()?;
        command.args(["check", "--scenario", scenario]);
        if let Judge::Bug(bug) = judge {
            command.env(VARIANT, &bug.name).args(["--policy", "as-it-is"]);
        }
        let ran = run(&mut command)?;
        match (ran.end, broken(&ran.stdout)) {
            (End::Code(1), Some(caught)) => Ok(Some(caught)),
            (End::Code(0), None) => Ok(None),
            // A rule that the code itself holds is broken as well as a promise.
            (End::Code(101), _) => Ok(Some(Caught::Model { promise: panicked(&ran.stderr), states: 0 })),
            _ => Err(failed(&command, &ran)),
        }
    }

    /// The scenarios of the wrong policies that the model has itself.
    pub(crate) fn scenarios(&self) -> Result<Vec<String>> {
        let mut command = self.model()?;
        let ran = run(command.arg("scenarios"))?;
        let names = first_words(&ran.stdout);
        if ran.end == End::Code(0) && !names.is_empty() { Ok(names) } else { Err(failed(&command, &ran)) }
    }
}

/// What was built before, or is built now.
fn built(program: &OnceCell<PathBuf>, build: impl FnOnce() -> Result<PathBuf>) -> Result<PathBuf> {
    match program.get() {
        Some(built) => Ok(built.clone()),
        None => build().map(|built| program.get_or_init(|| built).clone()),
    }
}

fn run(command: &mut Command) -> Result<Ran> {
    process::run(command, Limits::default()).map_err(|error| cannot_run(command, &error))
}

/// That a program could not be started.
pub(crate) fn cannot_run(command: &Command, error: &io::Error) -> Fault {
    cargo::cannot_run(command.get_program(), error)
}

fn failed(command: &Command, ran: &Ran) -> Fault {
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    let program = command.get_program().to_string_lossy();
    let (end, said) = (ran.end, ran.stderr.trim_end());
    Fault::Broken(format!("`{program} {}` has not said what came out ({end:?})\n{said}", arguments.join(" ")))
}

/// The first seed that is not clean, of what `simulate --json` says; `None` if it has not come to its end.
fn first_unclean(said: &str) -> Option<Option<Unclean>> {
    let sum: Sum = serde_json::from_str(said.lines().last()?).ok()?;
    let seeds = said.lines().filter_map(|line| serde_json::from_str::<Unclean>(line).ok());
    (sum.runs > 0).then(|| seeds.min_by_key(|unclean| unclean.seed))
}

/// The promise that the model says is broken.
fn broken(said: &str) -> Option<Caught> {
    let promise = said.lines().filter_map(|line| line.strip_prefix("broken: ")).next_back()?.to_owned();
    let states = said.lines().find_map(|line| line.split_once(" states, ")?.0.parse().ok()).unwrap_or(0);
    Some(Caught::Model { promise, states })
}

/// What a panic says, in a line.
fn panicked(said: &str) -> String {
    let mut lines = said.lines().skip_while(|line| !line.contains("panicked at")).skip(1);
    format!("a panic: {}", lines.next().unwrap_or_default())
}

/// What each line begins with.
fn first_words(said: &str) -> Vec<String> {
    said.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_seed_that_is_not_clean_counts() {
        let said = "{\"seed\":5,\"wrongs\":[\"unseen\"]}\n{\"seed\":4,\"wrongs\":[\"lost write\"]}\n{\"runs\":5}\n";
        let first = first_unclean(said).unwrap().unwrap();
        assert_eq!((first.seed, first.wrongs.as_slice()), (4, ["lost write".to_owned()].as_slice()));
        assert_eq!(first_unclean("{\"runs\":3}\n"), Some(None));
    }

    #[test]
    fn a_simulation_that_has_not_come_to_its_end_has_found_nothing() {
        assert_eq!(first_unclean(""), None);
        assert_eq!(first_unclean("{\"seed\":4,\"wrongs\":[]}\n"), None);
        assert_eq!(first_unclean("{\"runs\":0}\n"), None);
    }

    #[test]
    fn of_several_promises_the_scenarios_own_is_told_last() {
        let said = "Right within Bounds\n812 states, 2000 steps, 9 away at the most, 0.1 s\n\nbroken: one\n\nbroken: two\n\n1. it asks\n";
        assert_eq!(broken(said), Some(Caught::Model { promise: "two".to_owned(), states: 812 }));
        assert_eq!(broken("812 states, 2000 steps\n"), None);
    }

    #[test]
    fn scenarios_are_read_line_by_line() {
        assert_eq!(
            first_words("isr_unfenced    IsrUnfenced    all agree\nno_second_row   NoSecondRow\n"),
            ["isr_unfenced", "no_second_row"]
        );
    }
}
