//! A disk whose files are real and whose flushes are not passed on: no test cuts the real power, and they take long. It fails
//! where a test says so.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use segment_log::disk::{Disk, DiskFile, RealDisk};

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct SoftDisk {
    failures: Failures,
}

/// What fails, and on which paths. Each failure comes to pass once.
type Failures = Arc<Mutex<Vec<(&'static str, String)>>>;

impl SoftDisk {
    /// The next `action` (`create`, `remove`, `rename`, `sync_dir`, `read`, `write`, `set_len` or `sync`) on a path that has
    /// `part` in it fails.
    pub(crate) fn fail(&self, action: &'static str, part: &str) {
        self.failures.lock().expect("nothing panics meanwhile").push((action, part.to_owned()));
    }

    /// Whether every failure that was asked for has come to pass.
    pub(crate) fn is_calm(&self) -> bool {
        self.failures.lock().expect("nothing panics meanwhile").is_empty()
    }

    fn wrap(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(SoftFile { path: path.to_owned(), file, failures: self.failures.clone() })
    }
}

fn touch(failures: &Failures, action: &str, path: &Path) -> io::Result<()> {
    let mut failures = failures.lock().expect("nothing panics meanwhile");
    let is_here = |(fails, part): &(&str, String)| *fails == action && path.to_string_lossy().contains(part);
    match failures.iter().position(is_here) {
        Some(index) => {
            failures.remove(index);
            Err(io::Error::other("the disk was told to fail"))
        }
        None => Ok(()),
    }
}

impl Disk for SoftDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.wrap(path, RealDisk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        touch(&self.failures, "create", path)?;
        Ok(self.wrap(path, RealDisk.create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        touch(&self.failures, "rename", from)?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        touch(&self.failures, "remove", path)?;
        RealDisk.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        touch(&self.failures, "sync_dir", dir)
    }
}

#[derive(Debug)]
struct SoftFile {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    failures: Failures,
}

impl DiskFile for SoftFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        touch(&self.failures, "read", &self.path)?;
        self.file.read_at(buffer, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        touch(&self.failures, "write", &self.path)?;
        self.file.write_at(bytes, position)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        touch(&self.failures, "set_len", &self.path)?;
        self.file.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        touch(&self.failures, "sync", &self.path)
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.file.try_lock()
    }

    fn as_file(&self) -> &std::fs::File {
        self.file.as_file()
    }
}
