//! `cargo learn run`: a stage's program, built from what the learner has written.
//!
//! A copy of a stage holds what the learner wrote for it, and builds on their copies of the stages below. So the program of
//! a stage is theirs as soon as one of its exercises is started, or a stage below it is passed. Until then it is the course's.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::notice;
use crate::cargo::{cannot_run, program};
use crate::copy;
use crate::course::{Course, Stage};
use crate::fault::Result;
use crate::lock::{self, What};
use crate::manifest;
use crate::progress::Progress;
use crate::stack;

/// Runs the program of a stage with these arguments, in the folder where the person stands.
pub(crate) fn run(course: &Course, number: u8, arguments: &[OsString]) -> Result<u8> {
    let stage = course.stage(number)?;
    let progress = Progress::open(course)?;
    notice(&progress);
    let manifest = if is_yours(course, stage, &progress)? {
        let _lock = lock::take(course, What::Work)?;
        for note in copy::sync(course, stage, &progress)? {
            eprintln!("({note})");
        }
        own_manifest(stage)
    } else {
        eprintln!("(This is the course's {}: you have no copy of it yet.)", stage.name());
        course_manifest(course)
    };
    let mut command = command(course, stage, &manifest);
    // Whoever sits at a terminal sees that it is being built; a script sees the program's output alone.
    command.args((!io::stderr().is_terminal()).then_some("--quiet"));
    become_it(command.arg("--").args(arguments))
}

/// Whether there is anything of the learner's in a stage's program.
pub(crate) fn is_yours(course: &Course, stage: &Stage, progress: &Progress) -> Result<bool> {
    if stage.exercises.iter().any(|exercise| progress.entry(exercise.id).started) {
        return Ok(true);
    }
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    Ok(!stack::own_copies(course, &root_manifest, stage, progress)?.is_empty())
}

/// The manifest of the learner's copy.
pub(crate) fn own_manifest(stage: &Stage) -> PathBuf {
    stage.work().join("Cargo.toml")
}

/// The manifest of the course.
pub(crate) fn course_manifest(course: &Course) -> PathBuf {
    course.root.join("Cargo.toml")
}

/// Builds and runs the program. Its arguments go behind `--`.
pub(crate) fn command(course: &Course, stage: &Stage, manifest: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("run").arg("--manifest-path").arg(manifest).args(["--package", &stage.package]);
    command.arg("--target-dir").arg(&course.target);
    command
}

/// Hands the terminal over: keys, Ctrl-C and the exit code are the program's own from here on.
#[cfg(unix)]
pub(super) fn become_it(command: &mut Command) -> Result<u8> {
    let error = std::os::unix::process::CommandExt::exec(command);
    Err(cannot_run(command.get_program(), &error))
}

/// Elsewhere a program cannot become another one, so it is waited for.
#[cfg(not(unix))]
pub(super) fn become_it(command: &mut Command) -> Result<u8> {
    let status = command.status().map_err(|error| cannot_run(command.get_program(), &error))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(3))
}
