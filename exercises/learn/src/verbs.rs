//! What each verb of the command line does. `cli` says how they are typed.
//!
//! Each function prints to standard output and returns the exit code, or a fault that `main` prints.

use std::io::{IsTerminal, Write};

use crate::check;
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::map::{self, Detail};
use crate::progress::{Progress, State};
use crate::style::Style;

pub(crate) mod book;
pub(crate) mod demo;
pub(crate) mod explore;
pub(crate) mod hint;
pub(crate) mod program;
pub(crate) mod run;
pub(crate) mod solution;
pub(crate) mod start;

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
            } else if let Some(next) = check::what_next(course, &progress, exercise.id, false) {
                println!("Next: {next}");
            } else {
                println!("All exercises are passed.");
            }
        }
    }
    Ok(0)
}

/// `cargo learn list`: the map with every exercise.
pub(crate) fn list(course: &Course) -> Result<u8> {
    let progress = Progress::peek(course);
    notice(&progress);
    print!("{}", map::map(course, &progress, Style::detect(), Detail::All));
    Ok(0)
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
        if self.on && (line.starts_with("Compiling") || line.starts_with("Downloaded") || line.starts_with("Blocking"))
        {
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
