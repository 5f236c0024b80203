//! The program in a folder of its own, with a broker on a port of its own.

use std::io::Read;
use std::ops::Deref;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};
pub(crate) use terminal::{Ran, ended, line_of, next_line};

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

/// A broker that runs. It is killed when this is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
}

impl Server {
    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(self) -> Ran {
        signal(&self.child, Signal::TERM);
        self.end()
    }

    /// Kills it, so that nothing in it is done any more.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end. What was printed after the first line is its output.
    pub(crate) fn end(mut self) -> Ran {
        let (mut out, mut err) = (String::new(), String::new());
        // A broker logs less than a pipe holds.
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        Ran { out, err, code }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}
