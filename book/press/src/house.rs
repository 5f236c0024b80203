//! Where things stand in the repository.
//!
//! Everything that a directive names is found through a [`House`]: nothing else in this crate knows the folders.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::{Error, Result};

/// A repository that holds a book at `book/`.
#[derive(Clone, Debug)]
pub struct House {
    root: PathBuf,
}

impl House {
    /// The house at exactly this folder.
    ///
    /// # Errors
    /// When the folder has no `book/book.toml`.
    pub fn at(root: &Path) -> Result<House> {
        if !root.join("book/book.toml").is_file() {
            return Err(Error::msg(format!("{}: no book here: book/book.toml is missing", root.display())));
        }
        Ok(House { root: root.to_path_buf() })
    }

    /// The house that this folder is in: itself, or the nearest folder above it that has a `book/book.toml`.
    ///
    /// # Errors
    /// When there is none.
    pub fn around(folder: &Path) -> Result<House> {
        folder.ancestors().find_map(|candidate| House::at(candidate).ok()).ok_or_else(|| {
            Error::msg(format!(
                "{}: neither this folder nor one above it has a book/book.toml; give one with --root",
                folder.display()
            ))
        })
    }

    /// The folder of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The book's own folder: `book.toml`, `src`, `theme`.
    pub fn book(&self) -> PathBuf {
        self.root.join("book")
    }

    /// The stages' folders (`stages/NN-name`), the lowest number first.
    pub fn stages(&self) -> Vec<PathBuf> {
        numbered_folders(&self.root.join("stages"))
    }

    /// The folders of exercises (`exercises/NN-name`), the lowest number first.
    pub fn exercises(&self) -> Vec<PathBuf> {
        numbered_folders(&self.root.join("exercises"))
    }

    /// The folder of the stage that a page or a folder belongs to by its number: `01-segment-log.md` is about
    /// `stages/01-segment-log`.
    pub fn stage_numbered(&self, number: &str) -> Option<PathBuf> {
        self.stages().into_iter().find(|stage| number_of(stage).is_some_and(|n| n == number))
    }

    /// Reads a text file by its path from the root, as a directive gives it.
    ///
    /// # Errors
    /// The rule that the path breaks, ready for a [`crate::Fault`].
    pub fn read(&self, path: &str) -> std::result::Result<String, String> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        if path.is_empty() || !inside {
            return Err(format!("`{path}` is not a path inside the repository: write it from the root, without `..`"));
        }
        fs::read_to_string(self.root.join(path)).map_err(|error| format!("`{path}` cannot be read: {error}"))
    }

    /// A path as it is shown to people: from the root, with forward slashes.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

/// The two digits that a folder's or a page's name begins with.
pub(crate) fn number_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    let (number, _) = name.split_once('-')?;
    (number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

fn numbered_folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_dir() && number_of(path).is_some())
        .collect();
    folders.sort();
    folders
}
