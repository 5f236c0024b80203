//! Whose data are in a folder: the broker's number, the cluster's id, and whether the last run ended in order.
//!
//! ```text
//!   data/
//!     meta.properties         version=1 · cluster.id=… · node.id=1            written once
//!     .kafka_cleanshutdown    {"version":0,"brokerEpoch":7}                   after a clean stop in epoch 7
//! ```
//!
//! The first is what says whose any folder is ([`owner`]), the second is Kafka's. A broker says whose data it has when it registers.

use std::path::PathBuf;

use partitioning::{Error, Host, Result};
use segment_log::LogDir;
use segment_log::disk::Disk;

use super::BrokerConfig;
use crate::api::BrokerRegistrationResponse;
use crate::owner::{self, Owner};
use crate::records::ClusterId;

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
        let stopped_in = stopped_in(folder.last_words());
        match Owner::of(disk, folder.path())? {
            // It is written before the first log is made.
            None => match folder.log_names()?.first() {
                None => Ok(Identity { cluster: None, stopped_in }),
                Some(name) => Err(not_ours(owner::file(folder.path()), name).into()),
            },
            Some(Owner::Broker { id, cluster }) if id == node_id => Ok(Identity { cluster: Some(cluster), stopped_in }),
            Some(Owner::Broker { .. }) => {
                let rule = "the data folder is of a broker with another number";
                Err(Error::Config { key: "node.id", found: node_id.to_string(), rule })
            }
            Some(owner @ Owner::Controller { .. }) => {
                Err(owner.is_not(folder.path(), format_args!("broker {node_id}")).into())
            }
        }
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
        let owner = Owner::Broker { id: config.manager.node_id, cluster: registered.cluster };
        Ok(owner.keep(&*host.disk, &config.folder)?)
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
    let likely = "a broker of stage 02 keeps such folders";
    let rule = format!("it is missing, and the folder holds the log {name}, of nobody knows which cluster; {likely}");
    segment_log::Error::BadFile { file, rule }
}

/// Anything that is not what this program writes says nothing: then the stop counts as none.
fn stopped_in(words: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(words).ok()?;
    text.strip_prefix("{\"version\":0,\"brokerEpoch\":")?.strip_suffix('}')?.parse().ok()
}
