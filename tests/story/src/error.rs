//! What can go wrong with a story, said so that it can be mended.

use std::fmt;
use std::path::{Path, PathBuf};

/// A story that cannot be read or did not run to its end.
///
/// It prints as `FILE:LINE: what is wrong`, in `{:?}` too, because a test's `unwrap` shows that one.
pub struct StoryError {
    file: PathBuf,
    line: Option<usize>,
    what: String,
}

impl StoryError {
    /// An error about a file or a folder as a whole.
    pub(crate) fn file(file: &Path, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, what: what.into() }
    }

    /// An error about one line of a story; lines count from 1.
    pub(crate) fn line(file: &Path, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), what: what.into() }
    }

    /// The line of the story that the error is about, counted from 1; none if it is about the whole file.
    pub fn line_number(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for StoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl fmt::Debug for StoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StoryError {}
