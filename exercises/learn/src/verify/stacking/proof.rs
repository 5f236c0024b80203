//! What is proved of the played learner's copy of a stage.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::super::{Variant, complaint};
use super::{Seen, learner};
use crate::cargo::{self, Build, Built, Products};
use crate::check::{self, Checked, News, Order};
use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::judge::Verdict;
use crate::libtest::{self, Status};
use crate::manifest;
use crate::process::{self, End, Limits, Ran, Stop};
use crate::progress::Progress;
use crate::stack;
use crate::style::{Style, counted};
use crate::verbs::{Ticker, demo, program, run};

/// How long all tests of a stage, or a step of its demo, may take with what has to be compiled for it.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// How many lines of output are shown of what went wrong.
const LINES: usize = 60;

/// Each exercise fails, and because it is empty.
pub(super) fn each_is_empty(course: &Course, stage: &Stage) -> Result<Seen> {
    each(course, stage, &Variant::Starter, "none is written, and each check says so")
}

/// Each exercise passes, and the stage counts as passed.
pub(super) fn each_passes(course: &Course, stage: &Stage) -> Result<Seen> {
    let seen = each(course, stage, &Variant::Reference, "all are written and pass")?;
    if seen.is_ok() && !Progress::peek(course).finished(stage) {
        return Ok(Err(vec![format!("{}: all exercises pass, but the stage does not count as passed", stage.folder)]));
    }
    Ok(seen)
}

fn each(course: &Course, stage: &Stage, variant: &Variant<'_>, what: &str) -> Result<Seen> {
    let mut problems = Vec::new();
    for exercise in &stage.exercises {
        let Checked { verdict, screen, .. } = check(course, exercise)?;
        if let Some(complaint) = complaint(exercise, variant, &verdict, &screen) {
            problems.push(format!("{} {}: {complaint}\n{screen}", exercise.id, variant.name()));
        }
        if let Verdict::NotCompiled(_) | Verdict::NotBuilt(_) = verdict {
            break;
        }
    }
    let count = counted(stage.exercises.len(), "exercise", "exercises");
    Ok(if problems.is_empty() { Ok(format!("{count}: {what}")) } else { Err(problems) })
}

fn check(course: &Course, exercise: &Exercise) -> Result<Checked> {
    let mut ticker = Ticker::new();
    let hear = &mut |news: News<'_>| {
        if let News::Cargo(line) = news {
            ticker.tell(line);
        }
    };
    let order =
        Order { id: exercise.id, style: Style::PLAIN, verbose: false, keys: false, stop: Stop::default(), hear };
    let checked = check::check(course, order);
    ticker.clear();
    checked
}

/// The stages that a stage builds on.
pub(super) fn below<'c>(course: &'c Course, stage: &Stage) -> Result<Vec<&'c Stage>> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let below = stack::below(course, &root_manifest, stage)?;
    Ok(course.stages.iter().filter(|lower| below.contains(&lower.reference())).collect())
}

/// The compiler used the learner's copies of the stages below, and never the course's.
pub(super) fn builds_on(course: &Course, stage: &Stage, below: &[&Stage]) -> Result<Seen> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let own = stack::own_copies(course, &root_manifest, stage, &Progress::peek(course))?;
    if let Some(lower) = below.iter().find(|lower| !own.contains_key(&lower.reference())) {
        return Ok(Err(vec![format!(
            "{}: it cannot build on the learner's {}, which is passed. Does a crate of its tests build on a stage?",
            stage.folder, lower.folder
        )]));
    }
    let mut ticker = Ticker::new();
    let built = Build {
        manifest: &program::own_manifest(stage),
        target: &course.target,
        colour: false,
        stop: Stop::default(),
        on_line: &mut |line| ticker.tell(line),
    }
    .everything();
    ticker.clear();
    let text = match built? {
        Built::Ready(Products { manifests, .. }) => return Ok(made_of(stage, below, &manifests)),
        Built::Errors(errors) => errors.join("\n"),
        Built::Failed(text) => text,
        Built::Stopped => "the build was stopped".to_owned(),
    };
    Ok(Err(vec![format!("{}: it does not compile on the learner's stages below\n{text}", stage.folder)]))
}

fn made_of(stage: &Stage, below: &[&Stage], manifests: &BTreeSet<PathBuf>) -> Seen {
    let mut problems = Vec::new();
    for lower in below {
        if manifests.contains(&lower.reference().join("Cargo.toml")) {
            problems.push(format!("{}: the course's {} is in it", stage.folder, lower.folder));
        } else if !manifests.contains(&program::own_manifest(lower)) {
            problems.push(format!("{}: the learner's {} is not in it", stage.folder, lower.folder));
        }
    }
    let names: Vec<&str> = below.iter().map(|lower| lower.folder.as_str()).collect();
    if problems.is_empty() { Ok(format!("the learner's {}", names.join(", "))) } else { Err(problems) }
}

