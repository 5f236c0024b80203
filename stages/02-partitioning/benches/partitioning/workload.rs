//! What is sent.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use contest::Outcome;
use segment_log::disk::RealDisk;
use segment_log::{Batch, BatchBuilder, Compression, Log, LogDir, Origin, Record, Timestamp};

use crate::bed::one_segment;

pub(crate) const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;
/// The time of all records.
const NOW: Timestamp = 1_700_000_000_000;
/// The key of all records.
const KEY: &str = "key-0001";

/// A size of record, and a size of batch.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// `records of 100 B in batches of 16 KiB`.
    pub(crate) title: &'static str,
    /// The value of each record: bytes that do not compress.
    pub(crate) value: Bytes,
    /// `batch.size`.
    pub(crate) batch_size: usize,
    /// A batch that is as full as it can be.
    pub(crate) batch: Bytes,
    /// Records in it.
    pub(crate) records: u64,
}

impl Load {
    pub(crate) fn all() -> Outcome<[Load; 4]> {
        Ok([
            Load::new("records of 100 B in batches of 16 KiB", 100, 16 * KIB)?,
            Load::new("records of 100 B in batches of 1 MiB", 100, MIB)?,
            Load::new("records of 1 KiB in batches of 16 KiB", KIB, 16 * KIB)?,
            Load::new("records of 1 KiB in batches of 1 MiB", KIB, MIB)?,
        ])
    }

    fn new(title: &'static str, value: usize, batch_size: usize) -> Outcome<Self> {
        let mut random = fastrand::Rng::with_seed(7);
        let value: Bytes = std::iter::repeat_with(|| random.u8(..)).take(value).collect();
        let record = Record::new(NOW, KEY, value.clone());
        let mut builder = BatchBuilder::new(Compression::None);
        while builder.size_with(&record) <= batch_size {
            builder.push(&record);
        }
        let records = builder.len() as u64;
        Ok(Load { title, value, batch_size, batch: builder.build()?.into_bytes().freeze(), records })
    }

    /// How many batches have at least so many bytes.
    pub(crate) fn batches(&self, bytes: u64) -> u64 {
        bytes.div_ceil(self.batch.len() as u64)
    }

    /// The bytes of so many batches.
    pub(crate) fn bytes(&self, batches: u64) -> u64 {
        batches * self.batch.len() as u64
    }
}

/// A log with no broker before it. Its files go with it.
pub(crate) struct PlainLog {
    log: Option<Log>,
    dir: LogDir,
}

impl PlainLog {
    /// An empty one in a folder that is not there yet.
    pub(crate) fn create(folder: PathBuf) -> Outcome<Self> {
        let dir = LogDir::open(Arc::new(RealDisk), folder)?;
        let (log, _) = dir.open_log("log-0", one_segment(), (), NOW)?;
        Ok(PlainLog { log: Some(log), dir })
    }

    /// Appends bytes as they come from a producer.
    pub(crate) fn append(&mut self, bytes: BytesMut) -> Outcome<()> {
        let log = self.log.as_mut().expect("it is there until the drop");
        log.append(Batch::from_bytes(bytes)?, Origin::Client { leader_epoch: 0 }, NOW)?;
        Ok(())
    }
}

impl std::ops::Deref for PlainLog {
    type Target = Log;

    fn deref(&self) -> &Log {
        self.log.as_ref().expect("it is there until the drop")
    }
}

impl Drop for PlainLog {
    fn drop(&mut self) {
        self.log = None;
        // If something stays, the scratch folder takes it along.
        let _ = std::fs::remove_dir_all(self.dir.path());
    }
}

/// Something that happened in a shop.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Who did it.
    pub(crate) key: String,
    /// JSON, which says the same names again and again.
    pub(crate) value: Bytes,
}

/// The same events on every machine.
pub(crate) fn events(count: u64) -> Vec<Event> {
    const ACTIONS: [&str; 5] = ["viewed", "put into the basket", "removed", "paid for", "sent back"];
    let mut random = fastrand::Rng::with_seed(11);
    let event = |number: u64| {
        let (user, item, cents) = (random.u32(..5_000), random.u32(..800), random.u32(..10_000));
        let (action, at) = (ACTIONS[random.usize(..ACTIONS.len())], NOW + number as i64);
        let value = format!(
            r#"{{"user":"user-{user}","action":"{action}","item":"article-{item}","cents":{cents},"at":{at}}}"#
        );
        Event { key: format!("user-{user}"), value: value.into() }
    };
    (0..count).map(event).collect()
}
