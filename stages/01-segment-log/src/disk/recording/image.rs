//! A folder that a crash may leave, held in memory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder as a crash left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    pub(super) folders: Vec<PathBuf>,
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Image {
    /// The files, by their paths from the root.
    pub fn files(&self) -> &BTreeMap<PathBuf, Vec<u8>> {
        &self.files
    }

    /// Leaves a file out.
    pub fn forget(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// A number for the content: FNV-1a over all names and bytes. Equal images have equal numbers.
    pub fn id(&self) -> u64 {
        let mut id = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |bytes: &[u8]| {
            for byte in (bytes.len() as u64).to_be_bytes().iter().chain(bytes) {
                id = (id ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        self.folders.iter().for_each(|folder| add(folder.as_os_str().as_encoded_bytes()));
        for (path, content) in &self.files {
            add(path.as_os_str().as_encoded_bytes());
            add(content);
        }
        id
    }

    /// Writes the image into an empty folder.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn build(&self, root: &Path) -> io::Result<()> {
        for folder in &self.folders {
            fs::create_dir_all(root.join(folder))?;
        }
        for (path, content) in &self.files {
            fs::write(root.join(path), content)?;
        }
        Ok(())
    }
}
