//! What each verb of the command line does. `cli` says how they are typed.
//!
//! Each function prints to standard output and returns the exit code, or a fault that `main` prints.

use std::io::{IsTerminal, Write};
use std::process::Command;

use crate::check::{self, Checked, Order};
use crate::copy::{self, empty};
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::judge::{self, Verdict};
use crate::lock::{self, What};
use crate::map::{self, Detail};
use crate::process::{self, End, Stop};
use crate::progress::{Progress, State};
use crate::style::Style;

pub(crate) mod book;
pub(crate) mod demo;
pub(crate) mod solution;

/// The exercise that is meant: the one that is named, else the one that was worked on last.
pub(crate) fn meant<'c>(course: &'c Course, progress: &Progress, id: Option<Id>) -> Result<(&'c Stage, &'c Exercise)> {
    match id {
        Some(id) => course.exercise(id),
        None => progress.current(course).ok_or_else(|| {
            Fault::Usage("nothing is started yet. Type `cargo learn start`, or name an exercise: `1.1`.".to_owned())
        }),
    }
}

/// `cargo learn` without a terminal: the map and the next step.
pub(crate) fn overview(course: &Course) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    let style = Style::detect();
    println!("{}\n", style.bold("From the Log Up"));
    print!("{}", map::map(course, &progress, style, Detail::Stages));
    println!();
    match progress.current(course) {
        None => print!("{}", map::welcome(course)),
        Some((stage, exercise)) => {
            if let State::Started | State::Changed = progress.state(stage, exercise) {
                println!("Next: cargo learn check {}   {}", exercise.id, exercise.title);
                println!("Read: {}", course.show(&stage.statement(exercise.id)));
            } else if let Some(next) = check::what_next(course, &progress, exercise.id) {
                println!("Next: {next}");
            } else {
                println!("All exercises are passed.");
            }
        }
    }
    Ok(0)
}

pub(crate) fn list(course: &Course) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    print!("{}", map::map(course, &progress, Style::detect(), Detail::All));
    Ok(0)
}

pub(crate) fn start(course: &Course, id: Option<Id>) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let (stage, exercise) = match id {
        Some(id) => course.exercise(id)?,
        None => progress.next(course, None).ok_or_else(|| {
            Fault::Usage("all exercises are passed. Name one to see it: `cargo learn start 1.1`.".to_owned())
        })?,
    };
    print!("{}", start_one(course, stage, exercise, &progress)?);
    Ok(0)
}

/// Starts an exercise and says where to go from there.
pub(crate) fn start_one(course: &Course, stage: &Stage, exercise: &Exercise, progress: &Progress) -> Result<String> {
    let id = exercise.id;
    if empty::under_way(progress, stage, exercise) {
        let _lock = lock::take(course, What::Work)?;
        let notes = copy::sync(course, stage, progress)?;
        Progress::update(course, |progress| progress.current = Some(id))?;
        let state = if progress.entry(id).passed.is_some() { "is passed" } else { "is in progress" };
        let text = format!(
            "Exercise {id} {state}; your files stay as they are.\nTo check it: cargo learn check {id}\nTo begin it again: cargo learn reset {id}\n"
        );
        return Ok(with_notes(&notes, &text));
    }
    let _lock = lock::take(course, What::Work)?;
    let done = empty::start(course, stage, exercise)?;
    let mut notes = done.notes;
    notes.extend(done.backup.map(|kept| format!("you had changed that function before: it is kept in {}", course.show(&kept))));
    Ok(with_notes(&notes, &directions(course, stage, exercise)))
}

/// Where to read, where to write and what to type.
pub(crate) fn directions(course: &Course, stage: &Stage, exercise: &Exercise) -> String {
    let id = exercise.id;
    let style = Style::detect();
    let mut text = format!("{}  ({}, {})\n\n", style.bold(&format!("{id}  {}", exercise.title)), exercise.kind, stage.name());
    text.push_str(&format!("  read   {}\n", course.show(&stage.statement(id))));
    if let Some(story) = &exercise.story {
        text.push_str(&format!("  write  {}\n", course.show(&stage.work().join(story))));
    }
    for (hole, line) in crate::answer::read(stage, exercise).map(|answer| answer.lines).unwrap_or_default() {
        let path = course.show(&stage.work().join(&hole.file));
        text.push_str(&format!("  write  {path}:{line}  fn {}\n", hole.item.name()));
    }
    text.push_str(&format!("  check  cargo learn check {id}\n"));
    text
}

pub(crate) fn check(course: &Course, id: Option<Id>, verbose: bool) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let (_, exercise) = meant(course, &progress, id)?;
    let mut ticker = Ticker::new();
    let order = Order {
        id: exercise.id,
        style: Style::detect(),
        verbose,
        stop: Stop::default(),
        on_line: &mut |line| ticker.tell(line),
    };
    let checked = check::check(course, order);
    ticker.clear();
    let Checked { verdict, screen, notes } = checked?;
    print!("{}", with_notes(&notes, &screen));
    Ok(match verdict {
        Verdict::Passed { .. } => 0,
        Verdict::NotRun(_) | Verdict::NotBuilt(_) => 3,
        _ => 1,
    })
}

