//! Golden files: what was made just now must be what is kept, byte for byte.

use std::env;
use std::fs;
use std::path::Path;

use crate::diff::{self, Wildcards};

/// Compares `text` with the file at `path`, or writes it there.
///
/// As with `insta`, the environment decides: with `INSTA_UPDATE=always` the file is written; with any other value, and
/// with none, a file that is missing or differs fails the test. The failure shows the difference and says how to accept.
/// A path that is not absolute starts at the package's folder, where `cargo test` runs tests.
///
/// # Panics
///
/// When the file does not hold `text`, or cannot be read or written.
#[track_caller]
pub fn golden(path: impl AsRef<Path>, text: &str) {
    if let Err(message) = compare_or_write(path.as_ref(), text, updating()) {
        panic!("{message}");
    }
}

/// Whether this run was told to accept what it finds.
pub(crate) fn updating() -> bool {
    env::var_os("INSTA_UPDATE").is_some_and(|value| value == "always")
}

/// The command that accepts what is found, for the package whose tests run.
pub(crate) fn accept_command() -> String {
    let package = env::var("CARGO_PKG_NAME").map(|name| format!(" -p {name}"));
    format!("INSTA_UPDATE=always cargo test{}", package.unwrap_or_default())
}

fn compare_or_write(path: &Path, text: &str, updating: bool) -> Result<(), String> {
    let kept = match fs::read(path) {
        Ok(kept) => Some(kept),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    if kept.as_deref() == Some(text.as_bytes()) {
        return Ok(());
    }
    if updating {
        return write(path, text).map_err(|error| format!("{} cannot be written: {error}", path.display()));
    }
    let accept = format!("If what was found is right, accept it with: {}", accept_command());
    Err(match kept {
        None => format!("{} does not exist yet.\n{accept}", path.display()),
        Some(kept) => {
            let kept = String::from_utf8_lossy(&kept);
            format!(
                "{} differs from what was made now (- kept, + found):\n{}{accept}",
                path.display(),
                difference(&kept, text)
            )
        }
    })
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

fn difference(kept: &str, found: &str) -> String {
    let (kept_lines, found_lines): (Vec<_>, Vec<_>) = (kept.lines().collect(), found.lines().collect());
    let steps = diff::align(&kept_lines, &found_lines, Wildcards::Literal);
    if diff::is_match(&steps) {
        return "the lines agree; only line ends, or the newline at the end of the file, differ\n".to_owned();
    }
    diff::print(&kept_lines, &found_lines, &steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPARE: bool = false;
    const UPDATE: bool = true;

    #[test]
    fn a_file_that_holds_the_text_passes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces").join("a.json");
        compare_or_write(&path, "one\n", UPDATE).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
        compare_or_write(&path, "one\n", COMPARE).unwrap();
        golden(&path, "one\n");
    }

    #[test]
    fn a_missing_file_fails_and_says_how_to_accept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let message = compare_or_write(&path, "one\n", COMPARE).unwrap_err();
        let accept = "If what was found is right, accept it with: INSTA_UPDATE=always cargo test -p story";
        assert_eq!(message, format!("{} does not exist yet.\n{accept}", path.display()));
        assert!(!path.exists(), "a comparison writes nothing");
    }

    #[test]
    fn a_difference_fails_and_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "one\ntwo\n").unwrap();
        let message = compare_or_write(&path, "one\n2\n", COMPARE).unwrap_err();
        assert!(message.contains("(- kept, + found):\n  one\n- two\n+ 2\nIf what was found is right"), "{message}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n", "a comparison writes nothing");
        compare_or_write(&path, "one\n2\n", UPDATE).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n2\n");
    }

    #[test]
    fn a_lost_newline_at_the_end_is_a_difference() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(&path, "one").unwrap();
        assert!(compare_or_write(&path, "one\n", COMPARE).unwrap_err().contains("only line ends"));
    }
}
