//! Somebody at the prompt of `cluster`, who types one order after the other and reads what comes of each.

use std::io::Write;
use std::process::ChildStdin;

use crate::program::{Program, QUICK, Ran, Server, next_line};

pub(crate) struct Prompt {
    pub(crate) program: Program,
    pub(crate) server: Server,
    input: ChildStdin,
    /// Where the controller and the brokers are.
    pub(crate) addresses: Vec<String>,
    typed: u32,
}

impl Prompt {
    /// A cluster of so many brokers, in a temporary folder below `tmp`.
    pub(crate) fn of(brokers: u32, arguments: &str) -> Self {
        Self::with(Program::with_temporary_folders_here(), &format!("--brokers {brokers} {arguments}"))
    }

    pub(crate) fn with(program: Program, arguments: &str) -> Self {
        let mut child = program.start(&format!("cluster {QUICK} {arguments}"));
        let input = child.stdin.take().unwrap();
        let server = Server { child };
        let mut prompt = Prompt { program, server, input, addresses: Vec::new(), typed: 0 };
        let greeting = next_line(&mut prompt.server.child);
        let words = greeting.strip_prefix("controller at ").and_then(|rest| rest.split_once(", brokers at "));
        let (controller, brokers) = words.unwrap_or_else(|| panic!("it says `{greeting}`: {}", prompt.all_said()));
        prompt.addresses = std::iter::once(controller).chain(brokers.split(',')).map(str::to_owned).collect();
        prompt
    }

    fn all_said(&mut self) -> String {
        let mut all = String::new();
        let err = self.server.child.stderr.as_mut().unwrap();
        std::io::Read::read_to_string(err, &mut all).unwrap();
        all
    }

    /// Types a line, and gives what is said to it.
    pub(crate) fn order(&mut self, order: &str) -> String {
        self.typed += 1;
        let (line, mark) =
            (format!("> {}", partitioning::cli::failure::harmless(order)), format!("> # {}", self.typed));
        writeln!(self.input, "{order}\n# {}", self.typed).unwrap();
        let mut said = Vec::new();
        loop {
            let next = next_line(&mut self.server.child);
            match next {
                next if next == mark => break,
                next if next == line => {}
                next if next.is_empty() && self.server.child.try_wait().unwrap().is_some() => {
                    panic!("it has ended: {}", self.all_said())
                }
                next => said.push(next),
            }
        }
        said.join("\n")
    }

    /// Has all come to rest.
    #[track_caller]
    pub(crate) fn rest(&mut self) {
        let said = self.order("wait 30");
        assert_eq!(said, "at rest", "{}", self.order("show"));
    }

    /// What is shown, without the addresses.
    pub(crate) fn show(&mut self) -> String {
        let shown = self.order("show");
        self.addresses.iter().enumerate().fold(shown, |shown, (number, address)| {
            shown.replace(address, &if number == 0 { "CONTROLLER".to_owned() } else { format!("BROKER-{number}") })
        })
    }

    /// A topic `orders` with one partition, which broker 1 leads and all others follow.
    pub(crate) fn make_orders(&mut self) {
        let brokers = self.addresses.len() - 1;
        let said = self.order(&format!("topic orders 1 {brokers}"));
        assert_eq!(said, format!("made the topic: 1 partition, {brokers} copies of it"));
        let all: Vec<_> = (1..=brokers).map(|id| id.to_string()).collect();
        assert_eq!(self.order(&format!("move orders-0 {}", all.join(","))), format!("replicas {}", all.join(",")));
        self.rest();
        // It may be so already.
        let said = self.order("elect orders-0");
        assert!(said.starts_with("broker 1 leads in epoch 1") || said.ends_with("(ELECTION_NOT_NEEDED)"), "{said}");
        self.rest();
    }

    /// The end of the input, and then of the program.
    pub(crate) fn end(self) -> Ran {
        drop(self.input);
        self.server.end()
    }
}
