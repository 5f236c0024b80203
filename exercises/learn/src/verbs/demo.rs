//! `cargo learn demo`: a guided run of a stage's program.
//!
//! `exercises.toml` describes it: a title, and steps of a sentence, a command and its input. The program is the course's, and
//! the learner's own once the stage is passed. It runs in a folder below `target/learn` that is emptied first and stays
//! afterwards, so that its files can be looked at.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program;
use crate::cargo::{self, cannot_run};
use crate::copy;
use crate::course::{Course, Stage, Step};
use crate::fault::{Fault, Result};
use crate::lock::{self, What};
use crate::process::Group;
use crate::progress::Progress;
use crate::style::Style;

/// Runs the demo of a stage; without a number, of the stage that is worked on.
pub(crate) fn demo(course: &Course, stage: Option<u8>) -> Result<u8> {
    let stage = match stage {
        Some(number) => course.stage(number)?,
        None => here(course)?,
    };
    let Some(demo) = &stage.demo else {
        let demos = course.stages.iter().filter(|stage| stage.demo.is_some());
        let demos: Vec<_> = demos.map(|stage| format!("`cargo learn demo {}`", stage.number)).collect();
        let program = stage.number;
        return Err(Fault::Usage(format!(
            "stage {program:02} has no demo. Its program: `cargo learn run {program} -- --help`. There are {}.",
            demos.join(", ")
        )));
    };
    let _lock = lock::take(course, What::Work)?;
    let folder = folder(course, stage)?;
    let style = Style::detect();
    let ask = io::stdin().is_terminal() && io::stdout().is_terminal();
    println!("{}\n", style.bold(&demo.title));
    let (manifest, notes) = whose(course, stage)?;
    notes.iter().for_each(|note| println!("{note}\n"));
    for (number, step) in demo.steps.iter().enumerate() {
        if ask && number > 0 && !enter() {
            break;
        }
        announce(step, &stage.package, style);
        run(course, stage, &manifest, step, &folder)?;
        println!();
    }
    println!("The files it wrote are in {}", course.show(&folder));
    Ok(0)
}

/// The manifest of the program that is shown, and what to say of it.
fn whose(course: &Course, stage: &Stage) -> Result<(PathBuf, Vec<String>)> {
    let progress = Progress::peek(course);
    if !progress.behind(course, stage) {
        return Ok((program::course_manifest(course), Vec::new()));
    }
    let mut notes = copy::sync(course, stage, &progress)?;
    notes.push(format!("The {} that runs is yours, from {}", stage.name(), course.show(&stage.work())));
    Ok((program::own_manifest(stage), notes))
}

/// An empty folder for a demo to work in.
pub(crate) fn folder(course: &Course, stage: &Stage) -> Result<PathBuf> {
    let folder = course.target.join(format!("demo-{:02}", stage.number));
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Fault::io("empty", &folder, &error)),
        _ => {}
    }
    fs::create_dir_all(&folder).map_err(|error| Fault::io("create", &folder, &error))?;
    Ok(folder)
}

fn here(course: &Course) -> Result<&Stage> {
    let progress = Progress::peek(course);
    let current = progress.current(course).map(|(stage, _)| stage);
    let first = || course.stages.iter().find(|stage| stage.demo.is_some());
    let stage = current.filter(|stage| stage.demo.is_some()).or_else(first);
    stage.ok_or_else(|| Fault::Usage("no stage has a demo.".to_owned()))
}

/// Waits for Enter; `q` and the end of the input stop the demo.
fn enter() -> bool {
    print!("[Enter for the next step, q to stop] ");
    let _ = io::stdout().flush();
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    read.is_ok_and(|length| length > 0) && line.trim() != "q"
}

fn announce(step: &Step, package: &str, style: Style) {
    if !step.say.is_empty() {
        println!("{}", step.say.trim());
    }
    let words: Vec<String> = step.run.iter().map(|word| quoted(word)).collect();
    println!("{}", style.bold(&format!("$ {package} {}", words.join(" "))));
    for line in step.stdin.lines() {
        println!("{}", style.dim(&format!("> {line}")));
    }
}

fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "-_=./:,%+".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// One step of a demo, as a command. What it reads is not given to it yet.
pub(crate) fn command(course: &Course, stage: &Stage, manifest: &Path, step: &Step, folder: &Path) -> Command {
    let mut command = program::command(course, stage, manifest);
    command.arg("--quiet").arg("--").args(&step.run).current_dir(folder);
    command
}

fn run(course: &Course, stage: &Stage, manifest: &Path, step: &Step, folder: &Path) -> Result<()> {
    let mut command = command(course, stage, manifest, step, folder);
    command.stdin(Stdio::piped());
    let broken = |error: io::Error| cannot_run(cargo::program().as_os_str(), &error);
    let mut group = Group::spawn(&mut command).map_err(broken)?;
    if let Some(mut input) = group.child.stdin.take() {
        // A program that does not read its input closes it early, and may.
        let _ = input.write_all(step.stdin.as_bytes());
    }
    let status = group.child.wait().map_err(broken)?;
    match status.code() {
        Some(101) => Err(Fault::Broken(format!("`{}` could not be built or has panicked", stage.package))),
        // A demo may show an error on purpose.
        Some(0) => Ok(()),
        Some(code) => {
            println!("(exit code {code})");
            Ok(())
        }
        None => Err(Fault::Broken(format!("`{}` was stopped by a signal", stage.package))),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn commands_are_shown_as_a_shell_takes_them() {
        assert_eq!(quoted("--from=2"), "--from=2");
        assert_eq!(quoted("two words"), "'two words'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
