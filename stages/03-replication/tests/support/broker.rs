//! A broker that has one replica, `orders-0`, in a data folder of its own; and what a network would carry between two of them.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::path::PathBuf;
use std::sync::Arc;

use partitioning::api::TopicId;
use partitioning::{Isolation, Partition, ReadRequest, Refusal, Writer};
use replication::api::ReplicaRole;
use replication::replica::{Ask, Copied, FollowerAsk, Following, Leading, Replica};
use replication::truncation::Truncation;
use segment_log::{Appended, LogConfig, LogDir, Offset};
use tokio::time::Instant;

use crate::messages::{MUCH, NOW, at, batch, leading, moved, small};
use crate::soft_disk::SoftDisk;

/// See the [module](self).
pub(crate) struct Broker {
    pub(crate) id: i32,
    /// The epoch of its registration.
    pub(crate) epoch: i64,
    pub(crate) truncation: Truncation,
    pub(crate) config: LogConfig,
    pub(crate) disk: Arc<SoftDisk>,
    folder: tempfile::TempDir,
    /// Both are there while it runs.
    dir: Option<LogDir>,
    replica: Option<Arc<Replica>>,
}

impl Broker {
    /// A broker with an empty replica, which truncates by leader epoch.
    pub(crate) fn new(id: i32) -> Self {
        Self::with(id, Truncation::ByLeaderEpoch, small())
    }

    pub(crate) fn with(id: i32, truncation: Truncation, config: LogConfig) -> Self {
        let folder = crate::scratch::folder();
        let (epoch, disk) = (i64::from(id) * 10, Arc::default());
        let mut broker = Broker { id, epoch, truncation, config, disk, folder, dir: None, replica: None };
        broker.start(0).expect("an empty folder opens");
        broker
    }

    /// Opens its folder and its log. The high watermark is what was written down.
    pub(crate) fn start(&mut self, high_watermark: Offset) -> Result<(), Refusal> {
        let dir = LogDir::open(self.disk.clone(), self.folder.path())?;
        let (log, _) = dir.open_log("orders-0", self.config.clone(), Default::default(), NOW)?;
        let replica = Replica::new((at(), TopicId(1)), self.id, log, high_watermark, self.truncation, Instant::now())?;
        (self.dir, self.replica) = (Some(dir), Some(Arc::new(replica)));
        Ok(())
    }

    /// Stops, in order or by dying, and gives the folder free. Nobody else may hold its replica.
    pub(crate) fn stop(&mut self, in_order: bool) {
        let replica = self.replica.take().expect("it runs");
        if in_order {
            replica.close().expect("it closes");
        }
        drop(Arc::into_inner(replica).expect("nobody else holds it"));
        let dir = self.dir.take().expect("it runs");
        if in_order {
            assert!(dir.close().expect("it closes"), "in order");
        }
    }

    /// Stops in order, and starts again with the high watermark that it knew.
    pub(crate) fn restart(&mut self) {
        let high_watermark = self.high_watermark();
        self.stop(true);
        self.start(high_watermark).expect("it starts again");
    }

    /// Dies and starts again, knowing that old high watermark.
    pub(crate) fn crash(&mut self, high_watermark: Offset) {
        self.stop(false);
        self.start(high_watermark).expect("it starts again");
    }

    /// While it is stopped: its last batches are gone that it had not flushed, up to so many, and half of one is left. Gives
    /// whether there were any.
    pub(crate) fn lose_power(&self, batches: usize, flushed: Offset) -> bool {
        let entries = std::fs::read_dir(self.file("")).expect("the log's folder is there");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let last = paths.filter(|path| path.extension().is_some_and(|suffix| suffix == "log")).max();
        let path = last.expect("a log has a segment");
        let bytes = std::fs::read(&path).expect("the segment can be read");
        let (mut position, mut places) = (0, Vec::new());
        for batch in segment_log::batches(&bytes) {
            let batch = batch.expect("a batch");
            if batch.base_offset() >= flushed {
                places.push(position);
            }
            position += batch.size();
        }
        let Some(&cut) = places.get(places.len().saturating_sub(batches)) else { return false };
        std::fs::write(&path, &bytes[..cut + 30]).expect("the segment can be written");
        true
    }

    pub(crate) fn dir(&self) -> &LogDir {
        self.dir.as_ref().expect("it runs")
    }

    pub(crate) fn replica(&self) -> &Arc<Replica> {
        self.replica.as_ref().expect("it runs")
    }

