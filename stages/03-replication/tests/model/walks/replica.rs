//! A real replica, with its log and its checkpoint in a folder.

use std::sync::Arc;

use partitioning::api::{RecordBytes, TopicId};
use partitioning::{ErrorCode, Partition, Refusal, TopicPartition, Writer};
use replication::api::{AlterPartitionRequest, FetchFound, FollowerFetched, FollowerSeen, ReplicaRole};
use replication::epochs::LeaderEpochs;
use replication::leader::LeaderConfig;
use replication::records::PartitionRecord;
use replication::replica::{Ask, Copied, FollowerAsk, Following, Leading, Replica, ReplicaLog, ServedFound};
use replication::truncation::Truncation;
use segment_log::disk::RealDisk;
use segment_log::{BatchBuilder, Compression, LogConfig, LogDir, Offset, Record, Timestamp, batches};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::protocol::state::{Decision, Disk, Entry, Process, Role};

/// The time of day. It does not matter, and stands still.
const NOW: Timestamp = 1_700_000_000_000;
/// More than there is.
const ALL: usize = 1 << 20;

/// See the [module](self).
pub(super) struct Twin {
    id: i32,
    truncation: Truncation,
    began: Instant,
    dir: TempDir,
    /// `None` while it does not run.
    running: Option<Replica<()>>,
}

impl Twin {
    pub(super) fn new(id: i32, truncation: Truncation, began: Instant) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Twin { id, truncation, began, dir, running: None }
    }

    fn open(&self) -> ReplicaLog<()> {
        let folder = LogDir::open(Arc::new(RealDisk), self.dir.path()).expect("its folder");
        let (log, _) = folder
            .open_log::<(LeaderEpochs, ())>(&at().to_string(), LogConfig::default(), Default::default(), NOW)
            .expect("its log");
        log
    }

    pub(super) fn start(&mut self, high_watermark: Offset) {
        let (log, name) = (self.open(), (at(), TopicId(1)));
        let replica = Replica::new(name, self.id, log, high_watermark, self.truncation, self.began);
        self.running = Some(replica.expect("its checkpoint"));
    }

    /// Ends without closing anything. Of the log's records so many are left.
    pub(super) fn crash(&mut self, keep: usize) {
        self.running = None;
        self.open().truncate(keep as Offset, NOW).expect("the log is cut");
    }

    /// Its broker has failed in the model, and it must have refused its role. It is not asked any more.
    pub(super) fn fail(&mut self) {
        self.running = None;
    }

    fn replica(&self) -> &Replica<()> {
        self.running.as_ref().expect("it runs")
    }

    pub(super) fn append(&self, value: u8) {
        let mut batch = BatchBuilder::new(Compression::None);
        batch.push(&Record::new(NOW, None, vec![value]));
        let batch = batch.build().expect("nothing is compressed");
        self.replica().append(batch, Writer::Client, NOW).expect("it leads");
    }

    pub(super) fn serve(&self, replica: i32, broker_epoch: i64, ask: Ask) -> Result<FollowerFetched, Refusal> {
        let Some(running) = &self.running else {
            return Err(ErrorCode::NotLeaderOrFollower.because("it does not run"));
        };
        let Ask { leader_epoch, offset, last_epoch, .. } = ask;
        let asked = FollowerAsk {
            replica,
            broker_epoch,
            leader_epoch,
            offset,
            last_epoch,
            max_bytes: 1,
            min_one_batch: true,
            is_new: true,
        };
        let served = running.serve(asked)?;
        let found = match served.found {
            ServedFound::Records(slice) => FetchFound::Records(RecordBytes(slice.to_bytes()?)),
            ServedFound::Diverging(at) => FetchFound::Diverging(at),
            ServedFound::OutOfRange(end) => FetchFound::OutOfRange { end },
        };
        Ok(FollowerFetched { found, high_watermark: served.high_watermark, log_start: served.log_start })
    }

    /// Whether it took the answer.
    pub(super) fn copy(&self, asked: Ask, fetched: FollowerFetched) -> bool {
        let copied = self.running.as_ref().map(|replica| replica.copy(asked, fetched, NOW));
        matches!(copied, Some(Ok(Copied::Appended(_) | Copied::Truncated(_))))
    }

    pub(super) fn look_around(&self) {
        self.replica().look_around().expect("it is open");
    }

    pub(super) fn wish(&self) -> Option<AlterPartitionRequest> {
        self.replica().wish()
    }

    pub(super) fn answered(&self, asked: &AlterPartitionRequest, answer: Result<PartitionRecord, Option<ErrorCode>>) {
        self.replica().answered(asked, answer).expect("it is open");
    }

    pub(super) fn take_role(&mut self, told: &Decision, config: LeaderConfig) {
        let Some(replica) = &self.running else { return };
        let (record, eligible) = (told.record.clone(), told.eligible());
        let taken = match record.leader == Some(self.id) {
            true => replica.lead(Leading { record, eligible, config }),
            false => replica.follow(Following { leader: record.leader, epoch: record.leader_epoch }, NOW).map(drop),
        };
        if let Err(refusal) = taken {
            assert_eq!(refusal.code, ErrorCode::FencedLeaderEpoch, "{refusal}");
            self.running = None;
        }
    }

    /// Log, epochs, role and all that a leader knows must be as in the model.
    pub(super) fn must_be_as(&self, disk: &Disk, process: &Process, story: &str) {
        let id = self.id;
        let Some(replica) = &self.running else { panic!("replica {id} has failed:\n{story}") };
        let (described, inspected) = (replica.describe(), replica.inspect(0, ALL).expect("it is open"));
        let bytes = inspected.slice.to_bytes().expect("its log");
        assert_eq!((id, entries(&bytes)), (id, disk.log.clone()), "{story}");
        assert_eq!((id, &inspected.epochs), (id, &process.epochs), "{story}");
        let stands = (described.role, described.leader_epoch, described.high_watermark, described.end);
        let expected = (role(process), process.epoch(), process.high_watermark(), disk.end());
        assert_eq!((id, stands), (id, expected), "{story}");
    }
}

fn at() -> TopicPartition {
    TopicPartition::new("orders", 0)
}

fn role(process: &Process) -> ReplicaRole {
    match &process.role {
        Role::Waiting { .. } | Role::Failed { .. } => ReplicaRole::Waiting,
        Role::Follower { leader, .. } => ReplicaRole::Follower(*leader),
        Role::Leader(leader) => ReplicaRole::Leader {
            in_sync: leader.record().in_sync.clone(),
            pending: leader.pending().into_iter().flatten().copied().collect(),
            followers: leader.followers().iter().map(|(id, seen)| FollowerSeen { id: *id, end: seen.end() }).collect(),
        },
    }
}

/// What is in batches of one record.
pub(super) fn entries(bytes: &[u8]) -> Vec<Entry> {
    let entry = |batch: segment_log::BatchView<'_>| {
        let records = batch.records(ALL).expect("they open");
        let record = records.iter().next().expect("a record").expect("a whole one");
        Entry { epoch: batch.leader_epoch(), value: record.value.expect("a value")[0] }
    };
    batches(bytes).map(|batch| entry(batch.expect("whole batches"))).collect()
}
