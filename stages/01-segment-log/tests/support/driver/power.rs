//! A disk that knows what a power failure would leave.
//!
//! It passes everything on to the real files. Whenever one is flushed, it keeps a copy of what the file held at that
//! moment. A power failure puts the copies in the files' places. The real flush is left out: no machine dies here.
//!
//! [`RecordingDisk`](segment_log::disk::recording::RecordingDisk) knows every outcome of a failure, and the crash tests
//! look at thousands. A story wants one, and names it by the bytes that survive.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use segment_log::disk::{Disk, DiskFile, RealDisk};
use segment_log::segment::{LOG_SUFFIX, base_offset_of};
use segment_log::{Offset, batches};

/// What each file held when it was last flushed. A file that was made is there at once, and empty: the log flushes its
/// folder before it relies on a name.
#[derive(Debug, Clone, Default)]
pub(super) struct PowerDisk(Arc<Mutex<BTreeMap<PathBuf, Vec<u8>>>>);

/// What a power failure did to a file.
pub(super) struct Loss {
    pub(super) path: PathBuf,
    /// Bytes that the file had.
    pub(super) had: usize,
    /// Bytes of it that were flushed.
    pub(super) flushed: usize,
}

impl PowerDisk {
    /// Puts every file back to what was flushed. Of the newest segment, bytes `keep` stay too: the system wrote them out
    /// by itself. What is missing before them reads as zeros. Gives the segments that lost something.
    pub(super) fn fail(&self, keep: Option<(usize, usize)>) -> io::Result<Vec<Loss>> {
        let mut flushed = self.flushed();
        let newest = flushed.keys().rev().find(|path| is_segment(path)).cloned();
        if let (Some(path), Some((_, to))) = (&newest, keep)
            && fs::metadata(path)?.len() < to as u64
        {
            return Err(io::Error::other("the newest segment has no such bytes to keep"));
        }
        let mut losses = Vec::new();
        for (path, durable) in flushed.iter_mut() {
            let had = fs::read(path)?;
            if is_segment(path) && had != *durable {
                losses.push(Loss { path: path.clone(), had: had.len(), flushed: durable.len() });
            }
            if let Some((from, to)) = keep.filter(|_| newest.as_ref() == Some(path)) {
                durable.resize(durable.len().max(to), 0);
                durable[from..to].copy_from_slice(&had[from..to]);
            }
            fs::write(path, durable)?;
        }
        Ok(losses)
    }

    /// The offset up to which the newest segment would survive a power failure.
    pub(super) fn flushed_offset(&self, log: &Path) -> Offset {
        let flushed = self.flushed();
        let newest = flushed.iter().rev().find(|(path, _)| path.parent() == Some(log) && is_segment(path));
        let Some((path, bytes)) = newest else { return 0 };
        let end = batches(bytes).map_while(Result::ok).last().map(|batch| batch.next_offset());
        end.or_else(|| base_offset(path)).unwrap_or(0)
    }

    /// What was done to a file behind the log's back, it was done to the flushed bytes too.
    pub(super) fn damage(&self, path: &Path, change: impl Fn(&mut Vec<u8>)) {
        if let Some(durable) = self.flushed().get_mut(path) {
            change(durable);
        }
    }

    /// A file was put in place or taken away behind the log's back.
    pub(super) fn replace(&self, path: &Path, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.flushed().insert(path.to_owned(), bytes.to_owned()),
            None => self.flushed().remove(path),
        };
    }

    fn flushed(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<u8>>> {
        self.0.lock().expect("nothing panics while it holds the copies")
    }

    fn wrap(&self, path: &Path, inner: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(PowerFile { inner, path: path.to_owned(), disk: self.clone() })
    }
}

fn base_offset(path: &Path) -> Option<Offset> {
    base_offset_of(path.file_name()?.to_str()?, LOG_SUFFIX)
}

fn is_segment(path: &Path) -> bool {
    base_offset(path).is_some()
}

impl Disk for PowerDisk {
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
        let file = RealDisk.create(path)?;
        self.flushed().insert(path.to_owned(), Vec::new());
        Ok(self.wrap(path, file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)?;
        let mut flushed = self.flushed();
        let bytes = flushed.remove(from).unwrap_or_default();
        flushed.insert(to.to_owned(), bytes);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)?;
        self.flushed().remove(path);
        Ok(())
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.remove_dir(dir)
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct PowerFile {
    inner: Arc<dyn DiskFile>,
    path: PathBuf,
    disk: PowerDisk,
}

impl DiskFile for PowerFile {
    fn len(&self) -> io::Result<u64> {
        self.inner.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        self.inner.write_at(bytes, position)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.inner.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        let bytes = fs::read(&self.path)?;
        self.disk.flushed().insert(self.path.clone(), bytes);
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.inner.try_lock()
    }

    fn as_file(&self) -> &fs::File {
        self.inner.as_file()
    }
}
