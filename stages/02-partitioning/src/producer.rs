//! The producer: records go in one by one, and leave in batches.
//!
//! ```text
//!   your tasks                                    the sender's task
//!   ──────────                                    ─────────────────
//!   send(record)
//!     │ metadata: how many partitions?
//!     │ memory: is there room?                 ┌─▶ ready? ─▶ one request for each leader ─▶ network
//!     │ partitioner: which one?                │        full, or lingered, or flushed
//!     └──▶ accumulator ▐██▌▐███▌▐█░▌ ──────────┘
//!                                                  answer ─▶ offset, or error
//!   delivery.await ◀──────────────────────────────────┘
//! ```
//!
//! [`Producer::send`] returns as soon as the record is in a batch. It gives a [`Delivery`], which says later at which offset
//! the record is. Whoever waits for each delivery before the next `send` gets one record a round trip. Whoever sends many
//! and then waits gets large batches.
//!
//! ```
//! # use std::time::Duration;
//! # use partitioning::{Broker, BrokerConfig, ClientConfig, Cluster, Host, api};
//! use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let broker = Broker::open(Host::real(), BrokerConfig::new(folder.path(), "127.0.0.1:0")).await?;
//! # let cluster = Cluster::new(Host::real(), ClientConfig::new(broker.address()))?;
//! # let stop = tokio_util::sync::CancellationToken::new();
//! # let broker = tokio::spawn(broker.run(stop.clone()));
//! # let new = |name: &str| api::NewTopic { name: name.into(), partitions: None, replication_factor: None, configs: Default::default() };
//! # cluster.call::<api::CreateTopic>(new("payments")).await?;
//! let producer = Producer::new(cluster, ProducerConfig::default())?;
//! let first = producer.send(ProducerRecord::new("payments", "alice", "paid 10")).await?;
//! let second = producer.send(ProducerRecord::new("payments", "alice", "paid 7")).await?;
//! assert_eq!((first.await?.offset, second.await?.offset), (0, 1));
//! producer.close(Duration::from_secs(10)).await;
//! # stop.cancel();
//! # broker.await??;
//! # Ok(())
//! # }
//! ```
//!
//! ## What it promises
//!
//! - **Order.** Records of one partition are in the log in the order in which `send` returned, as far as they are there and
//!   none was sent again. Several requests are under way at a time (`max.in.flight.requests.per.connection`), and a broker
//!   answers those of one connection one after the other. With one at a time, the order holds for what is sent again, too.
//! - **An end.** Each record ends once: in an offset or in an error. Nothing waits for ever, and a producer that is dropped
//!   says so to all that wait.
//! - **Bounds.** Records that wait or are under way have at most `buffer.memory` bytes. `send` waits for room, for at most
//!   `max.block.ms`; so a broker that is too slow slows the program down instead of filling its memory.
//!
//! ## When a request fails
//!
//! What then happens is for the way of [`sending`] to say. It is a seam.
//!
//! This stage's, [`SendOnce`], sends nothing again: a record whose request fails is failed. If the connection was lost, nobody
//! knows whether the record is in the log ([`Error::is_in_doubt`]). Batches whose partition has no leader fail at once, and so
//! do those that wait for a broker when an attempt to reach it fails.
//!
//! Stage 04's tries again. Its batches come back to the front of their partition, rest, and go to whoever leads by then. What has
//! no leader waits for one, and what cannot be reached is tried again. `delivery.timeout.ms` after `send`, a record has ended all
//! the same, wherever it is: in the accumulator, under way, or at rest. Until then its memory is taken.
//!
//! | where it is when its time is over | what its error names | in doubt |
//! |---|---|---|
//! | it waits for a leader | why nobody could say who leads, or that nobody does | if an earlier attempt is |
//! | it waits for a broker that cannot be reached | why it cannot | if an earlier attempt is |
//! | at rest | what came of the last attempt | if an attempt is |
//! | it is held back by who numbers the batches (stage 05) | why | if an earlier attempt is |
//! | under way | that no answer has come | yes |
//!
//! A topic that was deleted and made anew is another topic: what was put for the one before fails, and is not sent to this one.
//!
//! ## What it does not promise yet
//!
//! A batch that was stored and not answered is stored twice if it is sent again. And with several requests under way, one that
//! is sent again may be stored behind one that was begun after it. Both are stage 05's. It numbers the records of each partition, and
//! what that takes of a producer is another seam, [`sequencing`]: whether a batch may leave yet, what stands in its header, and
//! what its end means for those behind it. Here nothing is numbered, and every batch may leave when it is ready.

