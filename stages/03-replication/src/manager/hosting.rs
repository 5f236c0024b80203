//! Replicas and their folders: made when the metadata give them a place here, removed when they have none any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use partitioning::api::TopicId;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::{Error, TopicPartition};
use segment_log::{Fold, LogDir, Offset, Timestamp};

use super::close::HIGH_WATERMARKS;
use super::{Hosted, ReplicaManager};
use crate::epochs::LeaderEpochs;
use crate::records::{PartitionRecord, partition};
use crate::replica::{Replica, ReplicaLog};
use crate::state::ClusterState;

/// Says of which topic a folder is (Kafka's `PartitionMetadataFile`).
const TOPIC_FILE: &str = "partition.metadata";

impl<F: Fold> ReplicaManager<F> {
    /// The replica of `at`, as `record` has it: the one that is there, or one that is opened now.
    pub(super) fn hosted(
        &self,
        at: &TopicPartition,
        record: &PartitionRecord,
        metadata: &ClusterState,
        now: Timestamp,
    ) -> Hosted<F> {
        let known = self.replicas().get(at).cloned();
        match known {
            Some(hosted) if hosted.topic() == record.topic => return hosted,
            Some(_) => self.drop_replicas([at]),
            None => {}
        }
        let hosted = match self.open(at, record.topic, metadata, now) {
            Ok(replica) => Hosted::Running(Arc::new(replica)),
            Err(refusal) => {
                tracing::error!("{at} cannot be used on this broker: {refusal}");
                Hosted::Failed(record.topic, refusal)
            }
        };
        self.set_hosted(at, hosted.clone());
        hosted
    }

    pub(super) fn set_hosted(&self, at: &TopicPartition, hosted: Hosted<F>) {
        self.replicas_mut().insert(at.clone(), hosted);
    }

    fn open(
        &self,
        at: &TopicPartition,
        topic: TopicId,
        metadata: &ClusterState,
        now: Timestamp,
    ) -> Result<Replica<F>, Refusal> {
        let config = self.config.log_of(metadata.topics().live(&at.topic)?)?;
        let guard = self.folder();
        let folder = guard.as_ref().ok_or_else(|| closed(at))?;
        let name = at.to_string();
        let high_watermark = self.known_before().get(&name).copied().unwrap_or(0);
        match topic_of(folder, &name)? {
            None if high_watermark > 0 => return Err(is_gone(folder, &name, high_watermark)),
            Some(found) if found != topic && metadata.knows(found) => {
                tracing::warn!("{name} is of a topic that was deleted: its folder is removed");
                folder.delete_log(&name)?;
            }
            Some(found) if found != topic => return Err(never_was(folder, &name, found)),
            _ => {}
        }
        let (log, recovery): (ReplicaLog<F>, _) =
            folder.open_log(&name, config, (LeaderEpochs::default(), (self.make)()), now)?;
        if let Some(cut) = &recovery.cut {
            tracing::warn!("{name} was not closed in order: {}; it now ends at offset {}", cut.why, cut.end);
        }
        if topic_of(folder, &name)?.is_none() {
            claim(&log, topic)?;
        }
        let (id, truncation) = (self.config.node_id, self.config.truncation);
        Replica::new((at.clone(), topic), id, log, high_watermark, truncation, self.began)
    }

    /// This broker has no replica of these any more.
    pub(super) fn drop_replicas<'a>(&self, ats: impl IntoIterator<Item = &'a TopicPartition>) {
        let mut dropped = Vec::new();
        for at in ats {
            let Some(hosted) = self.replicas_mut().remove(at) else { continue };
            if let Hosted::Running(replica) = hosted
                && let Err(refusal) = replica.retire()
            {
                tracing::warn!("{at}: {refusal}");
            }
            self.known_before().remove(&at.to_string());
            dropped.push(at.to_string());
        }
        if dropped.is_empty() {
            return;
        }
        // First they are taken out of the file. Or after a crash a folder that was removed would look like one that was lost.
        if let Err(error) = self.keep_high_watermarks() {
            return tracing::warn!("{} stays until the next start: {error}", dropped.join(", "));
        }
        if let Some(folder) = &*self.folder() {
            dropped.iter().for_each(|name| remove_ours(folder, name, |_| true));
        }
    }

    /// Removes the folders that no partition of the metadata has on this broker: of topics that were deleted, and of replicas
    /// that were moved away, while it was not running. To be called once the metadata are known up to this broker's
    /// registration, and followed.
    pub fn sweep(&self, metadata: &ClusterState) -> Result<(), Error> {
        // What has no place here any more is not missed if it is to come back: it is copied anew. That is written down first, as
        // when it is dropped.
        let hosted: BTreeSet<_> = self.replicas().keys().map(TopicPartition::to_string).collect();
        self.known_before().retain(|name, _| hosted.contains(name));
        self.keep_high_watermarks()?;
        let guard = self.folder();
        let Some(folder) = &*guard else { return Ok(()) };
        for name in folder.log_names()? {
            if partition(&name).is_err() || hosted.contains(&name) {
                continue;
            }
            tracing::warn!("no partition of the cluster has the log {name} on this broker");
            remove_ours(folder, &name, |topic| metadata.knows(topic));
        }
        Ok(())
    }
}

