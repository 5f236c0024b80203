//! The data folder: logs side by side, a lock, two checkpoints and a mark.
//!
//! ```text
//!   data/
//!     .lock                               held while a process uses the folder
//!     .kafka_cleanshutdown                there only after a clean stop
//!     recovery-point-offset-checkpoint    up to where each log is flushed
//!     log-start-offset-checkpoint         where each log begins
//!     orders-0/                           a log: partition 0 of the topic `orders` (stage 02)
//!       00000000000000000000.log
//!       00000000000000000000.index
//!       00000000000000000000.timeindex
//! ```
//!
//! The mark says: every log was closed in order, so nothing need be verified. It is taken away before the first log can be
//! written to. So a crash at any later moment finds no mark, and recovery reads what may be torn. A log that does not
//! open leaves the mark where it is: then the next attempt finds the same fault, and does not take damage for a crash.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::checkpoint::{self, Checkpoints, InUse, split_name};
use crate::config::LogConfig;
use crate::disk::{self, Disk, DiskFile};
use crate::error::{Error, Result};
use crate::fold::Fold;
use crate::log::{Log, Opening, Recovery, is_ours};
use crate::segment::LOG_SUFFIX;
use crate::{Offset, Timestamp};

const LOCK: &str = ".lock";
const CLEAN_MARK: &str = ".kafka_cleanshutdown";

/// An open data folder. While it or one of its logs lives, nobody else can open the folder.
#[derive(Debug)]
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    was_clean: bool,
    /// What whoever closed it in order left in the mark.
    last_words: Vec<u8>,
    /// Whether the mark is still there.
    is_marked: Mutex<bool>,
    checkpoints: Arc<Checkpoints>,
}

impl LogDir {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if it is in use; [`Error::BadFile`] for a damaged checkpoint; [`Error::Io`].
    pub fn open(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        disk::make_dir(&*disk, &path)?;
        let lock = take_lock(&*disk, &path)?;
        let checkpoints = Checkpoints::load(disk.clone(), path.clone(), lock)?;
        let names = disk.list(&path).map_err(Error::io("list", &path))?;
        let was_clean = names.iter().any(|name| name == CLEAN_MARK);
        let last_words = if was_clean { disk::read_file(&*disk, &path.join(CLEAN_MARK))? } else { Vec::new() };
        let (is_marked, checkpoints) = (Mutex::new(was_clean), Arc::new(checkpoints));
        Ok(LogDir { disk, path, was_clean, last_words, is_marked, checkpoints })
    }

