//! Where many short-lived folders go.

use std::path::Path;

use tempfile::TempDir;

/// An empty folder: in memory, where the system has a place for that. Nothing here needs a disk.
pub(crate) fn folder() -> TempDir {
    let in_memory = Path::new("/dev/shm");
    let folder = if in_memory.is_dir() { TempDir::new_in(in_memory) } else { TempDir::new() };
    folder.or_else(|_| TempDir::new()).expect("a folder for a run")
}
