//! What can go wrong in a command, what its user reads of it, and the program's exit code.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use super::Program;
use crate::{Error, ErrorCode, Refusal};

/// Why a command ended early.
#[derive(Debug)]
pub enum Failure {
    /// What the library says: a broker refused or cannot be reached, a folder is in use, and so on.
    Of(Error),
    /// A line of the input cannot be a record.
    Line {
        /// Which line, from 1.
        number: u64,
        /// What it must be: the end of a sentence.
        rule: String,
    },
    /// Records were sent and not acknowledged.
    Undelivered {
        /// How many.
        records: u64,
        /// The line of the first of them.
        line: u64,
        /// What became of that one.
        error: Error,
    },
    /// Records were sent and not acknowledged, and each of them was told of.
    Reported {
        /// How many.
        records: u64,
    },
    /// The input cannot be read.
    Input(io::Error),
    /// The command line asks for what cannot be.
    Usage(String),
    /// The system gives no threads, or no signals.
    Runtime(io::Error),
    /// There is no folder for what is needed for a moment.
    Temporary(io::Error),
    /// Nobody takes the output.
    Output(io::Error),
    /// A second signal came, and work was left undone.
    Interrupted(&'static str),
    /// A process that this one has started has failed: what is known of that.
    Child(String),
    /// What was to be done was not done, or it is not known: why.
    Undone(String),
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Failure::Of(error) => code_of(error),
            Failure::Usage(_) => 2,
            _ => 1,
        }
    }

    /// What went wrong.
    pub fn line(&self) -> String {
        match self {
            Failure::Of(error) => error.to_string(),
            Failure::Line { number, rule } => format!("line {number} {rule}"),
            Failure::Undelivered { records: 1, line, error } => format!("the record of line {line} failed: {error}"),
            Failure::Undelivered { records, line, error } => {
                format!("{records} records failed, the first of them from line {line}: {error}")
            }
            Failure::Reported { records: 1 } => "1 record was not acknowledged: the report says why".to_owned(),
            Failure::Reported { records } => format!("{records} records were not acknowledged: the report says why"),
            Failure::Input(error) => format!("cannot read the input: {error}"),
            Failure::Usage(rule) | Failure::Child(rule) | Failure::Undone(rule) => rule.clone(),
            Failure::Runtime(error) => format!("the system does not let it run: {error}"),
            Failure::Temporary(error) => format!("cannot make a temporary folder: {error}"),
            Failure::Output(error) => format!("cannot write the output: {error}"),
            Failure::Interrupted(signal) => format!("{signal} ended it before its work was done"),
        }
    }

    /// What to do next, where the message alone does not say it.
    fn hint(&self, program: &Program) -> Option<String> {
        match self {
            Failure::Of(error) => hint_of(error, program),
            _ => None,
        }
    }
}

fn code_of(error: &Error) -> u8 {
    match error {
        Error::Refused(refusal) => match refusal.code {
            ErrorCode::UnknownTopicOrPartition | ErrorCode::OffsetOutOfRange => 3,
            _ => 1,
        },
        Error::NoOffset { .. } | Error::NoPartition { .. } => 3,
        Error::Config { .. } => 2,
        Error::Corrupt { .. } => 4,
        Error::Log(error) if error.is_not_found() => 3,
        Error::Log(error) if error.is_corrupt() => 4,
        Error::Log(error) if matches!(**error, segment_log::Error::Locked { .. }) => 5,
        Error::Listen { kind: ErrorKind::AddrInUse, .. } => 5,
        Error::Unreachable { .. } => 6,
        _ => 1,
    }
}

fn hint_of(error: &Error, program: &Program) -> Option<String> {
    let hint = match error {
        Error::Refused(refusal) => return hint_of_refusal(refusal, program),
        Error::Unreachable { .. } => return Some(format!("{}; --broker says where one is", program.start)),
        Error::NoPartition { .. } => {
            return Some(format!("`{} describe TOPIC` shows what partitions there are", program.name));
        }
        Error::NoOffset { .. } => "--from earliest begins where the partition begins",
        Error::Corrupt { .. } => "`segment-log dump DIR/TOPIC-PARTITION --records` shows what is stored there",
        Error::Log(error) if matches!(**error, segment_log::Error::Locked { .. }) => {
            "One broker has a folder at a time. To a second one give a folder of its own"
        }
        Error::Log(error) if error.is_corrupt() => {
            "Nothing was changed. `segment-log dump DIR/TOPIC-PARTITION` shows what is stored there"
        }
        Error::Listen { kind: ErrorKind::AddrInUse, .. } => {
            "--listen 127.0.0.1:0 takes any port that is free, and tells which"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn hint_of_refusal(refusal: &Refusal, program: &Program) -> Option<String> {
    let name = program.name;
    match refusal.code {
        ErrorCode::UnknownTopicOrPartition => {
            Some(format!("`{name} describe` lists the topics, `{name} create-topic NAME` makes one"))
        }
        ErrorCode::TopicAlreadyExists => Some(format!("`{name} describe NAME` shows it")),
        ErrorCode::InvalidConfig => Some(format!("a topic's settings are {}", program.topic_keys().join(", "))),
        _ => None,
    }
}

/// Says what went wrong, and how the program ends.
pub fn exit(program: &Program, done: Result<(), Failure>) -> ExitCode {
    let failure = match done {
        Ok(()) => return ExitCode::SUCCESS,
        // Whoever reads the output has seen enough, as `head` does.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Err(failure) => failure,
    };
    say(program, &failure.line());
    if let Some(hint) = failure.hint(program) {
        say(program, &hint);
    }
    ExitCode::from(failure.code())
}

/// Tells the user something that is not the command's answer.
pub fn say(program: &Program, line: &str) {
    // If nobody listens there, nobody is left to be told.
    let _ = writeln!(io::stderr(), "{}: {}", program.name, harmless(line));
}

/// A line as it is, but for what would end it or command the terminal: parts of it are a broker's words, and who knows
/// what broker that is.
pub fn harmless(line: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    line.chars().map(shown).collect()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Of(error)
    }
}

/// Commands use the network and the disk through the library, so an `io::Error` of their own is the output's.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brokers_words_do_not_command_the_terminal() {
        let refusal = ErrorCode::UnknownServerError.because("gone\npartitioning: all is well \u{1b}[2J\u{9b}2Jé`\"");
        let line = Failure::Of(refusal.into()).line();
        let shown = "gone\\npartitioning: all is well \\u{1b}[2J\\u{9b}2Jé`\" (UNKNOWN_SERVER_ERROR)";
        assert_eq!(harmless(&line), shown);
    }
}
