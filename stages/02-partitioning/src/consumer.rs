//! A consumer: it pulls records out of partitions, at its own pace.
//!
//! The broker pushes nothing. A consumer asks: "`orders-0`, from offset 42 on, at most 1 MiB". So a slow consumer is not run
//! over, a fast one is not held back, and one that was away for a day goes on where it was. The broker remembers
//! nothing about it. What a consumer must know is one number for each partition, its *position*, and it keeps that itself.
//!
//! ```text
//!                        ┌──────────────── Consumer ────────────────┐
//!    application         │  Assignment                     Fetcher  │            broker
//!      poll() ◀───────── │  ▐█▌▐█▌ orders-0  ◀──────────── answers ◀│─────────── ▐█▌▐█▌▐█▌▐█▌
//!      seek() ─────────▶ │         orders-1                         │
//!                        │         positions ────────────▶ fetches ─│──────────▶
//!                        └──────────────────────────────────────────┘
//! ```
//!
//! Asking takes time: there and back, and the disk. So a task in the background, the fetcher, asks *ahead*. While the
//! application works on the records of one partition, those of the others come in, and when the last record of an answer is
//! handed out, the next answer is on its way. How far ahead is bounded ([`assignment`]).
//!
//! | module | what it answers |
//! |---|---|
//! | [`positions`] | where a consumer stands, and what happens when that place is gone |
//! | [`answer`] | how bytes become records |
//! | [`assignment`] | whose turn it is, and how much is held |
//! | [`plan`], [`outcome`] | what to ask next; what answers mean |
//! | [`fetching`] | how a broker is asked for records |
//! | `fetcher`, `lookup` | the asking itself |
//!
//! # Invariants
//!
//! - Of each partition the application gets the records from its position on, each once, in the order of offsets, as long
//!   as it does not seek.
//! - A position moves only over what was handed out, or is not to be shown. Damage stops it.
//! - What is thrown away is fetched again. Nothing is lost by a `poll` that is dropped: it hands out what it takes
//!   without waiting in between.
//!
//! # Left out
//!
//! Consumers that share the work, and positions that survive a restart: groups and commits are stage 07. Records of aborted
//! transactions are told apart in stage 06. Fetches that wait at the broker come in stage 04; until then an idle consumer
//! asks again and again ([`Polling`]). Kafka's fetch sessions (KIP-227) save the repeated list of partitions. Kafka
//! takes records apart (deserializers, interceptors); here key and value stay bytes.

mod aborted;
pub mod answer;
mod assigned;
pub mod assignment;
mod config;
mod fetcher;
pub mod fetching;
mod lookup;
pub mod outcome;
pub mod plan;
pub mod positions;
mod record;
mod stats;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use segment_log::{Offset, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::api::{FoundOffset, OffsetSpec, TopicPartition};
use crate::client::Cluster;
use crate::error::{Error, ErrorCode, Result};

use assignment::Assignment;
use fetcher::{Fetcher, Shared};

pub use crate::backoff::Backoff;
pub use config::ConsumerConfig;
pub use fetching::{Fetching, Polling};
pub use positions::{AutoOffsetReset, Position};
pub use record::ConsumerRecord;
pub use stats::ConsumerStats;

/// See the [module](self).
///
/// Whoever holds it is its only reader: each record is handed out once. Its fetcher ends when it is dropped.
#[derive(Debug)]
pub struct Consumer {
    cluster: Cluster,
    shared: Arc<Shared>,
    fetcher: JoinHandle<()>,
    stop: DropGuard,
}

impl Consumer {
    /// A consumer that reads nothing yet. Must be called where `tokio` runs.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    pub fn new(cluster: Cluster, config: ConsumerConfig) -> Result<Self> {
        let config = config.checked(cluster.config())?;
        let shared = Arc::new(Shared::new(Assignment::new(config)));
        let stop = CancellationToken::new();
        let fetcher = Fetcher::new(cluster.clone(), shared.clone());
        let fetcher = tokio::spawn(fetcher.run(stop.clone()));
        Ok(Consumer { cluster, shared, fetcher, stop: stop.drop_guard() })
    }

    /// Reads these partitions and no others. Those that were read before go on where they are; the others begin where
    /// `auto.offset.reset` says.
    pub fn assign(&mut self, partitions: Vec<TopicPartition>) {
        self.shared.assignment().assign(partitions);
        self.shared.work.notify_one();
    }

