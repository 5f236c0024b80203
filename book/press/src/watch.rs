//! When to build again.
//!
//! A [`Watch`] looks at the name, the time and the length of every file that a page can be made from. It asks instead of
//! being told: that works on every file system, and a few hundred files are read in a millisecond.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::House;

/// Remembers how the sources of a book looked.
#[derive(Debug)]
pub struct Watch {
    house: House,
    seen: u64,
}

impl Watch {
    /// Looks at the sources now.
    pub fn new(house: &House) -> Watch {
        Watch { house: house.clone(), seen: fingerprint(house) }
    }

    /// Whether something changed since the last look, or since [`Watch::new`].
    pub fn changed(&mut self) -> bool {
        let now = fingerprint(&self.house);
        std::mem::replace(&mut self.seen, now) != now
    }
}

fn fingerprint(house: &House) -> u64 {
    let mut hasher = DefaultHasher::new();
    let book = house.book();
    look(&book.join("book.toml"), &mut hasher);
    look(&book.join("src"), &mut hasher);
    look(&book.join("theme"), &mut hasher);
    look(&house.root().join("tests/stories"), &mut hasher);
    for stage in house.stages() {
        look(&stage.join("src"), &mut hasher);
        look(&stage.join("tests/snapshots"), &mut hasher);
    }
    for exercises in house.exercises() {
        // Statements stand beside exercises.toml. The folders in there are a learner's own and are not in the book.
        children(&exercises).iter().filter(|path| path.is_file()).for_each(|path| look(path, &mut hasher));
    }
    hasher.finish()
}

/// Adds a file, or everything in a folder.
fn look(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(about) = fs::metadata(path) else {
        return;
    };
    if about.is_dir() {
        children(path).iter().for_each(|child| look(child, hasher));
        return;
    }
    path.hash(hasher);
    about.len().hash(hasher);
    about.modified().ok().hash(hasher);
}

/// What is in a folder, in one order, without hidden files (editors keep their locks there).
fn children(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}
