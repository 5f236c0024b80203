//! One `cargo learn` at a time where two would harm each other.
//!
//! Five locks exist, each a file below `target/learn` that is held while its owner lives; the system releases it when the
//! process ends, however it ends.
//!
//! - `work`: the learner's copies and their builds. Held for one operation (a check, a reset).
//! - `progress`: the progress file. Held for a moment.
//! - `watch`: the watching screen. Held as long as it shows, so that two do not answer the same save.
//! - `verify`: the copies on which the course is proved.
//! - `bugs`: the copies in which bugs are.
//!
//! So a second terminal may ask for a hint or check an exercise while the first one watches.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::course::Course;
use crate::fault::{Fault, Result};

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Work,
    Progress,
    Watch,
    Verify,
    Bugs,
}

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl What {
    fn file(self) -> &'static str {
        match self {
            What::Work => "work.lock",
            What::Progress => "progress.lock",
            What::Watch => "watch.lock",
            What::Verify => "verify.lock",
            What::Bugs => "bugs.lock",
        }
    }

    /// How long it is worth waiting for the other.
    fn patience(self) -> Duration {
        match self {
            What::Work => Duration::from_secs(3),
            What::Progress => Duration::from_secs(10),
            What::Watch | What::Verify | What::Bugs => Duration::ZERO,
        }
    }

    fn taken(self) -> Fault {
        Fault::Usage(match self {
            What::Work | What::Progress => {
                "another `cargo learn` is at work on your copy. Wait until it has finished, or end it, and try again."
                    .to_owned()
            }
            What::Watch => "another `cargo learn` is already watching. Use that one, or end it with q.\n\
                 `cargo learn check`, `hint` and the other verbs work beside it."
                .to_owned(),
            What::Verify => "another `cargo learn verify` is running here. Wait until it has finished.".to_owned(),
            What::Bugs => "another `cargo learn bugs` is running here. Wait until it has finished.".to_owned(),
        })
    }
}

/// Takes a lock, waiting for a short while.
pub(crate) fn take(course: &Course, what: What) -> Result<Lock> {
    let path = course.target.join(what.file());
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|error| Fault::io("create", folder, &error))?;
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(|error| Fault::io("open", &path, &error))?;
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => return Err(Fault::io("lock", &path, &error)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= what.patience() => return Err(what.taken()),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(50)),
        }
    }
}
