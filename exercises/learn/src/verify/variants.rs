//! Compiles all variants of a stage at once: what is empty, what is right, and what is wrong ([`twin`]).
//!
//! The copies stand below `target/verify`.

use std::path::{Path, PathBuf};

use super::rules::Sound;
use crate::answer;
use crate::copy::holes_in;
use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::files;
use crate::hole::Hole;
use crate::starter::{self, Filling};
use crate::twin::{self, Twin};

/// Where the copies of all stages are built.
pub(crate) fn target(course: &Course) -> PathBuf {
    folder(course).join("build")
}

/// Where everything is that `verify` makes.
pub(super) fn folder(course: &Course) -> PathBuf {
    course.root.join("target").join("verify")
}

/// The stage with all its holes empty, as a learner has it who starts everything at once.
pub(crate) fn starter(course: &Course, stage: &Stage, sound: &[Sound<'_>]) -> Result<PathBuf> {
    let copy = folder(course).join(format!("{}-starter", stage.folder));
    write(course, stage, &copy, sound, &|exercise, _, _| Filling::todo(exercise), false)?;
    Ok(copy)
}

/// The stage with every variant in it.
pub(crate) fn all(course: &Course, stage: &Stage, sound: &[Sound<'_>]) -> Result<PathBuf> {
    let copy = folder(course).join(&stage.folder);
    let choosing = |exercise: &Exercise, hole: &Hole, reference: &str| {
        let wrong = sound.iter().filter(|sound| sound.exercise.id == exercise.id).flat_map(|sound| &sound.wrong);
        let wrong = wrong.filter_map(|wrong| Some((wrong.name.as_str(), wrong.bodies.get(hole)?.as_str())));
        Filling::Body(body(exercise, reference, wrong))
    };
    write(course, stage, &copy, sound, &choosing, true)?;
    Ok(copy)
}

fn body<'w>(exercise: &Exercise, reference: &str, wrong: impl Iterator<Item = (&'w str, &'w str)>) -> String {
    let empty = format!("{{ {} }}", starter::todo(&exercise.announcement()));
    let name = |name: &str| format!("{}:{name}", exercise.id);
    let wrong: Vec<_> = wrong.map(|(of, body)| (name(of), body)).collect();
    let empty = [(name("starter"), empty.as_str())];
    twin::body(reference, empty.into_iter().chain(wrong))
}

/// The wrong solution in which an error of the compiler stands, as a line above the error. All are in one copy, so the
/// place that the compiler names is not where its author has to look.
pub(crate) fn blame(copy: &Path, error: &str) -> String {
    match twin::variant_at(copy, error).split_once(':') {
        Some((_, "starter")) | None => String::new(),
        Some((id, name)) => format!("(probably in wrong/{id}-{name}.rs)\n"),
    }
}

type Fill<'f> = &'f dyn Fn(&Exercise, &Hole, &str) -> Filling;

fn write(
    course: &Course,
    stage: &Stage,
    copy: &Path,
    sound: &[Sound<'_>],
    fill: Fill<'_>,
    chooses: bool,
) -> Result<()> {
    let exercises: Vec<&Exercise> = sound.iter().map(|sound| sound.exercise).collect();
    let mark = if chooses { "variants" } else { "starter" };
    let twin = Twin { course, stage, to: copy, mark, own: &|_| None, chooses };
    twin.write(&|path, bytes| filled(stage, path, bytes, &exercises, fill))
}

fn filled(stage: &Stage, path: &Path, bytes: Vec<u8>, exercises: &[&Exercise], fill: Fill<'_>) -> Result<Vec<u8>> {
    let holes = holes_in(exercises, &files::slashed(path));
    let Some((_, first)) = holes.first() else { return Ok(bytes) };
    let text = String::from_utf8_lossy(&bytes);
    let lost = |missing| answer::lost_hole(stage, first, &missing);
    let mut fillings = Vec::new();
    for (exercise, hole) in &holes {
        let reference = starter::body(&text, hole).map_err(lost)?;
        fillings.push((*hole, fill(exercise, hole, &reference)));
    }
    Ok(starter::fill(&text, &fillings).map_err(lost)?.into_bytes())
}
