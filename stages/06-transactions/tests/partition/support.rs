//! A log that knows transactions, on a real disk.

use std::sync::Arc;

use partitioning::Refusal;
use partitioning::TopicPartition;
use partitioning::api::Aborted;
use partitioning::consumer::answer::Answer;
use segment_log::control::{Marker, Outcome};
use segment_log::disk::RealDisk;
use segment_log::{Appended, Batch, BatchBuilder, Compression, Fold, Log, LogConfig, LogDir, Offset, Origin, Record};
use tempfile::TempDir;
use transactions::coordinator::Epochs;
use transactions::partition::{Ticket, Transactions, TransactionsConfig, Verification};

pub(crate) const NOW: i64 = 1_700_000_000_000;

pub(crate) struct Kept {
    folder: TempDir,
    config: TransactionsConfig,
    open: Option<(LogDir, Log<Transactions>)>,
    /// How far the log is committed.
    pub(crate) high_watermark: Offset,
}

impl Kept {
    /// First records are let in without a question.
    pub(crate) fn new() -> Self {
        Self::with(Verification::Off, Epochs::OfTransaction)
    }

    pub(crate) fn with(verification: Verification, epochs: Epochs) -> Self {
        let config = TransactionsConfig { verification, epochs, ..TransactionsConfig::default() };
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let mut kept = Kept { folder, config, open: None, high_watermark: 0 };
        kept.start();
        kept
    }

    fn start(&mut self) {
        let config = LogConfig {
            segment_bytes: 500,
            segment_index_bytes: 1 << 10,
            index_interval_bytes: 150,
            retention_ms: None,
            ..LogConfig::default()
        };
        let dir = LogDir::open(Arc::new(RealDisk), self.folder.path()).expect("the folder opens");
        let (log, _) = dir.open_log("orders-0", config, Transactions::new(self.config), NOW).expect("the log opens");
        self.open = Some((dir, log));
        self.commit(self.high_watermark);
    }

    /// Its process dies.
    pub(crate) fn crash(&mut self) {
        self.open = None;
        self.start();
    }

    /// It stops in order, and starts again.
    pub(crate) fn restart(&mut self) {
        let (dir, log) = self.open.take().expect("it is open");
        log.close().expect("the log closes");
        dir.close().expect("the folder closes");
        self.start();
    }

    pub(crate) fn log(&mut self) -> &mut Log<Transactions> {
        &mut self.open.as_mut().expect("it is open").1
    }

    pub(crate) fn fold(&self) -> &Transactions {
        self.open.as_ref().expect("it is open").1.fold()
    }

    pub(crate) fn ticket(&mut self, producer: i64, epoch: i16) -> Result<Option<Ticket>, Refusal> {
        self.log().fold_mut().ticket(producer, epoch)
    }

    /// All that counts has the log up to there.
    pub(crate) fn commit(&mut self, high_watermark: Offset) {
        self.high_watermark = high_watermark;
        self.log().fold_mut().committed(high_watermark);
    }

    pub(crate) fn last_stable(&self) -> Offset {
        self.fold().unstable().map_or(self.high_watermark, |unstable| unstable.min(self.high_watermark))
    }

    pub(crate) fn append(&mut self, batch: Batch, origin: Origin) -> Result<Appended, Refusal> {
        Ok(self.log().append(batch, origin, NOW)?)
    }

    /// A record of a transaction, or of none.
    pub(crate) fn data(
        &mut self,
        producer: i64,
        epoch: i16,
        sequence: i32,
        in_transaction: bool,
    ) -> Result<Appended, Refusal> {
        self.append(data(producer, epoch, sequence, in_transaction), Origin::Client { leader_epoch: 0 })
    }

    pub(crate) fn marker(
        &mut self,
        producer: i64,
        epoch: i16,
        outcome: Outcome,
        coordinator: i32,
    ) -> Result<Appended, Refusal> {
        let marker = Marker { outcome, coordinator_epoch: coordinator };
        let batch = BatchBuilder::control(marker, producer, epoch, NOW).build().expect("nothing is compressed");
        self.append(batch, Origin::Coordinator { leader_epoch: 0 })
    }

    /// The offsets of the records that a reader of committed ones is given, in reads of at most so many bytes.
    pub(crate) fn read_committed(&mut self, from: Offset, max_bytes: usize) -> Vec<Offset> {
        let until = self.last_stable();
        let (mut next, mut seen) = (from, Vec::new());
        while next < until {
            let read = self.log().read_committed(next, until, max_bytes).expect("it reads");
            let aborted: Vec<Aborted> = read.aborted.iter().map(Aborted::from).collect();
            let bytes = read.slice.to_bytes().expect("the bytes are there");
            let at = TopicPartition::new("orders", 0);
            let answer = Answer::new(at, next, until, bytes).expect("a read gives a whole batch");
            let (mut answer, mut records) = (answer.without(aborted), Vec::new());
            answer.take(usize::MAX, true, &mut records).expect("the batches hold");
            seen.extend(records.iter().map(|record| record.offset));
            next = answer.next();
        }
        seen
    }
}

pub(crate) fn data(producer: i64, epoch: i16, sequence: i32, in_transaction: bool) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None).producer(producer, epoch, sequence);
    if in_transaction {
        batch = batch.transactional();
    }
    batch.push(&Record::new(NOW, None, "a value"));
    batch.build().expect("nothing is compressed")
}
