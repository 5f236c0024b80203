//! Runs the tests that judge an exercise and decides what they say.
//!
//! ```text
//!   programs ──run, with a time limit──▶ output ──libtest──▶ reports ──verdict──▶ one thing to show
//! ```
//!
//! A verdict is a single thing, because a screen full of failures teaches nothing. Of several failed tests the first in the
//! order of `exercises.toml` is shown, since the most basic stands first there; one that reached an empty function
//! yields to one that judged something. Which empty function was reached is kept: it may be another exercise's, one that
//! the learner has skipped, and then that is what stands in the way.
//!
//! Invariant: `Passed` means that each judging test has printed its own `ok`. Fewer is [`Verdict::NotRun`], a mistake of ours.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::cargo;
use crate::course::{Exercise, Id, TestName};
use crate::fault::Result;
use crate::libtest::{self, Report, Status};
use crate::process::{self, End, Limits, Stop};
use crate::starter::REACHED;
use crate::twin;

/// What the tests say.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    Passed {
        tests: usize,
        seconds: f64,
    },
    /// The compiler's errors.
    NotCompiled(Vec<String>),
    /// A `todo!` was reached.
    Unwritten {
        failure: Failure,
        reached: Reached,
    },
    /// A rule was broken, told in a block of lines.
    Judged {
        failure: Failure,
        block: Vec<String>,
    },
    /// Something else went wrong in a test.
    Panicked {
        failure: Failure,
        location: String,
        message: String,
    },
    /// The test program ended without a result.
    Died {
        tests: Vec<TestName>,
        end: End,
        stderr: String,
    },
    TimedOut {
        tests: Vec<TestName>,
        seconds: u64,
    },
    /// Tests that judge did not run at all.
    NotRun(Vec<TestName>),
    /// Cargo failed before there was anything to judge.
    NotBuilt(String),
    /// Nobody waits for it any more.
    Stopped,
}

/// Which tests failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The one that is shown.
    pub(crate) test: TestName,
    /// How many failed.
    pub(crate) failed: usize,
    /// How many judge.
    pub(crate) of: usize,
    /// An empty function that one of those that failed came to: another exercise's, if there was one, else this one's.
    pub(crate) reached: Option<Reached>,
}

/// An empty function that was called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reached {
    /// The exercise that asks for it, and its title.
    pub(crate) id: Id,
    pub(crate) title: String,
    /// The place of its `todo!`: `src/index.rs:12`.
    pub(crate) location: String,
}

impl Verdict {
    /// The empty function of another exercise than `id`, if a test came to one.
    pub(crate) fn foreign(&self, id: Id) -> Option<&Reached> {
        let reached = match self {
            Verdict::Unwritten { failure, reached } => {
                Some(reached).filter(|reached| reached.id != id).or(failure.reached.as_ref())
            }
            Verdict::Judged { failure, .. } | Verdict::Panicked { failure, .. } => failure.reached.as_ref(),
            _ => None,
        };
        reached.filter(|reached| reached.id != id)
    }
}

/// The test programs of a copy, and how to run them.
pub(crate) struct Court<'a> {
    pub(crate) programs: &'a BTreeMap<String, PathBuf>,
    /// The folder of the package, where Cargo would run its tests.
    pub(crate) package: &'a Path,
    /// What the tests are told by their environment.
    pub(crate) env: Vec<(&'static str, OsString)>,
    pub(crate) stop: Stop,
}

