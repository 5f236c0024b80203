//! What a copy is built on, told to the learner.
//!
//! [`crate::stack`] decides it; here it is put into words: in the directions when an exercise begins, and on the screen of
//! the pass that completes a stage.

use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::manifest;
use crate::progress::Progress;
use crate::stack;

/// How many exercises are named where it is told which are left.
const NAMED: usize = 3;

/// Whose stages a copy of `stage` is built on: `your own 01 segment-log · the course's 02 partitioning, until 2.3 is passed`.
/// `None` if it builds on no stage.
pub(crate) fn told(course: &Course, stage: &Stage, progress: &Progress) -> Result<Option<String>> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let below = stack::below(course, &root_manifest, stage)?;
    let own = stack::own_copies(course, &root_manifest, stage, progress)?;
    let lower = course.stages.iter().filter(|lower| below.contains(&lower.reference()));
    let (yours, theirs): (Vec<&Stage>, Vec<&Stage>) = lower.partition(|lower| own.contains_key(&lower.reference()));
    let mut parts = Vec::new();
    if !yours.is_empty() {
        parts.push(format!("your own {}", names(&yours)));
    }
    if !theirs.is_empty() {
        let left: Vec<&Exercise> = theirs.iter().flat_map(|lower| progress.left(lower)).collect();
        let until = if left.is_empty() { String::new() } else { format!(", until {}", passed(&left)) };
        parts.push(format!("the course's {}{until}", names(&theirs)));
    }
    Ok(if parts.is_empty() { None } else { Some(parts.join(" · ")) })
}

/// What it means for the stage that `exercise` is passed, `complete` if it was the last one that was left.
pub(crate) fn milestone(
    course: &Course,
    stage: &Stage,
    exercise: &Exercise,
    progress: &Progress,
    complete: bool,
) -> Result<Option<String>> {
    let left = progress.left(stage);
    let is_last = stage.exercises.last().is_some_and(|last| last.id == exercise.id);
    if left.is_empty() && complete {
        let above = match above(course, stage, progress)? {
            Some(above) => {
                format!(" From here on, stage {:02} builds on your copy, not on the course's.", above.number)
            }
            None => String::new(),
        };
        return Ok(Some(format!(
            "Stage {:02} is passed, and the {} that runs is yours: `cargo learn run {} -- --help`.{above}",
            stage.number,
            stage.name(),
            stage.number
        )));
    }
    let open = !left.is_empty() && is_last;
    Ok(open
        .then(|| format!("Until {}, the stages above build on the course's stage {:02}.", passed(&left), stage.number)))
}

/// The first stage that builds on the learner's copy of `stage`.
fn above<'c>(course: &'c Course, stage: &Stage, progress: &Progress) -> Result<Option<&'c Stage>> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    for above in course.stages.iter().filter(|above| above.built && above.number > stage.number) {
        if stack::own_copies(course, &root_manifest, above, progress)?.contains_key(&stage.reference()) {
            return Ok(Some(above));
        }
    }
    Ok(None)
}

fn names(stages: &[&Stage]) -> String {
    listed(&stages.iter().map(|stage| format!("{:02} {}", stage.number, stage.name())).collect::<Vec<_>>())
}

/// `1.3 is passed`, `1.3 and 1.7 are passed`, `1.1, 1.2, 1.3 and 10 more are passed`.
fn passed(exercises: &[&Exercise]) -> String {
    let mut names: Vec<String> = exercises.iter().take(NAMED).map(|exercise| exercise.id.to_string()).collect();
    if exercises.len() > NAMED {
        names.push(format!("{} more", exercises.len() - NAMED));
    }
    format!("{} {} passed", listed(&names), if exercises.len() == 1 { "is" } else { "are" })
}

fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn names_are_listed_as_one_says_them() {
        let names = |all: &[&str]| listed(&all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(names(&["1.3"]), "1.3");
        assert_eq!(names(&["1.3", "1.7"]), "1.3 and 1.7");
        assert_eq!(names(&["1.1", "1.2", "1.3", "10 more"]), "1.1, 1.2, 1.3 and 10 more");
    }
}
