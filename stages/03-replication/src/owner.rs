//! Whose a data folder is. A file in it says so, since a folder that is carried to another cluster, to another broker's place or
//! to the controller's would pass for that one's data.
//!
//! ```text
//!   broker 1's        meta.properties   version=1 · cluster.id=… · node.id=1                  when it has registered
//!   the controller's  meta.properties   version=1 · process.roles=controller · node.id=0      when its log could be read
//! ```
//!
//! File and keys are Kafka's, but for the form of the id, and for the role: Kafka has that in the server's settings alone, so a
//! controller can start there on what was a broker's. A controller's file names no cluster, as its log does.

use std::fmt;
use std::path::{Path, PathBuf};

use segment_log::Error;
use segment_log::disk::{self, Disk};

use crate::records::ClusterId;

const FILE: &str = "meta.properties";

/// Who keeps its data in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A broker of a cluster.
    Broker { id: i32, cluster: ClusterId },
    /// Whoever decides.
    Controller { id: i32 },
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Owner::Broker { id, cluster } => write!(f, "broker {id} of cluster {cluster}"),
            Owner::Controller { id } => write!(f, "controller {id}"),
        }
    }
}

impl Owner {
    /// What a folder says; `None` if nobody has written it down there.
    ///
    /// # Errors
    ///
    /// [`Error::BadFile`] if the file is damaged; those of the disk.
    pub(crate) fn of(disk: &dyn Disk, folder: &Path) -> Result<Option<Self>, Error> {
        let Some(bytes) = disk::read_small(disk, &file(folder))? else { return Ok(None) };
        let read = std::str::from_utf8(&bytes).ok().and_then(parse);
        let rule = "it holds the lines version=1, node.id, and cluster.id or process.roles=controller";
        read.map(Some).ok_or_else(|| Error::BadFile { file: file(folder), rule: rule.to_owned() })
    }

    /// Writes it down.
    ///
    /// # Errors
    ///
    /// Those of the disk.
    pub(crate) fn keep(self, disk: &dyn Disk, folder: &Path) -> Result<(), Error> {
        let text = match self {
            Owner::Broker { id, cluster } => format!("version=1\ncluster.id={cluster}\nnode.id={id}\n"),
            Owner::Controller { id } => format!("version=1\nprocess.roles=controller\nnode.id={id}\n"),
        };
        disk::replace_file(disk, &file(folder), text.as_bytes())
    }

    /// That a folder is this one's, and somebody else was to be started on it.
    pub(crate) fn is_not(self, folder: &Path, started: impl fmt::Display) -> Error {
        let rule = format!("the folder is that of {self}, and {started} was to be started on it");
        Error::BadFile { file: file(folder), rule }
    }
}

/// The file that says it.
pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

fn parse(text: &str) -> Option<Owner> {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    if value("version")? != "1" {
        return None;
    }
    let id = value("node.id")?.parse().ok()?;
    match value("process.roles") {
        Some("controller") => Some(Owner::Controller { id }),
        Some(_) => None,
        None => {
            let cluster = u128::from_str_radix(value("cluster.id")?, 16).ok()?;
            Some(Owner::Broker { id, cluster: ClusterId(cluster) })
        }
    }
}
