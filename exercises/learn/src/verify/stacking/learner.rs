//! What the played learner does: starts exercises, writes answers, and leaves a mark by which their code is known again.

use std::path::Path;

use crate::answer;
use crate::check;
use crate::copy::{self, empty};
use crate::course::{Course, Exercise, Stage};
use crate::fault::Result;
use crate::files;
use crate::manifest;
use crate::progress::Progress;
use crate::starter::{self, Filling};

/// The function that marks a copy, and the file of tests that look for it.
const MARK: &str = "compiled_at";
pub(super) const LOOKS: &str = "built_on_own";

/// Begins every exercise of a stage, so that all its functions are empty at once.
pub(super) fn start_all(course: &Course, stage: &Stage) -> Result<()> {
    stage.exercises.iter().try_for_each(|exercise| empty::start(course, stage, exercise).map(drop))
}

/// Makes the copy of a stage in which there is nothing to begin.
pub(super) fn take_copy(course: &Course, stage: &Stage) -> Result<()> {
    copy::sync(course, stage, &Progress::peek(course)).map(drop)
}

/// Writes the reference's answers into the copy.
pub(super) fn write_all(stage: &Stage) -> Result<()> {
    stage.exercises.iter().try_for_each(|exercise| write(stage, exercise))
}

fn write(stage: &Stage, exercise: &Exercise) -> Result<()> {
    if let Some(story) = &exercise.story {
        let answer = files::need_text(&stage.home().join(story))?;
        files::write(&stage.work().join(story), answer.as_bytes())?;
    }
    for hole in &exercise.holes {
        let lost = |missing| answer::lost_hole(stage, hole, &missing);
        let reference = files::need_text(&stage.reference().join(&hole.file))?;
        let body = starter::body(&reference, hole).map_err(lost)?;
        let path = stage.work().join(&hole.file);
        let text = starter::fill(&files::need_text(&path)?, &[(hole, Filling::Body(body))]).map_err(lost)?;
        files::write(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Passes a stage that nobody looks at: all is written, and counts as passed without a check.
pub(super) fn pass_unseen(course: &Course, stage: &Stage) -> Result<()> {
    start_all(course, stage)?;
    take_copy(course, stage)?;
    write_all(stage)?;
    stage.exercises.iter().try_for_each(|exercise| check::remember(course, stage, exercise).map(drop))
}

/// Adds a function to the copy that the course's crate does not have.
pub(super) fn leave_mark(stage: &Stage) -> Result<()> {
    let path = stage.work().join("src/lib.rs");
    let text = files::need_text(&path)?;
    let mark = format!(
        "\n/// Where this crate lay when it was compiled.\n\
         pub fn {MARK}() -> &'static str {{\n    env!(\"CARGO_MANIFEST_DIR\")\n}}\n"
    );
    files::write(&path, (text + &mark).as_bytes())
}

/// Adds tests to the copy that call the marks of the stages it depends on.
pub(super) fn look_for_marks(course: &Course, stage: &Stage) -> Result<()> {
    let root_manifest = manifest::parse(&course.root.join("Cargo.toml"))?;
    let needed = manifest::path_dependencies(&course.root, &root_manifest, &stage.reference(), true)?;
    let mut text = "//! Looks for the marks that the learner has left in the stages below.\n".to_owned();
    for lower in course.stages.iter().filter(|lower| needed.contains(&lower.reference())) {
        let name = lower.package.replace('-', "_");
        text.push_str(&format!(
            "\n#[test]\nfn {}() {{\n    assert_eq!({name}::{MARK}(), {:?});\n}}\n",
            test_name(lower),
            lower.work()
        ));
    }
    files::write(&stage.work().join(file_of_looks()), text.as_bytes())
}

/// The test that calls the mark of a stage.
pub(super) fn test_name(lower: &Stage) -> String {
    format!("{}_is_the_learners", lower.package.replace('-', "_"))
}

fn file_of_looks() -> std::path::PathBuf {
    Path::new("tests").join(format!("{LOOKS}.rs"))
}
