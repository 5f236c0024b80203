//! The partitions' folders: made before a topic is recorded, removed after it is recorded as deleted.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use segment_log::disk::Disk;
use segment_log::{Fold, Log, LogConfig, LogDir, Recovery, Result, Timestamp};

use super::name::CLUSTER_METADATA;
use crate::api::TopicPartition;
use crate::error::{ErrorCode, Refusal};
use crate::partition::LocalPartition;

/// A broker's data folder.
#[derive(Debug)]
pub(super) struct Folders {
    disk: Arc<dyn Disk>,
    dir: LogDir,
}

impl Folders {
    pub(super) fn open(disk: Arc<dyn Disk>, path: &Path) -> Result<Self> {
        let dir = LogDir::open(disk.clone(), path)?;
        Ok(Folders { disk, dir })
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The partitions that have a folder, except the catalogue.
    pub(super) fn partitions(&self) -> Result<BTreeSet<TopicPartition>> {
        let names = self.dir.log_names()?;
        let partitions = names.iter().filter_map(|name| {
            let (topic, number) = name.rsplit_once('-')?;
            Some(TopicPartition::new(topic, number.parse().ok()?))
        });
        Ok(partitions.filter(|at| &*at.topic != CLUSTER_METADATA).collect())
    }

    /// Opens a log, and says what that had to mend.
    pub(super) fn open_log<F: Fold>(
        &self,
        name: &str,
        config: LogConfig,
        fold: F,
        now: Timestamp,
    ) -> Result<(Log<F>, Recovery)> {
        let (log, recovery) = self.dir.open_log(name, config, fold, now)?;
        if let Some(cut) = &recovery.cut {
            tracing::warn!("{name} was not closed in order: {}; it now ends at offset {}", cut.why, cut.end);
        }
        Ok((log, recovery))
    }

    /// Makes the logs of new partitions, all or none.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError), also if there is a log already that no topic has.
    pub(super) fn make(
        &self,
        topic: &Arc<str>,
        numbers: Range<u32>,
        config: &LogConfig,
        now: Timestamp,
    ) -> Result<Vec<Arc<LocalPartition>>, Refusal> {
        let wanted: Vec<_> = numbers.map(|number| TopicPartition::new(topic.clone(), number)).collect();
        self.make_room(&wanted)?;
        let mut made = Vec::with_capacity(wanted.len());
        for at in wanted {
            match self.open_log(&at.to_string(), config.clone(), (), now) {
                Ok((log, _)) => made.push(Arc::new(LocalPartition::new(at, log))),
                Err(error) => {
                    self.unmake(&made);
                    // What was begun of this one, if anything was.
                    self.try_remove(&at);
                    return Err(ErrorCode::StorageError.because(format!("no log for {at}: {error}")));
                }
            }
        }
        Ok(made)
    }

    /// Takes back what [`make`](Self::make) made.
    pub(super) fn unmake(&self, made: &[Arc<LocalPartition>]) {
        for partition in made {
            partition.retire();
            self.try_remove(partition.at());
        }
    }

    /// Removes an empty folder that nobody needs. If it stays, the next start or the next topic of the name tries again.
    pub(super) fn try_remove(&self, at: &TopicPartition) {
        if let Err(error) = self.remove(at) {
            tracing::warn!("the empty log {at} belongs to no topic, and stays: {error}");
        }
    }

    /// Removes a partition's folder with all that is in it. Fine if it is gone.
    pub(super) fn remove(&self, at: &TopicPartition) -> Result<()> {
        match self.dir.delete_log(&at.to_string()) {
            Err(error) if error.is_not_found() => Ok(()),
            removed => removed,
        }
    }

    /// Whether a folder holds no record: what the making of a topic leaves if a crash comes before the topic is recorded.
    pub(super) fn is_blank(&self, at: &TopicPartition) -> Result<bool> {
        let reports = segment_log::log::verify(&*self.disk, &self.path().join(at.to_string()))?;
        Ok(reports.iter().all(|report| report.size == 0))
    }

    /// Sees to it that the folders are free to be made.
    fn make_room(&self, wanted: &[TopicPartition]) -> Result<(), Refusal> {
        let there = self.partitions()?;
        for at in wanted {
            if there.contains(at) {
                self.make_room_for(at)?;
            } else if self.disk.list(&self.path().join(at.to_string())).is_ok() {
                // It is not there, and can be opened: the file system does not tell upper case from lower.
                let rule = "to this file system it has the same name as another folder that is there";
                return Err(ErrorCode::StorageError.because(format!("no log for {at}: {rule}")));
            }
        }
        Ok(())
    }

    fn make_room_for(&self, at: &TopicPartition) -> Result<(), Refusal> {
        if !self.is_blank(at)? {
            let folder = self.path().join(at.to_string());
            return Err(ErrorCode::StorageError.because(format!(
                "no log for {at}: {} holds records that belong to no topic, and is left alone",
                folder.display()
            )));
        }
        tracing::warn!("removing the empty log {at}, which belongs to no topic");
        Ok(self.remove(at)?)
    }

    /// Writes down up to where the logs are flushed.
    pub(super) fn checkpoint(&self) -> Result<()> {
        self.dir.checkpoint()
    }

    /// Closes the folder. Gives whether all logs in it were closed in order.
    pub(super) fn close(self) -> Result<bool> {
        self.dir.close()
    }
}