/// Tests judge. They write neither snapshots nor seeds into the copy.
pub(crate) const QUIET: [(&str, &str); 2] = [("INSTA_UPDATE", "no"), ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")];

/// Runs the judging tests of an exercise.
pub(crate) fn judge(court: &Court<'_>, exercise: &Exercise) -> Result<Verdict> {
    let start = Instant::now();
    let mut reports = BTreeMap::new();
    let mut cut = None;
    for target in targets(exercise) {
        let Some(program) = court.programs.get(target) else { continue };
        let left = exercise.timeout.saturating_sub(start.elapsed());
        let mut command = command(court, exercise, target, program);
        let limits = Limits { time: Some(left), memory: true, stop: court.stop.clone(), ..Limits::default() };
        let ran =
            process::run(&mut command, limits).map_err(|error| cargo::cannot_run(command.get_program(), &error))?;
        if ran.end == End::Stopped {
            return Ok(Verdict::Stopped);
        }
        let report = libtest::parse(&ran.stdout);
        let complete = report.complete;
        reports.insert(target, report);
        if !complete {
            cut = Some((target, ran.end, ran.stderr));
            break;
        }
    }
    Ok(verdict(exercise, &reports, cut, start.elapsed().as_secs_f64()))
}

/// The test targets of an exercise, each once, in the order in which they appear.
pub(crate) fn targets(exercise: &Exercise) -> Vec<&str> {
    let mut targets: Vec<&str> = Vec::new();
    for test in &exercise.tests {
        if !targets.contains(&test.target.as_str()) {
            targets.push(&test.target);
        }
    }
    targets
}

fn command(court: &Court<'_>, exercise: &Exercise, target: &str, program: &Path) -> Command {
    let mut command = Command::new(program);
    let names = exercise.tests.iter().filter(|test| test.target == target).map(|test| &test.path);
    command.arg("--exact").args(names).current_dir(court.package);
    command.env("CARGO_MANIFEST_DIR", court.package).env("CARGO", cargo::program());
    command.env("RUST_BACKTRACE", "0").envs(QUIET);
    command.env_remove("FTLU_STORY").env_remove(twin::VARIANT);
    command.envs(court.env.iter().map(|(name, value)| (name, value)));
    command
}

fn verdict(
    exercise: &Exercise,
    reports: &BTreeMap<&str, Report>,
    cut: Option<(&str, End, String)>,
    seconds: f64,
) -> Verdict {
    let status =
        |test: &TestName| reports.get(test.target.as_str()).and_then(|report| report.tests.get(&test.path)).copied();
    // A program that was cut off has not printed why its tests failed.
    let explained = |test: &&TestName| reports.get(test.target.as_str()).is_some_and(|report| report.complete);
    let failed: Vec<&TestName> = exercise.tests.iter().filter(|test| status(test) == Some(Status::Failed)).collect();
    if failed.iter().any(explained) {
        return failure(exercise, reports, &failed);
    }
    if let Some((target, end, stderr)) = cut {
        let open = exercise.tests.iter().filter(|test| test.target == target && status(test).is_none());
        let tests: Vec<TestName> = open.cloned().collect();
        return match end {
            End::TimedOut => Verdict::TimedOut { tests, seconds: exercise.timeout.as_secs() },
            end => Verdict::Died { tests, end, stderr },
        };
    }
    let idle: Vec<TestName> =
        exercise.tests.iter().filter(|test| status(test) != Some(Status::Passed)).cloned().collect();
    if idle.is_empty() { Verdict::Passed { tests: exercise.tests.len(), seconds } } else { Verdict::NotRun(idle) }
}

fn failure(exercise: &Exercise, reports: &BTreeMap<&str, Report>, failed: &[&TestName]) -> Verdict {
    let output = |test: &TestName| {
        let report = reports.get(test.target.as_str());
        report.and_then(|report| report.outputs.get(&test.path)).map_or("", String::as_str)
    };
    let empty: Vec<Option<Reached>> = failed.iter().map(|test| reached(output(test))).collect();
    let shown = empty.iter().position(Option::is_none).unwrap_or(0);
    let Some(test) = failed.get(shown) else { return Verdict::NotRun(Vec::new()) };
    let output = output(test);
    let all = || empty.iter().flatten();
    let worst = all().find(|reached| reached.id != exercise.id).or(all().next()).cloned();
    let failure = Failure { test: (*test).clone(), failed: failed.len(), of: exercise.tests.len(), reached: worst };
    if let Some(reached) = empty[shown].clone() {
        return Verdict::Unwritten { failure, reached };
    }
    if let Some(block) = block(output) {
        return Verdict::Judged { failure, block };
    }
    match libtest::panics(output).into_iter().next() {
        // The difference that a snapshot shows is printed before the panic.
        Some(panic) if panic.message.contains("snapshot assertion") => {
            let before = output.split("\nthread '").next().unwrap_or_default().trim_end();
            let message = format!("{}\n\n{before}", panic.message);
            Verdict::Panicked { failure, location: panic.location, message }
        }
        Some(panic) => Verdict::Panicked { failure, location: panic.location, message: panic.message },
        None => Verdict::Panicked { failure, location: String::new(), message: output.to_owned() },
    }
}

/// The `todo!` of an exercise that a test came to.
fn reached(output: &str) -> Option<Reached> {
    libtest::panics(output).into_iter().find_map(|panic| {
        let announced = panic.message.lines().next()?.strip_prefix(REACHED)?;
        let (id, title) = announced.split_once(": ")?;
        Some(Reached { id: id.parse().ok()?, title: title.to_owned(), location: panic.location })
    })
}

/// The lines from `┌ rule:` to `└`.
fn block(output: &str) -> Option<Vec<String>> {
    let lines = output.lines().skip_while(|line| !line.trim_start().starts_with("┌ rule:"));
    let mut block: Vec<String> = Vec::new();
    for line in lines {
        block.push(line.trim_end().to_owned());
        if line.trim_start().starts_with('└') {
            return Some(block);
        }
    }
    None
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
