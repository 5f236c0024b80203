//! `cargo learn explore`: a model checker's Explorer, in the browser.
//!
//! A stage can have a model of its protocol: an example of its package that tries all that can happen, and that serves the
//! checker's Explorer. `exercises.toml` names it. It is the course's model, and is built with optimisation, as it is a search.

use std::process::Command;

use super::program::{become_it, course_manifest};
use crate::cargo::program;
use crate::course::{Course, Stage};
use crate::fault::{Fault, Result};

/// Serves the Explorer until Ctrl-C.
pub(crate) fn explore(course: &Course, number: Option<u8>, scenario: Option<&str>) -> Result<u8> {
    let stage = match number {
        Some(number) => course.stage(number)?,
        None => course.stages.iter().find(|stage| stage.model.is_some()).ok_or_else(|| none("The course"))?,
    };
    let model = stage.model.as_deref().ok_or_else(|| none(&format!("Stage {:02}", stage.number)))?;
    become_it(&mut command(course, stage, model, scenario))
}

fn none(who: &str) -> Fault {
    Fault::Usage(format!("{who} has no model to explore."))
}

fn command(course: &Course, stage: &Stage, model: &str, scenario: Option<&str>) -> Command {
    let mut command = Command::new(program());
    command.args(["run", "--release", "--manifest-path"]).arg(course_manifest(course));
    command.arg("--target-dir").arg(&course.target).args(["--package", &stage.package, "--example", model]);
    command.args(["--", "explore"]);
    command.args(scenario.into_iter().flat_map(|name| ["--scenario", name]));
    command
}