impl<F: Fold> Hosted<F> {
    /// Of which topic it is.
    pub(super) fn topic(&self) -> TopicId {
        match self {
            Hosted::Running(replica) => replica.topic(),
            Hosted::Failed(topic, _) => *topic,
        }
    }
}

/// Removes a folder, if it says of which topic it is, and that is one of this cluster's. One that stays is no harm: the next
/// start tries again, and a topic of the same name is another.
fn remove_ours(folder: &LogDir, name: &str, is_ours: impl Fn(TopicId) -> bool) {
    match topic_of(folder, name) {
        Ok(Some(topic)) if !is_ours(topic) => tracing::warn!("{}", never_was(folder, name, topic)),
        Ok(Some(_)) => match folder.delete_log(name) {
            Err(error) if !error.is_not_found() => tracing::warn!("the folder of {name} cannot be removed: {error}"),
            _ => {}
        },
        Ok(None) => tracing::warn!("the log {name} does not say of which topic it is, and is left alone"),
        Err(refusal) => tracing::warn!("the log {name} is left alone: {refusal}"),
    }
}

/// Of which topic a folder is; `None` if it does not say.
fn topic_of(folder: &LogDir, name: &str) -> Result<Option<TopicId>, Refusal> {
    let Some(bytes) = folder.read_beside(name, TOPIC_FILE)? else { return Ok(None) };
    let parsed = std::str::from_utf8(&bytes).ok().and_then(parse);
    parsed.map(Some).ok_or_else(|| {
        let file = folder.path().join(name).join(TOPIC_FILE);
        ErrorCode::StorageError
            .because(format!("{} cannot be read: it holds `version: 0` and `topic_id: …`", file.display()))
    })
}

fn parse(text: &str) -> Option<TopicId> {
    let mut lines = text.lines();
    let is_known = lines.next()? == "version: 0";
    let written = lines.next()?.strip_prefix("topic_id: ")?;
    let id = TopicId(u128::from_str_radix(written, 16).ok()?);
    // As it was written, or half of an id would pass for another.
    (is_known && lines.next().is_none() && id.to_string() == written).then_some(id)
}

/// A log that begins anew would pass for a copy that has everything, and the others would be cut to it.
fn is_gone(folder: &LogDir, name: &str, committed: Offset) -> Refusal {
    let file = folder.path().join(name).join(TOPIC_FILE);
    ErrorCode::StorageError.because(format!(
        "{} is gone, and the log held {committed} committed offsets: put it back, or take {name} out of {} and start again, to \
         have it copied anew",
        file.display(),
        HIGH_WATERMARKS
    ))
}

/// Nobody knows whose records these are, so nobody may throw them away.
fn never_was(folder: &LogDir, name: &str, found: TopicId) -> Refusal {
    let file = folder.path().join(name).join(TOPIC_FILE);
    ErrorCode::StorageError.because(format!(
        "{} names the topic {found}, and this cluster never had one of that id: the folder is left alone",
        file.display()
    ))
}

/// Writes down of which topic a log is, unless it holds records of which nobody knows that.
fn claim<F: Fold>(log: &ReplicaLog<F>, topic: TopicId) -> Result<(), Refusal> {
    if log.end() > 0 {
        let folder = log.dir().display();
        let rule = format!("{folder} holds records, and no {TOPIC_FILE} that says of which topic: they are left alone");
        return Err(ErrorCode::StorageError.because(rule));
    }
    Ok(log.write_beside(TOPIC_FILE, format!("version: 0\ntopic_id: {topic}\n").as_bytes())?)
}

