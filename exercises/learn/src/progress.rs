//! What was started, passed and asked for: `exercises/progress.toml`.
//!
//! One file, written whole or not at all. It is a memory, not the truth: the truth is what the tests say of the work folder.
//! So when the file cannot be read it is moved to a backup, and what can be found out again is: each work folder knows
//! which exercises were started in it, and the bodies of passes are kept (see [`crate::backup`]).

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::answer;
use crate::backup;
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::lock::{self, What};
use crate::origin::Origin;

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The exercise that was worked on last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<Id>,
    #[serde(default, rename = "exercise")]
    entries: BTreeMap<Id, Entry>,
    /// What had to be done to read the file. Not a part of it.
    #[serde(skip)]
    pub(crate) notice: Option<String>,
}

/// What is known of one exercise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its holes were emptied in the work folder.
    #[serde(default)]
    pub(crate) started: bool,
    /// The hash of the answer that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passed: Option<String>,
    /// How many hints were shown.
    #[serde(default)]
    pub(crate) hints: usize,
    /// The solution was shown before a pass.
    #[serde(default)]
    pub(crate) gave_up: bool,
}

/// Where an exercise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    New,
    Started,
    Passed,
    /// Passed, but the answer is no longer the one that passed.
    Changed,
}

impl Progress {
    /// Reads the progress and changes nothing on disk, whatever it finds.
    pub(crate) fn peek(course: &Course) -> Progress {
        match read(course) {
            Ok(progress) => progress.unwrap_or_else(|| found_out(course)),
            Err(fault) => {
                let notice = format!("the progress file cannot be read: {fault}\nShown is what the work folders tell.");
                Progress { notice: Some(notice), ..found_out(course) }
            }
        }
    }

    /// Reads the progress; a file that cannot be read is moved aside first.
    pub(crate) fn open(course: &Course) -> Result<Progress> {
        Progress::update(course, |_| ())
    }

    /// Reads, changes and writes the progress, alone.
    pub(crate) fn update(course: &Course, change: impl FnOnce(&mut Progress)) -> Result<Progress> {
        let _lock = lock::take(course, What::Progress)?;
        let before = read(course).or_else(|fault| recover(course, &fault).map(Some))?;
        let mut progress = before.clone().unwrap_or_else(|| found_out(course));
        change(&mut progress);
        let differs = before.as_ref().unwrap_or(&Progress::default()) != &progress;
        if differs || progress.notice.is_some() {
            let text = toml::to_string(&progress).map_err(|error| Fault::Broken(error.to_string()))?;
            files::write_if_changed(&path(course), text.as_bytes())?;
        }
        Ok(progress)
    }

    /// What is known of an exercise.
    pub(crate) fn entry(&self, id: Id) -> Entry {
        self.entries.get(&id).cloned().unwrap_or_default()
    }

    /// The same, to be changed.
    pub(crate) fn entry_mut(&mut self, id: Id) -> &mut Entry {
        self.entries.entry(id).or_default()
    }

    /// Forgets a stage, its hints included.
    pub(crate) fn forget(&mut self, stage: &Stage) {
        self.entries.retain(|id, _| id.stage != stage.number);
        self.current = self.current.filter(|id| id.stage != stage.number);
    }

    /// Where an exercise stands.
    pub(crate) fn state(&self, stage: &Stage, exercise: &Exercise) -> State {
        let entry = self.entry(exercise.id);
        match (&entry.passed, entry.started) {
            // The copy is gone, but the answer that passed is kept and will come back with it.
            (Some(_), _) if !stage.work().is_dir() && backup::load_passed(stage, exercise.id).is_some() => {
                State::Passed
            }
            (Some(passed), _) if answer::hash(stage, exercise).as_ref() == Some(passed) => State::Passed,
            (Some(_), _) => State::Changed,
            (None, true) => State::Started,
            (None, false) => State::New,
        }
    }

    /// Whether a stage has exercises and all of them are passed as they stand.
    pub(crate) fn finished(&self, stage: &Stage) -> bool {
        let passed = |exercise| self.state(stage, exercise) == State::Passed;
        !stage.exercises.is_empty() && stage.exercises.iter().all(passed)
    }

    /// Whether the learner's copy of a stage stands in for the course's where other stages build on it. A stage without
    /// exercises has nothing to pass: it is as far as the stages below it.
    pub(crate) fn behind(&self, course: &Course, stage: &Stage) -> bool {
        if !stage.exercises.is_empty() {
            return self.finished(stage);
        }
        let below = || course.stages.iter().filter(|lower| lower.number < stage.number && !lower.exercises.is_empty());
        stage.built && below().next().is_some() && below().all(|lower| self.finished(lower))
    }

    /// The exercises of a stage that are not passed as they stand.
    pub(crate) fn left<'c>(&self, stage: &'c Stage) -> Vec<&'c Exercise> {
        stage.exercises.iter().filter(|exercise| self.state(stage, exercise) != State::Passed).collect()
    }

    /// The first exercise that is not passed, from `after` on and then from the beginning.
    pub(crate) fn next<'c>(&self, course: &'c Course, after: Option<Id>) -> Option<(&'c Stage, &'c Exercise)> {
        let open = |(_, exercise): &(&Stage, &Exercise)| self.entry(exercise.id).passed.is_none();
        let later = course.exercises().filter(open).find(|(_, exercise)| after.is_none_or(|after| exercise.id > after));
        later.or_else(|| course.exercises().find(open))
    }

    /// The exercise that a command without a number means: the one that was worked on last.
    pub(crate) fn current<'c>(&self, course: &'c Course) -> Option<(&'c Stage, &'c Exercise)> {
        let last = self.current.and_then(|id| course.exercise(id).ok());
        last.filter(|(_, exercise)| self.entry(exercise.id).started)
            .or_else(|| course.exercises().rfind(|(_, exercise)| self.entry(exercise.id).started))
    }
}

fn path(course: &Course) -> PathBuf {
    course.root.join("exercises").join("progress.toml")
}

/// The file; `None` if there is none.
fn read(course: &Course) -> Result<Option<Progress>> {
    let Some(text) = files::read_text(&path(course))? else { return Ok(None) };
    toml::from_str(&text).map(Some).map_err(|error| Fault::Work(error.message().to_owned()))
}

/// Moves a file that cannot be read aside.
fn recover(course: &Course, fault: &Fault) -> Result<Progress> {
    let path = path(course);
    let first = course.exercises().next().ok_or_else(|| fault.clone())?;
    let kept = backup::move_file(first.0, &path)?;
    let notice = format!(
        "{} could not be read ({fault}).\nIt is kept as {}. What the work folders tell was put in its place;\n\
         `cargo learn check 1.1` and so on makes sure of the rest.",
        course.show(&path),
        course.show(&kept)
    );
    Ok(Progress { notice: Some(notice), ..found_out(course) })
}

/// What the work folders and the kept answers tell.
fn found_out(course: &Course) -> Progress {
    let mut progress = Progress::default();
    for (stage, exercise) in course.exercises() {
        let Ok(Some(origin)) = Origin::load(&stage.work()) else { continue };
        if !origin.started.contains(&exercise.id) {
            continue;
        }
        let kept = backup::load_passed(stage, exercise.id);
        let answer = answer::read(stage, exercise).ok();
        let passed = answer.filter(|answer| kept.is_some_and(|kept| kept.bodies == answer.bodies));
        let entry = Entry { started: true, passed: passed.map(|answer| answer.hash), ..Entry::default() };
        if entry.passed.is_none() {
            progress.current = Some(exercise.id);
        }
        progress.entries.insert(exercise.id, entry);
    }
    progress
}
