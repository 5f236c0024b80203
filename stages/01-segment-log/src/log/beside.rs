//! Small files that lie in a log's folder and are not the log's.
//!
//! Whoever uses a log may have something to keep that belongs to it, and goes when it goes: which topic it is of, in
//! which epochs it was led (both stage 03). The log does not read these files. It writes them whole, and takes them along
//! when it is deleted.

use super::Log;
use crate::disk;
use crate::error::Result;
use crate::fold::Fold;

/// The names that such a file can have. The list is closed: all other files in a log's folder are either the log's own,
/// or a stranger's, which are never touched.
pub const BESIDE: [&str; 2] = ["leader-epoch-checkpoint", "partition.metadata"];

impl<F: Fold> Log<F> {
    /// Puts `bytes` in place of the small file `name`, durably and in one step.
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::Error::Io).
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
    /// [`Error::Io`](crate::Error::Io).
    pub fn read_beside(&self, name: &str) -> Result<Option<Vec<u8>>> {
        disk::read_small(&*self.disk, &self.dir.join(name))
    }
}
