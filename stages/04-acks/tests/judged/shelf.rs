//! Partitions on a shelf: their logs are real, and where they stand the test says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use partitioning::memory::Memory;
use partitioning::net::Tcp;
use partitioning::{
    Clock, Context, ErrorCode, Host, Isolation, Offsets, Partition, Partitions, Read, ReadRequest, Refusal, Service,
    ServiceLimits, TopicPartition, Workers, Writer,
};
use segment_log::disk::RealDisk;
use segment_log::{Appended, Batch, BatchBuilder, Compression, Log, LogConfig, LogDir, Offset, Record, Timestamp};
use story::judge;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

const NOW: Timestamp = 1_700_000_000_000;
/// Who looks more often than this looks without end.
const MOST_LOOKS: usize = 1_000;

/// `orders-0` and `orders-1`, and a service that knows them.
pub(crate) struct Shelf {
    pub(crate) service: Service,
    pub(crate) stop: CancellationToken,
    partitions: Arc<Held>,
    _dir: LogDir,
    _folder: TempDir,
}

#[derive(Debug)]
struct Held(BTreeMap<TopicPartition, Arc<One>>);

/// A partition. Its log is real; the high watermark, the epoch and the number in sync are the test's.
pub(crate) struct One {
    log: Mutex<Log<()>>,
    news: Mutex<Option<watch::Sender<Offsets>>>,
    now: Mutex<Offsets>,
    is_led: Mutex<bool>,
    /// How often somebody has looked.
    looks: AtomicUsize,
    /// What happens right after the next look.
    then: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl fmt::Debug for One {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "One({:?})", self.now.lock().unwrap())
    }
}

impl Shelf {
    /// Both are led here in epoch 4, two replicas are in sync and two are demanded. Their logs are empty.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dir = LogDir::open(Arc::new(RealDisk), folder.path()).expect("an empty folder opens");
        let one = |number: u32| {
            let name = format!("orders-{number}");
            let (log, _) = dir.open_log(&name, LogConfig::default(), (), NOW).expect("an empty folder opens");
            let now = Offsets {
                log_start: 0,
                last_stable: 0,
                high_watermark: 0,
                end: 0,
                leader_epoch: 4,
                in_sync: 2,
                min_in_sync: 2,
            };
            let one = One {
                log: Mutex::new(log),
                news: Mutex::new(Some(watch::Sender::new(now))),
                now: Mutex::new(now),
                is_led: Mutex::new(true),
                looks: AtomicUsize::new(0),
                then: Mutex::default(),
            };
            (at(number), Arc::new(one))
        };
        let partitions = Arc::new(Held([0, 1].map(one).into()));
        let host = Host {
            net: Arc::new(Tcp),
            disk: Arc::new(RealDisk),
            clock: Clock::from_fn(|| NOW),
            workers: Workers::Inline,
        };
        let service = Service::new(partitions.clone(), host, ServiceLimits::default());
        Shelf { service, stop: CancellationToken::new(), partitions, _dir: dir, _folder: folder }
    }

    /// Who asks, with room for answers.
    pub(crate) fn context(&self) -> Context {
        Context::new(([127, 0, 0, 1], 1).into(), Memory::new(16 << 20), self.stop.clone())
    }

    /// The partition of this number.
    pub(crate) fn one(&self, number: u32) -> Arc<One> {
        self.partitions.0[&at(number)].clone()
    }
}

pub(crate) fn at(number: u32) -> TopicPartition {
    TopicPartition::new("orders", number)
}

/// A batch of one record. All have the same size.
pub(crate) fn batch() -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    batch.push(&Record::new(NOW, None::<&str>, "paid 10"));
    batch.build().expect("nothing is compressed")
}

impl One {
    /// It stands elsewhere.
    pub(crate) fn stands(&self, change: impl FnOnce(&mut Offsets)) {
        let mut now = self.now.lock().unwrap();
        change(&mut now);
        if let Some(news) = &*self.news.lock().unwrap() {
            news.send_replace(*now);
        }
    }