fn closed(at: &TopicPartition) -> Refusal {
    ErrorCode::NotLeaderOrFollower.because(format!("{at} is not opened: the broker stops"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use partitioning::Host;
    use partitioning::topics::catalogue::TopicRecord;

    use super::*;
    use crate::manager::ManagerConfig;
    use crate::records::MetadataRecord;

    fn at() -> TopicPartition {
        TopicPartition::new("orders", 0)
    }

    /// A partition on these brokers.
    fn on(replicas: &[i32]) -> Arc<ClusterState> {
        let mut state = ClusterState::default();
        let id = TopicId(7);
        let topic = TopicRecord { id, partitions: 1, replication_factor: 1, configs: BTreeMap::new(), deleted: false };
        state.replay(&MetadataRecord::Topic("orders".into(), Some(topic)));
        let record = PartitionRecord {
            topic: id,
            replicas: replicas.to_vec(),
            in_sync: vec![9],
            leader: Some(9),
            leader_epoch: 0,
            partition_epoch: 0,
            adding: Vec::new(),
            removing: Vec::new(),
            eligible: Vec::new(),
            last_leader: None,
        };
        state.replay(&MetadataRecord::Partition(at(), Some(record)));
        Arc::new(state)
    }

    /// Broker 1 after a start. When it is dropped, it has not stopped in order.
    fn broker(path: &Path) -> ReplicaManager<()> {
        let host = Host::real();
        let folder = LogDir::open(host.disk.clone(), path).expect("nobody else has it");
        ReplicaManager::new(host, ManagerConfig::new(1), folder, || ()).expect("its high watermarks can be read")
    }

    fn follow(broker: &ReplicaManager<()>, replicas: &[i32]) {
        broker.follow_metadata(on(replicas), &BTreeSet::from([at()]), false);
    }

    fn write_down(path: &Path, offset: Offset) {
        let folder = LogDir::open(Host::real().disk, path).expect("nobody else has it");
        folder.write_offsets(HIGH_WATERMARKS, &[(at().to_string(), offset)].into()).expect("it can be written");
    }

    #[test]
    fn a_replica_that_was_moved_away_is_not_missed_when_it_comes_back() {
        let path = tempfile::tempdir().expect("there is room");
        let path = path.path();
        follow(&broker(path), &[1, 9]);
        write_down(path, 5);
        let moved = broker(path);
        follow(&moved, &[1, 9]);
        follow(&moved, &[9]);
        // The broker dies before it writes its high watermarks down the next time.
        drop(moved);
        assert!(!path.join("orders-0").exists());
        let back = broker(path);
        follow(&back, &[1, 9]);
        back.replica(&at()).expect("it is copied anew");
    }

    #[test]
    fn what_had_no_place_here_at_the_start_is_not_missed_either() {
        let path = tempfile::tempdir().expect("there is room");
        let path = path.path();
        write_down(path, 5);
        let started = broker(path);
        follow(&started, &[9]);
        started.sweep(&on(&[9])).expect("the folder can be read");
        // It dies before it writes its high watermarks down the next time, and is given the partition while it is down.
        drop(started);
        let back = broker(path);
        follow(&back, &[1, 9]);
        back.replica(&at()).expect("it is copied anew");
    }

    #[test]
    fn a_log_that_is_gone_is_missed_start_after_start() {
        let path = tempfile::tempdir().expect("there is room");
        let path = path.path();
        write_down(path, 5);
        for _ in 0..2 {
            let started = broker(path);
            follow(&started, &[1, 9]);
            started.sweep(&on(&[1, 9])).expect("the folder can be read");
            started.keep_high_watermarks().expect("they can be written");
            let refusal = started.replica(&at()).expect_err("its records are gone");
            assert!(refusal.to_string().contains("is gone, and the log held 5 committed offsets"), "{refusal}");
        }
    }

    #[test]
    fn an_id_is_read_as_it_was_written_and_not_by_half() {
        let id = TopicId(0x00ab_cdef_0123_4567_89ab_cdef_0123_4567);
        let text = format!("version: 0\ntopic_id: {id}\n");
        assert_eq!(parse(&text), Some(id));
        for wrong in [&text[..30], &text[..text.len() - 2], "version: 1\ntopic_id: 0\n", "version: 0\n", ""] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse(&format!("{text}more\n")), None);
    }
}
