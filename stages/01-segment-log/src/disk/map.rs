//! Files mapped into memory, for reading: the only unsafe line of the project.
//!
//! An index lookup jumps around in a file. Through a map each jump is a load from memory; through `read` it would be a
//! call into the kernel. Writing goes the other way, through [`DiskFile::write_at`](super::DiskFile::write_at), so that
//! a full disk is an error that we get and not a signal that kills us.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::Deref;

/// The bytes of a file, as they are now and as later writes make them.
#[derive(Debug)]
pub(crate) struct Map(Option<memmap2::Mmap>);

impl Map {
    /// No bytes.
    pub(crate) fn empty() -> Self {
        Map(None)
    }

    /// Maps the whole of `file`.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            // An empty map is an error to some systems.
            return Ok(Map(None));
        }
        // SAFETY: the two dangers of a map are a file that shrinks beneath it and bytes that change while a reference
        // says they do not. An index file is cut only by the `IndexFile` that owns its map, which drops the map first
        // and needs `&mut self`. It writes only behind the entries that it lends out. Nobody outside this crate can make
        // a map or an `IndexFile`, a segment has one of each kind, and the lock file keeps other processes of ours away.
        let map = unsafe { memmap2::Mmap::map(file) }?;
        Ok(Map(Some(map)))
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}
