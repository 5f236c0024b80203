//! A copy of the course for the learner who is played, so that nobody's own work and progress are touched.
//!
//! It is written in place, and only where it differs, so that what was compiled of it stays good. What the played learner
//! left in it the last time is removed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::variants;
use crate::course::Course;
use crate::fault::{Fault, Result};
use crate::files;

/// The folders that the course is made of.
const FOLDERS: [&str; 4] = ["book", "exercises", "stages", "tests"];

/// Makes the copy. It is built where the variants are built, as both need the same crates from elsewhere.
pub(super) fn make(course: &Course) -> Result<Course> {
    let root = variants::folder(course).join("learner");
    let mut expected = BTreeSet::new();
    for path in files::walk_where(&course.root, &is_of_the_course)? {
        let bytes = files::read(&course.root.join(&path))?.unwrap_or_default();
        files::write_if_changed(&root.join(&path), &bytes)?;
        expected.insert(path);
    }
    for path in files::walk(&root, &[])? {
        if !expected.contains(&path) {
            files::remove(&root.join(path))?;
        }
    }
    let scratch = Course { target: variants::target(course), ..Course::load(&root)? };
    for stage in &scratch.stages {
        clear(&stage.work())?;
        clear(&stage.home().join("backup"))?;
    }
    Ok(scratch)
}

/// Whether a file or folder, relative to the root, belongs to the course: not what was built, and not a learner's.
fn is_of_the_course(path: &Path) -> bool {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        [file] => FOLDERS.contains(file) || file.ends_with(".toml") || file.ends_with(".lock"),
        ["exercises", "progress.toml"] | ["exercises", _, "work" | "backup"] | ["book", "html"] => false,
        [.., last] => *last != "target",
        [] => true,
    }
}

/// Removes a folder that the played learner has left, with its hidden files.
fn clear(folder: &PathBuf) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Fault::io("remove", folder, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_and_what_is_a_learners_is_left_out() {
        let is_of_the_course = |path: &str| is_of_the_course(Path::new(path));
        for path in ["Cargo.toml", "Cargo.lock", "stages", "stages/01-toy/fuzz/corpus/a", "exercises/01-toy/1.1.md"] {
            assert!(is_of_the_course(path), "{path}");
        }
        for path in ["orders.txt", "demo", "target", "stages/01-toy/fuzz/target", "book/html"] {
            assert!(!is_of_the_course(path), "{path}");
        }
        for path in ["exercises/01-toy/work", "exercises/01-toy/backup", "exercises/progress.toml"] {
            assert!(!is_of_the_course(path), "{path}");
        }
        assert!(is_of_the_course("exercises/learn/src/backup"), "only a stage's own folder holds a learner's");
    }
}
