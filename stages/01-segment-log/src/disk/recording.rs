//! A disk that remembers what it was told, and shows what a power failure could have made of it.
//!
//! Nobody can pull the plug ten thousand times. [`RecordingDisk`] does a program's file operations for real, below one
//! root folder, and writes each of them down. From its notes, a [`Recording`], every folder can be built that the
//! program could have found after a power failure. Each such [`Image`] is then opened by the program, as after a restart.
//!
//! ```text
//!   the program's operations      write a   write b   sync   write c   rename   write d
//!                                 ────────────────────────────────────▶ crash point
//!   settled                       a and b                                                  they are there
//!   loose                                               c: arrived? the name: arrived?     every combination is an image
//! ```
//!
//! What can be left, at a *crash point* after any number of operations:
//!
//! - **Bytes.** What was written to a file before its last `sync` is there. Each later write, and each change of length,
//!   has a [`Fate`] of its own: it arrived or was lost, in part or in full, whatever became of those before and after it.
//!   So writes may seem to have changed places.
//! - **Names.** What was created, renamed and removed in a folder before its last `sync_dir` stays so. Of the later
//!   changes in that folder a prefix survives, as in a journal. Each folder has a journal of its own: a change in one may
//!   survive an earlier one in another.
//! - **Bytes and names are apart.** A file keeps its bytes through a rename. `sync` on a file does not save its name, and
//!   `sync_dir` does not save its bytes. So a synced file without a synced name is not there, and a name that survived may
//!   stand for a file whose bytes did not. A removed file whose removal is undone is back with its bytes; one that was
//!   made again under the same name is another file.
//!
//! This is stricter than most systems are: ext4 saves a new file's name with its bytes, and keeps one journal for all
//! folders. One thing it grants that POSIX does not promise: that the names of a folder survive in the order in which they
//! changed. Journaling file systems keep that.
//!
//! Since the images come from the notes, `sync` need not reach the real disk, and does not: that saves hours.
//!
//! What is left out: disks that claim to have flushed and have not, bytes that change where they lie, calls that fail
//! (such a call is not noted), hard links, and renames from one folder into another.

mod fate;
mod image;
mod images;
mod notes;
mod random;

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::{Disk, DiskFile, RealDisk};
use notes::{Names, Notes, Origin, ROOT, lock};

pub use fate::{Damage, Fate};
pub use image::Image;
pub use images::{CrashPoint, Survivors};
pub use notes::{Action, Node, Operation, Recording};
pub use random::Random;

/// A [`Disk`] that does what it is told below its root, and notes it; see the [module](self).
#[derive(Debug)]
pub struct RecordingDisk {
    root: PathBuf,
    notes: Arc<Mutex<Notes>>,
}

impl RecordingDisk {
    /// Begins a recording. What is below `root` already counts as durable.
    ///
    /// # Errors
    ///
    /// The system's, if the root cannot be read.
    pub fn new(root: impl Into<PathBuf>) -> io::Result<Self> {
        let (root, mut notes) = (root.into(), Notes::default());
        notes.take_in(&root)?;
        Ok(RecordingDisk { root, notes: Arc::new(Mutex::new(notes)) })
    }

    /// How many operations were noted so far: the crash point "now".
    pub fn now(&self) -> usize {
        lock(&self.notes).recording.operations.len()
    }

    /// The notes so far.
    pub fn recording(&self) -> Recording {
        lock(&self.notes).recording.clone()
    }

    /// The names from the root down to `path`.
    fn below_root(&self, path: &Path) -> io::Result<Vec<String>> {
        let outside = || {
            let rule = format!("{} is not below {}, where the recording is", path.display(), self.root.display());
            io::Error::new(io::ErrorKind::InvalidInput, rule)
        };
        let relative = path.strip_prefix(&self.root).map_err(|_| outside())?;
        let names = relative.components().map(|component| match component {
            Component::Normal(name) => name.to_str().map(str::to_owned).ok_or_else(outside),
            _ => Err(outside()),
        });
        names.collect()
    }

    /// The folder that `path` is in, and its name there.
    fn place(&self, notes: &Notes, path: &Path) -> io::Result<(Node, String)> {
        let mut names = self.below_root(path)?;
        let name = names.pop().ok_or(io::ErrorKind::InvalidInput)?;
        Ok((notes.find(&names).ok_or(io::ErrorKind::NotFound)?, name))
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    fn file(&self, real: Arc<dyn DiskFile>, path: &Path, node: Node) -> Arc<dyn DiskFile> {
        Arc::new(RecordingFile { real, path: self.relative(path), node, notes: self.notes.clone() })
    }
}

impl Disk for RecordingDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        let (mut notes, names) = (lock(&self.notes), self.below_root(dir)?);
        RealDisk.create_dir_all(dir)?;
        let (mut at, mut path) = (ROOT, PathBuf::new());
        for name in names {
            path.push(&name);
            at = match notes.names(at).get(&name) {
                Some(&node) => node,
                None => notes.make(path.clone(), at, &name, Origin::Dir(Names::new())),
            };
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let (notes, names) = (lock(&self.notes), self.below_root(path)?);
        let real = RealDisk.open(path)?;
        let node = notes.find(&names).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(real, path, node))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut notes = lock(&self.notes);
        let (dir, name) = self.place(&notes, path)?;
        let real = RealDisk.create(path)?;
        let node = match notes.names(dir).get(&name) {
            // A file that is there is emptied and stays the file that it was.
            Some(&file) => {
                notes.note(self.relative(path), Action::SetLen { file, length: 0 });
                file
            }
            None => notes.make(self.relative(path), dir, &name, Origin::File(Bytes::new())),
        };
        Ok(self.file(real, path, node))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut notes = lock(&self.notes);
        let ((dir, old), (new_dir, new)) = (self.place(&notes, from)?, self.place(&notes, to)?);
        if dir != new_dir {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a file keeps its folder when it is renamed"));
        }
        RealDisk.rename(from, to)?;
        notes.note(self.relative(from), Action::Rename { dir, from: old, to: new });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut notes = lock(&self.notes);
        let (dir, name) = self.place(&notes, path)?;
        RealDisk.remove(path)?;
        notes.note(self.relative(path), Action::Remove { dir, name });
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        let mut notes = lock(&self.notes);
        let (dir, name) = self.place(&notes, path)?;
        RealDisk.remove_dir(path)?;
        notes.note(self.relative(path), Action::Remove { dir, name });
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let (mut notes, names) = (lock(&self.notes), self.below_root(path)?);
        let dir = notes.find(&names).ok_or(io::ErrorKind::NotFound)?;
        notes.note(self.relative(path), Action::SyncDir { dir });
        Ok(())
    }
}

/// An open file whose changes are noted.
#[derive(Debug)]
struct RecordingFile {
    real: Arc<dyn DiskFile>,
    path: PathBuf,
    node: Node,
    notes: Arc<Mutex<Notes>>,
}

impl DiskFile for RecordingFile {
    fn len(&self) -> io::Result<u64> {
        self.real.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.real.read_at(buffer, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut notes = lock(&self.notes);
        self.real.write_at(bytes, position)?;
        let bytes = Bytes::copy_from_slice(bytes);
        notes.note(self.path.clone(), Action::Write { file: self.node, position, bytes });
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut notes = lock(&self.notes);
        self.real.set_len(length)?;
        notes.note(self.path.clone(), Action::SetLen { file: self.node, length });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        lock(&self.notes).note(self.path.clone(), Action::Sync { file: self.node });
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.real.try_lock()
    }

    fn as_file(&self) -> &File {
        self.real.as_file()
    }
}
