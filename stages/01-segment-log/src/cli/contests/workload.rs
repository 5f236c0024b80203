//! What is written and read, and where.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use segment_log::disk::RealDisk;
use segment_log::{Batch, BatchBuilder, Compression, Log, LogConfig, LogDir, Origin, Record};

use super::Outcome;

pub(super) const MIB: u64 = 1 << 20;
/// The time of all records and appends.
pub(super) const NOW: i64 = 1_700_000_000_000;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// Everything is divided by this.
    part: u64,
    most_rounds: usize,
}

impl Scale {
    pub(super) const FULL: Scale = Scale { part: 1, most_rounds: usize::MAX };
    /// For tests.
    pub(super) const QUICK: Scale = Scale { part: 1024, most_rounds: 1 };

    pub(super) fn bytes(&self, full: u64) -> u64 {
        (full / self.part).max(64 << 10)
    }

    pub(super) fn count(&self, full: u64) -> u64 {
        (full / self.part).max(10)
    }

    pub(super) fn rounds(&self, full: usize) -> usize {
        full.min(self.most_rounds)
    }
}

/// A folder for the files. It goes when this is dropped.
pub(super) struct Place {
    dir: PathBuf,
    next: Cell<u32>,
}

impl Place {
    pub(super) fn below(parent: &Path) -> Outcome<Self> {
        let dir = parent.join(format!("segment-log-bench-{}", std::process::id()));
        fs::create_dir(&dir).map_err(|error| format!("cannot create {}: {error}", dir.display()))?;
        Ok(Place { dir, next: Cell::new(0) })
    }

    /// A path that was not given before.
    pub(super) fn fresh(&self) -> PathBuf {
        self.next.set(self.next.get() + 1);
        self.dir.join(self.next.get().to_string())
    }

    /// An empty log.
    pub(super) fn log(&self, config: LogConfig) -> Outcome<OpenLog> {
        let dir = LogDir::open(Arc::new(RealDisk), self.fresh())?;
        let (log, _) = dir.open_log("log-0", config, (), NOW)?;
        Ok(OpenLog { log: Some(log), dir })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // If something stays, its name says whose it is.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A log whose files go with it, so that what was written need not reach the disk.
pub(super) struct OpenLog {
    log: Option<Log>,
    dir: LogDir,
}

impl std::ops::Deref for OpenLog {
    type Target = Log;

    fn deref(&self) -> &Log {
        self.log.as_ref().expect("it is there until the drop")
    }
}

impl std::ops::DerefMut for OpenLog {
    fn deref_mut(&mut self) -> &mut Log {
        self.log.as_mut().expect("it is there until the drop")
    }
}

impl Drop for OpenLog {
    fn drop(&mut self) {
        self.log = None;
        let _ = fs::remove_dir_all(self.dir.path());
    }
}

/// One segment, however much is appended.
pub(super) fn one_segment() -> LogConfig {
    LogConfig { segment_bytes: i32::MAX as u32, retention_ms: None, ..LogConfig::default() }
}

/// Appends bytes as they come from a producer: nothing about them is believed.
pub(super) fn append(log: &mut Log, bytes: BytesMut) -> Outcome<()> {
    log.append(Batch::from_bytes(bytes)?, Origin::Client { leader_epoch: 0 }, NOW)?;
    Ok(())
}

/// A batch of `records` records, each with a value of `size` bytes that do not compress.
pub(super) fn batch(records: u64, size: usize) -> Outcome<Bytes> {
    let mut random = Random(7);
    let mut builder = BatchBuilder::new(Compression::None);
    for _ in 0..records {
        let value: Vec<u8> = (0..size).map(|_| random.next() as u8).collect();
        builder.push(&Record::new(NOW, "key-0001", value));
    }
    Ok(builder.build()?.into_bytes().freeze())
}

/// Records that look like a shop's events.
pub(super) fn events(count: u64) -> Vec<Record> {
    const ACTIONS: [&str; 5] = ["viewed", "put into the basket", "removed", "paid for", "sent back"];
    let mut random = Random(11);
    let event = |number| {
        let (user, item, cents) = (random.next() % 5000, random.next() % 800, random.next() % 10_000);
        let action = ACTIONS[random.next() as usize % ACTIONS.len()];
        let value = format!(
            r#"{{"user":"user-{user}","action":"{action}","item":"article-{item}","cents":{cents},"at":{}}}"#,
            NOW + number
        );
        Record::new(NOW + number, format!("user-{user}").as_str(), value)
    };
    (0..count as i64).map(event).collect()
}

/// A linear congruential generator with Knuth's constants: the same numbers on every machine.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits repeat soon.
        self.0 >> 33
    }
}
