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
