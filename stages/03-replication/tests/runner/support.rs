//! A machine that adds numbers up, and a log whose high watermark a test moves.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use bytes::Bytes;
use partitioning::error::{ErrorCode, Refusal};
use partitioning::net::Tcp;
use partitioning::{
    Clock, Host, Isolation, LocalPartition, Offsets, Partition, Read, ReadRequest, TopicPartition, Workers, Writer,
};
use replication::machine::{Decided, Decision, Machine, Moment, Runner, RunnerConfig};
use segment_log::disk::RealDisk;
use segment_log::{Appended, Batch, LogConfig, LogDir, Offset, Timestamp};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A number was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Added(pub(crate) u64);

impl Decision for Added {
    fn to_parts(&self) -> (Bytes, Option<Bytes>) {
        (Bytes::from_static(b"added"), Some(self.0.to_string().into()))
    }

    fn from_parts(key: &[u8], value: Option<&[u8]>) -> Result<Self, String> {
        let value = value.and_then(|value| std::str::from_utf8(value).ok()).and_then(|text| text.parse().ok());
        match (key, value) {
            (b"added", Some(number)) => Ok(Added(number)),
            _ => Err(format!("`{}` is no number that was added", String::from_utf8_lossy(key))),
        }
    }
}

/// What has been added, one after the other. A hundred is added by itself at each of `alarms`.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) added: Vec<u64>,
    pub(crate) alarms: Vec<Duration>,
}

impl Machine for Sum {
    type Record = Added;

    fn replay(&mut self, record: &Added) {
        self.added.push(record.0);
    }

    fn tick(&mut self, now: Moment) -> Vec<Added> {
        let due = self.alarms.iter().filter(|alarm| **alarm <= now.uptime).count();
        self.alarms.retain(|alarm| *alarm > now.uptime);
        vec![Added(100); due]
    }

    fn deadline(&self) -> Option<Duration> {
        self.alarms.iter().min().copied()
    }
}

impl Sum {
    /// Adds numbers in one decision. Replies with the sum that this gives.
    pub(crate) fn add(&mut self, numbers: &[u64]) -> Result<Decided<Added, u64>, Refusal> {
        let sum = self.added.iter().chain(numbers).sum();
        Ok(Decided { records: numbers.iter().copied().map(Added).collect(), reply: sum })
    }
}

/// A log on this machine that is committed as far as a test says, and led by whom a test says.
#[derive(Debug)]
pub(crate) struct Lagging {
    log: LocalPartition,
    told: watch::Sender<Offsets>,
    /// How the next append fails.
    pub(crate) fails: Mutex<Option<ErrorCode>>,
    /// What the next append waits for.
    held: Mutex<Option<mpsc::Receiver<()>>>,
    _folder: TempDir,
}

impl Lagging {
    pub(crate) fn new() -> Arc<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = LogDir::open(Arc::new(RealDisk), folder.path()).expect("it opens");
        let (log, _) = dir.open_log("sums-0", LogConfig::default(), (), 0).expect("it opens");
        let log = LocalPartition::new(TopicPartition::new("sums", 0), log);
        let told = watch::Sender::new(log.offsets());
        Arc::new(Lagging { log, told, fails: Mutex::default(), held: Mutex::default(), _folder: folder })
    }

    /// Everybody who counts has what lies before this offset.
    pub(crate) fn commit(&self, high_watermark: Offset) {
        self.told.send_modify(|told| told.high_watermark = high_watermark);
    }

    /// As far as it goes.
    pub(crate) fn commit_all(&self) {
        self.commit(self.log.offsets().end);
    }

    /// The next append takes until it is let go.
    pub(crate) fn hold(&self) -> mpsc::Sender<()> {
        let (go, held) = mpsc::channel();
        *self.held.lock().unwrap() = Some(held);
        go
    }

    /// Somebody else leads.
    pub(crate) fn lose(&self) {
        self.told.send_modify(|told| told.leader_epoch += 1);
    }

    pub(crate) fn end(&self) -> Offset {
        self.log.offsets().end
    }

    /// The values of each batch.
    pub(crate) fn batches(&self) -> Vec<Vec<String>> {
        let request = ReadRequest { from: 0, max_bytes: 1 << 20, min_one_batch: true };
        let bytes = self
            .log
            .read(request, Isolation::HighWatermark)
            .expect("it reads")
            .slice
            .to_bytes()
            .expect("the bytes are there");
        let values = |batch: segment_log::BatchView<'_>| {
            let records = batch.records(1 << 20).expect("they open");
            let value =
                |record: segment_log::RecordRef<'_>| String::from_utf8_lossy(record.value.unwrap()).into_owned();
            records.iter().map(|record| value(record.expect("a record"))).collect()
        };
        segment_log::batches(&bytes).map(|batch| values(batch.expect("a whole one"))).collect()
    }
}

impl Partition for Lagging {
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal> {
        assert_eq!(by, Writer::Coordinator, "decisions are no client's");
        if let Some(code) = self.fails.lock().unwrap().take() {
            return Err(code.because("the disk is full"));
        }
        let held = self.held.lock().unwrap().take();
        if let Some(held) = held {
            held.recv().expect("it is let go");
        }
        let appended = self.log.append(batch, by, now)?;
        self.told.send_modify(|told| told.end = appended.last_offset + 1);
        Ok(appended)
    }

    fn read(&self, request: ReadRequest, isolation: Isolation) -> Result<Read, Refusal> {
        self.log.read(request, isolation)
    }

    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
        self.log.find_time(time)
    }

    fn offsets(&self) -> Offsets {
        *self.told.borrow()
    }

    fn watch(&self) -> watch::Receiver<Offsets> {
        self.told.subscribe()
    }
}

pub(crate) struct Running {
    pub(crate) runner: Runner<Sum>,
    pub(crate) task: JoinHandle<Result<(), Refusal>>,
    pub(crate) stop: CancellationToken,
}

pub(crate) async fn start(log: &Arc<Lagging>) -> Running {
    start_with(log, Sum::default(), RunnerConfig::default()).await
}

pub(crate) async fn start_with(log: &Arc<Lagging>, machine: Sum, config: RunnerConfig) -> Running {
    start_on(host(), log, machine, config).await
}

pub(crate) async fn start_on(host: Host, log: &Arc<Lagging>, machine: Sum, config: RunnerConfig) -> Running {
    let stop = CancellationToken::new();
    let (runner, task) =
        Runner::start(host, log.clone(), machine, config, stop.clone()).await.expect("the log can be read");
    Running { runner, task, stop }
}

pub(crate) fn host() -> Host {
    Host { net: Arc::new(Tcp), disk: Arc::new(RealDisk), clock: Clock::from_fn(|| 7), workers: Workers::Inline }
}

impl Running {
    /// Adds numbers, in a task of its own that waits for the reply.
    pub(crate) fn add(&self, numbers: &[u64]) -> JoinHandle<Result<u64, Refusal>> {
        let (runner, numbers) = (self.runner.clone(), numbers.to_vec());
        tokio::spawn(async move { runner.ask(move |sum, _| sum.add(&numbers)).await })
    }

    /// Asks for all that was added. That is no decision.
    pub(crate) fn added(&self) -> JoinHandle<Result<Vec<u64>, Refusal>> {
        let runner = self.runner.clone();
        tokio::spawn(async move { runner.ask(|sum, _| Ok(Decided::nothing(sum.added.clone()))).await })
    }
}

/// Lets everything happen that can happen without the clock.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}
