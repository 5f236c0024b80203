//! Opening: the catalogue first, as it says what all the rest is.

use std::collections::BTreeSet;
use std::sync::Arc;

use segment_log::disk::Disk;
use segment_log::{EveryAppend, LogConfig, Timestamp};

use super::catalogue::{CATALOGUE_LOG, Catalogue, CatalogueRules, TopicRecord};
use super::damage::no_decision_is_behind_damage;
use super::folders::Folders;
use super::{Admin, Served, Topic, TopicsConfig, log_config};
use crate::api::TopicPartition;
use crate::error::{Error, Result};
use crate::partition::LocalPartition;

/// How many brokers there are (stage 03 has more).
const BROKERS: u16 = 1;

/// Opens the folder. See [`Topics::open`](super::Topics::open).
pub(super) fn open(
    disk: Arc<dyn Disk>,
    config: &TopicsConfig,
    random: fastrand::Rng,
    now: Timestamp,
) -> Result<(Admin, Served)> {
    let folders = Folders::open(disk.clone(), &config.folder)?;
    no_decision_is_behind_damage(&*disk, &config.folder.join(CATALOGUE_LOG))?;
    let rules = CatalogueRules { brokers: BROKERS, max_partitions: config.max_partitions, log: config.log.clone() };
    let (catalogue, _) = folders.open_log(CATALOGUE_LOG, catalogue_config(), Catalogue::new(rules), now)?;
    if let Some(fault) = catalogue.fold().fault() {
        return Err(unreadable(&folders, fault.to_owned()));
    }
    let mut admin = Admin { folders, catalogue, random };
    finish_deletions(&mut admin, now);
    sweep(&admin)?;
    let served = serve(&admin, config, now)?;
    Ok((admin, served))
}

/// A decision that is lost is worse than one that takes a moment, and there are few: each is flushed. None grows old. As
/// they are few, a small index has room for all of a segment's.
fn catalogue_config() -> LogConfig {
    LogConfig {
        flush: Arc::new(EveryAppend),
        retention_ms: None,
        retention_bytes: None,
        segment_bytes: 16 << 20,
        segment_index_bytes: 64 << 10,
        ..LogConfig::default()
    }
}

fn unreadable(folders: &Folders, rule: String) -> Error {
    segment_log::Error::BadFile { file: folders.path().join(CATALOGUE_LOG), rule }.into()
}

/// Topics that were deleted, and whose folders were not all removed when the broker stopped.
fn finish_deletions(admin: &mut Admin, now: Timestamp) {
    let deleted = admin.catalogue.fold().iter().filter(|(_, record)| record.deleted);
    let deleted: Vec<_> = deleted.map(|(name, record)| (name.clone(), record.partitions)).collect();
    for (name, partitions) in deleted {
        tracing::warn!("removing what is left of the deleted topic {name}");
        admin.bury(&name, partitions, now);
    }
}

/// Looks for folders that no topic has. Those without a record were left by a crash, and go.
fn sweep(admin: &Admin) -> Result<()> {
    for at in admin.folders.partitions()? {
        let record = admin.catalogue.fold().get(&at.topic);
        if record.is_none_or(|record| at.partition >= record.partitions) {
            sweep_one(&admin.folders, &at);
        }
    }
    Ok(())
}

/// A folder that cannot be looked into or removed keeps no broker from its work. If a topic needs the name one day, it
/// will be told.
fn sweep_one(folders: &Folders, at: &TopicPartition) {
    match folders.is_blank(at) {
        Ok(true) => {
            tracing::warn!("removing the empty log {at}, which belongs to no topic");
            folders.try_remove(at);
        }
        Ok(false) => tracing::warn!("the log {at} belongs to no topic, and is left alone"),
        Err(error) => tracing::warn!("{at} belongs to no topic, and is left alone: {error}"),
    }
}

fn serve(admin: &Admin, config: &TopicsConfig, now: Timestamp) -> Result<Served> {
    let there = admin.folders.partitions()?;
    let mut served = Served::new();
    for (name, record) in admin.catalogue.fold().iter().filter(|(_, record)| !record.deleted) {
        let topic = open_topic(admin, config, name, record, &there, now)?;
        served.insert(name.clone(), Arc::new(topic));
    }
    Ok(served)
}

fn open_topic(
    admin: &Admin,
    config: &TopicsConfig,
    name: &Arc<str>,
    record: &TopicRecord,
    there: &BTreeSet<TopicPartition>,
    now: Timestamp,
) -> Result<Topic> {
    let log_config = log_config(&config.log, &record.configs)
        .map_err(|refusal| unreadable(&admin.folders, format!("the topic `{name}`: {}", refusal.message)))?;
    let mut partitions = Vec::with_capacity(record.partitions as usize);
    for number in 0..record.partitions {
        let at = TopicPartition::new(name.clone(), number);
        if !there.contains(&at) {
            // It was there when the topic was recorded, so somebody took it away.
            tracing::warn!("the log {at} is missing, and begins anew with nothing in it");
        }
        let (log, _) = admin.folders.open_log(&at.to_string(), log_config.clone(), (), now)?;
        partitions.push(Arc::new(LocalPartition::new(at, log)));
    }
    Ok(Topic { record: record.clone(), partitions })
}