    /// Opens the folder if it is there, and does not make it. Whoever only wants to look, and to change nothing, reads
    /// the files ([`log::verify`](crate::log::verify)): opening a log may have to repair it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], and those of [`open`](Self::open).
    pub fn open_existing(disk: Arc<dyn Disk>, path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        match disk.list(&path) {
            Ok(_) => Self::open(disk, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound { what: "data folder", path }),
            Err(error) => Err(Error::io("list", &path)(error)),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the last user of the folder closed it in order.
    pub fn was_clean(&self) -> bool {
        self.was_clean
    }

    /// What the last user left in the mark of a clean stop ([`close_with`](Self::close_with)); nothing if there was no such stop.
    pub fn last_words(&self) -> &[u8] {
        &self.last_words
    }

    /// Names of the logs in the folder, sorted.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn log_names(&self) -> Result<Vec<String>> {
        let names = self.disk.list(&self.path).map_err(Error::io("list", &self.path))?;
        Ok(names.into_iter().filter(|name| split_name(name).is_some()).collect())
    }

    /// Opens the log `name`, which is `topic-partition`, and makes it if it is not there. `fold` starts from what the
    /// log holds, whatever it was before.
    ///
    /// # Errors
    ///
    /// [`Error::Name`], [`Error::Config`]; [`Error::Corrupt`] for damage in what was flushed; [`Error::Locked`] if the
    /// log is open already; [`Error::Io`].
    pub fn open_log<F: Fold>(
        &self,
        name: &str,
        config: LogConfig,
        fold: F,
        now: Timestamp,
    ) -> Result<(Log<F>, Recovery)> {
        if split_name(name).is_none() {
            return Err(Error::Name { name: name.to_owned() });
        }
        let (config, dir) = (config.checked()?, self.path.join(name));
        let was_clean = self.checkpoints.is_clean(name, self.was_clean);
        let in_use = self.take(name, &dir)?;
        let was_there = !disk::make_dir(&*self.disk, &dir)?;
        let opening = Opening {
            disk: self.disk.clone(),
            dir,
            was_there,
            name: name.to_owned(),
            config,
            checkpoints: self.checkpoints.clone(),
            in_use,
            was_clean,
            now,
        };
        let opened = Log::open(opening, fold)?;
        self.take_mark()?;
        Ok(opened)
    }

    /// Removes a log that is not open, with all its files.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] if it is open; [`Error::NotFound`]; [`Error::Io`], also if the folder holds files that are not
    /// a log's.
    pub fn delete_log(&self, name: &str) -> Result<()> {
        let dir = self.path.join(name);
        if split_name(name).is_none() {
            return Err(Error::Name { name: name.to_owned() });
        }
        let in_use = self.take(name, &dir)?;
        self.take_mark()?;
        // A crash in the middle must not look like damage to what was flushed.
        self.checkpoints.lower_recovery_point(name, 0)?;
        self.remove_files(&dir)?;
        // Before the folder goes: a later log of this name must not meet what was said of this one.
        self.checkpoints.forget(name)?;
        self.disk.remove_dir(&dir).map_err(Error::io("remove", &dir))?;
        // Until here nobody else may open a log of this name.
        drop(in_use);
        self.disk.sync_dir(&self.path).map_err(Error::io("flush", &self.path))
    }

    /// Takes the mark of a clean stop away, durably, if it is there.
    fn take_mark(&self) -> Result<()> {
        let mut is_marked = self.is_marked.lock().expect("nothing panics while it holds the mark");
        if *is_marked {
            let path = self.path.join(CLEAN_MARK);
            self.disk.remove(&path).map_err(Error::io("remove", &path))?;
            self.disk.sync_dir(&self.path).map_err(Error::io("flush", &self.path))?;
            *is_marked = false;
        }
        Ok(())
    }

    fn take(&self, name: &str, dir: &Path) -> Result<InUse> {
        let taken = InUse::take(&self.checkpoints, name);
        taken.ok_or_else(|| Error::Locked { dir: dir.to_owned(), holder: " by this process".to_owned() })
    }

    fn remove_files(&self, dir: &Path) -> Result<()> {
        let names = match self.disk.list(dir) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NotFound { what: "log", path: dir.to_owned() });
            }
            Err(error) => return Err(Error::io("list", dir)(error)),
        };
        // Batches before all else, newest first: a crash leaves a shorter log with what belongs to it, not one with a hole.
        let ours = names.iter().rev().filter(|name| is_ours(name));
        let (batches, rest): (Vec<_>, Vec<_>) = ours.partition(|name| name.ends_with(LOG_SUFFIX));
        for name in batches.into_iter().chain(rest) {
            let path = dir.join(name);
            self.disk.remove(&path).map_err(Error::io("remove", &path))?;
        }
        self.disk.sync_dir(dir).map_err(Error::io("flush", dir))
    }

    /// The small file `file` beside the log `name`, if there is one; see [`BESIDE`](crate::log::BESIDE). The log need not be open.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn read_beside(&self, name: &str, file: &str) -> Result<Option<Vec<u8>>> {
        disk::read_small(&*self.disk, &self.path.join(name).join(file))
    }

    /// An offset for each of some logs, as [`write_offsets`](Self::write_offsets) left them; none if it never did.
    ///
    /// # Errors
    ///
    /// [`Error::BadFile`], [`Error::Io`].
    pub fn read_offsets(&self, file: &str) -> Result<BTreeMap<String, Offset>> {
        checkpoint::read(&*self.disk, &self.path.join(file))
    }

    /// Writes an offset for each of some logs into a file of the folder, in the form of the other checkpoints, durably and
    /// in one step. For what is known of logs and cannot be read from them (stage 03's high watermarks).
    ///
    /// # Errors
    ///
    /// [`Error::Name`] if one of them is no log's name: nothing is written then. [`Error::Io`].
    pub fn write_offsets(&self, file: &str, offsets: &BTreeMap<String, Offset>) -> Result<()> {
        if let Some(name) = offsets.keys().find(|name| split_name(name).is_none()) {
            return Err(Error::Name { name: name.clone() });
        }
        disk::replace_file(&*self.disk, &self.path.join(file), checkpoint::render(offsets).as_bytes())
    }

    /// Writes the recovery points down, so that a crash from here on has less to read.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn checkpoint(&self) -> Result<()> {
        self.checkpoints.save()
    }

    /// Closes the folder. Leaves the mark of a clean stop and returns `true`, if every log in it was closed in order.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn close(self) -> Result<bool> {
        self.close_with(b"")
    }

    /// As [`close`](Self::close), with a few words in the mark for the next user: what is true only of a folder that was
    /// closed in order (stage 03).
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn close_with(self, last_words: &[u8]) -> Result<bool> {
        self.checkpoints.save()?;
        let is_clean = self.log_names()?.iter().all(|name| self.checkpoints.is_clean(name, self.was_clean));
        if is_clean {
            // Last of all: whoever sees the mark may believe everything else.
            disk::replace_file(&*self.disk, &self.path.join(CLEAN_MARK), last_words)?;
        }
        Ok(is_clean)
    }
}

fn take_lock(disk: &dyn Disk, dir: &Path) -> Result<Arc<dyn DiskFile>> {
    let path = dir.join(LOCK);
    let file = match disk.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => disk.create(&path),
        opened => opened,
    };
    let file = file.map_err(Error::io("open", &path))?;
    if !file.try_lock().map_err(Error::io("lock", &path))? {
        return Err(Error::Locked { dir: dir.to_owned(), holder: holder(&*file) });
    }
    let process = std::process::id().to_string();
    file.set_len(0).and_then(|()| file.write_at(process.as_bytes(), 0)).map_err(Error::io("write", &path))?;
    Ok(file)
}

/// Whoever holds the lock wrote his process number into it.
fn holder(lock: &dyn DiskFile) -> String {
    let mut text = [0; 20];
    let read = lock.read_at(&mut text, 0).unwrap_or(0);
    let number = std::str::from_utf8(&text[..read]).ok().and_then(|text| text.parse::<u32>().ok());
    number.map(|number| format!(" by process {number}")).unwrap_or_default()
}