pub(crate) fn hint(course: &Course, id: Option<Id>) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    let (_, exercise) = meant(course, &progress, id)?;
    print!("{}", next_hint(course, exercise, &progress));
    Ok(0)
}

/// The next hint; after the last, all of them.
pub(crate) fn next_hint(course: &Course, exercise: &Exercise, progress: &Progress) -> String {
    let (id, all) = (exercise.id, exercise.hints.len());
    let shown = progress.entry(id).hints;
    let mut text = String::new();
    let fresh = shown < all;
    let range = if fresh { shown..shown + 1 } else { 0..all };
    for number in range {
        text.push_str(&format!("{id}, hint {} of {all}: {}\n", number + 1, exercise.hints[number].trim()));
    }
    text.push_str(&match shown + 1 {
        _ if !fresh => format!("\nThat is all there is. To see how the course does it: cargo learn solution {id} --give-up\n"),
        next if next < all => format!("\nNot enough? The next one says more: cargo learn hint {id}\n"),
        _ => String::new(),
    });
    let remembered = Progress::update(course, |progress| progress.entry_mut(id).hints = all.min(shown + 1));
    if let Err(fault) = remembered {
        text.push_str(&format!("\n(It could not be noted that you saw this: {fault})\n"));
    }
    text
}

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
    Ok(with_notes(&done.notes, &format!("Exercise {id} is empty again. {kept}\n{}", directions(course, stage, exercise))))
}

/// Runs tests in the learner's copy and shows all that they print.
pub(crate) fn test(course: &Course, first: Option<&str>, second: Option<&str>) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let is_place = |text: &str| text.parse::<Id>().is_ok() || text.parse::<u8>().is_ok();
    let (place, name) = match first {
        Some(first) if !is_place(first) && second.is_none() => (None, Some(first)),
        first => (first, second),
    };
    let (stage, exercise) = match place.map(|place| (place.parse::<u8>(), place.parse::<Id>())) {
        Some((Ok(number), _)) => (course.stage(number)?, None),
        Some((_, id)) => course.exercise(id.map_err(Fault::Usage)?).map(|(stage, exercise)| (stage, Some(exercise)))?,
        None => meant(course, &progress, None).map(|(stage, exercise)| (stage, Some(exercise)))?,
    };
    if !stage.exercises.iter().any(|exercise| progress.entry(exercise.id).started) {
        return Err(Fault::Usage(format!("no exercise of stage {} is started, so there is no copy to test.", stage.name())));
    }
    let _lock = lock::take(course, What::Work)?;
    for note in copy::sync(course, stage, &progress)? {
        println!("({note})");
    }
    let mut command = test_command(course, stage, exercise, name);
    let end = process::run_in_front(&mut command).map_err(|error| crate::cargo::cannot_run(command.get_program(), &error))?;
    Ok(if end == End::Code(0) { 0 } else { 1 })
}

fn test_command(course: &Course, stage: &Stage, exercise: Option<&Exercise>, name: Option<&str>) -> Command {
    let mut command = Command::new(crate::cargo::program());
    command.arg("test").arg("--manifest-path").arg(stage.work().join("Cargo.toml"));
    command.arg("--target-dir").arg(course.target()).stdin(std::process::Stdio::null());
    command.env("INSTA_UPDATE", "no").env("FTLU_ROOT", &course.root);
    if let Some(exercise) = exercise {
        command.envs(check::environment(course, stage, exercise));
    }
    match (exercise, name.map(|name| (name, name.split_once("::")))) {
        (_, Some((_, Some((target, path))))) => command.args(["--test", target, "--", "--exact", path]),
        (_, Some((name, None))) => command.arg(name),
        (Some(exercise), None) => {
            command.args(judge::targets(exercise).iter().flat_map(|target| ["--test", target]));
            command.args(["--", "--exact"]).args(exercise.tests.iter().map(|test| &test.path))
        }
        (None, None) => &mut command,
    };
    command
}

/// Prints what had to be done to read the progress.
pub(crate) fn notice(progress: &Progress) {
    if let Some(notice) = &progress.notice {
        println!("Note: {notice}\n");
    }
}

/// A text with notes above it.
pub(crate) fn with_notes(notes: &[String], text: &str) -> String {
    let mut all: String = notes.iter().map(|note| format!("Note: {note}\n")).collect();
    if !all.is_empty() {
        all.push('\n');
    }
    all + text
}

/// One line on a terminal that shows what Cargo is doing, and is gone afterwards.
pub(crate) struct Ticker {
    on: bool,
}

impl Ticker {
    pub(crate) fn new() -> Ticker {
        Ticker { on: std::io::stderr().is_terminal() && std::io::stdout().is_terminal() }
    }

    pub(crate) fn tell(&mut self, line: &str) {
        let line = line.trim();
        if self.on && (line.starts_with("Compiling") || line.starts_with("Downloaded") || line.starts_with("Blocking")) {
            eprint!("\r\x1b[K{}", line.chars().take(70).collect::<String>());
            let _ = std::io::stderr().flush();
        }
    }

    pub(crate) fn clear(&mut self) {
        if self.on {
            eprint!("\r\x1b[K");
        }
    }
}