pub mod accumulator;
mod asking;
mod config;
mod delivery;
mod lane;
mod leaving;
mod memory;
pub mod partitioner;
mod record;
mod sender;
pub mod sending;
pub mod sequencing;
mod shared;
mod stats;
mod topics;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use crate::api::TopicInfo;
use crate::client::Cluster;
use crate::error::{Error, Result};
use delivery::Done;
use memory::Room;
use partitioner::{Partitioner, existing};
use sender::Sender;
use shared::Shared;

pub use config::ProducerConfig;
pub use delivery::Delivery;
pub use record::{NO_OFFSET, ProducerRecord, RecordMetadata};
pub use sending::{SendOnce, Sending};
pub use sequencing::Sequencing;
pub use stats::{ProducerStats, QueuedBatch};

/// See the [module](self). It is shared by reference, or in an `Arc`.
pub struct Producer {
    shared: Arc<Shared>,
    /// The number of the first batch that is not answered; ends with the sender.
    progress: watch::Receiver<u64>,
    sender: AbortHandle,
}

impl Producer {
    /// A producer for this cluster. Connects when there is something to send.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn new(cluster: Cluster, config: ProducerConfig) -> Result<Self> {
        let (kind, adaptive) = (config.partitioner, config.adaptive_partitioning);
        let batch_size = config.accumulator().batch_size;
        Self::with_partitioner(cluster, config, move |random| kind.make(batch_size, adaptive, random))
    }

    /// The same with a partitioner of the caller's: `make` makes one for each topic, from a source of randomness that
    /// [`ProducerConfig::seed`] decides.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub fn with_partitioner(
        cluster: Cluster,
        config: ProducerConfig,
        make: impl FnMut(fastrand::Rng) -> Box<dyn Partitioner> + Send + 'static,
    ) -> Result<Self> {
        let config = config.checked(cluster.config())?;
        let shared = Arc::new(Shared::new(cluster, config, Box::new(make)));
        let (sender, progress) = Sender::new(shared.clone());
        let sender = tokio::spawn(sender.run()).abort_handle();
        Ok(Producer { shared, progress, sender })
    }

    /// Puts a record into a batch. Returns when it is there, and gives a future of what becomes of it.
    ///
    /// Waits until the topic is known, and for memory, for at most `max.block.ms`. If the future that this returns is
    /// dropped before it is done, nothing was sent.
    ///
    /// # Errors
    ///
    /// [`Error::RecordTooLarge`], [`Error::BufferFull`], [`Error::Closed`], and [`Error::NoPartition`], for which Kafka
    /// waits as it does for a topic. If the topic is not known in time: why the last question was in vain, which is
    /// [`ErrorCode::UnknownTopicOrPartition`](crate::ErrorCode::UnknownTopicOrPartition) or [`Error::Unreachable`], and
    /// [`Error::NoMetadata`] if there never was an answer. The record was not sent.
    pub async fn send(&self, record: ProducerRecord) -> Result<Delivery> {
        let (delivery, done) = Delivery::new();
        self.put(record, done).await?;
        Ok(delivery)
    }

    /// As [`send`](Self::send), and calls `callback` with what becomes of the record. Callbacks are called on the sender's
    /// task. While one runs nothing is sent, so it must not take long.
    ///
    /// Those of one partition are called in the order of their records, as long as one broker leads it and no batch is sent
    /// again. When the leader moves, the answers of the old one and of the new one race, and what is sent again ends after
    /// what was under way behind it. With `max.in.flight.requests.per.connection=1` neither can happen.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send). Then the callback is never called; else it is called once, whatever happens. (Kafka's Java
    /// client calls it for most errors of `send` itself, too.)
    pub async fn send_with(
        &self,
        record: ProducerRecord,
        callback: impl FnOnce(Result<RecordMetadata>) + Send + 'static,
    ) -> Result<()> {
        self.put(record, Done::Callback(Box::new(callback))).await
    }

    /// Waits until all records have ended that were sent before, however often they are sent again. They do not linger; what
    /// rests goes on resting. How each of them ended is for their deliveries to say.
    pub async fn flush(&self) {
        let all = self.shared.flush();
        // An error means that the sender has ended, and all records with it.
        let _ = self.progress.clone().wait_for(|&first| first >= all).await;
    }

    /// Takes no more records, and waits until all that were sent have ended, however often they are sent again, and all
    /// requests are answered. Those that have not ended when `within` is over fail. Gives how many that were.
    pub async fn close(&self, within: Duration) -> u64 {
        self.shared.close();
        if timeout(within, ended(self.progress.clone())).await.is_err() {
            self.sender.abort();
            ended(self.progress.clone()).await;
        }
        self.shared.abandoned()
    }

    /// The batches that wait: partition by partition, in the order in which they will leave. Those that are under way are not
    /// among them.
    pub fn queued(&self) -> Vec<QueuedBatch> {
        self.shared.queued()
    }

    /// Bytes of `buffer.memory` that are taken, by records that wait or are under way.
    pub fn buffered(&self) -> usize {
        self.shared.config.buffer_memory - self.shared.memory.free()
    }

    /// How many calls of `send` wait for memory now.
    pub fn blocked(&self) -> usize {
        self.shared.memory.waiting()
    }

    /// What it has done until now.
    pub fn stats(&self) -> ProducerStats {
        self.shared.stats()
    }

    /// The settings.
    pub fn config(&self) -> &ProducerConfig {
        &self.shared.config
    }

    async fn put(&self, record: ProducerRecord, done: Done) -> Result<()> {
        let deadline = Instant::now() + self.shared.config.max_block;
        let named = record.partition;
        let (topic, record) = record.stamped(&self.shared.cluster.host().clock);
        let size = self.shared.judge_size(&record)?;
        let waiting = async {
            self.learn(&topic, named, deadline).await?;
            self.room(size, deadline).await
        };
        let room = self.shared.unless_closed(waiting).await?;
        self.shared.append(&topic, named, &record, done, room)
    }

    /// Makes known what a broker says of the topic, unless it is known and holds good. A topic that is unknown may be made in
    /// a moment, and a broker may come back: so it asks again until the deadline.
    async fn learn(&self, topic: &Arc<str>, named: Option<u32>, deadline: Instant) -> Result<()> {
        let ProducerConfig { max_block, retry_backoff, .. } = self.shared.config;
        // What to say at the deadline. An error that leaves in doubt what was done is about the question, not the record.
        let mut last = Error::NoMetadata { topic: topic.to_string(), waited: max_block };
        for failures in 1.. {
            let asked = timeout_at(deadline, self.ask(topic, named));
            match asked.await {
                Ok(Err(error)) if error.is_retriable() => {
                    if !error.is_in_doubt() {
                        last = error;
                    }
                }
                Ok(done) => return done,
                Err(_) => break,
            }
            let again = Instant::now() + retry_backoff.after(failures);
            sleep_until(again.min(deadline)).await;
            if again >= deadline {
                break;
            }
        }
        Err(last)
    }

    async fn ask(&self, topic: &Arc<str>, named: Option<u32>) -> Result<()> {
        let cluster = &self.shared.cluster;
        let is_stale = self.shared.is_stale(topic);
        if is_stale && self.shared.config.sending.delivery_timeout().is_some() && self.shared.has(topic, named) {
            // The record can wait where the others wait. The sender asks for them all.
            return Ok(());
        }
        if !is_stale {
            let info = cluster.topic(topic).await?;
            if has_partition(&info, topic, named).is_ok() {
                self.shared.know(topic, &info);
                return Ok(());
            }
            // The topic may have grown since that was learned.
        }
        let info = cluster.refresh(topic).await?;
        has_partition(&info, topic, named)?;
        self.shared.know(topic, &info);
        Ok(())
    }

    /// Waits for memory.
    async fn room(&self, size: usize, deadline: Instant) -> Result<Room<'_>> {
        let Shared { memory, config, .. } = &*self.shared;
        if let Some(room) = memory.try_take(size) {
            return Ok(room);
        }
        let began = Instant::now();
        let waiting = memory.take(size, || self.shared.wake.notify_one());
        let waited = timeout_at(deadline, waiting).await;
        self.shared.note_wait(began.elapsed());
        let full = Error::BufferFull { waited: config.max_block, limit: config.buffer_memory };
        waited.unwrap_or(Err(full))
    }
}

/// Whether the topic has the partition that a record names, or any if it names none.
fn has_partition(info: &TopicInfo, topic: &str, named: Option<u32>) -> Result<()> {
    existing(named.unwrap_or(0), topic, info.partitions.len() as u32).map(drop)
}

/// Waits until the sender has ended.
async fn ended(mut progress: watch::Receiver<u64>) {
    while progress.changed().await.is_ok() {}
}

impl Drop for Producer {
    /// Records that are not answered fail.
    fn drop(&mut self) {
        self.shared.close();
        self.sender.abort();
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Producer({:?})", self.stats())
    }
}
