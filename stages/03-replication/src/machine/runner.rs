//! The task that runs a machine: it asks, writes, waits for the commit, and replies.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use partitioning::error::{ErrorCode, Refusal};
use partitioning::{Host, Isolation, Partition, ReadRequest, Writer};
use segment_log::batch::DECOMPRESSED_LIMIT;
use segment_log::{Batch, BatchBuilder, BatchView, Compression, Offset, Record, batches};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Decided, Decision, Machine, Moment};

/// What a runner bears.
#[derive(Debug, Clone, Copy)]
pub struct RunnerConfig {
    /// Requests that may wait to be decided. More are refused.
    pub max_waiting: usize,
}

impl Default for RunnerConfig {
    fn default() -> Self {
        RunnerConfig { max_waiting: 1_000 }
    }
}

/// The way to a machine. Clones lead to the same one.
pub struct Runner<M: Machine> {
    requests: mpsc::Sender<Request<M>>,
}

/// A request: run on the machine, it gives the records, and what tells whoever asked how it ended.
type Request<M> = Box<dyn FnOnce(&mut M, Moment) -> Asked<M> + Send>;

/// Tells whoever asked whether it is committed.
type Tell = Box<dyn FnOnce(Result<(), Refusal>) + Send>;

struct Asked<M: Machine> {
    records: Vec<M::Record>,
    tell: Tell,
}

impl<M: Machine> Runner<M> {
    /// Starts `machine`, which knows no decision yet, behind `log`: all that is there is replayed first, to its end. What is not
    /// committed by then will be, or the log gets another leader; so nobody is told anything that rests on it before that is known.
    /// Ends when `stop` is cancelled, or when the log is of no more use; the task's result says why.
    ///
    /// # Errors
    ///
    /// [`CorruptMessage`](ErrorCode::CorruptMessage) if a record cannot be read; those of [`Partition::read`].
    pub async fn start(
        host: Host,
        log: Arc<dyn Partition>,
        machine: M,
        config: RunnerConfig,
        stop: CancellationToken,
    ) -> Result<(Self, tokio::task::JoinHandle<Result<(), Refusal>>), Refusal> {
        let (requests, queue) = mpsc::channel(config.max_waiting);
        let (epoch, replayed) = (log.offsets().leader_epoch, log.clone());
        let (machine, learned) = host.workers.run(move || replay(machine, &*replayed)).await?;
        let running = Running { host, log, epoch, machine, learned, began: Instant::now(), parked: VecDeque::new() };
        let task = tokio::spawn(running.run(queue, stop));
        Ok((Runner { requests }, task))
    }

    /// Has something decided. Replies when the decision is committed.
    ///
    /// # Errors
    ///
    /// The machine's own; [`RequestTimedOut`](ErrorCode::RequestTimedOut) if too many requests wait;
    /// [`NotController`](ErrorCode::NotController) if it does not run any more: whether the decision was made is unknown
    /// if it was under way.
    pub async fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut M, Moment) -> Result<Decided<M::Record, T>, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (tell, told) = oneshot::channel::<Result<T, Refusal>>();
        let request: Request<M> = Box::new(move |machine, now| {
            let (records, reply) = match act(machine, now) {
                Ok(Decided { records, reply }) => (records, Ok(reply)),
                Err(refusal) => (Vec::new(), Err(refusal)),
            };
            // Whoever asked may have gone.
            Asked { records, tell: Box::new(move |committed| drop(tell.send(committed.and(reply)))) }
        });
        self.requests.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                ErrorCode::RequestTimedOut.because("too many requests wait to be decided: this one was not begun")
            }
            mpsc::error::TrySendError::Closed(_) => gone(),
        })?;
        told.await.unwrap_or_else(|_| Err(gone()))
    }
}

fn gone() -> Refusal {
    ErrorCode::NotController.because("who decides this does not run any more")
}

/// The task's own.
struct Running<M: Machine> {
    host: Host,
    log: Arc<dyn Partition>,
    /// The log's leader epoch when it began. In another one, somebody else decides.
    epoch: i32,
    machine: M,
    /// Up to where the machine has learned the log.
    learned: Offset,
    began: Instant,
    /// Replies that wait until the log is committed up to an offset, in order.
    parked: VecDeque<(Offset, Tell)>,
}

impl<M: Machine> Running<M> {
    async fn run(mut self, mut queue: mpsc::Receiver<Request<M>>, stop: CancellationToken) -> Result<(), Refusal> {
        let mut news = self.log.watch();
        loop {
            self.release(&mut news)?;
            let deadline = self.machine.deadline().map(|uptime| self.began + uptime);
            let asked = tokio::select! {
                // In this order, so that a simulated run can be repeated.
                biased;
                () = stop.cancelled() => return Ok(()),
                changed = news.changed(), if !self.parked.is_empty() => match changed {
                    Ok(()) => continue,
                    Err(_) => return Err(lost()),
                },
                () = until(deadline) => {
                    self.hear_who_waits(&mut queue).await?;
                    let records = self.machine.tick(self.moment());
                    Asked { records, tell: Box::new(drop) }
                }
                request = queue.recv() => match request {
                    Some(request) => self.hear(request),
                    None => return Ok(()),
                },
            };
            self.decide(asked).await?;
        }
    }

