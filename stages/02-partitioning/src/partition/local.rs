//! A partition that is one log on this machine.
//!
//! All that comes to it goes through one lock, which is held while a batch is judged and written, and while a place is
//! looked up; not while bytes are moved. Where the partition stands is told beside the lock, so that whoever only asks for
//! that ([`Partition::offsets`]) never waits for somebody else's flush.
//!
//! ```text
//!   append ──▶ lock [ judge, write, learn, note the end ] unlock ──▶ tell the end
//! ```
//!
//! Two appends may tell in another order than they wrote. Start and end of this log only grow, so the larger is the
//! newer, and what was told is never taken back.
//!
//! Whoever listens is told of the end as well: when the partition is closed or deleted, the channel to him ends.
//!
//! There is one copy. So a record is on every copy at once, and the high watermark is the log's end, unless its flush failed.

use std::sync::{Mutex, MutexGuard};

use segment_log::{Appended, Batch, Log, Offset, Timestamp};
use tokio::sync::watch;

use super::{Isolation, Offsets, Partition, Read, ReadRequest, Writer};
use crate::api::TopicPartition;
use crate::error::{ErrorCode, Refusal};
use crate::news::News;

/// One log on this machine, behind a lock.
#[derive(Debug)]
pub struct LocalPartition {
    at: TopicPartition,
    state: Mutex<State>,
    news: News<Offsets>,
}

#[derive(Debug)]
enum State {
    Open(Box<Log<()>>),
    /// The broker stops.
    Closed,
    /// Its topic is gone, though somebody who found it before may still hold on to it.
    Deleted,
}

impl LocalPartition {
    /// The partition `at`, kept in `log`.
    pub fn new(at: TopicPartition, log: Log<()>) -> Self {
        let now = offsets_of(&log);
        LocalPartition { at, state: Mutex::new(State::Open(Box::new(log))), news: News::new(now) }
    }

    /// Which partition it is.
    pub fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// Lets time pass: old segments go, and what has waited long enough is flushed. Gives how many segments went.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError), or that it is closed or deleted.
    pub fn housekeep(&self, now: Timestamp) -> Result<usize, Refusal> {
        self.change(|log| {
            let removed = log.retain(now)?;
            log.flush_if_due(now)?;
            Ok(removed.len())
        })
    }

    /// Closes the log in order. Requests that come later are refused; so is closing it twice.
    ///
    /// # Errors
    ///
    /// [`StorageError`](ErrorCode::StorageError): then the next start recovers the log.
    pub fn close(&self) -> Result<(), Refusal> {
        match self.leave(State::Closed)? {
            State::Open(log) => log.close().map_err(Refusal::from),
            before => Err(before.refuse(&self.at)),
        }
    }

    /// Lets go of the log, whose files may then be removed. Waits for the request that has the log now; later ones are
    /// refused. Slices that were read before stay good.
    pub(crate) fn retire(&self) {
        match self.leave(State::Deleted) {
            Ok(log) => drop(log),
            // Nobody gets past a poisoned lock, and nobody need.
            Err(poisoned) => tracing::warn!("{}: {poisoned}", self.at),
        }
    }

    /// Refuses from here on, and ends the news: in this order, so that who is woken by their end is refused.
    fn leave(&self, next: State) -> Result<State, Refusal> {
        let before = self.lock().map(|mut state| std::mem::replace(&mut *state, next));
        self.news.end();
        before
    }

    fn with_log<T>(&self, work: impl FnOnce(&mut Log<()>) -> segment_log::Result<T>) -> Result<T, Refusal> {
        match &mut *self.lock()? {
            State::Open(log) => Ok(work(log)?),
            other => Err(other.refuse(&self.at)),
        }
    }

    /// Does `work` on the log, then tells where the log stands. A batch whose flush failed is in the log, and counts for its end.
    /// But it is not given to readers: its sender was told that it failed, and a crash may take it.
    fn change<T>(&self, work: impl FnOnce(&mut Log<()>) -> segment_log::Result<T>) -> Result<T, Refusal> {
        let (done, offsets, runs) = self.with_log(|log| Ok((work(log), offsets_of(log), log.stopped().is_none())))?;
        self.tell(offsets, runs);
        Ok(done?)
    }

    fn tell(&self, new: Offsets, runs: bool) {
        self.news.change(|told| {
            let (log_start, end) = (told.log_start.max(new.log_start), told.end.max(new.end));
            let high_watermark = if runs { end } else { told.high_watermark.max(log_start) };
            Offsets { log_start, last_stable: high_watermark, high_watermark, end, ..new }
        });
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>, Refusal> {
        // Whoever panicked was in the middle of something: nobody knows what the log is now.
        self.state.lock().map_err(|_| {
            ErrorCode::StorageError.because(format!(
                "a request to {} failed in a way that nobody foresaw: the partition is out of use until the broker is \
                 started again",
                self.at
            ))
        })
    }
}

impl State {
    fn refuse(&self, at: &TopicPartition) -> Refusal {
        match self {
            State::Deleted => ErrorCode::UnknownTopicOrPartition.because(format!("{at} was deleted")),
            _ => ErrorCode::NotLeaderOrFollower.because(format!("{at} is closed: the broker stops")),
        }
    }
}

impl Partition for LocalPartition {
    fn append(&self, batch: Batch, by: Writer, now: Timestamp) -> Result<Appended, Refusal> {
        // One broker, no election: one epoch.
        self.change(|log| log.append(batch, by.in_epoch(0), now))
    }

    fn read(&self, request: ReadRequest, isolation: Isolation) -> Result<Read, Refusal> {
        let committed = self.news.now().high_watermark;
        self.with_log(|log| {
            let until = if isolation == Isolation::LogEnd { log.end() } else { committed };
            let found = log.read_below(request.from, until, request.max_bytes)?;
            // A log gives at least one batch. If that is too large, the reader may have asked not to get it.
            let is_too_large = found.len() > request.max_bytes && !request.min_one_batch;
            let slice = if is_too_large { found.first(0) } else { found };
            Ok(Read {
                slice,
                aborted: Vec::new(),
                offsets: Offsets { high_watermark: committed, last_stable: committed, ..offsets_of(log) },
            })
        })
    }

    fn find_time(&self, time: Timestamp) -> Result<Option<(Timestamp, Offset)>, Refusal> {
        let committed = self.news.now().high_watermark;
        Ok(self.with_log(|log| log.find_time(time))?.filter(|(_, offset)| *offset < committed))
    }

    fn offsets(&self) -> Offsets {
        self.news.now()
    }

    fn watch(&self) -> watch::Receiver<Offsets> {
        self.news.listen()
    }
}

fn offsets_of(log: &Log<()>) -> Offsets {
    let end = log.end();
    Offsets {
        log_start: log.log_start(),
        last_stable: end,
        high_watermark: end,
        end,
        leader_epoch: 0,
        in_sync: 1,
        min_in_sync: 1,
    }
}
