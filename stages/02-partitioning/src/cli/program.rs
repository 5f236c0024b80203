//! What differs from program to program, where the commands are the same.

use clap::{Command, Parser};
use segment_log::{LogConfig, Setting};

/// What stands for the program's name in the examples of the commands' help.
const NAME: &str = "{program}";
/// The argument that all clients' commands have ([`BrokerAt`](super::BrokerAt)).
const BROKER: &str = "broker";
/// The argument that all servers' commands have.
const LISTEN: &str = "listen";

/// A program, as its commands speak of it.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name. It stands before all that goes to stderr, and clients tell it to brokers.
    pub name: &'static str,
    /// The variable of the environment that says where a broker is, if `--broker` does not.
    pub broker_variable: &'static str,
    /// The variable of the environment that says where a server listens, if `--listen` does not.
    pub listen_variable: &'static str,
    /// What to do if there is no broker: the beginning of a sentence.
    pub start: &'static str,
    /// Settings of a topic beside those of its log.
    pub topic_settings: &'static [Setting],
}

impl Program {
    /// Reads the command line. If it is wrong, or asks for help, the process ends here.
    pub fn parse<C: Parser>(&self) -> C {
        let matches = self.fill_in(C::command()).get_matches();
        C::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Puts what is this program's own into a description of a command line, and of all commands in it.
    pub fn fill_in(&self, command: Command) -> Command {
        let command = match command.get_after_help().map(ToString::to_string) {
            Some(help) => command.after_help(help.replace(NAME, self.name)),
            None => command,
        };
        let command = with_variable(command, BROKER, self.broker_variable);
        let command = with_variable(command, LISTEN, self.listen_variable);
        let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, |command| self.fill_in(command)))
    }

    /// The keys of all that a topic can have set.
    pub(super) fn topic_keys(&self) -> Vec<&'static str> {
        LogConfig::SETTINGS.iter().chain(self.topic_settings).map(|setting| setting.key).collect()
    }
}

/// Lets a variable of the environment say what an argument does not, if the command has that argument.
fn with_variable(command: Command, argument: &'static str, variable: &'static str) -> Command {
    let has_it = command.get_arguments().any(|known| known.get_id() == argument);
    match has_it {
        true => command.mut_arg(argument, |known| known.env(variable).hide_env_values(true)),
        false => command,
    }
}
