//! Runs the program in a folder of its own, with a broker on a port of its own.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The time of all records.
pub(crate) const TIME: &str = "--timestamp 1700000000000";

/// What stands for the broker's address in what is compared.
pub(crate) const ADDRESS: &str = "ADDRESS";

pub(crate) struct Program {
    folder: TempDir,
    /// Where its clients look for a broker.
    broker: String,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

impl Ran {
    pub(crate) fn ok(out: &str) -> Self {
        Self::failed(0, out, "")
    }

    pub(crate) fn failed(code: i32, out: &str, err: &str) -> Self {
        Ran { out: out.to_owned(), err: err.to_owned(), code }
    }
}

impl Program {
    /// Without a broker: nobody listens on port 1.
    pub(crate) fn new() -> Self {
        Program { folder: tempfile::tempdir().unwrap(), broker: "127.0.0.1:1".to_owned() }
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

    /// A path below the folder that the program runs in.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Starts a broker that keeps `data`, and lets clients find it.
    pub(crate) fn serve(&mut self, arguments: &str) -> Server {
        let mut child = self.start(&format!("serve data --listen 127.0.0.1:0 {arguments}"));
        let serving = next_line(&mut child);
        let address = serving.strip_prefix("serving data at ").unwrap_or_else(|| panic!("it says `{serving}`"));
        self.broker = address.to_owned();
        Server { child }
    }

    /// Runs with these arguments, separated by spaces, and no input.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &str, input: impl AsRef<[u8]>) -> Ran {
        self.run_each(&arguments.split_whitespace().collect::<Vec<_>>(), input)
    }

    /// Runs with arguments that may have spaces in them.
    pub(crate) fn run_each(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.start_each(arguments);
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.as_ref().to_vec());
        // The program may end before it has read all, which is its right.
        let feed = thread::spawn(move || drop(stdin.write_all(&input)));
        let Ran { out, err, code } = ended(child);
        feed.join().unwrap();
        Ran { out: out.replace(&self.broker, ADDRESS), err: err.replace(&self.broker, ADDRESS), code }
    }

    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.start_each(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    fn start_each(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_partitioning"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("PARTITIONING_BROKER", &self.broker)
            .env_remove("PARTITIONING_LISTEN")
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn read_file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    /// Changes one byte of a file.
    pub(crate) fn flip(&self, path: &str, at: usize) {
        let mut bytes = self.read_file(path);
        bytes[at] ^= 0x55;
        std::fs::write(self.path(path), bytes).unwrap();
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

/// Waits for the program's end.
pub(crate) fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// The next line of the program's output, waited for.
pub(crate) fn next_line(child: &mut Child) -> String {
    line_of(child.stdout.as_mut().unwrap())
}

/// The next line, waited for. What comes after it stays where it is.
pub(crate) fn line_of(from: &mut impl Read) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}
