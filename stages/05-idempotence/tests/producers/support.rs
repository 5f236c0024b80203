//! A log that knows its producers, on a real disk.

use std::sync::Arc;

use idempotence::producers::{Producers, ProducersConfig};
use partitioning::Refusal;
use segment_log::disk::RealDisk;
use segment_log::{
    Appended, Batch, BatchBuilder, Compression, Log, LogConfig, LogDir, Offset, Origin, Record, Recovery, Timestamp,
};
use tempfile::TempDir;

pub(crate) const NOW: Timestamp = 1_700_000_000_000;

pub(crate) const LEADER: Origin = Origin::Client { leader_epoch: 0 };

/// A batch of `count` records, the first of which has number `first`.
pub(crate) fn batch(producer: i64, epoch: i16, first: i32, count: usize) -> Batch {
    let mut builder = BatchBuilder::new(Compression::None).producer(producer, epoch, first);
    for _ in 0..count {
        builder.push(&Record::new(NOW, "key", "a value"));
    }
    builder.build().expect("nothing is compressed")
}

/// A folder with one log in it.
pub(crate) struct Kept {
    folder: TempDir,
    config: LogConfig,
    producers: ProducersConfig,
    dir: Option<LogDir>,
    log: Option<Log<Producers>>,
}

impl Kept {
    pub(crate) fn new(config: LogConfig, producers: ProducersConfig) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut kept = Kept { folder, config, producers, dir: None, log: None };
        kept.open();
        kept
    }

    /// Segments that hold a few batches.
    pub(crate) fn small() -> Self {
        let config = LogConfig { segment_bytes: 300, segment_index_bytes: 1 << 10, ..LogConfig::default() };
        Self::new(config, ProducersConfig::default())
    }

    pub(crate) fn open(&mut self) -> Recovery {
        let dir = LogDir::open(Arc::new(RealDisk), self.folder.path()).expect("the folder opens");
        let (log, recovery) =
            dir.open_log("orders-0", self.config.clone(), Producers::new(self.producers), NOW).expect("the log opens");
        (self.dir, self.log) = (Some(dir), Some(log));
        recovery
    }

    /// Its process dies.
    pub(crate) fn crash(&mut self) -> Recovery {
        (self.log, self.dir) = (None, None);
        self.open()
    }

    /// It stops in order, and starts again.
    pub(crate) fn restart(&mut self) -> Recovery {
        self.log.take().expect("it is open").close().expect("the log closes");
        self.dir.take().expect("it is open").close().expect("the folder closes");
        self.open()
    }

    pub(crate) fn log(&mut self) -> &mut Log<Producers> {
        self.log.as_mut().expect("it is open")
    }

    pub(crate) fn producers(&self) -> &Producers {
        self.log.as_ref().expect("it is open").fold()
    }

    pub(crate) fn append(&mut self, batch: Batch) -> Result<Appended, Refusal> {
        Ok(self.log().append(batch, LEADER, NOW)?)
    }

    #[track_caller]
    pub(crate) fn write(&mut self, producer: i64, epoch: i16, first: i32, count: usize) -> Offset {
        self.append(batch(producer, epoch, first, count)).expect("it is written").base_offset
    }

    /// The code and the sentence of the no.
    #[track_caller]
    pub(crate) fn refused(&mut self, producer: i64, epoch: i16, first: i32, count: usize) -> String {
        let end = self.log().end();
        let refusal = self.append(batch(producer, epoch, first, count)).expect_err("it is refused");
        assert_eq!(self.log().end(), end, "what is refused is not written");
        refusal.to_string()
    }

    /// What is known of each producer: its epoch, and the batches as `first-last@offset`.
    pub(crate) fn known(&self) -> String {
        let one = |(id, producer): (i64, &idempotence::producers::Producer)| {
            let seen =
                producer.remembered().map(|seen| format!("{}-{}@{}", seen.first, seen.last, seen.at.base_offset));
            format!("p{id} e{}: {}", producer.epoch(), seen.collect::<Vec<_>>().join(" "))
        };
        self.producers().iter().map(one).collect::<Vec<_>>().join("; ")
    }
}
