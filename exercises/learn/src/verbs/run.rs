//! `cargo learn check` and `test`: the learner's copy runs. One says what it means, the other shows all that it prints.

use std::process::{Command, Stdio};

use super::{Ticker, meant, notice, program, with_notes};
use crate::cargo;
use crate::check::{self, Checked, News, Order};
use crate::copy;
use crate::course::{Course, Exercise, Id, Stage};
use crate::fault::{Fault, Result};
use crate::judge::{self, Verdict};
use crate::lock::{self, What};
use crate::process::{self, End, Stop};
use crate::progress::Progress;
use crate::style::Style;

/// Judges an exercise and prints one screen.
pub(crate) fn check(course: &Course, id: Option<Id>, verbose: bool) -> Result<u8> {
    let progress = Progress::open(course)?;
    notice(&progress);
    let (_, exercise) = meant(course, &progress, id)?;
    let mut ticker = Ticker::new();
    let order = Order {
        id: exercise.id,
        style: Style::detect(),
        verbose,
        keys: false,
        stop: Stop::default(),
        hear: &mut |news| {
            if let News::Cargo(line) = news {
                ticker.tell(line);
            }
        },
    };
    let checked = check::check(course, order);
    ticker.clear();
    let Checked { verdict, screen, notes, .. } = checked?;
    print!("{}", with_notes(&notes, &screen));
    Ok(match verdict {
        Verdict::Passed { .. } => 0,
        Verdict::NotRun(_) | Verdict::NotBuilt(_) => 3,
        _ => 1,
    })
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
        None => (meant(course, &progress, None)?.0, None),
    };
    if !program::is_yours(course, stage, &progress)? {
        return Err(Fault::Usage(format!(
            "no exercise of stage {} is started, so there is no copy to test.",
            stage.name()
        )));
    }
    let _lock = lock::take(course, What::Work)?;
    for note in copy::sync(course, stage, &progress)? {
        println!("({note})");
    }
    let mut command = test_command(course, stage, exercise, name);
    let end = process::run_in_front(&mut command).map_err(|error| cargo::cannot_run(command.get_program(), &error))?;
    Ok(if end == End::Code(0) { 0 } else { 1 })
}

/// Runs all tests of a copy, or those of an exercise, or those of a name.
pub(crate) fn test_command(course: &Course, stage: &Stage, exercise: Option<&Exercise>, name: Option<&str>) -> Command {
    let mut command = Command::new(cargo::program());
    command.arg("test").arg("--manifest-path").arg(stage.work().join("Cargo.toml"));
    command.arg("--target-dir").arg(&course.target).stdin(Stdio::null());
    command.envs(judge::QUIET).env("FTLU_ROOT", &course.root);
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
