//! What the judging tests share: batches of a known size, bytes made by hand, fixtures, data folders.
//!
//! The batches here are padded to round sizes, so that a failure speaks of positions 0, 100, 200 and not of 0, 93, 187.
#![allow(dead_code, reason = "each test program uses a part of this module")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use segment_log::batch::{FIELDS, HEADER_LEN};
use segment_log::{
    Batch, BatchBuilder, Compression, KeyCounts, Log, LogConfig, LogDir, Offset, Origin, Record, Recovery,
};
use story::judge::Field;

use crate::judging_disk::WatchedDisk;

/// The folder of the course: the one that holds `stages` and `tests/fixtures`. A learner's copy of the stage lies deeper
/// than the stage itself, so we walk up.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_root = |folder: &&Path| folder.join("stages").is_dir() && folder.join("tests/fixtures").is_dir();
    here.ancestors().find(is_root).expect("the stage lies inside the course")
}

/// A file of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = root().join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fields of a batch, for [`story::judge::bytes`]: the header's, then the records.
pub(crate) fn batch_fields(size: usize) -> Vec<Field<'static>> {
    let header = FIELDS.into_iter().map(|(name, range)| Field::new(name, range));
    header.chain([Field::new("records", HEADER_LEN..size)]).collect()
}

/// A batch whose records are given as bytes, with a checksum that holds. No line of the stage's encoder has part in it.
pub(crate) fn raw_batch(count: i32, records: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_LEN];
    let mut field = |name: &str, value: &[u8]| {
        let (_, range) = FIELDS.into_iter().find(|(known, _)| *known == name).expect("the field's name");
        bytes[range].copy_from_slice(value);
    };
    field("batch_length", &((HEADER_LEN - 12 + records.len()) as i32).to_be_bytes());
    field("partition_leader_epoch", &(-1i32).to_be_bytes());
    field("magic", &[2]);
    field("last_offset_delta", &(count - 1).to_be_bytes());
    field("base_timestamp", &1_000i64.to_be_bytes());
    field("max_timestamp", &1_000i64.to_be_bytes());
    field("producer_id", &(-1i64).to_be_bytes());
    field("producer_epoch", &(-1i16).to_be_bytes());
    field("base_sequence", &(-1i32).to_be_bytes());
    field("records_count", &count.to_be_bytes());
    bytes.extend_from_slice(records);
    let crc = crc32c::crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// A batch of `records` records and exactly `bytes` bytes, at `base`. All keys are `k`, all timestamps `time`.
pub(crate) fn sized(base: Offset, records: usize, bytes: usize, time: i64) -> Batch {
    let make = |padding: usize| {
        let mut builder = BatchBuilder::new(Compression::None).place(base, 0);
        for index in 0..records {
            let length = if index + 1 == records { padding } else { 1 };
            builder.push(&Record::new(time, "k", "v".repeat(length)));
        }
        builder.build().expect("nothing is compressed")
    };
    let size = |batch: &Batch| batch.view().size();
    let padding = 1 + bytes.saturating_sub(size(&make(1)));
    // A long value's length takes a byte or two more.
    let fitting = (0..=4).map(|less| make(padding.saturating_sub(less))).find(|batch| size(batch) == bytes);
    fitting.unwrap_or_else(|| panic!("{records} records do not make a batch of {bytes} bytes"))
}

/// The usual batch: three records, 100 bytes.
pub(crate) fn three(base: Offset) -> Batch {
    sized(base, 3, 100, 1_000 + base)
}

/// A producer of ours.
pub(crate) const CLIENT: Origin = Origin::Client { leader_epoch: 0 };

/// Small segments: three of the usual batches fill one, and each but the first gets an index entry.
pub(crate) fn small() -> LogConfig {
    LogConfig {
        segment_bytes: 300,
        index_interval_bytes: 50,
        segment_index_bytes: 600,
        retention_ms: None,
        ..LogConfig::default()
    }
}

/// A data folder of its own, on a disk that notes what is done to it.
pub(crate) struct Folder {
    dir: tempfile::TempDir,
    /// The disk below it.
    pub(crate) disk: Arc<WatchedDisk>,
}

/// An open log with its folder.
pub(crate) struct Open {
    /// The log `log-0`.
    pub(crate) log: Log<KeyCounts>,
    /// What opening it found.
    pub(crate) recovery: Recovery,
    /// The folder it is in.
    pub(crate) dir: LogDir,
}

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Folder { dir: tempfile::tempdir().expect("a temporary folder"), disk: Arc::new(WatchedDisk::default()) }
    }

    /// The data folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file of the log `log-0`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join("log-0").join(name)
    }

    /// The `.log` file of the segment that begins at `base`.
    pub(crate) fn segment(&self, base: Offset) -> PathBuf {
        self.file(&format!("{base:020}.log"))
    }

    /// What an error says, without the part of its path that differs from run to run.
    pub(crate) fn told(&self, error: &segment_log::Error) -> String {
        error.to_string().replace(&format!("{}/", self.path().display()), "")
    }

    /// Opens the log `log-0`; the time is 0.
    pub(crate) fn try_open(&self, config: LogConfig) -> segment_log::Result<Open> {
        let dir = LogDir::open(self.disk.clone(), self.path())?;
        let (log, recovery) = dir.open_log("log-0", config, KeyCounts::default(), 0)?;
        Ok(Open { log, recovery, dir })
    }

    /// Opens the log `log-0`, which must succeed.
    #[track_caller]
    pub(crate) fn open(&self, config: LogConfig) -> Open {
        self.try_open(config).unwrap_or_else(|error| panic!("the log does not open: {error}"))
    }

    /// Opens the log `log-0` and appends the usual batch so many times.
    #[track_caller]
    pub(crate) fn with_batches(&self, count: usize) -> Open {
        let mut open = self.open(small());
        for _ in 0..count {
            open.append();
        }
        open
    }

    /// Changes the bytes of a segment's file.
    pub(crate) fn damage(&self, base: Offset, change: impl FnOnce(&mut Vec<u8>)) {
        let path = self.segment(base);
        let mut bytes = std::fs::read(&path).expect("the segment is there");
        change(&mut bytes);
        std::fs::write(&path, bytes).expect("the segment can be written");
    }
}

impl Open {
    /// Appends the usual batch: three records, 100 bytes.
    #[track_caller]
    pub(crate) fn append(&mut self) {
        let time = self.log.end().saturating_add(1_000);
        self.log.append(sized(0, 3, 100, time), CLIENT, time).expect("the batch is appended");
    }

    /// The first and the last offset of every batch from the log's start on.
    #[track_caller]
    pub(crate) fn batches(&self) -> Vec<(Offset, Offset)> {
        let batches = self.log.batches(self.log.log_start());
        let places = batches.map(|batch| batch.map(|batch| (batch.view().base_offset(), batch.view().last_offset())));
        places.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("the log cannot be read: {error}"))
    }

    /// How many records the fold has counted.
    pub(crate) fn counted(&self) -> u64 {
        self.log.fold().iter().map(|(_, count)| count).sum()
    }

    /// The base offsets of the segments.
    pub(crate) fn segments(&self) -> Vec<Offset> {
        self.log.segments().map(|segment| segment.base_offset()).collect()
    }

    /// Closes everything in order.
    #[track_caller]
    pub(crate) fn close(self) {
        self.log.close().expect("the log is closed");
        assert!(self.dir.close().expect("the folder is closed"), "the folder is marked as clean");
    }
}
