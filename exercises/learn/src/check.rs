//! `cargo learn check`: one exercise from the copy on disk to a screen.
//!
//! ```text
//!   sync ─▶ holes there? ─▶ compile ─▶ judge ─▶ remember a pass ─▶ screen
//! ```

use std::ffi::OsString;

use crate::answer::{self, Unread};
use crate::backup::{self, Passed};
use crate::cargo::{Build, Built};
use crate::copy;
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::foundation;
use crate::judge::{self, Court, Reached, Verdict};
use crate::lock::{self, What};
use crate::process::Stop;
use crate::progress::Progress;
use crate::screen::View;
use crate::style::Style;

/// What to check, and how to talk about it.
pub(crate) struct Order<'a> {
    pub(crate) id: Id,
    pub(crate) style: Style,
    pub(crate) verbose: bool,
    /// Whether the answer is shown where single keys do what else is typed.
    pub(crate) keys: bool,
    pub(crate) stop: Stop,
    pub(crate) hear: &'a mut dyn FnMut(News<'_>),
}

/// What happens while a check runs.
pub(crate) enum News<'n> {
    /// The copy is as it should be. This was done to it.
    Synced(&'n [String]),
    /// A line from Cargo.
    Cargo(&'n str),
    /// The tests run.
    Judging,
}

/// The answer.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) verdict: Verdict,
    pub(crate) screen: String,
    /// What was done to the copy on the way.
    pub(crate) notes: Vec<String>,
    /// The exercise that has to be written first, if the tests came to its empty function.
    pub(crate) first: Option<Id>,
}

/// Checks an exercise that was started.
pub(crate) fn check(course: &Course, order: Order<'_>) -> Result<Checked> {
    let (stage, exercise) = course.exercise(order.id)?;
    let progress = Progress::open(course)?;
    if !progress.entry(order.id).started {
        return Err(Fault::Usage(format!("exercise {0} is not started. Type `cargo learn start {0}`.", order.id)));
    }
    let _lock = lock::take(course, What::Work)?;
    let mut notes: Vec<String> = progress.notice.iter().cloned().collect();
    notes.extend(copy::sync(course, stage, &progress)?);
    (order.hear)(News::Synced(&notes));
    let places = places(course, stage, exercise)?;
    let (style, verbose, keys) = (order.style, order.verbose, order.keys);
    let verdict = try_it(course, stage, exercise, order)?;
    let mut view = View { style, verbose, keys, places, ..view(course, stage, exercise) };
    view.below = foundation::told(course, stage, &progress)?;
    if matches!(verdict, Verdict::Passed { .. }) {
        let finished = progress.finished(stage);
        let progress = remember(course, stage, exercise)?;
        view.milestone = foundation::milestone(course, stage, exercise, &progress, !finished)?;
        view.next = what_next(course, &progress, exercise.id, keys);
    }
    let foreign = verdict.foreign(exercise.id);
    view.in_the_way = foreign.and_then(|reached| function_at(stage, reached));
    Ok(Checked { screen: view.render(&verdict), first: foreign.map(|reached| reached.id), verdict, notes })
}

/// The function in whose body an empty place stands.
fn function_at(stage: &Stage, reached: &Reached) -> Option<String> {
    let exercise = stage.exercises.iter().find(|exercise| exercise.id == reached.id)?;
    let (file, line) = reached.location.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let lines = answer::read(stage, exercise).ok()?.lines;
    let before = lines.into_iter().filter(|(hole, start)| hole.file == file && *start <= line);
    before.max_by_key(|(_, start)| *start).map(|(hole, _)| hole.item.name().to_owned())
}

/// A screen's surroundings for an exercise of the learner's copy.
pub(crate) fn view<'a>(course: &Course, stage: &Stage, exercise: &'a Exercise) -> View<'a> {
    View {
        style: Style::PLAIN,
        exercise,
        copy: course.show(&stage.work()),
        statement: course.show(&stage.statement(exercise.id)),
        places: Vec::new(),
        in_the_way: None,
        below: None,
        milestone: None,
        next: None,
        verbose: false,
        keys: false,
    }
}

/// The environment in which the tests of an exercise run.
pub(crate) fn environment(course: &Course, stage: &Stage, exercise: &Exercise) -> Vec<(&'static str, OsString)> {
    let mut env = vec![("FTLU_ROOT", course.root.clone().into_os_string())];
    env.extend(exercise.story.iter().map(|story| ("FTLU_STORY", stage.work().join(story).into_os_string())));
    env
}

/// Where the holes are now. A file that does not parse is left to the compiler, which explains it better.
fn places(course: &Course, stage: &Stage, exercise: &Exercise) -> Result<Vec<(String, usize, String)>> {
    match answer::read(stage, exercise) {
        Ok(answer) => Ok(answer
            .lines
            .into_iter()
            .map(|(hole, line)| (hole.file.clone(), line, hole.item.name().to_owned()))
            .collect()),
        Err(Unread::Syntax { .. }) => Ok(Vec::new()),
        Err(unread) => Err(unread.fault(course, stage, exercise, true)),
    }
}

fn try_it(course: &Course, stage: &Stage, exercise: &Exercise, order: Order<'_>) -> Result<Verdict> {
    let manifest = stage.work().join("Cargo.toml");
    let mut build = Build {
        manifest: &manifest,
        target: &course.target,
        colour: order.style.colour,
        stop: order.stop.clone(),
        on_line: &mut |line| (order.hear)(News::Cargo(line.trim())),
    };
    let programs = match build.tests(&judge::targets(exercise))? {
        Built::Ready(products) => products.programs,
        Built::Errors(errors) => return Ok(Verdict::NotCompiled(errors)),
        Built::Failed(text) => return Ok(Verdict::NotBuilt(text)),
        Built::Stopped => return Ok(Verdict::Stopped),
    };
    (order.hear)(News::Judging);
    let court = Court {
        programs: &programs,
        package: &stage.work(),
        env: environment(course, stage, exercise),
        stop: order.stop,
    };
    judge::judge(&court, exercise)
}

/// Keeps the answer that passed, and its hash.
pub(crate) fn remember(course: &Course, stage: &Stage, exercise: &Exercise) -> Result<Progress> {
    let answer = answer::read(stage, exercise).ok();
    let hash = answer.as_ref().map_or_else(String::new, |answer| answer.hash.clone());
    if let Some(answer) = answer {
        backup::save_passed(stage, exercise.id, &Passed { bodies: answer.bodies })?;
    }
    Progress::update(course, |progress| {
        let before = progress.entry_mut(exercise.id).passed.replace(hash);
        // To check an old one again is no reason to leave the one that is worked on.
        if before.is_none() {
            progress.current = Some(exercise.id);
        }
    })
}

/// The command that comes next, or the key.
pub(crate) fn what_next(course: &Course, progress: &Progress, after: Id, keys: bool) -> Option<String> {
    let (stage, exercise) = progress.next(course, Some(after))?;
    let id = exercise.id;
    if keys {
        return Some(format!("press n for {id}  {}", exercise.title));
    }
    let verb = if progress.entry(id).started && stage.work().is_dir() { "check" } else { "start" };
    Some(format!("cargo learn {verb} {id}   {}", exercise.title))
}
