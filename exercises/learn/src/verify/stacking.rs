//! `cargo learn verify --stack`: proves that a learner can go from stage to stage on their own code.
//!
//! A learner is played on a copy of the course below `target/verify`, with the same functions that `cargo learn start`,
//! `check`, `test`, `run` and `demo` call. The reference is what they answer.
//!
//! ```text
//!   01   start all ─▶ each check says "not written" ─▶ write all ─▶ each check passes ─▶ the stage counts as passed
//!                                                                                             │ leaves a mark
//!   02   start all ─▶ … ─▶ passed ─▶ compiled with the learner's 01, never the course's ◀─────┘ looks for the mark
//!                                 ─▶ all its tests pass on that, not only those that judge
//!   …
//!   last                          ─▶ its program runs, made of nothing but the learner's crates
//! ```
//!
//! That a stage is built on the learner's copies is read off the compiler's own report of what it compiled. Besides, the
//! played learner adds a function to each copy, and a test to the copy above that calls it.
//!
//! A stage without exercises yet has nothing to start and nothing to write; all else is proved for it too. The tests of a stage
//! that builds on no other are not all run again, as `cargo test` has just run them on the same text.
//!
//! With `--changed`, `--shard` or `--stage` only some stages are looked at. Those below them are written without a check.

use std::time::Instant;

use super::Problems;
use super::choose::{self, Choice};
use crate::course::{Course, Stage};
use crate::fault::Result;
use crate::lock::{self, What};
use crate::style::counted;

mod learner;
mod proof;
mod scratch;

/// Plays a learner through the chosen stages and prints what was proved. Returns 3 if anything is wrong.
pub(crate) fn prove(course: &Course, choice: &Choice) -> Result<u8> {
    let start = Instant::now();
    let _lock = lock::take(course, What::Verify)?;
    let chosen = choose::choose(course, choice)?;
    let scratch = scratch::make(course)?;
    let mut climb = Climb { course: &scratch, problems: Problems::new() };
    let built: Vec<&Stage> = scratch.stages.iter().filter(|stage| stage.built).collect();
    let last = built.last().map(|stage| stage.number);
    let top = chosen.last().copied().unwrap_or(0);
    for stage in built.iter().filter(|stage| stage.number <= top) {
        if chosen.contains(&stage.number) {
            println!("{}", stage.folder);
            climb.up(stage, last == Some(stage.number))?;
        } else {
            learner::pass_unseen(&scratch, stage)?;
        }
        if !climb.problems.is_empty() {
            break;
        }
        learner::leave_mark(stage)?;
    }
    println!();
    for problem in &climb.problems {
        println!("✗ {problem}");
    }
    let verdict = if climb.problems.is_empty() {
        "each on the learner's own"
    } else {
        "not as it must be; what stands above was not tried"
    };
    let stages = counted(chosen.len(), "stage", "stages");
    println!("{stages}, {verdict} ({:.1} s)", start.elapsed().as_secs_f64());
    Ok(if climb.problems.is_empty() { 0 } else { 3 })
}

/// The way up, and what was found wrong on it.
struct Climb<'a> {
    course: &'a Course,
    problems: Problems,
}

impl Climb<'_> {
    /// Goes through one stage and proves all that can be proved of it. Ends at the first step that is wrong.
    fn up(&mut self, stage: &Stage, is_last: bool) -> Result<()> {
        let course = self.course;
        let count = stage.exercises.len();
        if count == 0 {
            println!("  no exercises yet");
            learner::take_copy(course, stage)?;
        } else {
            learner::start_all(course, stage)?;
            self.step("empty", || proof::each_is_empty(course, stage))?;
            learner::write_all(stage)?;
            self.step("written", || proof::each_passes(course, stage))?;
        }
        let below = proof::below(course, stage)?;
        if !below.is_empty() {
            learner::look_for_marks(course, stage)?;
            self.step("builds on", || proof::builds_on(course, stage, &below))?;
            self.step("tests", || proof::all_tests_pass(course, stage))?;
        }
        if is_last {
            self.step("program", || proof::program_runs(course, stage))?;
        }
        Ok(())
    }

    /// One row of the table: what was looked at, what was found and how long it took.
    fn step(&mut self, name: &str, look: impl FnOnce() -> Result<Seen>) -> Result<()> {
        if !self.problems.is_empty() {
            return Ok(());
        }
        let start = Instant::now();
        let seen = look()?;
        let (mark, text) = match &seen {
            Ok(text) => ("✓", text.as_str()),
            Err(_) => ("✗", "see below"),
        };
        println!("  {mark} {name:<10} {text:<64} {:>6.1} s", start.elapsed().as_secs_f64());
        self.problems.extend(seen.err().into_iter().flatten());
        Ok(())
    }
}

/// What a step has proved, or what is wrong.
type Seen = std::result::Result<String, Problems>;