    /// The partitions that are read, by name.
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.shared.assignment().partitions().cloned().collect()
    }

    /// Goes elsewhere in a partition. The last call before a poll wins. A place that is no offset is looked up afterwards; an
    /// offset that the log does not hold shows when it is fetched.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`], and [`Error::Config`] for an offset below 0.
    pub fn seek(&mut self, at: &TopicPartition, to: Position) -> Result<()> {
        if let Position::Offset(offset @ ..0) = to {
            let rule = "offsets start at 0";
            return Err(Error::Config { key: "the offset to seek to", found: offset.to_string(), rule });
        }
        self.shared.assignment().seek(at, to)?;
        self.shared.work.notify_one();
        Ok(())
    }

    /// The offset of the record that [`poll`](Self::poll) will return next; `None` while it is being looked up.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn position(&self, at: &TopicPartition) -> Result<Option<Offset>> {
        Ok(self.shared.assignment().cursor(at)?.offset())
    }

    /// How many offsets lie between the position and the partition's end, as the last answer told it (Kafka's
    /// `currentLag`); `None` if there was none yet.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn lag(&self, at: &TopicPartition) -> Result<Option<i64>> {
        self.shared.assignment().lag(at)
    }

    /// How many offsets from the position on were fetched ahead, and wait to be taken.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn ahead(&self, at: &TopicPartition) -> Result<i64> {
        self.shared.assignment().ahead(at)
    }

    /// Leaves a partition alone until [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn pause(&mut self, at: &TopicPartition) -> Result<()> {
        self.shared.assignment().set_paused(at, true)?;
        // What was thrown away has made room for others.
        self.shared.work.notify_one();
        Ok(())
    }

    /// Takes a partition up again, where it was left.
    ///
    /// # Errors
    ///
    /// [`Error::NotAssigned`].
    pub fn resume(&mut self, at: &TopicPartition) -> Result<()> {
        self.shared.assignment().set_paused(at, false)?;
        self.shared.work.notify_one();
        Ok(())
    }

    /// The next records, at most `max.poll.records`: as soon as there are some, or none after `timeout`. Records of one
    /// partition come in the order of their offsets.
    ///
    /// A broker that cannot be reached, or does not know a topic, is no error: it may come back. Both go to the log. Dropping
    /// the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoOffset`] and [`Error::NoPosition`], again and again until there is a [`seek`](Self::seek);
    /// [`Error::Corrupt`], and again each time the batch is read; a refusal that will not pass. Each concerns one
    /// partition, and further polls return the records of the others. [`Error::Config`] if nothing is assigned.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Vec<ConsumerRecord>> {
        let now = Instant::now();
        let deadline = now.checked_add(timeout).unwrap_or_else(|| now + Duration::from_secs(u32::MAX.into()));
        loop {
            let records = self.take()?;
            if !records.is_empty() || timeout_at(deadline, self.shared.ready.notified()).await.is_err() {
                return Ok(records);
            }
        }
    }

    fn take(&mut self) -> Result<Vec<ConsumerRecord>> {
        let mut assignment = self.shared.assignment();
        if assignment.partitions().next().is_none() {
            let rule = "a poll needs partitions to read";
            return Err(Error::Config { key: "the assignment", found: "empty".to_owned(), rule });
        }
        if self.fetcher.is_finished() {
            return Err(Error::Closed("the consumer"));
        }
        let taken = assignment.take(Instant::now());
        drop(assignment);
        self.shared.work.notify_one();
        taken
    }

    /// Where partitions begin: the first offset of each that can be read.
    ///
    /// # Errors
    ///
    /// The first refusal, or why no answer came. Each leader is asked once.
    pub async fn beginning_offsets(&self, of: &[TopicPartition]) -> Result<BTreeMap<TopicPartition, Offset>> {
        self.ends(of, OffsetSpec::Earliest).await
    }

    /// Where partitions end: the offset behind the last record of each that can be read.
    ///
    /// # Errors
    ///
    /// As [`beginning_offsets`](Self::beginning_offsets).
    pub async fn end_offsets(&self, of: &[TopicPartition]) -> Result<BTreeMap<TopicPartition, Offset>> {
        self.ends(of, OffsetSpec::Latest).await
    }

    async fn ends(&self, of: &[TopicPartition], end: OffsetSpec) -> Result<BTreeMap<TopicPartition, Offset>> {
        let questions: Vec<_> = of.iter().map(|at| (at.clone(), end)).collect();
        let found = lookup::ask_leaders(&*self.fetching(), &self.cluster, questions).await?;
        let offset = |(at, found): (TopicPartition, Option<FoundOffset>)| match found {
            Some(found) => Ok((at, found.offset)),
            None => Err(ErrorCode::UnknownServerError.because(format!("the broker knows no end of {at}")).into()),
        };
        found.into_iter().map(offset).collect()
    }

    /// The first record of each partition whose timestamp is at or after the one that is given with it; `None` if there is no
    /// such record.
    ///
    /// # Errors
    ///
    /// As [`beginning_offsets`](Self::beginning_offsets).
    pub async fn offsets_for_times(
        &self,
        times: &BTreeMap<TopicPartition, Timestamp>,
    ) -> Result<BTreeMap<TopicPartition, Option<FoundOffset>>> {
        let questions: Vec<_> = times.iter().map(|(at, time)| (at.clone(), OffsetSpec::Timestamp(*time))).collect();
        lookup::ask_leaders(&*self.fetching(), &self.cluster, questions).await
    }

    fn fetching(&self) -> Arc<dyn Fetching> {
        self.shared.assignment().config().fetching.clone()
    }

    /// What was done so far.
    pub fn stats(&self) -> ConsumerStats {
        self.shared.assignment().stats()
    }

    /// Ends the fetcher and closes its connections. Returns when both are done.
    pub async fn close(self) {
        let Consumer { fetcher, stop, .. } = self;
        drop(stop);
        if let Err(failed) = fetcher.await
            && let Ok(panic) = failed.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    }
}
