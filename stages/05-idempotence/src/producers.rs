//! What a partition knows of its producers: a fold over its log.
//!
//! A batch says who sent it, in which epoch, and which numbers its records have. Whoever reads the batches of a log in order
//! knows, at each point, what each producer has brought, and which number comes next. That is all that is needed to tell a
//! retry from a record. So nothing is kept beside the log, and nothing is sent between brokers for it:
//!
//! ```text
//!   leader     ▐█p7 0…4█▌▐█p9 0…0█▌▐█p7 5…9█▌      p7: next 10    p9: next 1
//!                    │ copies                           ▲ the same, from the same batches
//!   follower   ▐█p7 0…4█▌▐█p9 0…0█▌▐█p7 5…9█▌      p7: next 10    p9: next 1
//! ```
//!
//! When the leader dies and the follower leads, it knows a retry of `p7 5…9` as the old leader would have. When a follower's log is
//! cut, its state is restored from a snapshot and the batches that are left, so what was cut is forgotten. After a crash it is
//! the same again.
//!
//! Of each producer the last [five](REMEMBERED) batches are remembered, with their places: a producer has at most so many under way
//! (`max.in.flight.requests.per.connection`), so a retry is always one of them.
//!
//! ## How long it is remembered
//!
//! *Longer than the records.* Retention takes segments, and the state stays: it is in the snapshot of the first segment that is left.
//! Kafka once forgot a producer with its last record (KAFKA-7190). Then a producer that had been silent for as long as the records
//! live was unknown, and got an error for its next one.
//!
//! *Not for ever.* A producer that starts gets an id that nobody ever had, and most start often. So those that were not heard of for
//! `producer.id.expiration.ms` are forgotten. Kafka goes by the timestamps of the records, which producers set, and one that copies
//! old records is forgotten at once. Here it is this broker's clock that counts, from the first look at the clock on after the batch.
//! So two replicas may forget at different times, as in Kafka, and it is a setting of a day or more that makes this harmless: it must
//! be longer than any retry can be late.
//!
//! ## Invariants
//!
//! 1. Of each producer, the batches that are remembered have its current epoch, in the order of the log.
//! 2. Nothing but [`apply`](Fold::apply) changes what is known of a producer, and nothing but [`time_passed`](Fold::time_passed) takes
//!    it away.
//! 3. `apply` takes what is in the log, whether it would be let in today or not: the leader has judged.

mod snapshot;
mod verdict;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use partitioning::{ErrorCode, Refusal};
use segment_log::{Appended, BatchView, Fold, Origin, Rejection, Timestamp, Verdict};

pub use verdict::{Judgement, Numbered, Unknown, judge};

/// How many batches of each producer are remembered in each partition (Kafka's `NUM_BATCHES_TO_RETAIN`).
pub const REMEMBERED: usize = 5;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producers {
    known: BTreeMap<i64, Producer>,
    config: ProducersConfig,
}

/// What a partition remembers its producers by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducersConfig {
    /// `producer.id.expiration.ms`: how long a producer is remembered that is not heard of. A day in Kafka.
    pub expiration: Duration,
    /// What is taken from one of which nothing is known.
    pub unknown: Unknown,
}

impl Default for ProducersConfig {
    fn default() -> Self {
        ProducersConfig { expiration: Duration::from_secs(24 * 60 * 60), unknown: Unknown::default() }
    }
}

/// What is known of one producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    epoch: i16,
    /// The last batches of this epoch, oldest first; at most [`REMEMBERED`], and none if the epoch has just begun.
    seen: VecDeque<Seen>,
    /// The time of the first look at the clock after its last batch; `None` until there is one.
    heard: Option<Timestamp>,
}

/// A batch that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The number of its first record.
    pub first: i32,
    /// The number of its last record.
    pub last: i32,
    /// Where it is.
    pub at: Appended,
}

impl Producer {
    fn begun(epoch: i16) -> Self {
        Producer { epoch, seen: VecDeque::new(), heard: None }
    }

    /// Its current epoch.
    pub fn epoch(&self) -> i16 {
        self.epoch
    }

    /// The batches that are remembered, oldest first.
    pub fn remembered(&self) -> impl DoubleEndedIterator<Item = &Seen> {
        self.seen.iter()
    }

