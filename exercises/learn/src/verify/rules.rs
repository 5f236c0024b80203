//! What can be said of an exercise without running it.

use crate::course::{Course, Exercise, Kind, Stage};
use crate::fault::Result;
use crate::files;
use crate::source::{Found, Missing, Source};

use super::Problems;
use super::wrong::{self, Wrong};

/// An exercise whose parts fit together, so that it can be compiled.
pub(crate) struct Sound<'a> {
    pub(crate) exercise: &'a Exercise,
    pub(crate) wrong: Vec<Wrong>,
}

/// The exercises of a stage that can be compiled. What is wrong with the others, and with these, goes to `problems`.
pub(crate) fn sound<'a>(course: &Course, stage: &'a Stage, problems: &mut Problems) -> Result<Vec<Sound<'a>>> {
    let mut sound = Vec::new();
    for exercise in &stage.exercises {
        let mut found = Problems::new();
        papers(course, stage, exercise, &mut found)?;
        let compiles = holes(stage, exercise, &mut found)?;
        let (wrong, wrong_problems) = wrong::read_all(stage, exercise)?;
        found.extend(wrong_problems);
        if wrong.len() < 2 {
            found.push(format!("it has {} wrong solutions, and needs two or more", wrong.len()));
        }
        if compiles {
            sound.push(Sound { exercise, wrong });
        }
        problems.extend(found.into_iter().map(|problem| format!("{}: {problem}", exercise.id)));
    }
    Ok(sound)
}

/// Hints, the statement and the stories.
fn papers(course: &Course, stage: &Stage, exercise: &Exercise, problems: &mut Problems) -> Result<()> {
    let hints = exercise.hints.iter().filter(|hint| !hint.trim().is_empty()).count();
    if hints != 3 || exercise.hints.len() != 3 {
        problems.push(format!("it has {hints} hints, and needs three"));
    }
    let mut needed = vec![stage.statement(exercise.id)];
    if exercise.kind == Kind::BreakIt {
        needed.extend(exercise.start_story(stage));
        needed.extend(exercise.story.as_ref().map(|story| stage.home().join(story)));
    }
    for path in needed {
        if files::read_text(&path)?.is_none_or(|text| text.trim().is_empty()) {
            problems.push(format!("{} is missing or empty", course.show(&path)));
        }
    }
    Ok(())
}

/// Whether all holes are in the reference and can be emptied.
fn holes(stage: &Stage, exercise: &Exercise, problems: &mut Problems) -> Result<bool> {
    let before = problems.len();
    for (position, hole) in exercise.holes.iter().enumerate() {
        let text = files::read_text(&stage.reference().join(&hole.file))?.unwrap_or_default();
        match Source::parse(&text).and_then(|source| source.find(&hole.item)) {
            Ok(Found { unfit: None, .. }) => {}
            Ok(Found { unfit: Some(why), .. }) => problems.push(format!("{hole} cannot be a hole: {why}")),
            Err(Missing::Ambiguous(_)) => problems.push(format!("{hole} names more than one function")),
            Err(Missing::Absent(_)) => problems.push(format!("{hole} is not in the stage")),
            Err(Missing::Syntax { line, message, .. }) => problems.push(format!("{}:{line}: {message}", hole.file)),
        }
        if exercise.holes[..position].iter().any(|other| other.item == hole.item) {
            problems.push(format!(
                "{hole}: another hole has the same name, so a wrong solution could not say which it replaces"
            ));
        }
    }
    Ok(problems.len() == before)
}
