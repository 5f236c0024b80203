//! Compiles all variants of a stage at once.
//!
//! Each hole of a copy gets a body that chooses when it runs:
//!
//! ```rust,ignore
//! fn encode(value: u64) -> Vec<u8> {
//!     if crate::learn_variant::is("1.1:starter") { todo!("exercise 1.1: …") }
//!     else if crate::learn_variant::is("1.1:a") { /* the body of wrong/1.1-a.rs */ }
//!     else { /* the reference */ }
//! }
//! ```
//!
//! So a stage with nine exercises and thirty variants costs one compilation. A test program, and every program that it
//! starts, reads its variant from the environment (`FTLU_VARIANT`).
//!
//! The copies stand below `target/verify`. They are written in place, and only where they differ, so that a second run
//! compiles nothing that has not changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::rules::Sound;
use crate::anchor;
use crate::answer;
use crate::copy::{NOT_COPIED, holes_in};
use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::files;
use crate::hole::Hole;
use crate::manifest::{self, Rewrite};
use crate::starter::{self, Filling};

/// The module through which a body asks which variant it is.
const MODULE: &str = "\
//! Which variant of the exercises runs.
use std::sync::OnceLock;

static CHOSEN: OnceLock<String> = OnceLock::new();

pub(crate) fn is(variant: &str) -> bool {
    CHOSEN.get_or_init(|| std::env::var(\"FTLU_VARIANT\").unwrap_or_default()) == variant
}
";

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
    let chosen = |name: &str| format!("if crate::learn_variant::is(\"{}:{name}\")", exercise.id);
    let mut body = format!("{{ {} {{ {} }} else ", chosen("starter"), starter::todo(&exercise.announcement()));
    for (name, wrong) in wrong {
        body.push_str(&format!("{} {wrong} else ", chosen(name)));
    }
    body + reference + " }"
}

/// The wrong solution in which an error of the compiler stands, as a line above the error. All are in one copy, so the
/// place that the compiler names is not where its author has to look.
pub(crate) fn blame(copy: &Path, error: &str) -> String {
    let place = error.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let Some((file, line)) = place.and_then(|place| place.split_once(':')) else { return String::new() };
    let line: usize = line.split(':').next().and_then(|line| line.parse().ok()).unwrap_or(0);
    let text = std::fs::read_to_string(copy.join(file)).unwrap_or_default();
    let before: String = text.split_inclusive('\n').take(line).collect();
    let chosen = before.rsplit_once("crate::learn_variant::is(\"").map_or("", |(_, rest)| rest);
    match chosen.split('"').next().unwrap_or_default().split_once(':') {
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
    choosing: bool,
) -> Result<()> {
    let mut expected = BTreeSet::from([PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock")]);
    write_manifest(course, stage, copy, if choosing { "variants" } else { "starter" })?;
    let exercises: Vec<&Exercise> = sound.iter().map(|sound| sound.exercise).collect();
    for path in files::walk(&stage.reference(), &NOT_COPIED)? {
        let bytes = files::read(&stage.reference().join(&path))?.unwrap_or_default();
        let bytes = anchor::moved(&stage.reference(), &path, bytes);
        let bytes = filled(stage, &path, bytes, &exercises, fill)?;
        let is_root = choosing && ["src/lib.rs", "src/main.rs"].contains(&files::slashed(&path).as_str());
        let bytes = if is_root { [bytes.as_slice(), b"\nmod learn_variant;\n"].concat() } else { bytes };
        files::write_if_changed(&copy.join(&path), &bytes)?;
        expected.insert(path);
    }
    if choosing {
        files::write_if_changed(&copy.join("src/learn_variant.rs"), MODULE.as_bytes())?;
        expected.insert(PathBuf::from("src/learn_variant.rs"));
    }
    for path in files::walk(copy, &[])? {
        if !expected.contains(&path) {
            files::remove(&copy.join(path))?;
        }
    }
    Ok(())
}

fn write_manifest(course: &Course, stage: &Stage, copy: &Path, mark: &str) -> Result<()> {
    let rewrite = Rewrite {
        root: &course.root,
        root_manifest: &manifest::parse(&course.root.join("Cargo.toml"))?,
        from: &stage.reference(),
        to: copy,
        own: &|_| None,
        mark: Some(mark),
    };
    files::write_if_changed(&copy.join("Cargo.toml"), rewrite.text()?.as_bytes())?;
    match files::read(&course.root.join("Cargo.lock"))? {
        Some(lock) => seed_lock(copy, &lock),
        None => Ok(()),
    }
}

/// Cargo shortens the lock file to what the copy needs. So it is written again only when the course's has changed.
fn seed_lock(copy: &Path, lock: &[u8]) -> Result<()> {
    let seed = copy.join(".seed");
    if files::write_if_changed(&seed, files::hash(lock).as_bytes())? || !copy.join("Cargo.lock").is_file() {
        files::write(&copy.join("Cargo.lock"), lock)?;
    }
    Ok(())
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
