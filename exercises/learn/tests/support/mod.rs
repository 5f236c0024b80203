//! A course of toys in a folder of its own, and `cargo learn` run on it as a person would.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What stands in an empty hole of the first exercise.
pub(crate) const TODO: &str = r#"todo!("exercise 1.1: Write a \"varint\" {{small}}")"#;

/// Right answers to exercise 1.1, in other words than the reference's.
pub(crate) const ENCODE: &str = "let mut all = vec![number as u8 & 0x7f];
    while number > 0x7f {
        number >>= 7;
        *all.last_mut().unwrap() |= 0x80;
        all.push(number as u8 & 0x7f);
    }
    all // in my own words";
pub(crate) const SIZE: &str = "encode(number).len()";

/// A right answer to exercise 2.1.
pub(crate) const FRAME: &str = "let mut all = toy_one::varint::encode(bytes.len() as u64); all.extend(bytes); all";

/// A copy of the fixture.
pub(crate) struct Course {
    folder: TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Course {
    pub(crate) fn new() -> Course {
        let folder = TempDir::new().unwrap();
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture-course");
        copy(&fixture, folder.path());
        Course { folder }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// The command, not yet run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_learn"));
        command.args(words).current_dir(self.root()).stdin(Stdio::null());
        for name in ["FTLU_ROOT", "FTLU_MANUAL", "FTLU_STORY", "FTLU_VARIANT", "TOY_BOOK_STAYS", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    /// `cargo learn` with these words.
    pub(crate) fn learn(&self, words: &[&str]) -> Answer {
        Answer::from(self.command(words).output().unwrap())
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces the first occurrence, which must be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}:\n{text}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Starts an exercise of stage 01, answers it with the course's own file and passes it. Returns the screen.
    pub(crate) fn answer_from_the_course(&self, id: &str, file: &str) -> String {
        self.learn(&["start", id]).ok();
        let folder = if file.ends_with(".story") { "exercises/01-toy" } else { "stages/01-toy" };
        self.write(&format!("exercises/01-toy/work/{file}"), &self.read(&format!("{folder}/{file}")));
        self.learn(&["check", id]).ok()
    }

    /// Passes every exercise of stage 01.
    pub(crate) fn pass_stage_one(&self) {
        self.pass_the_first();
        self.answer_from_the_course("1.2", "src/shelf.rs");
        self.answer_from_the_course("1.3", "1.3.story");
    }

    /// Starts and passes exercise 1.1.
    pub(crate) fn pass_the_first(&self) {
        self.learn(&["start", "1.1"]).ok();
        self.edit("exercises/01-toy/work/src/varint.rs", TODO, ENCODE);
        self.edit("exercises/01-toy/work/src/varint.rs", TODO, SIZE);
        self.learn(&["check", "1.1"]).ok();
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// That it went well; the output, to look at.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        self.code(0)
    }

    /// That it ended with this code; everything it said.
    #[track_caller]
    pub(crate) fn code(self, code: i32) -> String {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self.out + &self.err
    }
}

/// That a text says all of these.
#[track_caller]
pub(crate) fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == "target" {
            continue;
        }
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
