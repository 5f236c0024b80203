//! The file of an index.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Entry, floor};
use crate::disk::map::Map;
use crate::disk::{Disk, DiskFile};
use crate::error::{Error, Result};

/// One index file, mapped for reading.
#[derive(Debug)]
pub struct IndexFile<E> {
    path: PathBuf,
    /// Open while entries can be pushed. A closed index needs its map alone, and a log has thousands of them: handles
    /// are the scarcer good.
    file: Option<Arc<dyn DiskFile>>,
    map: Map,
    /// Entries that count; what the file holds beyond them is room.
    len: usize,
    entry: PhantomData<E>,
}

impl<E: Entry> IndexFile<E> {
    /// Makes an empty index with room for `room` bytes of entries, in place of a file that may be there.
    pub(crate) fn create(disk: &dyn Disk, path: PathBuf, room: u32) -> Result<Self> {
        let file = disk.create(&path).map_err(Error::io("create", &path))?;
        let mut index = IndexFile { path, file: Some(file), map: Map::empty(), len: 0, entry: PhantomData };
        index.make_room(disk, room)?;
        Ok(index)
    }

    /// Opens an index that was closed: every byte of it counts. Fails with [`Error::BadFile`] if its length is not a
    /// whole number of entries.
    pub(crate) fn open(disk: &dyn Disk, path: PathBuf) -> Result<Self> {
        let file = disk.open(&path).map_err(Error::io("open", &path))?;
        let map = Map::of(file.as_file()).map_err(Error::io("map", &path))?;
        if map.len() % E::SIZE != 0 {
            let rule = format!("an index is a multiple of {} bytes long, and this one has {}", E::SIZE, map.len());
            return Err(Error::BadFile { file: path, rule });
        }
        let len = map.len() / E::SIZE;
        Ok(IndexFile { path, file: None, map, len, entry: PhantomData })
    }

    /// Makes the file `room` bytes long, or as long as its entries are, so that more can be pushed.
    pub(crate) fn make_room(&mut self, disk: &dyn Disk, room: u32) -> Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => disk.open(&self.path).map_err(Error::io("open", &self.path))?,
        };
        let (len, entries) = (self.len, (room as usize / E::SIZE).max(self.len));
        // The old map must be gone before the file changes its length. Should a step fail, there are no entries: a search
        // then begins at the front, which is slow and right.
        (self.map, self.len) = (Map::empty(), 0);
        file.set_len((entries * E::SIZE) as u64).map_err(Error::io("resize", &self.path))?;
        self.map = Map::of(file.as_file()).map_err(Error::io("map", &self.path))?;
        (self.len, self.file) = (len, Some(file));
        Ok(())
    }

    /// Gives back the room that no entry took, makes the entries durable, and lets the file's handle go.
    pub(crate) fn close(&mut self, disk: &dyn Disk) -> Result<()> {
        self.make_room(disk, 0)?;
        match self.file.take() {
            Some(file) => file.sync().map_err(Error::io("flush", &self.path)),
            None => Ok(()),
        }
    }

    /// Gives the file another name, in place of a file that may have it.
    pub(crate) fn rename(&mut self, disk: &dyn Disk, path: PathBuf) -> Result<()> {
        disk.rename(&self.path, &path).map_err(Error::io("rename", &self.path))?;
        self.path = path;
        Ok(())
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many more entries fit.
    pub fn room(&self) -> usize {
        self.map.len() / E::SIZE - self.len
    }

    /// The entry with this number, from 0.
    pub fn get(&self, number: usize) -> Option<E> {
        (number < self.len).then(|| E::decode(&self.map[number * E::SIZE..][..E::SIZE]))
    }

    /// The last entry.
    pub fn last(&self) -> Option<E> {
        self.get(self.len.checked_sub(1)?)
    }

    /// All entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = E> {
        self.map[..self.len * E::SIZE].chunks_exact(E::SIZE).map(E::decode)
    }

    /// The last entry at or before `key`.
    pub fn floor(&self, key: E::Key) -> Option<E> {
        self.get(floor::<E>(&self.map[..self.len * E::SIZE], key)?)
    }

    /// Adds an entry behind the last. If that fails, the entry does not count. The segment sees to it that there is room
    /// and that keys ascend.
    pub(crate) fn push(&mut self, entry: E) -> Result<()> {
        assert!(self.room() > 0, "{} is full", self.path.display());
        assert!(self.last().is_none_or(|last| last.key() < entry.key()), "{entry:?} after {:?}", self.last());
        let mut bytes = Vec::with_capacity(E::SIZE);
        entry.encode(&mut bytes);
        let position = (self.len * E::SIZE) as u64;
        let file = self.file.as_ref().expect("room is made before entries are pushed");
        file.write_at(&bytes, position).map_err(Error::io("write", &self.path))?;
        self.len += 1;
        Ok(())
    }

    /// Forgets the last entry.
    pub(crate) fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    /// Forgets the entries from number `keep` on.
    pub(crate) fn truncate(&mut self, keep: usize) {
        self.len = self.len.min(keep);
    }
}
