//! The learner's copy of a stage, kept in step with the course.
//!
//! ```text
//!   stages/01-segment-log/              exercises/01-segment-log/work/
//!     Cargo.toml   ── rewritten ──────▶   Cargo.toml
//!     src/**       ── holes emptied ──▶   src/**          the learner writes here
//!     tests/**     ── as they are ────▶   tests/**        put back before each check
//!   Cargo.lock     ── as it is ───────▶   Cargo.lock      so that nothing new is resolved or downloaded
//! ```
//!
//! [`sync`] brings a copy to where it should be, from any state: none yet, half deleted, made from an older course. It first
//! plans all writes, then backs up whatever the plan would take from the learner, and only then writes. What it did that
//! the learner should know is returned as notes. Each file is written whole, and `.origin.toml` last, so a run that is cut
//! off is repaired by the next.
//!
//! Invariant: a file that the learner changed is never written, with three exceptions. Two make a backup first: `tests/`,
//! which judges, and the holes of an exercise that is started or reset ([`empty`]). The third changes a path in
//! `Cargo.toml`: which crate of a stage below is meant ([`pointers`]).

use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::files;
use crate::hole::Hole;
use crate::manifest::{self, Rewrite};
use crate::progress::Progress;
use crate::stack;
use crate::starter;

pub(crate) mod empty;
mod plan;
mod pointers;

use plan::Plan;
use pointers::Pointers;

/// What of a stage's folder is not copied.
pub(crate) const NOT_COPIED: [&str; 5] = ["benches", "fuzz", "target", "Cargo.lock", "Cargo.toml"];

/// Brings the copy of a stage, and the copies it builds on, to where they should be. Returns notes for the learner.
pub(crate) fn sync(course: &Course, stage: &Stage, progress: &Progress) -> Result<Vec<String>> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let own = stack::own_copies(course, &root_manifest, stage, progress)?;
    let mut notes = Vec::new();
    for lower in course.stages.iter().filter(|lower| own.contains_key(&lower.reference())) {
        notes.extend(sync(course, lower, progress)?);
    }
    let text = Rewrite {
        root: &course.root,
        root_manifest: &root_manifest,
        from: &stage.reference(),
        to: &stage.work(),
        own: &|reference| own.get(reference).cloned(),
        mark: None,
    };
    let mut plan = Plan::new(course, stage, progress)?;
    plan.manifest(&text.text()?, &Pointers::new(course, stage, progress, &own))?;
    plan.ours(".cargo/config.toml", alias(course).as_bytes())?;
    plan.files()?;
    plan.stories()?;
    plan.carry_out()?;
    notes.extend(plan.notes);
    Ok(notes)
}

/// `cargo learn` also works from inside a copy, where Cargo does not see the course's workspace.
fn alias(course: &Course) -> String {
    let manifest = course.root.join("Cargo.toml");
    format!(
        "# Made by `cargo learn`, so that it works in this folder as well.\n[alias]\n\
         learn = [\"run\", \"--quiet\", \"--manifest-path\", {:?}, \"--package\", \"learn\", \"--\"]\n",
        manifest.to_string_lossy()
    )
}

/// The holes of `exercises` that stand in a file.
pub(crate) fn holes_in<'e>(exercises: &[&'e Exercise], file: &str) -> Vec<(&'e Exercise, &'e Hole)> {
    let all = exercises.iter().flat_map(|exercise| exercise.holes.iter().map(move |hole| (*exercise, hole)));
    all.filter(|(_, hole)| hole.file == file).collect()
}

/// The hash of a file outside of holes; `None` if it cannot be told.
fn outside(bytes: &[u8], holes: &[&Hole]) -> Option<String> {
    if holes.is_empty() {
        return Some(files::hash(bytes));
    }
    starter::outside(std::str::from_utf8(bytes).ok()?, holes).ok()
}
