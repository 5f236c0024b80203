//! A finished book in memory.
//!
//! The server answers from a [`Site`] and the checks read one. Two things follow. A request can name nothing outside of
//! the book, for a site is a map and knows no file system. And a reader never sees half of a rebuild, for sites are
//! exchanged whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{Error, Result};

/// The most that a site may hold, in bytes. Ours is a hundredth of it.
pub const LIMIT: u64 = 256 << 20;

/// The files of a built book, by their path from its root, with forward slashes: `index.html`, `css/general.css`.
#[derive(Debug, Default)]
pub struct Site {
    files: BTreeMap<String, Vec<u8>>,
}

impl Site {
    /// Reads a folder that mdBook wrote.
    ///
    /// # Errors
    /// When a file cannot be read, or when the folder holds more than [`LIMIT`] bytes.
    pub fn read(folder: &Path) -> Result<Site> {
        let mut site = Site::default();
        let mut room = LIMIT;
        site.read_folder(folder, "", &mut room)?;
        Ok(site)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, room: &mut u64) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // Not `DirEntry::file_type`: a link in a temporary folder is followed as any reader would.
            let about = fs::metadata(entry.path())?;
            if about.is_dir() {
                self.read_folder(&entry.path(), &format!("{name}/"), room)?;
                continue;
            }
            *room = room.checked_sub(about.len()).ok_or_else(|| {
                Error::msg(format!("{}: a book may hold {LIMIT} bytes, and this one holds more", folder.display()))
            })?;
            self.files.insert(name, fs::read(entry.path())?);
        }
        Ok(())
    }

    /// Adds a file, or replaces it.
    pub fn put(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// All files, ordered by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }
}
