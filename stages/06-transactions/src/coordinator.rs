//! The transaction coordinator: who decides how a transaction ends.
//!
//! Records of one transaction lie in many partitions, on many machines. For all of them to count or none, one place must decide, and
//! its decision must outlive whatever dies. So each transactional id has a coordinator: the leader of one partition of
//! `__transaction_state`, and the decision is a record there, on as many replicas as any record.
//!
//! ```text
//!   producer            coordinator                  __transaction_state-17         orders-0    stock-2
//!     │ init ────────────▶│ Empty, epoch 0 ─────────▶ ▐█Empty█▌
//!     │ add orders-0 ────▶│ Ongoing ────────────────▶ ▐█Ongoing: orders-0█▌
//!     │ records ──────────┼───────────────────────────────────────────────────────▶ ▐█▌
//!     │ add stock-2, records …                                                                  ▐█▌
//!     │ commit ──────────▶│ PrepareCommit ──────────▶ ▐█PrepareCommit█▌     ◀── here it is decided
//!     │ ◀──────────── yes │
//!     │                   │ markers ──────────────────────────────────────────────▶ ▐commit▌    ▐commit▌
//!     │                   │ CompleteCommit ─────────▶ ▐█CompleteCommit█▌
//! ```
//!
//! This is a [`Machine`](replication::machine::Machine): pure, one decision at a time, its state a fold over its log. When its leader
//! dies, the next one replays the log and finds each transaction where it was. One that is decided is carried out; one that is open goes
//! on, and is aborted when its time is over.
//!
//! ## Who is a zombie
//!
//! Two processes may believe to be the same producer: one stood still for a minute, the other was started in its place. So the
//! coordinator counts. [`init`](Coordinator::init) raises the epoch, and whoever comes with an older one is refused, here
//! ([`ProducerFenced`](partitioning::ErrorCode::ProducerFenced)) and at each partition that has seen the newer one.
//!
//! ## An epoch for each transaction
//!
//! The epoch is raised at each end as well (KIP-890), and the marker brings the new one to each partition. So what is late is always of
//! an older epoch: a record that comes after its transaction's marker, and a request to end a transaction that has ended. Without that
//! ([`Epochs::OfInit`]) the second decides over the next transaction (KAFKA-17754).
//!
//! ## Invariants
//!
//! 1. States follow each other as [`TransactionState::may_become`] says.
//! 2. Once an outcome is decided, no request and no crash changes it.
//! 3. A producer id's epoch never goes back.
//! 4. Of each transactional id, one identity may write. No other request in its name changes anything.

mod ending;
mod init;
mod partitions;
mod time;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::machine::{Decided, Machine, Moment};
use segment_log::Timestamp;
use segment_log::control::Outcome;

use crate::api::ListedTransaction;
use crate::records::{Identity, TransactionDecision, TransactionRecord};
use crate::state::TransactionState;

pub use ending::Ended;
pub use init::{Init, Initialized};
pub use partitions::MAX_PARTITIONS;

/// The last epoch of a producer id that a producer gets. The one behind it is for the marker that ends its last transaction.
pub const LAST_EPOCH: i16 = i16::MAX - 1;

