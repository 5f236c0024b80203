//! A disk that notes what is done to it, and that fails when told to.
//!
//! Everything but a flush reaches the real disk below. The notes are lines such as `remove 00000000000000000009.log`, in order. A
//! failure is armed for one kind of call on one kind of file: "the second `sync` of a `.log`". After a power failure every
//! call that changes something fails, so the folder stays as it was at that moment.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use segment_log::disk::{Disk, DiskFile, RealDisk};

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct WatchedDisk {
    watch: Arc<Mutex<Watch>>,
}

#[derive(Debug, Default)]
struct Watch {
    notes: Vec<String>,
    armed: Option<Armed>,
    /// Changes that still work before the power fails.
    until_power_fails: Option<usize>,
}

/// The call that is to fail.
#[derive(Debug)]
struct Armed {
    action: &'static str,
    file_ends_with: &'static str,
    /// Calls of this kind that still work.
    skip: usize,
    /// Whether it stays broken.
    for_good: bool,
}

impl WatchedDisk {
    /// What was done since the last call of this method.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.watch().notes)
    }

    /// The next `action` (`write`, `sync`, `sync_dir`, `cut`, `create`, `remove`, `rename`) on a file whose name ends so
    /// will fail, after `skip` that work. A write that fails leaves half of its bytes.
    pub(crate) fn fail(&self, action: &'static str, file_ends_with: &'static str, skip: usize) {
        self.watch().armed = Some(Armed { action, file_ends_with, skip, for_good: false });
    }

    /// As [`fail`](Self::fail), and every such call after it.
    pub(crate) fn fail_for_good(&self, action: &'static str, file_ends_with: &'static str) {
        self.watch().armed = Some(Armed { action, file_ends_with, skip: 0, for_good: true });
    }

    /// The power fails after so many changes.
    pub(crate) fn fail_power_after(&self, changes: usize) {
        self.watch().until_power_fails = Some(changes);
    }

    /// Everything works again.
    pub(crate) fn mend(&self) {
        let mut watch = self.watch();
        (watch.armed, watch.until_power_fails) = (None, None);
    }

    fn watch(&self) -> std::sync::MutexGuard<'_, Watch> {
        self.watch.lock().expect("no call panics while it holds the notes")
    }

    fn watched(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(WatchedFile { name: name_of(path), file, watch: self.watch.clone() })
    }

    fn note(&self, action: &'static str, path: &Path) -> io::Result<()> {
        self.watch().note(action, &name_of(path), "")
    }
}

impl Watch {
    /// Notes a call, or makes it fail.
    fn note(&mut self, action: &'static str, name: &str, detail: impl fmt::Display) -> io::Result<()> {
        if let Some(left) = &mut self.until_power_fails {
            *left = left.checked_sub(1).ok_or_else(|| io::Error::other("the power has failed"))?;
        }
        match &mut self.armed {
            Some(armed) if armed.action == action && name.ends_with(armed.file_ends_with) => {
                if armed.skip == 0 {
                    if !armed.for_good {
                        self.armed = None;
                    }
                    return Err(io::Error::other("the disk was told to fail"));
                }
                armed.skip -= 1;
            }
            _ => {}
        }
        self.notes.push(format!("{action} {name}{detail}"));
        Ok(())
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

impl Disk for WatchedDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir_all(dir)
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.watched(path, RealDisk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.note("create", path)?;
        Ok(self.watched(path, RealDisk.create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.watch().note("rename", &name_of(from), format_args!(" to {}", name_of(to)))?;
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        // To look for a file that is not there changes nothing.
        if path.exists() {
            self.note("remove", path)?;
        }
        RealDisk.remove(path)
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.note("remove_dir", dir)?;
        RealDisk.remove_dir(dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        // No test cuts the real power, and a flush of the real disk takes long.
        self.note("sync_dir", dir)
    }
}

#[derive(Debug)]
struct WatchedFile {
    name: String,
    file: Arc<dyn DiskFile>,
    watch: Arc<Mutex<Watch>>,
}

impl WatchedFile {
    fn note(&self, action: &'static str, detail: impl fmt::Display) -> io::Result<()> {
        self.watch.lock().expect("no call panics while it holds the notes").note(action, &self.name, detail)
    }
}

impl DiskFile for WatchedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.file.read_at(buffer, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        if let Err(error) = self.note("write", format_args!(" at {position}, {} bytes", bytes.len())) {
            self.file.write_at(&bytes[..bytes.len() / 2], position)?;
            return Err(error);
        }
        self.file.write_at(bytes, position)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let action = if length < self.file.len()? { "cut" } else { "extend" };
        self.note(action, format_args!(" to {length}"))?;
        self.file.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.note("sync", "")
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.file.try_lock()
    }

    fn as_file(&self) -> &std::fs::File {
        self.file.as_file()
    }
}
