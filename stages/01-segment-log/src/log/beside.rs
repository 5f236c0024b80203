//! Small files that lie in a log's folder and are not the log's.
//!
//! Whoever uses a log may have something to keep that belongs to it, and goes when it goes: which topic it is of, in
//! which epochs it was led (both stage 03). The log does not read these files. It writes them whole, and takes them along
//! when it is deleted.

use std::io;
use std::path::Path;

use super::Log;
use crate::disk::{self, Disk};
use crate::error::{Error, Result};
use crate::fold::Fold;

/// The names that such a file can have. The list is closed: all other files in a log's folder are either the log's own,
/// or a stranger's, which are never touched.
pub const BESIDE: [&str; 2] = ["leader-epoch-checkpoint", "partition.metadata"];

impl<F: Fold> Log<F> {
    /// Puts `bytes` in place of the small file `name`, durably and in one step.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    ///
    /// # Panics
    ///
    /// If the name is not one of [`BESIDE`].
    pub fn write_beside(&self, name: &str, bytes: &[u8]) -> Result<()> {
        assert!(BESIDE.contains(&name), "{name} is no name of a file beside a log");
        disk::replace_file(&*self.disk, &self.dir.join(name), bytes)
    }

    /// The small file `name`, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn read_beside(&self, name: &str) -> Result<Option<Vec<u8>>> {
        read(&*self.disk, &self.dir.join(name))
    }
}

/// A small file, if there is one.
pub(crate) fn read(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>> {
    match disk::read_file(disk, path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
