//! What a [`RecordingDisk`](super::RecordingDisk) writes down.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;

use crate::disk::{Disk, RealDisk};

/// A file or a folder, whatever its name is at the moment. Kernels say inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub(super) usize);

/// The names in a folder.
pub(super) type Names = BTreeMap<String, Node>;

/// What a node was when the recording began; empty if it was made later.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Dir(Names),
    File(Bytes),
}

/// One noted call.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The file or folder, from the root on, by the name it was called.
    pub path: PathBuf,
    /// What was done.
    pub action: Action,
}

/// What a call did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A new file or folder got its name.
    Create {
        /// The folder it is in.
        dir: Node,
        /// Its name there.
        name: String,
        /// What was made.
        node: Node,
    },
    /// A file got another name in the same folder, in place of one that may have had it.
    Rename {
        /// The folder.
        dir: Node,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A file or an empty folder lost its name.
    Remove {
        /// The folder.
        dir: Node,
        /// The name.
        name: String,
    },
    /// The folder's names were made durable.
    SyncDir {
        /// The folder.
        dir: Node,
    },
    /// Bytes were written.
    Write {
        /// The file.
        file: Node,
        /// Where.
        position: u64,
        /// What.
        bytes: Bytes,
    },
    /// The file was cut, or filled up with zeros.
    SetLen {
        /// The file.
        file: Node,
        /// Its new length.
        length: u64,
    },
    /// The file's bytes were made durable.
    Sync {
        /// The file.
        file: Node,
    },
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.action {
            Action::Create { .. } => write!(f, "create {path}"),
            Action::Rename { to, .. } => write!(f, "rename {path} to {to}"),
            Action::Remove { .. } => write!(f, "remove {path}"),
            Action::SyncDir { .. } => write!(f, "sync folder {path}"),
            Action::Write { position, bytes, .. } => write!(f, "write {path} at {position}, {} bytes", bytes.len()),
            Action::SetLen { length, .. } => write!(f, "set length of {path} to {length}"),
            Action::Sync { .. } => write!(f, "sync {path}"),
        }
    }
}

/// All that happened below a root: what was there, and every operation since.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// By number; the root is the first.
    pub(super) nodes: Vec<Origin>,
    pub(super) operations: Vec<Operation>,
}

impl Recording {
    /// The operations, in order. A crash point is a number of them.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    fn add(&mut self, origin: Origin) -> Node {
        self.nodes.push(origin);
        Node(self.nodes.len() - 1)
    }
}

#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) recording: Recording,
    /// Each folder's names, as they are now.
    names: BTreeMap<Node, Names>,
}

/// The folder that everything is below.
pub(super) const ROOT: Node = Node(0);

impl Notes {
    /// Learns what `dir` holds.
    pub(super) fn take_in(&mut self, dir: &Path) -> io::Result<Node> {
        let node = self.recording.add(Origin::Dir(Names::new()));
        let mut names = Names::new();
        for name in RealDisk.list(dir)? {
            let path = dir.join(&name);
            let child = match path.is_dir() {
                true => self.take_in(&path)?,
                false => self.recording.add(Origin::File(std::fs::read(&path)?.into())),
            };
            names.insert(name, child);
        }
        self.recording.nodes[node.0] = Origin::Dir(names.clone());
        self.names.insert(node, names);
        Ok(node)
    }

    pub(super) fn find(&self, names: &[String]) -> Option<Node> {
        names.iter().try_fold(ROOT, |dir, name| self.names.get(&dir)?.get(name).copied())
    }

    pub(super) fn names(&mut self, dir: Node) -> &mut Names {
        self.names.entry(dir).or_default()
    }

    pub(super) fn note(&mut self, path: PathBuf, action: Action) {
        apply_name(&action, |dir| self.names.entry(dir).or_default());
        self.recording.operations.push(Operation { path, action });
    }

    pub(super) fn make(&mut self, path: PathBuf, dir: Node, name: &str, origin: Origin) -> Node {
        let node = self.recording.add(origin);
        self.note(path, Action::Create { dir, name: name.to_owned(), node });
        node
    }
}

/// Does what `action` does to the names of a folder, if it does something to names.
pub(super) fn apply_name<'n>(action: &Action, names_of: impl FnOnce(Node) -> &'n mut Names) {
    match action {
        Action::Create { dir, name, node } => {
            names_of(*dir).insert(name.clone(), *node);
        }
        Action::Rename { dir, from, to } => {
            let names = names_of(*dir);
            let node = names.remove(from).expect("the real disk renamed it, so it was there");
            names.insert(to.clone(), node);
        }
        Action::Remove { dir, name } => {
            names_of(*dir).remove(name);
        }
        Action::SyncDir { .. } | Action::Write { .. } | Action::SetLen { .. } | Action::Sync { .. } => {}
    }
}

pub(super) fn lock(notes: &Mutex<Notes>) -> MutexGuard<'_, Notes> {
    notes.lock().expect("nothing panics while it holds the notes")
}
