//! The map of the course, with what is done.
//!
//! ```text
//! 01 segment-log      How does a file become a queue that survives a crash?    2 of 9
//!    ✓ 1.1 ★    Write a varint
//!    ▸ 1.2 ★★   Look up an offset                  started
//!    · 1.3 ★    Decide when to roll
//! 02 partitioning     How do many machines share one stream?                   to come
//! ```

use crate::course::{Course, Exercise, Stage};
use crate::progress::{Progress, State};
use crate::style::Style;

/// How much the map shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The stages, and the exercises of the one that is next.
    Stages,
    /// Every exercise.
    All,
}

/// The map, ending in a newline.
pub(crate) fn map(course: &Course, progress: &Progress, style: Style, detail: Detail) -> String {
    let current = progress.current(course);
    let ahead = progress.next(course, current.map(|(_, exercise)| exercise.id));
    // Whoever has passed a whole stage looks at the next one.
    let unfinished = current.filter(|(stage, _)| !progress.finished(stage));
    let here = unfinished.or(ahead).or(current).map(|(stage, _)| stage.number);
    let width = course.stages.iter().map(|stage| stage.name().chars().count()).max().unwrap_or(0);
    let mut map = String::new();
    for stage in &course.stages {
        map.push_str(&stage_line(stage, progress, style, width));
        if detail == Detail::All || here == Some(stage.number) {
            let titles = stage.exercises.iter().map(|exercise| exercise.title.chars().count()).max().unwrap_or(0);
            for exercise in &stage.exercises {
                map.push_str(&exercise_line(stage, exercise, progress, style, titles));
            }
        }
    }
    map
}

fn stage_line(stage: &Stage, progress: &Progress, style: Style, width: usize) -> String {
    let name = format!("{:02} {:width$}", stage.number, stage.name());
    let count = match (stage.built, stage.exercises.len()) {
        (false, _) => "to come".to_owned(),
        (true, 0) => "no exercises yet".to_owned(),
        (true, all) => format!("{} of {all}", passed(stage, progress)),
    };
    let line = format!("{name}  {count:<16}  {}", stage.question);
    let line = line.trim_end();
    if stage.built { format!("{}\n", style.bold(line)) } else { format!("{}\n", style.dim(line)) }
}

/// How many exercises of a stage are passed as they stand.
pub(crate) fn passed(stage: &Stage, progress: &Progress) -> usize {
    stage.exercises.iter().filter(|exercise| progress.state(stage, exercise) == State::Passed).count()
}

fn exercise_line(stage: &Stage, exercise: &Exercise, progress: &Progress, style: Style, titles: usize) -> String {
    let entry = progress.entry(exercise.id);
    let (mark, mut words) = match progress.state(stage, exercise) {
        State::New => (style.dim("·"), Vec::new()),
        State::Started => (style.yellow("▸"), vec!["started".to_owned()]),
        State::Passed => (style.green("✓"), Vec::new()),
        State::Changed => (style.yellow("✓"), vec!["passed, but changed since".to_owned()]),
    };
    if entry.gave_up {
        words.push("solution seen".to_owned());
    }
    let stars = "★".repeat(exercise.difficulty.into());
    let line =
        format!("   {mark} {:<5}{stars:<4} {:titles$}  {}", exercise.id, exercise.title, style.dim(&words.join(", ")));
    format!("{}\n", line.trim_end())
}

/// One line for the top of the watching screen: `01 segment-log  ✓✓▸······  2 of 9`.
pub(crate) fn ribbon(stage: &Stage, progress: &Progress, style: Style) -> String {
    let mark = |exercise: &Exercise| match progress.state(stage, exercise) {
        State::New => style.dim("·"),
        State::Started => style.yellow("▸"),
        State::Passed => style.green("✓"),
        State::Changed => style.yellow("✓"),
    };
    let marks: String = stage.exercises.iter().map(mark).collect();
    let name = style.bold(&format!("{:02} {}", stage.number, stage.name()));
    format!("{name}  {marks}  {} of {}", passed(stage, progress), stage.exercises.len())
}

/// The three lines that somebody reads who has started nothing.
pub(crate) fn welcome(course: &Course) -> String {
    let Some((stage, first)) = course.exercises().next() else {
        return "No stage has exercises yet.\n".to_owned();
    };
    format!(
        "1. Read the chapter:        cargo learn book\n\
         2. Start the first one:     cargo learn start {}   (makes your own copy in {})\n\
         3. Write, and let it check: cargo learn check {}\n",
        first.id,
        course.show(&stage.work()),
        first.id
    )
}
