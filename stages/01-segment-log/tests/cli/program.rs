//! Runs the program in a folder of its own, so that paths in its output are the same everywhere.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::TempDir;

/// The time of all records.
pub(crate) const TIME: &str = "--timestamp 1700000000000";

pub(crate) struct Program {
    folder: TempDir,
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
    pub(crate) fn new() -> Self {
        Program { folder: tempfile::tempdir().unwrap() }
    }

    /// With four records in `data`, two batches of 96 and 91 bytes.
    pub(crate) fn with_records() -> Self {
        let program = Self::new();
        let ran = program.run_with(
            &format!("append data --batch 2 --key-separator : {TIME}"),
            "alice:paid 10\nbob:paid 7\nalice:paid 3\nalice:\n",
        );
        assert_eq!(ran, Ran::ok("appended 4 records in 2 batches: offsets 0 to 3\n"));
        program
    }

    /// A path below the folder that the program runs in.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs with these arguments, separated by spaces, and no input.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.run_with(arguments, "")
    }

    pub(crate) fn run_with(&self, arguments: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut child = self.start(arguments);
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.as_ref().to_vec());
        // The program may end before it has read all, which is its right.
        let feed = thread::spawn(move || drop(stdin.write_all(&input)));
        let ran = ended(child);
        feed.join().unwrap();
        ran
    }

    pub(crate) fn start(&self, arguments: &str) -> Child {
        Command::new(env!("CARGO_BIN_EXE_segment-log"))
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn read_file(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.path(path)).unwrap()
    }

    pub(crate) fn write_file(&self, path: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(path), bytes).unwrap();
    }

    /// Changes one byte of a file.
    pub(crate) fn flip(&self, path: &str, at: usize) {
        let mut bytes = self.read_file(path);
        bytes[at] ^= 0x55;
        self.write_file(path, bytes);
    }

    /// As a crash leaves the folder: without the mark of a clean stop.
    pub(crate) fn unmark(&self) {
        std::fs::remove_file(self.path("data/.kafka_cleanshutdown")).unwrap();
    }

    /// Every file below a folder, with its bytes.
    pub(crate) fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(self.path(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(self.files(path.to_str().unwrap()));
            } else {
                files.push((path.clone(), std::fs::read(path).unwrap()));
            }
        }
        files.sort();
        files
    }
}

/// The folder of the course. A learner's copy of the stage lies deeper in it than the stage does.
pub(crate) fn course() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let is_course = |folder: &&Path| folder.join("tests/fixtures/segment").is_dir();
    here.ancestors().find(is_course).expect("the stage lies in the course").to_owned()
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
    let out = child.stdout.as_mut().unwrap();
    let (mut line, mut byte) = (Vec::new(), [0]);
    // Byte by byte: what comes after the line stays in the pipe.
    while out.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    String::from_utf8(line).unwrap()
}
