//! A disk that fails, or holds a call back, where a test says so.
//!
//! Files are real. Flushes are not passed on: no test cuts the real power, and they take long.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use segment_log::disk::{Disk, DiskFile, RealDisk};

/// See the [module](self).
#[derive(Debug, Default)]
pub(crate) struct TouchyDisk {
    spots: Arc<Mutex<Vec<Spot>>>,
    /// Whether names that differ in upper and lower case are the same.
    pub(crate) folds_case: bool,
}

/// Where it is touchy.
#[derive(Debug)]
struct Spot {
    action: &'static str,
    path_has: String,
    /// Calls that are still let through.
    skip: usize,
    then: Then,
}

#[derive(Debug)]
enum Then {
    FailOnce,
    FailForGood,
    Panic,
    /// Says that a call has come, and waits until it may go on.
    Hold(Sender<()>, Receiver<()>),
}

/// A call that is held back.
pub(crate) struct Held {
    has_come: Receiver<()>,
    go: Sender<()>,
}

impl Held {
    /// Waits until the call has come.
    pub(crate) fn wait(&self) {
        self.has_come.recv().expect("the disk is there");
    }

    /// Lets it go on.
    pub(crate) fn go(self) {
        self.go.send(()).expect("the disk is there");
    }
}

impl TouchyDisk {
    /// The next `action` (`create_dir`, `create`, `remove`, `remove_dir`, `rename`, `sync_dir`, `write`, `set_len`, `sync`, or
    /// any of these: `change`; `open`, `list`, `read`) on a path that has `part` in it fails, after `skip` that work.
    pub(crate) fn fail(&self, action: &'static str, part: &str, skip: usize) {
        self.spot(action, part, skip, Then::FailOnce);
    }

    /// Likewise, and every such call after it.
    pub(crate) fn fail_for_good(&self, action: &'static str, part: &str, skip: usize) {
        self.spot(action, part, skip, Then::FailForGood);
    }

    /// The next such call panics, as a fault in a program does.
    pub(crate) fn panic(&self, action: &'static str, part: &str) {
        self.spot(action, part, 0, Then::Panic);
    }

    /// The next such call waits until it is let go.
    pub(crate) fn hold(&self, action: &'static str, part: &str) -> Held {
        let ((come, has_come), (go, may_go)) = (channel(), channel());
        self.spot(action, part, 0, Then::Hold(come, may_go));
        Held { has_come, go }
    }

    /// Everything works again.
    pub(crate) fn mend(&self) {
        self.spots.lock().expect("nothing panics meanwhile").clear();
    }

    /// Whether every failure that was asked for has come to pass.
    pub(crate) fn is_calm(&self) -> bool {
        self.spots.lock().expect("nothing panics meanwhile").is_empty()
    }

    fn spot(&self, action: &'static str, part: &str, skip: usize, then: Then) {
        let spot = Spot { action, path_has: part.to_owned(), skip, then };
        self.spots.lock().expect("nothing panics meanwhile").push(spot);
    }

    fn touch(&self, action: &str, path: &Path) -> io::Result<()> {
        touch(&self.spots, action, path)
    }

    fn name(&self, path: &Path) -> PathBuf {
        match (self.folds_case, path.file_name(), path.parent()) {
            (true, Some(name), Some(parent)) => self.name(parent).join(name.to_string_lossy().to_lowercase()),
            _ => path.to_owned(),
        }
    }

    fn touchy(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(TouchyFile { path: path.to_owned(), file, spots: self.spots.clone() })
    }
}

fn touch(spots: &Mutex<Vec<Spot>>, action: &str, path: &Path) -> io::Result<()> {
    let mut spots = spots.lock().expect("nothing panics meanwhile");
    let is_change = !matches!(action, "open" | "list" | "read");
    let is_action = |spot: &Spot| spot.action == action || spot.action == "change" && is_change;
    let is_here = |spot: &Spot| is_action(spot) && path.to_string_lossy().contains(&spot.path_has);
    let Some(index) = spots.iter().position(is_here) else { return Ok(()) };
    if spots[index].skip > 0 {
        spots[index].skip -= 1;
        return Ok(());
    }
    if let Then::FailForGood = spots[index].then {
        return Err(io::Error::other("the disk was told to fail"));
    }
    let spot = spots.remove(index);
    drop(spots);
    match spot.then {
        Then::Hold(come, may_go) => {
            come.send(()).expect("the test waits for it");
            may_go.recv().expect("the test lets it go");
            Ok(())
        }
        Then::Panic => panic!("the disk was told to panic"),
        _ => Err(io::Error::other("the disk was told to fail")),
    }
}

impl Disk for TouchyDisk {
    fn create_dir_all(&self, dir: &Path) -> io::Result<()> {
        self.touch("create_dir", dir)?;
        RealDisk.create_dir_all(&self.name(dir))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.touch("list", dir)?;
        RealDisk.list(&self.name(dir))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.touch("open", path)?;
        Ok(self.touchy(path, RealDisk.open(&self.name(path))?))
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.touch("create", path)?;
        Ok(self.touchy(path, RealDisk.create(&self.name(path))?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.touch("rename", from)?;
        RealDisk.rename(&self.name(from), &self.name(to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.touch("remove", path)?;
        RealDisk.remove(&self.name(path))
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.touch("remove_dir", dir)?;
        RealDisk.remove_dir(&self.name(dir))
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.touch("sync_dir", dir)
    }
}

#[derive(Debug)]
struct TouchyFile {
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    spots: Arc<Mutex<Vec<Spot>>>,
}

impl DiskFile for TouchyFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        touch(&self.spots, "read", &self.path)?;
        self.file.read_at(buffer, position)
    }

    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        touch(&self.spots, "write", &self.path)?;
        self.file.write_at(bytes, position)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        touch(&self.spots, "set_len", &self.path)?;
        self.file.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        touch(&self.spots, "sync", &self.path)
    }

    fn try_lock(&self) -> io::Result<bool> {
        self.file.try_lock()
    }

    fn as_file(&self) -> &std::fs::File {
        self.file.as_file()
    }
}
