//! High watermarks on disk, and the end.

use std::collections::BTreeMap;

use partitioning::Error;
use segment_log::Fold;

use super::ReplicaManager;

/// Up to where each replica is committed, for the next start (Kafka's `OffsetCheckpointFile` of that name).
pub(super) const HIGH_WATERMARKS: &str = "replication-offset-checkpoint";

impl<F: Fold> ReplicaManager<F> {
    /// Writes all high watermarks down, those of replicas that failed as they were known before.
    ///
    /// # Errors
    ///
    /// [`Error::Log`].
    pub fn keep_high_watermarks(&self) -> Result<(), Error> {
        let guard = self.folder();
        let Some(folder) = &*guard else { return Ok(()) };
        let mut offsets = BTreeMap::new();
        for (at, _) in self.replicas().iter() {
            let name = at.to_string();
            offsets.extend(self.known_before().get_key_value(&name).map(|(name, offset)| (name.clone(), *offset)));
        }
        for replica in self.running() {
            offsets.extend(replica.high_watermark().map(|offset| (replica.at().to_string(), offset)));
        }
        Ok(folder.write_offsets(HIGH_WATERMARKS, &offsets)?)
    }

    /// Closes all logs in order, and then the folder, with `last_words` for the next start. Gives whether that can believe the
    /// logs without reading them.
    ///
    /// # Errors
    ///
    /// The first thing that failed; the rest was closed all the same. [`Error::Closed`] the second time.
    pub fn close(&self, last_words: &[u8]) -> Result<bool, Error> {
        let kept = self.keep_high_watermarks();
        let folder = self.folder().take().ok_or(Error::Closed("the data folder"))?;
        let mut first = kept.err();
        for replica in self.running() {
            if let Err(refusal) = replica.close() {
                tracing::error!("closing {}: {refusal}", replica.at());
                first.get_or_insert(Error::Refused(refusal));
            }
        }
        let closed = folder.close_with(last_words);
        match first {
            Some(error) => Err(error),
            None => Ok(closed?),
        }
    }
}
