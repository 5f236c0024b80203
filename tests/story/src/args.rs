//! Reading a command's arguments: every mistake is named, and nothing is overlooked.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Display;
use std::str::FromStr;

use goldenscript::{Argument, Command};

/// The arguments of one command, taken one by one.
///
/// Take what the command knows, then call [`Args::done`], which refuses the rest:
///
/// ```
/// # use story::{Args, Command};
/// # fn run(command: &Command) -> Result<(), Box<dyn std::error::Error>> {
/// let mut args = Args::of(command); //      append "paid 10" codec=gzip
/// let value: String = args.value("record")?;
/// let codec: Option<String> = args.key("codec")?;
/// args.done()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Args<'a> {
    command: &'a str,
    rest: Vec<&'a Argument>,
    /// What was asked for: what the command knows, said when it is given something else.
    known: Vec<String>,
}

type Fault = Box<dyn Error>;

impl<'a> Args<'a> {
    /// All arguments of the command.
    pub fn of(command: &'a Command) -> Self {
        Self { command: &command.name, rest: command.args.iter().collect(), known: Vec::new() }
    }

    /// The next argument without a key. `name` says in errors what it is.
    pub fn value<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<T, Fault> {
        let missing = format!("`{}` needs an argument: <{name}>", self.command);
        self.optional(name)?.ok_or_else(|| missing.into())
    }

    /// The next argument without a key, if there is one.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        self.known.push(format!("<{name}>"));
        self.next_value().map(|text| self.parse(&format!("<{name}>"), text)).transpose()
    }

    /// All remaining arguments without a key, perhaps none.
    pub fn values<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Vec<T>, Fault> {
        self.known.push(format!("<{name}>..."));
        let mut values = Vec::new();
        while let Some(text) = self.next_value() {
            values.push(self.parse(&format!("<{name}>"), text)?);
        }
        Ok(values)
    }

    /// The value of `name=value`, if it is given. Given twice, it is an error.
    pub fn key<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        self.known.push(format!("{name}="));
        let mut found = None;
        let mut times = 0;
        self.rest.retain(|argument| match argument {
            Argument::KeyValue(key, value) if key == name => {
                found = Some(value.as_str());
                times += 1;
                false
            }
            _ => true,
        });
        if times > 1 {
            return Err(format!("`{}` is given `{name}=` {times} times", self.command).into());
        }
        found.map(|text| self.parse(&format!("{name}="), text)).transpose()
    }

    /// The value of `name=value`, which must be given.
    pub fn required_key<T: FromStr<Err: Display>>(&mut self, name: &str) -> Result<T, Fault> {
        let missing = format!("`{}` needs an argument: {name}=", self.command);
        self.key(name)?.ok_or_else(|| missing.into())
    }

    /// All remaining `key=value` arguments in the order given, for a command whose keys are data. Given twice, a key is
    /// an error.
    pub fn pairs(&mut self) -> Result<Vec<(&'a str, &'a str)>, Fault> {
        self.known.push("<key>=<value>...".to_owned());
        let mut pairs = Vec::new();
        let mut seen = BTreeSet::new();
        self.rest.retain(|argument| match argument {
            Argument::KeyValue(key, value) => {
                pairs.push((key.as_str(), value.as_str()));
                false
            }
            _ => true,
        });
        match pairs.iter().find(|(key, _)| !seen.insert(*key)) {
            Some((key, _)) => Err(format!("`{}` is given `{key}=` more than once", self.command).into()),
            None => Ok(pairs),
        }
    }

    /// Refuses every argument that was not taken.
    pub fn done(self) -> Result<(), Fault> {
        let Some(argument) = self.rest.first() else { return Ok(()) };
        let known = if self.known.is_empty() { "none".to_owned() } else { self.known.join(" ") };
        Err(format!("`{}` does not know the argument `{argument}`; it takes: {known}", self.command).into())
    }

    /// The error for a command that the system does not have.
    pub fn unknown_command(&self) -> Fault {
        format!("`{}` is no command of this system", self.command).into()
    }

    fn next_value(&mut self) -> Option<&'a str> {
        let index = self.rest.iter().position(|argument| matches!(argument, Argument::Positional(_)))?;
        match self.rest.remove(index) {
            Argument::Positional(text) => Some(text),
            _ => None,
        }
    }

    fn parse<T: FromStr<Err: Display>>(&self, name: &str, text: &str) -> Result<T, Fault> {
        text.parse().map_err(|error| format!("`{}`: {name} cannot be `{text}`: {error}", self.command).into())
    }
}