/// What the coordinator goes by. Names and defaults are Kafka's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoordinatorConfig {
    /// `transaction.max.timeout.ms`: the longest that a producer may want a transaction to be open.
    pub max_timeout: Duration,
    /// `transactional.id.expiration.ms`: how long an id is remembered that nobody uses.
    pub expiration: Duration,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`: how often it is looked for transactions whose time is over.
    pub check_interval: Duration,
    /// When the epoch is raised.
    pub epochs: Epochs,
}

impl Default for CoordinatorConfig {
    fn default() -> Self {
        CoordinatorConfig {
            max_timeout: Duration::from_secs(15 * 60),
            expiration: Duration::from_secs(7 * 24 * 60 * 60),
            check_interval: Duration::from_secs(10),
            epochs: Epochs::default(),
        }
    }
}

/// When a producer's epoch is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Epochs {
    /// When a producer begins, and when a transaction is aborted that its producer did not end. So it was before KIP-890: a late
    /// request to end a transaction ends the next one.
    OfInit,
    /// At the end of each transaction as well.
    #[default]
    OfTransaction,
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq)]
pub struct Coordinator {
    config: CoordinatorConfig,
    transactions: BTreeMap<Arc<str>, TransactionRecord>,
    /// The uptime at which it is looked again for those whose time is over.
    check_at: Duration,
}

/// What one of its methods has come to.
pub type Ruling<T> = Result<Decided<TransactionDecision, T>, Refusal>;

/// A transaction that is decided, and what is left to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The transactional id.
    pub id: Arc<str>,
    /// What the markers say.
    pub producer: Identity,
    /// The decision.
    pub outcome: Outcome,
    /// The partitions without a marker.
    pub partitions: Vec<TopicPartition>,
}

impl Coordinator {
    /// Before the first decision.
    pub fn new(config: CoordinatorConfig) -> Self {
        Coordinator { config, transactions: BTreeMap::new(), check_at: config.check_interval }
    }

    /// A transactional id, if it is known.
    pub fn get(&self, id: &str) -> Option<&TransactionRecord> {
        self.transactions.get(id)
    }

    /// All that are known, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &TransactionRecord)> {
        self.transactions.iter()
    }

    /// At most so many of them, by id, from the first one behind `after` on.
    pub fn list(&self, after: Option<&str>, most: usize) -> Vec<ListedTransaction> {
        let behind = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let listed = |(id, record): (&Arc<str>, &TransactionRecord)| {
            let TransactionRecord { producer, state, .. } = *record;
            ListedTransaction { transactional_id: id.to_string(), producer, state }
        };
        self.transactions.range::<str, _>(behind).take(most).map(listed).collect()
    }

    /// The transactions that are decided and not carried out.
    pub fn prepared(&self) -> Vec<Prepared> {
        let prepared = |(id, record): (&Arc<str>, &TransactionRecord)| {
            let outcome = record.state.outcome().filter(|_| record.state.is_prepared())?;
            let partitions = record.partitions.iter().cloned().collect();
            Some(Prepared { id: id.clone(), producer: record.producer, outcome, partitions })
        };
        self.iter().filter_map(prepared).collect()
    }

    /// The record of an id, if this producer may speak for it.
    fn of(&self, id: &str, producer: Identity) -> Result<&TransactionRecord, Refusal> {
        let record = self.mapped(id, producer)?;
        let is_it = record.producer == producer && producer.epoch <= LAST_EPOCH;
        if is_it { Ok(record) } else { Err(fenced(id, producer, record)) }
    }

    /// The record of an id, if this is its producer id, or was before the last one.
    fn mapped(&self, id: &str, producer: Identity) -> Result<&TransactionRecord, Refusal> {
        let unknown = |why: &str| {
            let message = format!("producer {} of transactional id `{}`: {why}", producer.id, shown(id));
            Err(ErrorCode::InvalidProducerIdMapping.because(message))
        };
        match self.get(id) {
            None => unknown("the id is not known; it was never used, or not for too long"),
            // It was told who it is from the end of this transaction on, and that is being carried out.
            Some(record) if record.next_id == Some(producer.id) => Err(concurrent(id, record.state)),
            Some(record)
                if record.producer.id != producer.id && record.previous.map(|one| one.id) != Some(producer.id) =>
            {
                unknown("the id has another producer")
            }
            Some(record) => Ok(record),
        }
    }
}

impl Machine for Coordinator {
    type Record = TransactionDecision;

    fn replay(&mut self, decision: &TransactionDecision) {
        match &decision.record {
            Some(record) => drop(self.transactions.insert(decision.id.clone(), record.clone())),
            None => drop(self.transactions.remove(&decision.id)),
        }
    }

    fn tick(&mut self, now: Moment) -> Vec<TransactionDecision> {
        let (due, pause) = self.over(now.wall);
        self.check_at = now.uptime + pause;
        due
    }

    fn deadline(&self) -> Option<Duration> {
        Some(self.check_at)
    }
}

impl TransactionRecord {
    /// The same in another state, from `now` on.
    fn becomes(&self, state: TransactionState, now: Timestamp) -> Self {
        debug_assert!(self.state.may_become(state), "{} does not become {state}", self.state);
        TransactionRecord { state, updated: now, ..self.clone() }
    }
}

fn decide(id: &Arc<str>, record: TransactionRecord) -> Vec<TransactionDecision> {
    vec![TransactionDecision { id: id.clone(), record: Some(record) }]
}

fn fenced(id: &str, producer: Identity, record: &TransactionRecord) -> Refusal {
    ErrorCode::ProducerFenced.because(format!(
        "transactional id `{}`: epoch {} of producer {} is over, and epoch {} of producer {} has begun",
        shown(id),
        producer.epoch,
        producer.id,
        record.producer.epoch,
        record.producer.id
    ))
}

fn concurrent(id: &str, state: TransactionState) -> Refusal {
    let message = format!("the transaction of `{}` is in {state}: its end is still being carried out", shown(id));
    ErrorCode::ConcurrentTransactions.because(message)
}

fn shown(id: &str) -> String {
    partitioning::topics::name::shown(id)
}
