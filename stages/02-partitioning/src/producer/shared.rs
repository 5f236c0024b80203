//! What the callers and the sender share.
//!
//! Callers put records in, the sender takes batches out and says how they ended. All of that is under one lock, which is held
//! for a few instructions and never across an await. Memory has a lock of its own, inside its semaphore.

mod sender_side;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use segment_log::batch::HEADER_LEN;
use segment_log::{BatchBuilder, Compression, Record};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::accumulator::{Accumulator, ProducerBatch};
use super::config::ProducerConfig;
use super::delivery::{Done, Ticket, closed};
use super::memory::{BufferMemory, Room};
use super::partitioner::Candidate;
use super::stats::{ProducerStats, QueuedBatch};
use super::topics::{Choice, MakePartitioner, Topics};
use crate::api::TopicInfo;
use crate::client::Cluster;
use crate::error::{Error, Result};

pub(super) use sender_side::Plan;

/// See the [module](self).
pub(super) struct Shared {
    pub(super) cluster: Cluster,
    pub(super) config: ProducerConfig,
    pub(super) memory: BufferMemory,
    /// Tells the sender to look again.
    pub(super) wake: Arc<Notify>,
    /// Cancelled when no more records are taken.
    closed: CancellationToken,
    /// A batch without records, which knows how long one would be with a record.
    empty: BatchBuilder,
    state: Mutex<State>,
}

struct State {
    accumulator: Accumulator<Ticket>,
    topics: Topics,
    /// Numbers of the batches that were begun and have not ended.
    unanswered: BTreeSet<u64>,
    stats: ProducerStats,
    /// Batches for a topic whose name another has by now.
    orphans: Vec<ProducerBatch<Ticket>>,
    /// Records that failed because the sender ended before their answer came.
    abandoned: u64,
    is_closed: bool,
}

impl Shared {
    pub(super) fn new(cluster: Cluster, config: ProducerConfig, make: MakePartitioner) -> Self {
        let random = config.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        let state = State {
            accumulator: Accumulator::new(config.accumulator()),
            topics: Topics::new(make, random),
            unanswered: BTreeSet::new(),
            stats: ProducerStats::default(),
            orphans: Vec::new(),
            abandoned: 0,
            is_closed: false,
        };
        Shared {
            cluster,
            memory: BufferMemory::new(config.buffer_memory),
            config,
            wake: Arc::default(),
            closed: CancellationToken::new(),
            empty: BatchBuilder::new(Compression::None),
            state: Mutex::new(state),
        }
    }

    /// The most bytes that the record takes if it is alone in its batch, as Kafka counts too.
    ///
    /// # Errors
    ///
    /// [`Error::RecordTooLarge`].
    pub(super) fn judge_size(&self, record: &Record) -> Result<usize> {
        let ProducerConfig { max_request_size, buffer_memory, .. } = self.config;
        let size = self.empty.size_with(record);
        for (limit, setting) in [(max_request_size, "max.request.size"), (buffer_memory, "buffer.memory")] {
            if size > limit {
                return Err(Error::RecordTooLarge { size, limit, setting });
            }
        }
        Ok(size)
    }

    /// Waits, unless the producer is closed, before or meanwhile.
    pub(super) async fn unless_closed<T>(&self, waiting: impl Future<Output = Result<T>>) -> Result<T> {
        self.closed.run_until_cancelled(waiting).await.unwrap_or_else(|| Err(closed()))
    }

    pub(super) fn is_stale(&self, topic: &str) -> bool {
        self.state().topics.is_stale(topic)
    }

    /// Whether the topic is known, and has the partition that a record names.
    pub(super) fn has(&self, topic: &str, named: Option<u32>) -> bool {
        self.state().topics.has(topic, named)
    }

    /// Learns what a broker said of a topic. If it is another one of that name, what waits was put for the one before.
    pub(super) fn know(&self, topic: &Arc<str>, info: &Arc<TopicInfo>) {
        let mut guard = self.state();
        let State { accumulator, topics, orphans, .. } = &mut *guard;
        if topics.know(topic, info) {
            orphans.extend(accumulator.take_where(|at| at.topic == *topic));
            self.wake.notify_one();
        }
    }

    /// Puts a record into a batch, in the `room` that was taken for it.
    ///
    /// # Errors
    ///
    /// [`Error::NoPartition`], [`Error::Closed`]. Nothing was done, and `done` is told nothing.
    pub(super) fn append(
        &self,
        topic: &Arc<str>,
        named: Option<u32>,
        record: &Record,
        done: Done,
        room: Room<'_>,
    ) -> Result<()> {
        let size = self.empty.size_with(record) - HEADER_LEN;
        let candidate = Candidate { key: record.key.as_deref(), value: record.value.as_deref(), size };
        let mut guard = self.state();
        let State { accumulator, topics, unanswered, stats, is_closed, .. } = &mut *guard;
        if *is_closed {
            return Err(closed());
        }
        let Choice { at, has_filled } = topics.choose(topic, named, &candidate, accumulator)?;
        let ticket = Ticket::new(record.timestamp, done);
        let appended = accumulator.append(&at, record, ticket, Instant::now());
        if appended.is_new {
            unanswered.insert(appended.batch);
        }
        stats.records += 1;
        if named.is_none() {
            topics.appended(&candidate, &at, appended.bytes);
        }
        drop(guard);
        room.keep(appended.bytes);
        if appended.is_new || appended.has_filled || has_filled {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Lets all records until now leave, and gives the number below which their batches are.
    pub(super) fn flush(&self) -> u64 {
        let end = self.state().accumulator.flush();
        self.wake.notify_one();
        end
    }

    /// Takes no more records, and lets those that are here leave.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.closed.cancel();
        self.memory.close();
        self.flush();
    }

    /// Counts a wait for memory.
    pub(super) fn note_wait(&self, waited: Duration) {
        let stats = &mut self.state().stats;
        stats.waits += 1;
        stats.waited += waited;
    }

    /// The batches that wait.
    pub(super) fn queued(&self) -> Vec<QueuedBatch> {
        self.state().accumulator.batches().map(QueuedBatch::of).collect()
    }

    pub(super) fn stats(&self) -> ProducerStats {
        self.state().stats
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Partitioners may be somebody else's code and panic. The records and batches are whole all the same.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({:?})", self.stats())
    }
}