    /// The number of its last record in this epoch; `None` if there is none yet.
    pub fn last(&self) -> Option<i32> {
        self.seen.back().map(|seen| seen.last)
    }

    fn learn(&mut self, batch: &Numbered, at: Appended) {
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen { first: batch.first, last: batch.last, at });
    }
}

impl Producers {
    /// Before the first batch.
    pub fn new(config: ProducersConfig) -> Self {
        Producers { known: BTreeMap::new(), config }
    }

    /// What is known of a producer.
    pub fn get(&self, id: i64) -> Option<&Producer> {
        self.known.get(&id)
    }

    /// All that are known, by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.known.iter().map(|(id, producer)| (*id, producer))
    }

    /// What to do with a numbered batch.
    pub fn judge(&self, batch: &Numbered) -> Judgement {
        judge(self.get(batch.producer), batch, self.config.unknown)
    }

    /// The same, as the log and the wire want it.
    ///
    /// # Errors
    ///
    /// [`OutOfOrderSequenceNumber`](ErrorCode::OutOfOrderSequenceNumber), [`InvalidProducerEpoch`](ErrorCode::InvalidProducerEpoch);
    /// [`InvalidRecord`](ErrorCode::InvalidRecord) for an epoch that cannot be.
    pub fn verdict(&self, batch: &Numbered) -> Result<Verdict, Refusal> {
        if batch.epoch < 0 {
            return Err(refusal(ErrorCode::InvalidRecord, batch, "an epoch is at least 0"));
        }
        match self.judge(batch) {
            Judgement::Next => Ok(Verdict::Write),
            Judgement::Duplicate(at) => Ok(Verdict::Duplicate(at)),
            Judgement::OutOfOrder { expected } => {
                let rule = format!("{expected} comes next, so either some before it are missing, or it is an old one");
                Err(refusal(ErrorCode::OutOfOrderSequenceNumber, batch, &rule))
            }
            Judgement::OldEpoch { current } => {
                let rule = format!("the producer is in epoch {current} by now");
                Err(refusal(ErrorCode::InvalidProducerEpoch, batch, &rule))
            }
        }
    }

    /// Forgets those that were not heard of for too long, but for those that somebody `keeps`: stage 06 keeps whoever has a
    /// transaction open.
    pub fn forget_silent(&mut self, now: Timestamp, keeps: impl Fn(i64) -> bool) {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        self.known.retain(|id, producer| {
            // A clock that was set back must not keep a producer for ever.
            let heard = producer.heard.map_or(now, |heard| heard.min(now));
            producer.heard = Some(heard);
            keeps(*id) || now.saturating_sub(heard) < expiration
        });
    }
}

impl AsRef<Producers> for Producers {
    fn as_ref(&self) -> &Producers {
        self
    }
}

impl Default for Producers {
    fn default() -> Self {
        Producers::new(ProducersConfig::default())
    }
}

impl Fold for Producers {
    fn check(&self, batch: &BatchView<'_>, origin: &Origin) -> Result<Verdict, Rejection> {
        match (origin, Numbered::of(batch)) {
            (Origin::Client { .. }, Some(numbered)) => self.verdict(&numbered).map_err(Rejection::new),
            _ => Ok(Verdict::Write),
        }
    }

    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        if batch.producer_id() < 0 {
            return;
        }
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let producer = self.known.entry(id).or_insert_with(|| Producer::begun(epoch));
        if producer.epoch != epoch {
            // The numbers of an epoch begin anew, so what is remembered of the one before says nothing.
            *producer = Producer::begun(epoch);
        }
        producer.heard = None;
        if let Some(numbered) = Numbered::of(batch) {
            producer.learn(&numbered, *at);
        }
    }

    fn time_passed(&mut self, now: Timestamp) {
        self.forget_silent(now, |_| false);
    }

    fn snapshot(&self) -> Vec<u8> {
        snapshot::encode(&self.known)
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        self.known = snapshot.map_or(Ok(BTreeMap::new()), snapshot::decode)?;
        Ok(())
    }
}

fn refusal(code: ErrorCode, batch: &Numbered, rule: &str) -> Refusal {
    let Numbered { producer, epoch, first, last } = batch;
    let numbers =
        if first == last { format!("sequence number {first}") } else { format!("sequence numbers {first} to {last}") };
    code.because(format!("producer {producer}, epoch {epoch}, {numbers}: {rule}"))
}
