//! The program in a folder of its own, with a broker on a port of its own.

use std::ops::Deref;

pub(crate) use terminal::{Ran, Server, ended, line_of, next_line, signal};

/// The time of all records.
pub(crate) const TIME: &str = "--timestamp 1700000000000";

/// What stands for the broker's address in what is compared.
pub(crate) const ADDRESS: &str = "ADDRESS";

pub(crate) struct Program {
    terminal: terminal::Program,
    /// Where its clients look for a broker.
    broker: String,
}

impl Deref for Program {
    type Target = terminal::Program;

    fn deref(&self) -> &terminal::Program {
        &self.terminal
    }
}

impl Program {
    /// Without a broker: nobody listens on port 1.
    pub(crate) fn new() -> Self {
        let mut terminal = terminal::Program::new(env!("CARGO_BIN_EXE_partitioning"));
        terminal.set("PARTITIONING_LISTEN", None);
        terminal.set("COLUMNS", None);
        let mut program = Program { terminal, broker: String::new() };
        program.find_broker_at("127.0.0.1:1");
        program
    }

    /// With a broker that keeps `data`.
    pub(crate) fn with_broker() -> (Self, Server) {
        let mut program = Self::new();
        let server = program.serve("");
        (program, server)
    }

    /// With a broker, and a topic `orders` of three partitions.
    pub(crate) fn with_topic() -> (Self, Server) {
        let (program, server) = Self::with_broker();
        let made = program.run("create-topic orders --partitions 3");
        assert_eq!(made, Ran::ok("made the topic orders: 3 partitions, 1 copy of each\n"));
        (program, server)
    }

    /// Starts a broker that keeps `data`, and lets clients find it.
    pub(crate) fn serve(&mut self, arguments: &str) -> Server {
        let mut child = self.start(&format!("serve data --listen 127.0.0.1:0 {arguments}"));
        let serving = next_line(&mut child);
        let address = serving.strip_prefix("serving data at ").unwrap_or_else(|| panic!("it says `{serving}`"));
        self.find_broker_at(address);
        Server { child }
    }

    fn find_broker_at(&mut self, address: &str) {
        self.terminal.set("PARTITIONING_BROKER", Some(address));
        self.broker = address.to_owned();
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.without_address(self.terminal.run(arguments))
    }

    pub(crate) fn run_with(&self, arguments: &str, input: impl AsRef<[u8]>) -> Ran {
        self.without_address(self.terminal.run_with(arguments, input))
    }

    pub(crate) fn run_each(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        self.without_address(self.terminal.run_each(arguments, input))
    }

    /// The port is another one in each run.
    fn without_address(&self, Ran { out, err, code }: Ran) -> Ran {
        Ran { out: out.replace(&self.broker, ADDRESS), err: err.replace(&self.broker, ADDRESS), code }
    }

    /// Where its clients look for a broker.
    pub(crate) fn broker(&self) -> &str {
        &self.broker
    }
}
