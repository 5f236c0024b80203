//! Empties the holes of an exercise in the learner's copy: once at its start, and again at each reset.
//!
//! These are the only places where text that the learner may have written is replaced in `src`, so both make a backup
//! before they write: a start if the learner had already changed the function, a reset always.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{holes_in, outside, sync};
use crate::answer::{self, Unread};
use crate::backup;
use crate::course::{Course, Exercise, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;
use crate::origin::Origin;
use crate::progress::Progress;
use crate::source::Source;
use crate::starter::{self, Filling};

/// What a start or a reset did.
#[derive(Debug, Default)]
pub(crate) struct Emptied {
    pub(crate) notes: Vec<String>,
    /// Where the learner's text was kept.
    pub(crate) backup: Option<PathBuf>,
}

/// Makes the copy if there is none, and empties the holes of the exercise in it.
///
/// The files are written before the progress says that the exercise is started: if the run is cut off in between, the
/// next start does it again. The other order could show a learner the solution as their own work.
pub(crate) fn start(course: &Course, stage: &Stage, exercise: &Exercise) -> Result<Emptied> {
    let progress = Progress::peek(course);
    let mut emptied = Emptied { notes: sync(course, stage, &progress)?, backup: None };
    let started: Vec<&Exercise> =
        stage.exercises.iter().filter(|other| progress.entry(other.id).started && other.id != exercise.id).collect();
    answer_stands(course, stage, exercise)?;
    if differs_from_reference(stage, exercise)? {
        emptied.backup = backup::save(stage, &hole_files(exercise))?;
    }
    for file in hole_files(exercise) {
        let path = stage.work().join(&file);
        let text = files::need_text(&path)?;
        let text = starter::fill(&text, &todos(exercise, &file)).map_err(|missing| {
            let hole = &exercise.holes[0];
            answer::lost_hole(stage, hole, &missing)
        })?;
        files::write_if_changed(&path, text.as_bytes())?;
        rebase(stage, &started, exercise, &file)?;
    }
    start_story(stage, exercise)?;
    let mut origin = Origin::load(&stage.work())?.unwrap_or_default();
    origin.started = started.iter().map(|other| other.id).chain([exercise.id]).collect();
    origin.started.sort();
    origin.save(&stage.work())?;
    Progress::update(course, |progress| {
        progress.entry_mut(exercise.id).started = true;
        progress.current = Some(exercise.id);
    })?;
    Ok(emptied)
}

/// Puts `todo!` back into the holes of a started exercise, after a backup.
pub(crate) fn reset(course: &Course, stage: &Stage, exercise: &Exercise) -> Result<Emptied> {
    let progress = Progress::peek(course);
    let mut emptied = Emptied { notes: sync(course, stage, &progress)?, backup: None };
    let mut paths = hole_files(exercise);
    paths.extend(exercise.story.iter().map(PathBuf::from));
    emptied.backup = backup::save(stage, &paths)?;
    for file in hole_files(exercise) {
        let path = stage.work().join(&file);
        let mine = files::read_text(&path).ok().flatten().unwrap_or_default();
        let text = match starter::fill(&mine, &todos(exercise, &file)) {
            Ok(text) => text,
            Err(_) => rebuilt(stage, exercise, &progress, &file, &mine, &mut emptied.notes)?,
        };
        files::write_if_changed(&path, text.as_bytes())?;
    }
    if let Some(story) = &exercise.story {
        files::remove(&stage.work().join(story))?;
        start_story(stage, exercise)?;
    }
    Progress::update(course, |progress| {
        progress.entry_mut(exercise.id).passed = None;
        progress.current = Some(exercise.id);
    })?;
    Ok(emptied)
}

/// Moves the whole copy to a backup and forgets what was done in it.
pub(crate) fn reset_all(course: &Course, stage: &Stage) -> Result<Option<PathBuf>> {
    let kept = if stage.work().is_dir() { Some(backup::move_work(stage)?) } else { None };
    Progress::update(course, |progress| progress.forget(stage))?;
    Ok(kept)
}

/// A file that cannot be repaired in place is taken from the reference, with as many of the learner's answers as can be
/// found: in the file itself if it parses, else as they passed.
fn rebuilt(
    stage: &Stage,
    exercise: &Exercise,
    progress: &Progress,
    file: &Path,
    mine: &str,
    notes: &mut Vec<String>,
) -> Result<String> {
    let reference = files::need_text(&stage.reference().join(file))?;
    let name = files::slashed(file);
    let started: Vec<&Exercise> = stage.exercises.iter().filter(|other| progress.entry(other.id).started).collect();
    let mut fillings = Vec::new();
    for (other, hole) in holes_in(&started, &name) {
        let kept = || backup::load_passed(stage, other.id)?.bodies.remove(&hole.to_string());
        let passed = progress.entry(other.id).passed.is_some();
        let body = starter::body(mine, hole).ok().or_else(|| kept().filter(|_| passed));
        let filling = match body.filter(|_| other.id != exercise.id) {
            Some(body) => Filling::Body(body),
            None => Filling::todo(other),
        };
        if matches!(filling, Filling::Todo(_)) && other.id != exercise.id {
            notes.push(format!(
                "{name} could not be read, so `{}` of exercise {} is empty again too",
                hole.item, other.id
            ));
        }
        fillings.push((hole, filling));
    }
    notes.push(format!(
        "{name} was made again from the course; what you had changed outside of exercises is in the backup"
    ));
    starter::fill(&reference, &fillings).map_err(|missing| answer::lost_hole(stage, &exercise.holes[0], &missing))
}

/// After `exercise` was emptied, a file is measured without that hole as well. If the learner had not changed it, it is
/// still unchanged.
fn rebase(stage: &Stage, started: &[&Exercise], exercise: &Exercise, file: &Path) -> Result<()> {
    let reference = files::read(&stage.reference().join(file))?.unwrap_or_default();
    let name = files::slashed(file);
    let hash = |exercises: &[&Exercise]| {
        let holes: Vec<&Hole> = holes_in(exercises, &name).into_iter().map(|(_, hole)| hole).collect();
        outside(&reference, &holes)
    };
    let mut origin = Origin::load(&stage.work())?.unwrap_or_default();
    let with: Vec<&Exercise> = started.iter().copied().chain([exercise]).collect();
    if let (true, Some(now)) = (origin.files.get(&name) == hash(started).as_ref(), hash(&with)) {
        origin.files.insert(name, now);
        origin.save(&stage.work())?;
    }
    Ok(())
}

fn todos<'e>(exercise: &'e Exercise, file: &Path) -> Vec<(&'e Hole, Filling)> {
    let holes = exercise.holes.iter().filter(|hole| Path::new(&hole.file) == file);
    holes.map(|hole| (hole, Filling::todo(exercise))).collect()
}

