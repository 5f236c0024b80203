//! A disk for whoever only wants to look.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::real::{RealDisk, RealFile};
use super::{Disk, DiskFile};

/// The machine's own disk, without the right to change it. It opens files for reading, so it also works where writing is
/// forbidden; whatever would change something is an error.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOnlyDisk;

impl Disk for ReadOnlyDisk {
    fn create_dir_all(&self, _dir: &Path) -> io::Result<()> {
        refuse()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(RealFile(File::open(path)?)))
    }

    fn create(&self, _path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        refuse()
    }

    fn rename(&self, _from: &Path, _to: &Path) -> io::Result<()> {
        refuse()
    }

    fn remove(&self, _path: &Path) -> io::Result<()> {
        refuse()
    }

    fn remove_dir(&self, _dir: &Path) -> io::Result<()> {
        refuse()
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        refuse()
    }
}

fn refuse<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}
