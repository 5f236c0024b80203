//! A folder for what a measurement writes.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// A folder for files. It goes when this is dropped.
#[derive(Debug)]
pub struct Scratch {
    dir: PathBuf,
    next: Cell<u32>,
}

impl Scratch {
    /// Makes a folder below `parent`. Its name begins with `name`, which should say whose it is.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn below(parent: &Path, name: &str) -> Outcome<Self> {
        let dir = parent.join(format!("{name}-{}", std::process::id()));
        fs::create_dir(&dir).map_err(|error| format!("cannot create {}: {error}", dir.display()))?;
        Ok(Scratch { dir, next: Cell::new(0) })
    }

    /// A path that was not given before. There is nothing at it.
    pub fn fresh(&self) -> PathBuf {
        self.next.set(self.next.get() + 1);
        self.dir.join(self.next.get().to_string())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If something stays, its name says whose it is.
        let _ = fs::remove_dir_all(&self.dir);
    }
}