    /// So many batches more are written. Nothing of them is committed yet.
    pub(crate) fn write(&self, batches: usize) {
        for _ in 0..batches {
            self.append(batch(), Writer::Client, NOW).expect("it is appended");
        }
    }

    /// All before `offset` is committed.
    pub(crate) fn commit(&self, offset: Offset) {
        self.stands(|now| (now.high_watermark, now.last_stable) = (offset, offset));
    }

    /// Somebody else leads, in this epoch.
    pub(crate) fn moves(&self, epoch: i32) {
        *self.is_led.lock().unwrap() = false;
        self.stands(|now| now.leader_epoch = epoch);
    }

    /// It is led here again, in this epoch.
    pub(crate) fn returns(&self, epoch: i32) {
        *self.is_led.lock().unwrap() = true;
        self.stands(|now| now.leader_epoch = epoch);
    }

    /// It is closed: there will be no more news.
    pub(crate) fn close(&self) {
        *self.is_led.lock().unwrap() = false;
        *self.news.lock().unwrap() = None;
    }

    /// Does this when the next look is over, before whoever looks does anything else.
    pub(crate) fn after_the_next_look(&self, then: impl FnOnce() + Send + 'static) {
        *self.then.lock().unwrap() = Some(Box::new(then));
    }

    /// How often somebody has looked what there is.
    pub(crate) fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }

    /// Where its log ends.
    pub(crate) fn end(&self) -> Offset {
        self.now.lock().unwrap().end
    }

    fn leads(&self) -> Result<(), Refusal> {
        match *self.is_led.lock().unwrap() {
            true => Ok(()),
            false => Err(ErrorCode::NotLeaderOrFollower.because("somebody else leads")),
        }
    }
}

impl Partitions for Held {
    fn find(&self, at: &TopicPartition) -> Result<Arc<dyn Partition>, Refusal> {
        let found = self.0.get(at).ok_or_else(|| ErrorCode::UnknownTopicOrPartition.because(format!("no {at}")))?;
        Ok(found.clone())
    }
}

impl Partition for One {
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal> {
        self.leads()?;
        let mut log = self.log.lock().unwrap();
        let epoch = self.now.lock().unwrap().leader_epoch;
        let appended = log.append(batch, by.in_epoch(epoch), now)?;
        let end = log.end();
        self.stands(|now| now.end = end);
        Ok(appended)
    }

    fn read(&self, request: ReadRequest, _: Isolation) -> Result<Read, Refusal> {
        let looks = self.looks.fetch_add(1, Ordering::SeqCst);
        let rule = "whoever has looked waits for news before the next look: no test here has news more than ten times";
        judge::that(
            rule,
            looks < MOST_LOOKS,
            format_args!("{looks} looks"),
            "src/waiting.rs, fn fetch and fn WatchedOne::news",
        );
        let offsets = *self.now.lock().unwrap();
        let found = self.leads().and_then(|()| {
            let log = self.log.lock().unwrap();
            Ok(log.read_below(request.from, offsets.high_watermark, request.max_bytes)?)
        });
        if let Some(then) = self.then.lock().unwrap().take() {
            then();
        }
        let found = found?;
        let is_too_large = found.len() > request.max_bytes && !request.min_one_batch;
        Ok(Read { slice: if is_too_large { found.first(0) } else { found }, aborted: Vec::new(), offsets })
    }

    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
        Ok(self.log.lock().unwrap().find_time(time)?)
    }

    fn offsets(&self) -> Offsets {
        *self.now.lock().unwrap()
    }

    fn watch(&self) -> watch::Receiver<Offsets> {
        match &*self.news.lock().unwrap() {
            Some(news) => news.subscribe(),
            // As of a partition that is closed: the last state, and no more news.
            None => watch::Sender::new(self.offsets()).subscribe(),
        }
    }
}