/// Every test of the stage passes in the copy, and the marks of the stages below were found.
pub(super) fn all_tests_pass(course: &Course, stage: &Stage) -> Result<Seen> {
    let mut command = run::test_command(course, stage, None, None);
    // Kafka's own tools need no learner's copy, and take long.
    command.env_remove("FTLU_KAFKA");
    let limits = Limits { time: Some(PATIENCE), ..Limits::default() };
    let ran = process::run(&mut command, limits).map_err(|error| cargo::cannot_run(command.get_program(), &error))?;
    if ran.end != End::Code(0) {
        return Ok(Err(vec![format!("{}: its tests do not pass on the learner's\n{}", stage.folder, tail(&ran))]));
    }
    let tests = libtest::parse(&ran.stdout).tests;
    for lower in direct(course, stage)? {
        if tests.get(&learner::test_name(lower)) != Some(&Status::Passed) {
            let text = format!("{}: nobody looked for the mark in {}", stage.folder, lower.folder);
            return Ok(Err(vec![format!("{text}\n{}", tail(&ran))]));
        }
    }
    let passed = ran.stdout.lines().filter_map(passed).sum::<usize>();
    Ok(Ok(format!("{} on that", counted(passed, "test passes", "tests pass"))))
}

/// The stages that a stage itself names as dependencies.
fn direct<'c>(course: &'c Course, stage: &Stage) -> Result<Vec<&'c Stage>> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let needed = manifest::path_dependencies(&course.root, &root_manifest, &stage.reference(), true)?;
    Ok(course.stages.iter().filter(|lower| needed.contains(&lower.reference())).collect())
}

/// The number in `test result: ok. 12 passed; …`.
fn passed(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("test result: ok. ")?;
    rest.split(' ').next()?.parse().ok()
}

/// The stage's program, built from the learner's copies, goes through its demo; without one, it can at least be asked for help.
pub(super) fn program_runs(course: &Course, stage: &Stage) -> Result<Seen> {
    let manifest = program::own_manifest(stage);
    let Some(demo) = &stage.demo else {
        let mut command = program::command(course, stage, &manifest);
        command.args(["--quiet", "--", "--help"]);
        let ran = step(&mut command, "")?;
        let fine = ran.end == End::Code(0);
        let text = format!("{}: `{} --help` does not run\n{}", stage.folder, stage.package, tail(&ran));
        return Ok(if fine { Ok(format!("`{} --help`", stage.package)) } else { Err(vec![text]) });
    };
    let folder = demo::folder(course, stage)?;
    for (number, what) in demo.steps.iter().enumerate() {
        let ran = step(&mut demo::command(course, stage, &manifest, what, &folder), &what.stdin)?;
        // A demo may show an error on purpose. A panic ends with 101.
        if !matches!(ran.end, End::Code(code) if code != 101) {
            return Ok(Err(vec![format!("{}: step {} of its demo\n{}", stage.folder, number + 1, tail(&ran))]));
        }
    }
    Ok(Ok(format!("`{}`, the {} steps of its demo", stage.package, demo.steps.len())))
}

fn step(command: &mut std::process::Command, input: &str) -> Result<Ran> {
    let limits = Limits { time: Some(PATIENCE), input: Some(input.as_bytes().to_vec()), ..Limits::default() };
    process::run(command, limits).map_err(|error| cargo::cannot_run(command.get_program(), &error))
}

/// The last lines that were written, and how it ended.
fn tail(ran: &Ran) -> String {
    let text = format!("{}\n{}", ran.stderr.trim_end(), ran.stdout.trim_end());
    let lines: Vec<&str> = text.lines().collect();
    format!("{}\n({:?})", lines[lines.len().saturating_sub(LINES)..].join("\n"), ran.end)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_courses_crate_and_a_missing_one_are_told_apart() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture-course");
        let course = Course::load(&root).unwrap();
        let (one, two) = (course.stage(1).unwrap(), course.stage(2).unwrap());
        let (own, courses) = (program::own_manifest(one), one.reference().join("Cargo.toml"));
        let seen = |manifests: &[&PathBuf]| made_of(two, &[one], &manifests.iter().copied().cloned().collect());
        assert_eq!(seen(&[&own]), Ok("the learner's 01-toy".to_owned()));
        assert_eq!(seen(&[&own, &courses]), Err(vec!["02-toy: the course's 01-toy is in it".to_owned()]));
        assert_eq!(seen(&[]), Err(vec!["02-toy: the learner's 01-toy is not in it".to_owned()]));
    }

    #[test]
    fn passes_are_counted_by_program() {
        assert_eq!(passed("test result: ok. 12 passed; 0 failed; 0 ignored; finished in 0.1s"), Some(12));
        assert_eq!(passed("test result: FAILED. 12 passed; 1 failed"), None);
        assert_eq!(passed("test a ... ok"), None);
    }
}
