//! `cargo learn start` and `reset`: an exercise begins, for the first time or again.

use super::{meant, notice, with_notes};
use crate::answer;
use crate::copy::{self, empty};
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::foundation;
use crate::lock::{self, What};
use crate::progress::Progress;
use crate::style::Style;

/// Starts the exercise that is named, or the next one that is not passed.
pub(crate) fn start(course: &Course, id: Option<Id>) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let (stage, exercise) = match id {
        Some(id) => course.exercise(id)?,
        None => progress.next(course, None).ok_or_else(|| {
            Fault::Usage("all exercises are passed. Name one to see it: `cargo learn start 1.1`.".to_owned())
        })?,
    };
    let Started { notes, text } = start_one(course, stage, exercise, &progress)?;
    print!("{}", with_notes(&notes, &text));
    Ok(0)
}

/// An exercise that was started.
pub(crate) struct Started {
    /// What was done to the copy.
    pub(crate) notes: Vec<String>,
    /// Where to go from here.
    pub(crate) text: String,
}

/// Starts an exercise, or goes back to it.
pub(crate) fn start_one(course: &Course, stage: &Stage, exercise: &Exercise, progress: &Progress) -> Result<Started> {
    let id = exercise.id;
    if progress.entry(id).started {
        let _lock = lock::take(course, What::Work)?;
        let notes = copy::sync(course, stage, progress)?;
        Progress::update(course, |progress| progress.current = Some(id))?;
        let state = if progress.entry(id).passed.is_some() { "is passed" } else { "is in progress" };
        let text = format!(
            "Exercise {id} {state}; your files stay as they are.\nTo check it: cargo learn check {id}\nTo begin it again: cargo learn reset {id}\n"
        );
        return Ok(Started { notes, text });
    }
    let _lock = lock::take(course, What::Work)?;
    let done = empty::start(course, stage, exercise)?;
    let mut notes = done.notes;
    notes.extend(
        done.backup.map(|kept| format!("you had changed that function before: it is kept in {}", course.show(&kept))),
    );
    Ok(Started { notes, text: directions(course, stage, exercise, progress)? })
}

/// Where to read, where to write and what to type.
fn directions(course: &Course, stage: &Stage, exercise: &Exercise, progress: &Progress) -> Result<String> {
    let id = exercise.id;
    let style = Style::detect();
    let mut text =
        format!("{}  ({}, {})\n\n", style.bold(&format!("{id}  {}", exercise.title)), exercise.kind, stage.name());
    text.push_str(&format!("  read   {}\n", course.show(&stage.statement(id))));
    if let Some(story) = &exercise.story {
        text.push_str(&format!("  write  {}\n", course.show(&stage.work().join(story))));
    }
    for (hole, line) in answer::read(stage, exercise).map(|answer| answer.lines).unwrap_or_default() {
        let path = course.show(&stage.work().join(&hole.file));
        text.push_str(&format!("  write  {path}:{line}  fn {}\n", hole.item.name()));
    }
    if let Some(below) = foundation::told(course, stage, progress)? {
        text.push_str(&format!("  below  {below}\n"));
    }
    text.push_str(&format!("  check  cargo learn check {id}\n"));
    Ok(text)
}

/// Empties an exercise again, or puts the whole copy of a stage away.
pub(crate) fn reset(course: &Course, id: Option<Id>, all: bool) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let (stage, exercise) = meant(course, &progress, id)?;
    let _lock = lock::take(course, What::Work)?;
    if all {
        let kept = empty::reset_all(course, stage)?;
        match kept {
            Some(kept) => println!("Your copy of stage {} is now in {}", stage.name(), course.show(&kept)),
            None => println!("There is no copy of stage {}.", stage.name()),
        }
        println!("To begin again: cargo learn start");
        return Ok(0);
    }
    print!("{}", reset_one(course, stage, exercise, &progress)?);
    Ok(0)
}

/// Empties an exercise again. The caller holds the lock.
pub(crate) fn reset_one(course: &Course, stage: &Stage, exercise: &Exercise, progress: &Progress) -> Result<String> {
    let id = exercise.id;
    if !progress.entry(id).started {
        return Err(Fault::Usage(format!("exercise {id} is not started, so there is nothing to reset.")));
    }
    let done = empty::reset(course, stage, exercise)?;
    let kept = done.backup.map_or_else(String::new, |kept| format!("What you had is kept in {}\n", course.show(&kept)));
    Ok(with_notes(
        &done.notes,
        &format!("Exercise {id} is empty again. {kept}\n{}", directions(course, stage, exercise, progress)?),
    ))
}
