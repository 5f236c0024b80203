//! What the tests of topics share: a data folder, a host above it, topics, batches.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use partitioning::api::{NewTopic, RecordBytes, TopicPartition};
use partitioning::net::Tcp;
use partitioning::{Clock, ErrorCode, Host, Partitions, Refusal, Result, Topics, TopicsConfig, Workers, Writer};
use segment_log::{Batch, BatchBuilder, Compression, LogConfig, Offset, Record, Timestamp};

use crate::touchy_disk::TouchyDisk;

/// The time at which each test begins, in milliseconds since 1970.
pub(crate) const BEGIN: Timestamp = 1_700_000_000_000;

/// A producer of ours.
pub(crate) const CLIENT: Writer = Writer::Client;

/// A data folder of its own, a clock that a test sets, and a disk that a test can upset.
pub(crate) struct Data {
    dir: tempfile::TempDir,
    pub(crate) disk: Arc<TouchyDisk>,
    time: Arc<AtomicI64>,
}

impl Data {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        Data { dir, disk: Arc::default(), time: Arc::new(AtomicI64::new(BEGIN)) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn host(&self) -> Host {
        let time = self.time.clone();
        Host {
            net: Arc::new(Tcp),
            disk: self.disk.clone(),
            clock: Clock::from_fn(move || time.load(Ordering::SeqCst)),
            workers: Workers::Inline,
        }
    }

    /// Sets the clock to so many milliseconds after [`BEGIN`].
    pub(crate) fn set_time(&self, after: Timestamp) -> Timestamp {
        self.time.store(BEGIN + after, Ordering::SeqCst);
        BEGIN + after
    }

    /// The usual settings: small segments, node 7.
    pub(crate) fn config(&self) -> TopicsConfig {
        let log = LogConfig { segment_bytes: 1 << 16, segment_index_bytes: 1 << 10, ..LogConfig::default() };
        TopicsConfig { node_id: 7, log, ..TopicsConfig::new(self.path()) }
    }

    pub(crate) fn try_open(&self, config: TopicsConfig) -> Result<Topics> {
        Topics::open(&self.host(), config, fastrand::Rng::with_seed(1))
    }

    pub(crate) fn open(&self) -> Topics {
        self.try_open(self.config()).expect("the data folder opens")
    }

    /// The partitions' folders that are there, in order.
    pub(crate) fn folders(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("the data folder is there");
        let entries = entries.map(|entry| entry.expect("an entry")).filter(|entry| entry.path().is_dir());
        let names = entries.map(|entry| entry.file_name().into_string().expect("our names are text"));
        let mut names: Vec<_> = names.filter(|name| name != "__cluster_metadata-0").collect();
        names.sort();
        names
    }

    /// A file of a partition.
    pub(crate) fn segment(&self, folder: &str) -> PathBuf {
        self.path().join(folder).join("00000000000000000000.log")
    }

    /// What an error says, without the part of its path that differs from run to run.
    pub(crate) fn told(&self, error: impl std::fmt::Display) -> String {
        error.to_string().replace(&format!("{}/", self.path().display()), "")
    }
}

/// A topic with so many partitions, and the defaults for all else.
pub(crate) fn topic(name: &str, partitions: u32) -> NewTopic {
    NewTopic { name: name.into(), partitions: Some(partitions), replication_factor: None, configs: BTreeMap::default() }
}

pub(crate) fn with_configs(new: NewTopic, configs: &[(&str, &str)]) -> NewTopic {
    let configs = configs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    NewTopic { configs, ..new }
}

pub(crate) fn at(topic: &str, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

/// A batch with these values.
pub(crate) fn batch(values: &[&str]) -> Batch {
    batch_at(BEGIN, values)
}

pub(crate) fn batch_at(time: Timestamp, values: &[&str]) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    for &value in values {
        batch.push(&Record::new(time, None, value.to_owned()));
    }
    batch.build().expect("nothing is compressed")
}

pub(crate) fn bytes(batch: Batch) -> RecordBytes {
    batch.into_bytes().into()
}

/// The values in batches, from `from` on.
pub(crate) fn values(bytes: &[u8], from: Offset) -> Vec<String> {
    let mut values = Vec::new();
    for batch in segment_log::batches(bytes) {
        let batch = batch.expect("whole batches");
        batch.verify().expect("as they were written");
        let records = batch.records(1 << 20).expect("they open");
        for record in records.iter().map(|record| record.expect("a record")) {
            if record.offset >= from {
                values.push(String::from_utf8_lossy(record.value.expect("a value")).into_owned());
            }
        }
    }
    values
}

/// Appends a batch of one value, and gives its offset.
pub(crate) fn append(topics: &Topics, at: &TopicPartition, value: &str) -> Result<Offset, Refusal> {
    let appended = topics.find(at)?.append(batch(&[value]), CLIENT, BEGIN)?;
    Ok(appended.base_offset)
}

/// All values of a partition.
pub(crate) fn read_all(topics: &Topics, at: &TopicPartition) -> Result<Vec<String>, Refusal> {
    let partition = topics.find(at)?;
    let (mut from, mut all) = (partition.offsets().log_start, Vec::new());
    while from < partition.offsets().high_watermark {
        let request = partitioning::ReadRequest { from, max_bytes: 1 << 20, min_one_batch: true };
        let bytes = partition.read(request, partitioning::Isolation::HighWatermark)?.slice.to_bytes()?;
        all.extend(values(&bytes, from));
        let last = segment_log::batches(&bytes).last().expect("a batch").expect("a whole one");
        from = last.next_offset();
    }
    Ok(all)
}

/// Names and numbers of partitions of all topics.
pub(crate) fn all_topics(topics: &Topics) -> Vec<(String, usize)> {
    let described = topics.describe(None).into_iter();
    described.map(|(name, topic)| (name, topic.expect("it is there").partitions.len())).collect()
}

/// A refusal's code and sentence.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(code: ErrorCode, sentence: &str, found: Result<T, Refusal>) {
    let refusal = found.expect_err("it is refused");
    assert_eq!((refusal.message.as_str(), refusal.code), (sentence, code));
}