    fn hear(&mut self, request: Request<M>) -> Asked<M> {
        let now = self.moment();
        request(&mut self.machine, now)
    }

    /// A time has come, and may have come long ago, if a decision took long to write. Whoever asked meanwhile asked in time:
    /// he is heard first, or all brokers would be dead to a controller whose disk was slow. (Kafka's takes note of
    /// heartbeats that have waited too long, too.)
    async fn hear_who_waits(&mut self, queue: &mut mpsc::Receiver<Request<M>>) -> Result<(), Refusal> {
        for _ in 0..queue.len() {
            let Ok(request) = queue.try_recv() else { break };
            let asked = self.hear(request);
            self.decide(asked).await?;
        }
        Ok(())
    }

    /// Writes what was decided, and learns it. The reply waits for the commit of this and of all before: what was said rests
    /// on them.
    async fn decide(&mut self, Asked { records, tell }: Asked<M>) -> Result<(), Refusal> {
        if !records.is_empty() {
            let (log, batch, now) = (self.log.clone(), batch(&records, self.moment()), self.host.clock.now());
            let written = self.host.workers.run(move || log.append(batch, Writer::Coordinator, now)).await;
            match written {
                Ok(appended) => self.learned = appended.last_offset + 1,
                Err(refusal) => {
                    tell(Err(refusal.clone()));
                    return Err(refusal);
                }
            }
        }
        for record in &records {
            self.machine.replay(record);
        }
        self.parked.push_back((self.learned, tell));
        Ok(())
    }

    /// Lets the replies go whose decisions are committed.
    fn release(&mut self, news: &mut watch::Receiver<partitioning::Offsets>) -> Result<(), Refusal> {
        let offsets = *news.borrow_and_update();
        if offsets.leader_epoch != self.epoch {
            // Somebody else decides by now. What was written and is not committed may never be.
            return Err(lost());
        }
        while self.parked.front().is_some_and(|(end, _)| *end <= offsets.high_watermark) {
            let (_, tell) = self.parked.pop_front().expect("it was just looked at");
            tell(Ok(()));
        }
        Ok(())
    }

    fn moment(&self) -> Moment {
        Moment { wall: self.host.clock.now(), uptime: self.began.elapsed() }
    }
}

fn lost() -> Refusal {
    ErrorCode::NotController
        .because("the log of decisions has another leader, or is closed: what was under way is in doubt")
}

/// Decisions that stand together, as one batch.
fn batch<R: Decision>(records: &[R], now: Moment) -> Batch {
    let mut batch = BatchBuilder::new(Compression::None);
    for record in records {
        let (key, value) = record.to_parts();
        batch.push(&Record { timestamp: now.wall, key: Some(key), value, headers: Vec::new() });
    }
    batch.build().expect("nothing is compressed")
}

/// The decisions in a batch.
///
/// # Errors
///
/// Which record cannot be read, and why.
pub fn decisions<R: Decision>(batch: &BatchView<'_>) -> Result<Vec<R>, String> {
    let broken = |error: &dyn fmt::Display| format!("the batch at offset {}: {error}", batch.base_offset());
    if batch.is_control() {
        // For the log's own keepers (stage 08), and no decision.
        return Ok(Vec::new());
    }
    let records = batch.records(DECOMPRESSED_LIMIT).map_err(|error| broken(&error))?;
    let one = |record: Result<segment_log::RecordRef<'_>, _>| {
        let record = record.map_err(|error: segment_log::BatchError| broken(&error))?;
        let key = record.key.ok_or_else(|| format!("the record at offset {} has no key", record.offset))?;
        R::from_parts(key, record.value).map_err(|rule| format!("the record at offset {}: {rule}", record.offset))
    };
    records.iter().map(one).collect()
}

/// The machine that the log's decisions give, and where they end.
fn replay<M: Machine>(mut machine: M, log: &dyn Partition) -> Result<(M, Offset), Refusal> {
    let there = log.offsets();
    let mut next = there.log_start;
    while next < there.end {
        let request = ReadRequest { from: next, max_bytes: 1 << 20, min_one_batch: true };
        let bytes = log.read(request, Isolation::LogEnd)?.slice.to_bytes()?;
        let before = next;
        for batch in batches(&bytes) {
            let batch = batch.map_err(|rule| corrupt(&rule))?;
            batch.verify().map_err(|rule| corrupt(&rule))?;
            for record in decisions(&batch).map_err(|rule| corrupt(&rule))? {
                machine.replay(&record);
            }
            next = batch.next_offset();
        }
        if next == before {
            return Err(corrupt(&format!("nothing can be read at offset {next}")));
        }
    }
    Ok((machine, next))
}

fn corrupt(rule: &dyn fmt::Display) -> Refusal {
    ErrorCode::CorruptMessage.because(format!("the log of decisions: {rule}"))
}

/// Waits for a time, or for ever.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

impl<M: Machine> Clone for Runner<M> {
    fn clone(&self) -> Self {
        Runner { requests: self.requests.clone() }
    }
}

impl<M: Machine> fmt::Debug for Runner<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runner({} places left)", self.requests.capacity())
    }
}
