//! What is written and read, and where.

use std::fs;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use contest::{Outcome, Scratch};
use segment_log::disk::RealDisk;
use segment_log::{Batch, BatchBuilder, Compression, Log, LogConfig, LogDir, Origin, Record};

pub(super) const MIB: u64 = 1 << 20;
/// The time of all records and appends.
pub(super) const NOW: i64 = 1_700_000_000_000;

/// An empty log, in a folder of its own.
pub(super) fn log(place: &Scratch, config: LogConfig) -> Outcome<OpenLog> {
    let dir = LogDir::open(Arc::new(RealDisk), place.fresh())?;
    let (log, _) = dir.open_log("log-0", config, (), NOW)?;
    Ok(OpenLog { log: Some(log), dir })
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