    /// A file of its log.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("orders-0").join(name)
    }

    /// The checkpoint of its epochs.
    pub(crate) fn checkpoint(&self) -> String {
        let path = self.file("leader-epoch-checkpoint");
        std::fs::read_to_string(path).unwrap_or_else(|error| format!("{error}"))
    }

    /// What a refusal says, without the part of its paths that differs from run to run.
    pub(crate) fn told(&self, refusal: &Refusal) -> String {
        format!("{:?}: {}", refusal.code, refusal.message.replace(&format!("{}/", self.folder.path().display()), ""))
    }

    /// Leads in this epoch, with these brokers in sync; the partition's change has the same number.
    #[track_caller]
    pub(crate) fn lead(&self, epoch: i32, in_sync: &[i32]) {
        self.try_lead(leading(self.id, epoch, epoch, in_sync)).expect("it leads");
    }

    pub(crate) fn try_lead(&self, told: Leading) -> Result<(), Refusal> {
        self.replica().lead(told)
    }

    /// Follows `leader` in this epoch. Gives where its log was cut, if it was.
    #[track_caller]
    pub(crate) fn follow(&self, leader: i32, epoch: i32) -> Option<Offset> {
        self.replica().follow(Following { leader: Some(leader), epoch }, NOW).expect("it follows")
    }

    /// Appends a batch with these values, as the leader.
    #[track_caller]
    pub(crate) fn append(&self, values: &[&str]) -> Appended {
        self.try_append(values).expect("it is appended")
    }

    pub(crate) fn try_append(&self, values: &[&str]) -> Result<Appended, Refusal> {
        self.replica().append(batch(values), Writer::Client, NOW)
    }

    /// What it would ask its leader.
    pub(crate) fn question(&self, ask: &Ask) -> FollowerAsk {
        FollowerAsk {
            replica: self.id,
            broker_epoch: self.epoch,
            leader_epoch: ask.leader_epoch,
            offset: ask.offset,
            last_epoch: ask.last_epoch,
            max_bytes: MUCH,
            min_one_batch: true,
            is_new: true,
        }
    }

    /// Asks `leader` once, and does what it answers.
    pub(crate) fn copy_from(&self, leader: &Broker) -> Result<Copied, Refusal> {
        let ask = self.replica().ask().expect("it follows somebody");
        let served = leader.replica().serve(self.question(&ask))?;
        self.replica().copy(ask, moved(served), NOW)
    }

    /// Asks `leader` until there is nothing more to copy, and once more, so that the leader knows.
    #[track_caller]
    pub(crate) fn catch_up(&self, leader: &Broker) {
        for _ in 0..100 {
            if self.copy_from(leader).expect("it copies") == Copied::Appended(0) {
                return;
            }
        }
        panic!("it copies for ever");
    }

    pub(crate) fn high_watermark(&self) -> Offset {
        self.replica().high_watermark().expect("it is open")
    }

    /// Log start, high watermark and end.
    pub(crate) fn offsets(&self) -> (Offset, Offset, Offset) {
        let state = self.replica().describe();
        (state.log_start, state.high_watermark, state.end)
    }

    pub(crate) fn role(&self) -> ReplicaRole {
        self.replica().describe().role
    }

    /// Its records as they are on its disk: `0:a@1` is the value `a` at offset 0, of epoch 1.
    pub(crate) fn records(&self) -> String {
        let records = self.listed().into_iter();
        let said: Vec<_> = records.map(|(offset, value, epoch)| format!("{offset}:{value}@{epoch}")).collect();
        said.join(" ")
    }

    /// Its records from its log's start on: offset, value, epoch.
    pub(crate) fn listed(&self) -> Vec<(Offset, String, i32)> {
        let (start, _, _) = self.offsets();
        let entries = std::fs::read_dir(self.file("")).expect("the log's folder is there");
        let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
        files.retain(|path| path.extension().is_some_and(|suffix| suffix == "log"));
        files.sort();
        let mut records = Vec::new();
        for path in files {
            let bytes = std::fs::read(path).expect("the segment can be read");
            for batch in segment_log::batches(&bytes) {
                let batch = batch.expect("a batch");
                for record in batch.records(MUCH).expect("it opens").iter() {
                    let record = record.expect("a record");
                    let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
                    records.push((record.offset, value, batch.leader_epoch()));
                }
            }
        }
        records.retain(|(offset, ..)| *offset >= start);
        records
    }

    /// What a consumer gets from `from` on, as values.
    pub(crate) fn consume(&self, from: Offset) -> Result<Vec<String>, Refusal> {
        let read = self
            .replica()
            .read(ReadRequest { from, max_bytes: MUCH, min_one_batch: true }, Isolation::HighWatermark)?;
        let bytes = read.slice.to_bytes()?;
        let mut values = Vec::new();
        for batch in segment_log::batches(&bytes) {
            for record in batch.expect("a batch").records(MUCH).expect("it opens").iter() {
                let record = record.expect("a record");
                values.push(String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned());
            }
        }
        Ok(values)
    }
}
