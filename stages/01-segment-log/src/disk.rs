//! The seam to the machine: the few file operations that a log needs.
//!
//! A log's promise is about crashes, and a crash is hard to hold still. So the log does not call the operating system;
//! it calls a [`Disk`]. [`RealDisk`] passes each call on. [`recording::RecordingDisk`] passes it on as well and writes
//! it down; from its notes the tests build every folder that a power failure could have left behind.
//!
//! What both sides owe each other:
//!
//! - A write is *durable* only once [`DiskFile::sync`] has returned. Until then a crash may keep it, lose it, keep a part
//!   of it, or keep a later one and lose it.
//! - Creating, renaming and removing files is durable only once [`Disk::sync_dir`] has returned for their folder. Until
//!   then a crash may undo the latest of these, in reverse order, as a journaling file system does.
//! - A file has one writer. Readers may read what was written, at any time, through [`DiskFile::read_at`] or a
//!   map of the file.
//! - After a failed `sync` nobody knows what is on disk, and asking again may answer "fine" for data that was dropped
//!   (fsyncgate, 2018). The log therefore stops for good at the first failure.

pub(crate) mod map;
mod read_only;
mod real;
pub mod recording;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};

pub use read_only::ReadOnlyDisk;
pub use real::RealDisk;

/// Files by name.
pub trait Disk: fmt::Debug + Send + Sync + 'static {
    /// Makes a folder and those above it. Fine if it is there.
    fn create_dir_all(&self, dir: &Path) -> io::Result<()>;

    /// Names of the files and folders in `dir`, sorted.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Opens a file that is there, to read and write.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Makes an empty file, in place of one that may be there, and opens it.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, in place of a file that may have it, in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Who has it open can go on reading it.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;

    /// Makes what was created, renamed and removed in `dir` durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file. Positions and lengths are in bytes.
pub trait DiskFile: fmt::Debug + Send + Sync {
    /// The file's length.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file holds nothing.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Fills `buffer` from `position` on; fewer bytes than asked for mean the end of the file.
    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `position`. A gap before them reads as zeros.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()>;

    /// Cuts the file to `length`, or fills it up with zeros.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Makes everything written so far durable.
    fn sync(&self) -> io::Result<()>;

    /// Takes the file's lock, which is free again once every handle from this `open` is dropped. `false` if another
    /// handle, here or in another process, holds it.
    fn try_lock(&self) -> io::Result<bool>;

    /// The operating system's own handle: to map the file, and for calls that move bytes without showing them to us
    /// (`sendfile`).
    fn as_file(&self) -> &std::fs::File;
}

/// Makes `bytes` so many zeros, or gives an error where the machine has no room for them: a file's length is only a
/// number that someone wrote down.
pub(crate) fn reserve(bytes: &mut Vec<u8>, length: u64) -> io::Result<()> {
    let length = usize::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.clear();
    bytes.try_reserve_exact(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.resize(length, 0);
    Ok(())
}

/// All bytes of a file.
///
/// # Errors
///
/// [`Error::Io`].
pub(crate) fn read_file(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>> {
    let file = disk.open(path).map_err(Error::io("open", path))?;
    let length = file.len().map_err(Error::io("measure", path))?;
    let mut bytes = Vec::new();
    reserve(&mut bytes, length).map_err(Error::io("read", path))?;
    let read = file.read_at(&mut bytes, 0).map_err(Error::io("read", path))?;
    bytes.truncate(read);
    Ok(bytes)
}

/// All bytes of a small file; `None` if it is not there.
///
/// # Errors
///
/// [`Error::Io`].
pub fn read_small(disk: &dyn Disk, path: &Path) -> Result<Option<Vec<u8>>> {
    match read_file(disk, path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a folder if it is not there, and those above it, durably. A name that is lost takes all that is below it along,
/// however well that was flushed. Gives whether it made one.
///
/// # Errors
///
/// [`Error::Io`].
pub(crate) fn make_dir(disk: &dyn Disk, dir: &Path) -> Result<bool> {
    let is_missing = disk.list(dir).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let above = match dir.parent() {
        Some(above) if above == Path::new("") => Path::new("."),
        Some(above) => above,
        None => return Ok(false),
    };
    if is_missing {
        make_dir(disk, above)?;
        disk.create_dir_all(dir).map_err(Error::io("create", dir))?;
        disk.sync_dir(above).map_err(Error::io("flush", above))?;
    }
    Ok(is_missing)
}

/// Puts `bytes` in place of a small file, durably and in one step: a crash leaves the old content or the new, never half
/// of each. The new content must be durable before it gets the name, or the name could outlive it.
///
/// # Errors
///
/// [`Error::Io`].
pub fn replace_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(TEMPORARY_SUFFIX);
    let temporary = Path::new(&temporary);
    let file = disk.create(temporary).map_err(Error::io("create", temporary))?;
    let written = file.write_at(bytes, 0).map_err(Error::io("write", temporary));
    if written.is_err() {
        // On a full disk even the half that arrived is room that someone needs. Should this fail too, the next start
        // sweeps it away.
        let _ = disk.remove(temporary);
    }
    written?;
    file.sync().map_err(Error::io("flush", temporary))?;
    disk.rename(temporary, path).map_err(Error::io("rename", temporary))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    disk.sync_dir(dir).map_err(Error::io("flush", dir))
}

/// Ending of a file that is not finished. One that is found at the start was left by a crash, and goes.
pub(crate) const TEMPORARY_SUFFIX: &str = ".tmp";
