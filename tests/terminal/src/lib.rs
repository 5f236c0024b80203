//! Runs a stage's program as someone at a terminal does: it is given arguments and input, and what it prints and its exit
//! code are looked at. It runs in a folder of its own, so that the paths in its output are the same everywhere.
//!
//! What is particular to a stage, such as a broker that must be there, is said in the stage's own tests.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

#[cfg(unix)]
pub use rustix::process::Signal;
#[cfg(unix)]
use rustix::process::{Pid, kill_process};
use tempfile::TempDir;

/// A program, and the folder that it runs in. The folder goes when this is dropped.
pub struct Program {
    executable: PathBuf,
    folder: TempDir,
    /// Of the environment, what the program shall find there, or not.
    environment: Vec<(&'static str, Option<String>)>,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    /// What it printed.
    pub out: String,
    /// What it printed on stderr.
    pub err: String,
    /// Its exit code; -1 if a signal ended it.
    pub code: i32,
}

impl Ran {
    /// It printed this and nothing else, and was content.
    pub fn ok(out: &str) -> Self {
        Self::failed(0, out, "")
    }

    /// It printed this, said that on stderr, and ended with this code.
    pub fn failed(code: i32, out: &str, err: &str) -> Self {
        Ran { out: out.to_owned(), err: err.to_owned(), code }
    }
}

impl Program {
    /// In a test, `env!("CARGO_BIN_EXE_…")` is the path of the program.
    pub fn new(executable: impl AsRef<Path>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Program { executable: executable.as_ref().to_owned(), folder, environment: Vec::new() }
    }

    /// Sets a variable for all runs from now on. `None` takes it away: whoever runs the test may have set it.
    pub fn set(&mut self, variable: &'static str, value: Option<&str>) {
        self.environment.push((variable, value.map(str::to_owned)));
    }

    /// A path below the folder that the program runs in.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs with these arguments, separated by spaces, and no input.
    pub fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs with these arguments, separated by spaces, and this input.
    pub fn run_with(&self, arguments: &str, input: impl AsRef<[u8]>) -> Ran {
        self.run_each(&separated(arguments), input)
    }

    /// Runs with arguments that may have spaces in them.
    pub fn run_each(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.start_each(arguments);
        let (mut stdin, input) = (child.stdin.take().expect("a pipe"), input.as_ref().to_vec());
        // The program may end before it has read all, which is its right.
        let feed = thread::spawn(move || drop(stdin.write_all(&input)));
        let ran = ended(child);
        feed.join().expect("feeding ignores a closed pipe, and so cannot fail");
        ran
    }

    /// Starts it, with pipes for its input and output.
    pub fn start(&self, arguments: &str) -> Child {
        self.start_each(&separated(arguments))
    }

    fn start_each(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(&self.executable);
        for (variable, value) in &self.environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        command.args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.executable.display()))
    }

    /// The bytes of a file in the program's folder.
    pub fn read_file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
    }

    /// Puts a file into the program's folder, in place of one that may be there.
    pub fn write_file(&self, path: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(path), bytes).unwrap_or_else(|error| panic!("{path} cannot be written: {error}"));
    }

    /// Changes one byte of a file.
    pub fn flip(&self, path: &str, at: usize) {
        let mut bytes = self.read_file(path);
        assert!(at < bytes.len(), "{path} has {} bytes, and none at {at}", bytes.len());
        bytes[at] ^= 0x55;
        self.write_file(path, bytes);
    }
}

/// A program that goes on by itself: a server, say. It is killed when this is dropped.
pub struct Server {
    /// The process.
    pub child: Child,
}

impl Server {
    /// Waits for its end. What nobody has read of its output until now is in what it gives. (A server logs less than a pipe
    /// holds.)
    pub fn end(mut self) -> Ran {
        let (mut out, mut err) = (String::new(), String::new());
        let read = |from: Option<&mut dyn Read>, to: &mut String| {
            if let Some(from) = from {
                from.read_to_string(to).expect("the programs print UTF-8");
            }
        };
        read(self.child.stdout.as_mut().map(|pipe| pipe as &mut dyn Read), &mut out);
        read(self.child.stderr.as_mut().map(|pipe| pipe as &mut dyn Read), &mut err);
        let code = self.child.wait().expect("a child of ours").code().unwrap_or(-1);
        Ran { out, err, code }
    }

    /// Kills it, so that nothing in it is done any more.
    pub fn kill(mut self) {
        self.child.kill().expect("a child of ours");
        self.child.wait().expect("a child of ours");
    }
}

#[cfg(unix)]
impl Server {
    /// Tells it to stop, and waits until it has.
    pub fn stop(self) -> Ran {
        signal(&self.child, Signal::TERM);
        self.end()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody at the prompt of a program, who types one line after the other and reads what comes of each. Without a terminal such a
/// program shows each line that it reads behind a `> `, and does nothing for one that begins with `#`.
pub struct Prompt {
    /// The program.
    pub server: Server,
    input: ChildStdin,
    typed: u32,
}

impl Prompt {
    /// At the prompt of a program that was started here.
    pub fn at(mut child: Child) -> Self {
        let input = child.stdin.take().expect("a pipe that nobody took");
        Prompt { server: Server { child }, input, typed: 0 }
    }

    /// Types a line, and gives what is said to it, in lines.
    pub fn order(&mut self, order: &str) -> String {
        self.typed += 1;
        let mark = format!("> # {}", self.typed);
        writeln!(self.input, "{order}\n# {}", self.typed).expect("a program that reads its input");
        let mut said = Vec::new();
        loop {
            let next = next_line(&mut self.server.child);
            if next == mark {
                break;
            }
            if next.is_empty() && self.server.child.try_wait().expect("a child of ours").is_some() {
                panic!("it has ended: {}", self.complaint());
            }
            said.push(next);
        }
        // First, the line itself.
        said[1..].join("\n")
    }

    /// What it has said on stderr, when it has ended.
    pub fn complaint(&mut self) -> String {
        let mut all = String::new();
        let err = self.server.child.stderr.as_mut().expect("a pipe that nobody took");
        err.read_to_string(&mut all).expect("the programs print UTF-8");
        all
    }

    /// The end of the input, and then of the program.
    pub fn end(self) -> Ran {
        drop(self.input);
        self.server.end()
    }
}

/// Sends a signal to a process that was started here, and was not waited for.
#[cfg(unix)]
pub fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a child of ours");
}

fn separated(arguments: &str) -> Vec<&str> {
    arguments.split_whitespace().collect()
}

/// Waits for a program's end.
pub fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().expect("the output of a program of ours");
    Ran { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap_or(-1) }
}

/// The next line of a program's output, waited for.
pub fn next_line(child: &mut Child) -> String {
    line_of(child.stdout.as_mut().expect("a pipe that nobody took"))
}

/// The next line, waited for. What comes after it stays where it is.
pub fn line_of(from: &mut impl Read) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte).expect("a pipe can be read") == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    text(line)
}

fn text(printed: Vec<u8>) -> String {
    String::from_utf8(printed).expect("the programs print UTF-8")
}