/// The files in which an exercise has holes.
pub(crate) fn hole_files(exercise: &Exercise) -> Vec<PathBuf> {
    let files: BTreeSet<PathBuf> = exercise.holes.iter().map(|hole| PathBuf::from(&hole.file)).collect();
    files.into_iter().collect()
}

/// That every hole can be found in the learner's files and can be emptied at all.
fn answer_stands(course: &Course, stage: &Stage, exercise: &Exercise) -> Result<()> {
    for hole in &exercise.holes {
        let text = files::need_text(&stage.reference().join(&hole.file))?;
        let found = Source::parse(&text).and_then(|source| source.find(&hole.item));
        let found = found.map_err(|missing| answer::lost_hole(stage, hole, &missing))?;
        if let Some(why) = found.unfit {
            return Err(Fault::Broken(format!("{hole} cannot be a hole: {why}")));
        }
    }
    match answer::read(stage, exercise) {
        Err(Unread::NoFile(_)) if exercise.story.is_some() => Ok(()),
        Err(unread) => Err(unread.fault(course, stage, exercise, false)),
        Ok(_) => Ok(()),
    }
}

fn differs_from_reference(stage: &Stage, exercise: &Exercise) -> Result<bool> {
    let normal = |folder: &Path, hole: &Hole| -> Result<Option<String>> {
        let Some(text) = files::read_text(&folder.join(&hole.file))? else { return Ok(None) };
        let found = Source::parse(&text).and_then(|source| source.find(&hole.item));
        Ok(found.ok().map(|found| found.tokens))
    };
    for hole in &exercise.holes {
        if normal(&stage.work(), hole)? != normal(&stage.reference(), hole)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The story that a break-it exercise begins with, unless the learner has one already.
fn start_story(stage: &Stage, exercise: &Exercise) -> Result<()> {
    let (Some(story), Some(start)) = (&exercise.story, exercise.start_story(stage)) else { return Ok(()) };
    let place = stage.work().join(story);
    if place.exists() { Ok(()) } else { files::write(&place, files::need_text(&start)?.as_bytes()) }
}
