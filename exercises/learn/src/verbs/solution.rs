//! `cargo learn solution`: how the course does it.
//!
//! It opens after a pass, when it is most worth reading, or when somebody says that they give up. Both are fine; the map
//! only remembers which it was.

use similar::{ChangeTag, TextDiff};

use super::{meant, notice};
use crate::answer;
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::files;
use crate::hole::Hole;
use crate::progress::Progress;
use crate::source::{Missing, Source};
use crate::style::Style;

/// Prints the reference's functions, or how they differ from the learner's.
pub(crate) fn solution(course: &Course, id: Option<Id>, give_up: bool, diff: bool) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    let (stage, exercise) = meant(course, &progress, id)?;
    let id = exercise.id;
    let passed = progress.entry(id).passed.is_some();
    if !passed && !give_up {
        return Err(Fault::Usage(format!(
            "exercise {id} is not passed yet. `cargo learn hint {id}` helps; `cargo learn solution {id} --give-up` shows it all the same."
        )));
    }
    print!("{}", text(course, stage, exercise, diff)?);
    if !passed {
        // Whoever reads the solution in a folder that cannot be written may read it.
        let _ = Progress::update(course, |progress| progress.entry_mut(id).gave_up = true);
    }
    Ok(0)
}

/// The solution as text.
pub(crate) fn text(course: &Course, stage: &Stage, exercise: &Exercise, diff: bool) -> Result<String> {
    let style = Style::detect();
    let mut text = String::new();
    if let Some(story) = &exercise.story {
        let theirs = files::need_text(&stage.home().join(story))?;
        let mine = files::read_text(&stage.work().join(story))?.unwrap_or_default();
        let path = course.show(&stage.home().join(story));
        text.push_str(&style.dim(&format!("# {path}\n")));
        text.push_str(&if diff { differences(&mine, &theirs, style) } else { theirs });
    }
    for hole in &exercise.holes {
        let path = stage.reference().join(&hole.file);
        let source = files::need_text(&path)?;
        let (line, theirs) = function(&source, hole).map_err(|missing| answer::lost_hole(stage, hole, &missing))?;
        text.push_str(&style.dim(&format!("// {}:{line}\n", course.show(&path))));
        let mine = if diff { mine(stage, hole) } else { None };
        match (diff, mine) {
            (false, _) => text.push_str(&theirs),
            (true, Some(mine)) => text.push_str(&differences(&mine, &theirs, style)),
            (true, None) => text.push_str(&format!("(your copy has no `{}` to compare with)\n{theirs}", hole.item)),
        }
        text.push('\n');
    }
    Ok(text)
}

fn mine(stage: &Stage, hole: &Hole) -> Option<String> {
    let text = files::read_text(&stage.work().join(&hole.file)).ok()??;
    function(&text, hole).ok().map(|(_, text)| text)
}

/// A function from its `fn` line on, moved to the left, and the number of that line.
fn function(text: &str, hole: &Hole) -> std::result::Result<(usize, String), Missing> {
    let found = Source::parse(text)?.find(&hole.item)?;
    let start = text.split_inclusive('\n').take(found.line - 1).map(str::len).sum();
    let lines: Vec<&str> = text[start..found.body.end].lines().collect();
    let margin = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let moved = lines.iter().map(|line| line.get(margin..).unwrap_or(line.trim_start()));
    Ok((found.line, moved.map(|line| format!("{line}\n")).collect()))
}

/// The lines of both texts; what only the learner has is marked with `-`, what only the course has with `+`.
fn differences(mine: &str, theirs: &str, style: Style) -> String {
    if mine == theirs {
        return "(yours is the same, letter for letter)\n".to_owned();
    }
    let diff = TextDiff::from_lines(mine, theirs);
    let mut text = "- yours   + the course's\n".to_owned();
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end_matches(['\r', '\n']);
        text.push_str(&match change.tag() {
            ChangeTag::Delete => style.red(&format!("- {line}")),
            ChangeTag::Insert => style.green(&format!("+ {line}")),
            ChangeTag::Equal => format!("  {line}"),
        });
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_shown_from_its_fn_line_without_its_indent() {
        let text = "impl A {\n    /// Doc.\n    pub fn f(&self) -> u8 {\n        1\n\n    }\n}\n";
        let hole: Hole = "src/a.rs::A::f".parse().unwrap();
        assert_eq!(function(text, &hole).unwrap(), (3, "pub fn f(&self) -> u8 {\n    1\n\n}\n".to_owned()));
    }

    #[test]
    fn differences_name_both_sides() {
        let text = differences("a\nb\n", "a\nc\n", Style::PLAIN);
        assert_eq!(text, "- yours   + the course's\n  a\n- b\n+ c\n");
    }
}
