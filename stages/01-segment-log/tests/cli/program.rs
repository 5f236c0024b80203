//! The program in a folder of its own, with what its tests want to find there.

use std::ops::Deref;
use std::path::{Path, PathBuf};

pub(crate) use terminal::{Ran, ended, next_line};

/// The time of all records.
pub(crate) const TIME: &str = "--timestamp 1700000000000";

pub(crate) struct Program {
    terminal: terminal::Program,
}

impl Deref for Program {
    type Target = terminal::Program;

    fn deref(&self) -> &terminal::Program {
        &self.terminal
    }
}

impl Program {
    pub(crate) fn new() -> Self {
        Program { terminal: terminal::Program::new(env!("CARGO_BIN_EXE_segment-log")) }
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
