//! What can go wrong in a command, what its user reads of it, and the program's exit code.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use segment_log::Error;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The log refused, or is not there, or is damaged.
    Log(Error),
    /// A line of the input cannot be a record.
    Line { number: u64, rule: String },
    /// The input cannot be read.
    Input(io::Error),
    /// Nobody takes the output.
    Output(io::Error),
    /// The command looked for damage and found it.
    Damage { found: Vec<String>, hint: &'static str },
    /// A measurement failed.
    Bench(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Failure::Log(error) if error.is_not_found() => 3,
            Failure::Log(error) if error.is_corrupt() => 4,
            Failure::Log(Error::Locked { .. }) => 5,
            Failure::Damage { .. } => 4,
            _ => 1,
        }
    }

    fn lines(&self) -> Vec<String> {
        match self {
            Failure::Log(error) => vec![error.to_string()],
            Failure::Line { number, rule } => vec![format!("line {number} {rule}")],
            Failure::Input(error) => vec![format!("cannot read the input: {error}")],
            Failure::Output(error) => vec![format!("cannot write the output: {error}")],
            Failure::Damage { found, .. } => first_few(found),
            Failure::Bench(error) => vec![format!("cannot measure: {error}")],
        }
    }

    /// What to do next, where the message alone does not say it.
    fn hint(&self) -> Option<String> {
        let error = match self {
            Failure::Log(error) => error,
            Failure::Damage { hint, .. } => return Some((*hint).to_owned()),
            _ => return None,
        };
        match error {
            Error::NotFound { what: "data folder" | "data folder or log", .. } => {
                Some("`segment-log append DIR` makes one".to_owned())
            }
            Error::NotFound { path, .. } => Some(not_found_hint(path)),
            Error::Locked { .. } => Some("`segment-log dump DIR` looks without taking the folder".to_owned()),
            Error::Corrupt { .. } => Some(
                "Nothing was changed. `segment-log recover DIR` reads the whole log, `segment-log dump DIR` shows it"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

/// A disk that fails has more to tell than a person will read.
fn first_few(found: &[String]) -> Vec<String> {
    const FEW: usize = 10;
    let mut lines: Vec<_> = found.iter().take(FEW).cloned().collect();
    if found.len() > FEW {
        lines.push(format!("and {} more", found.len() - FEW));
    }
    lines
}

/// A folder without a log is often the log itself.
fn not_found_hint(log: &std::path::Path) -> String {
    let dir = log.parent().unwrap_or(log);
    match dir.join("00000000000000000000.log").exists() {
        true => format!("{} is a log itself: give the folder that it lies in", dir.display()),
        false => "`segment-log append DIR` makes one".to_owned(),
    }
}

/// Says what went wrong, and how the program ends.
pub(crate) fn exit(done: Result<(), Failure>) -> ExitCode {
    let failure = match done {
        Ok(()) => return ExitCode::SUCCESS,
        // Whoever reads the output has seen enough, as `head` does.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Err(failure) => failure,
    };
    failure.lines().iter().for_each(|line| say(line));
    if let Some(hint) = failure.hint() {
        say(&hint);
    }
    ExitCode::from(failure.code())
}

/// Tells the user something that is not the command's answer.
pub(crate) fn say(line: &str) {
    // If nobody listens there, nobody is left to be told.
    let _ = writeln!(io::stderr(), "segment-log: {line}");
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Log(error)
    }
}

/// Commands read through the library, so an `io::Error` of their own is the output's.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}
