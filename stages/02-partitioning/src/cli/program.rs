//! What differs from program to program, where the commands are the same.

use clap::{Command, Parser};
use segment_log::{LogConfig, Setting};

/// What stands for the program's name in the examples of the commands' help.
const NAME: &str = "{program}";
/// The argument that all clients' commands have ([`BrokerAt`](super::BrokerAt)).
const BROKER: &str = "broker";

/// A program, as its commands speak of it.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name. It stands before all that goes to stderr, and clients tell it to brokers.
    pub name: &'static str,
    /// The variable of the environment that says where a broker is, if `--broker` does not.
    pub broker_variable: &'static str,
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
        let asks_a_broker = command.get_arguments().any(|argument| argument.get_id() == BROKER);
        let command = match asks_a_broker {
            true => command.mut_arg(BROKER, |argument| argument.env(self.broker_variable).hide_env_values(true)),
            false => command,
        };
        let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, |command| self.fill_in(command)))
    }

    /// The keys of all that a topic can have set.
    pub(super) fn topic_keys(&self) -> Vec<&'static str> {
        LogConfig::SETTINGS.iter().chain(self.topic_settings).map(|setting| setting.key).collect()
    }
}
