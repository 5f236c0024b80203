//! Whose data are in a folder: the broker's number, the cluster's id, and whether the last run ended in order.
//!
//! ```text
//!   data/
//!     meta.properties         version=1 · cluster.id=… · node.id=1            written once
//!     .kafka_cleanshutdown    {"version":0,"brokerEpoch":7}                   after a clean stop in epoch 7
//! ```
//!
//! Both are Kafka's, but for the form of the id. A folder that is carried to another cluster, or to another broker's place,
//! would pass for that one's data. So a broker says whose data it has when it registers.

use std::path::PathBuf;

use partitioning::{Error, Host, Result};
use segment_log::LogDir;
use segment_log::disk::{self, Disk};

use super::BrokerConfig;
use crate::api::BrokerRegistrationResponse;
use crate::records::ClusterId;

const FILE: &str = "meta.properties";

/// See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// The cluster that the data are of; `None` in a new folder.
    pub(super) cluster: Option<ClusterId>,
    /// The broker epoch in which it stopped in order the last time.
    pub(super) stopped_in: Option<i64>,
}

impl Identity {
    /// What the folder says.
    ///
    /// # Errors
    ///
    /// [`Error::Log`] if the file is damaged, or is not there and logs are; [`Error::Config`] if the data are another broker's.
    pub(super) fn read(disk: &dyn Disk, folder: &LogDir, node_id: i32) -> Result<Self> {
        let path = folder.path().join(FILE);
        let stopped_in = stopped_in(folder.last_words());
        let Some(bytes) = disk::read_small(disk, &path)? else {
            // It is written before the first log is made.
            return match folder.log_names()?.first() {
                None => Ok(Identity { cluster: None, stopped_in }),
                Some(name) => Err(not_ours(path, name).into()),
            };
        };
        let rule = || "it holds the lines version=1, cluster.id and node.id".to_owned();
        let parsed = std::str::from_utf8(&bytes).ok().and_then(parse);
        let (cluster, node) = parsed.ok_or_else(|| segment_log::Error::BadFile { file: path, rule: rule() })?;
        if node != node_id {
            let rule = "the data folder is of a broker with another number";
            return Err(Error::Config { key: "node.id", found: node_id.to_string(), rule });
        }
        Ok(Identity { cluster: Some(cluster), stopped_in })
    }

    /// It is a member now: writes down of which cluster, if that is new.
    pub(super) fn join(
        &mut self,
        host: &Host,
        config: &BrokerConfig,
        registered: BrokerRegistrationResponse,
    ) -> Result<()> {
        self.stopped_in = None;
        if self.cluster == Some(registered.cluster) {
            return Ok(());
        }
        self.cluster = Some(registered.cluster);
        let (cluster, node) = (registered.cluster, config.manager.node_id);
        let text = format!("version=1\ncluster.id={cluster}\nnode.id={node}\n");
        Ok(disk::replace_file(&*host.disk, &config.folder.join(FILE), text.as_bytes())?)
    }

    /// What the mark of a clean stop says.
    pub(super) fn last_words(&self) -> Vec<u8> {
        match self.stopped_in {
            Some(epoch) => format!("{{\"version\":0,\"brokerEpoch\":{epoch}}}").into_bytes(),
            None => Vec::new(),
        }
    }
}

fn not_ours(file: PathBuf, name: &str) -> segment_log::Error {
    let likely = "a broker of stage 02 keeps such folders, and so does a controller";
    let rule = format!("it is missing, and the folder holds the log {name}, of nobody knows which cluster; {likely}");
    segment_log::Error::BadFile { file, rule }
}

fn parse(text: &str) -> Option<(ClusterId, i32)> {
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let id = u128::from_str_radix(value("cluster.id")?, 16).ok()?;
    (value("version")? == "1").then_some((ClusterId(id), value("node.id")?.parse().ok()?))
}

/// Anything that is not what this program writes says nothing: then the stop counts as none.
fn stopped_in(words: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(words).ok()?;
    text.strip_prefix("{\"version\":0,\"brokerEpoch\":")?.strip_suffix('}')?.parse().ok()
}
