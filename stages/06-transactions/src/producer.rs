//! A producer whose records come all together or not at all, in however many partitions (KIP-98).
//!
//! It is stage 02's producer, with stage 05's numbers. What is new is that its records belong to a transaction. The program says where
//! it begins and how it ends; the [coordinator](crate::coordinator) decides.
//!
//! ```text
//!   init ─▶ begin ─▶ send, send, send ─▶ commit ─▶ begin ─▶ send ─▶ abort ─▶ …
//!    │               │                    │                          │
//!    │               │ AddPartitionsToTxn │ flush, EndTxn: commit    │ EndTxn: abort
//!    ▼               ▼                    ▼                          ▼
//!   ─────────────────────────── the coordinator ────────────────────────────▶ markers
//! ```
//!
//! | module | what it answers |
//! |---|---|
//! | `transaction` | which call is allowed, which batch may leave, what an error means: no I/O |
//! | `desk` | how that meets the sender, and how partitions are added |
//! | `line` | who the coordinator is, and asking until it answers |
//!
//! ## The calls
//!
//! | | what it does |
//! |---|---|
//! | [`init`](TransactionalProducer::init) | asks who the producer is. Whoever had the transactional id before can do nothing any more, and what he had open is aborted |
//! | [`begin`](TransactionalProducer::begin) | begins a transaction; nobody is asked |
//! | [`send`](TransactionalProducer::send) | as in stage 02. A batch leaves once the coordinator knows that the transaction has its partition |
//! | [`commit`](TransactionalProducer::commit) | waits until all records are acknowledged, and has the transaction committed |
//! | [`abort`](TransactionalProducer::abort) | fails what has not left, and has the transaction aborted |
//!
//! All but `send` take the producer `&mut`. So nothing is sent while a transaction ends, and the compiler sees to it. Sends go on side by
//! side. A call that was dropped before it was done is called again.
//!
//! ## What is promised
//!
//! - When `commit` returns, it is decided that all records of the transaction count. A reader of committed records sees them once the
//!   markers are written, a moment later.
//! - When `abort` returns, it is decided that none does.
//! - If a record was not acknowledged, `commit` refuses.
//! - If `commit` has not returned in time, nobody knows ([`TransactionError::is_in_doubt`]). Called again, it asks what was decided. It is
//!   never decided twice.
//!
//! ## When something fails
//!
//! Errors are of three kinds ([`TransactionError`]).
//!
//! - **Retriable** ones are tried again inside: records for `delivery.timeout.ms`, questions to the coordinator for `max.block.ms`. Whoever
//!   still gets one may call again.
//! - **Abortable** ones spoil the transaction and not the producer. A record has failed or is in doubt, its number is not taken, the log has
//!   another epoch (`INVALID_PRODUCER_EPOCH`), the coordinator knows of no such transaction (`INVALID_TXN_STATE`,
//!   `TRANSACTION_ABORTABLE`). All calls are refused with it until `abort`. What has not left fails.
//! - **Fatal** ones end the producer: `PRODUCER_FENCED`, `INVALID_PRODUCER_ID_MAPPING`. All calls are refused with it from then on.
//!
//! One sign has two meanings. "Another epoch has begun" is said to a producer whose id another has taken over, and also to one whose
//! transaction took too long, so that the coordinator has aborted it. Leaders cannot tell them apart, nor can whoever adds partitions. So it
//! is abortable there. `abort` asks the one who knows: one whose time was over is given its next epoch and goes on, and one that was
//! fenced is told so, for good.
//!
//! ## Numbers
//!
//! Stage 05's producer takes the next epoch by itself when numbers are missing. Here it must not: the coordinator counts epochs, and a
//! record of one that it has not given is of no transaction. So where numbers would begin anew the transaction is spoilt, and its end
//! brings the next epoch. (A coordinator that raises the epoch only at `init` is asked for it
//! then, KIP-360.)
//!
//! ## Left out
//!
//! A request of `init` that is late, and is overtaken by its own retry, takes the id over once more: the producer is fenced by itself. Nothing
//! is lost, and a new producer has to be made.
//!
//! Offsets of a consumer inside the transaction (stage 07). Kafka adds partitions no more in the newest protocol: the leader
//! does it for the first batch (KIP-890, part 2). Two-phase commit with somebody else's coordinator (KIP-939).

mod config;
mod desk;
pub mod error;
mod line;
mod sending;
mod transaction;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use partitioning::producer::{Delivery, Producer, ProducerConfig, ProducerRecord, ProducerStats, RecordMetadata};
use partitioning::{Cluster, Error};
use tokio::time::{Instant, timeout_at};

use crate::api::{EndTxn, EndTxnRequest, InitTransactions, InitTransactionsRequest};
use crate::records::Identity;
use desk::Desk;
use line::Line;
use sending::TransactionalSending;

pub use config::TransactionalConfig;
pub use error::TransactionError;

/// What this producer's calls return.
pub type Result<T, E = TransactionError> = std::result::Result<T, E>;

/// See the [module](self).
pub struct TransactionalProducer {
    producer: Producer,
    desk: Arc<Desk>,
    line: Line,
    config: TransactionalConfig,
}

impl TransactionalProducer {
    /// A producer for this cluster, which has to [`init`](Self::init) first. `producer` says how records wait and travel; the way of
    /// sending in it is not used.
    ///
    /// # Errors
    ///
    /// [`Error::Config`], which names the setting.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn new(cluster: Cluster, producer: ProducerConfig, config: TransactionalConfig) -> partitioning::Result<Self> {
        let config = config.checked()?;
        let id = config.transactional_id.clone();
        // Neither the lots that partitioners draw, nor the sender's.
        let mut random =
            producer.seed.map_or_else(fastrand::Rng::new, |seed| fastrand::Rng::with_seed(seed.rotate_left(32)));
        let mut line = || Line::new(cluster.clone(), id.clone(), producer.retry_backoff, random.fork());
        let (of_calls, of_desk) = (line(), line());
        let desk = Arc::new(Desk::new(id.clone()));
        let sending = Arc::new(TransactionalSending::new(id, config.sending, desk.clone(), of_desk));
        let producer = Producer::new(cluster, ProducerConfig { sending, ..producer })?;
        Ok(TransactionalProducer { producer, desk, line: of_calls, config })
    }

    /// Asks the coordinator who this producer is, for at most `max.block.ms`. From then on nobody else is it.
    ///
    /// # Errors
    ///
    /// [`NotYet`](TransactionError::NotYet) if its time is over: it may be called again. [`Fatal`](TransactionError::Fatal), for a
    /// `transaction.timeout.ms` that the brokers do not allow, say. [`WrongOrder`](TransactionError::WrongOrder) if it was done before.
    pub async fn init(&mut self) -> Result<()> {
        self.desk.transaction().may_init()?;
        match self.initialize(None).await {
            Ok(producer) => self.desk.transaction().initialized(producer),
            Err(error) => return Err(self.desk.transaction().init_failed(error)),
        }
        Ok(())
    }

    /// Begins a transaction. Nobody is asked: the coordinator learns of it with its first partition.
    ///
    /// # Errors
    ///
    /// [`WrongOrder`](TransactionError::WrongOrder) if one is under way or there was no `init`;
    /// [`Abortable`](TransactionError::Abortable), [`Fatal`](TransactionError::Fatal).
    pub fn begin(&mut self) -> Result<()> {
        self.desk.transaction().begin()?;
        self.desk.turn();
        Ok(())
    }

    /// Puts a record of the transaction into a batch, as [`Producer::send`].
    ///
    /// # Errors
    ///
    /// [`WrongOrder`](TransactionError::WrongOrder) if no transaction is under way. [`Abortable`](TransactionError::Abortable), also
    /// if this record could not be put into a batch: without it the transaction is not whole. [`Fatal`](TransactionError::Fatal).
    pub async fn send(&self, record: ProducerRecord) -> Result<Delivery> {
        self.desk.transaction().may_send()?;
        let sent = self.producer.send(record).await;
        sent.map_err(|error| self.spoilt(error))
    }

    /// As [`send`](Self::send), and calls `callback` with what becomes of the record: see [`Producer::send_with`].
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn send_with(
        &self,
        record: ProducerRecord,
        callback: impl FnOnce(partitioning::Result<RecordMetadata>) + Send + 'static,
    ) -> Result<()> {
        self.desk.transaction().may_send()?;
        let sent = self.producer.send_with(record, callback).await;
        sent.map_err(|error| self.spoilt(error))
    }

    /// Waits until all records that were sent are acknowledged or have failed. The transaction stays open.
    pub async fn flush(&self) {
        self.producer.flush().await;
    }

    /// Waits until all records of the transaction have ended, and has it committed. The coordinator is asked for at most
    /// `max.block.ms`. A transaction without records is committed without a question.
    ///
    /// # Errors
    ///
    /// [`Abortable`](TransactionError::Abortable) if a record was not acknowledged, or the coordinator has aborted the transaction. It is
    /// certain then that it is not committed.
    ///
    /// [`NotYet`](TransactionError::NotYet) if the time is over. If it is [in doubt](TransactionError::is_in_doubt), only another
    /// `commit` is allowed; else nobody was asked yet, and it may be aborted as well.
    ///
    /// [`Fatal`](TransactionError::Fatal), [`WrongOrder`](TransactionError::WrongOrder).
    pub async fn commit(&mut self) -> Result<()> {
        self.desk.transaction().may_commit()?;
        self.producer.flush().await;
        let producer = self.desk.transaction().commits()?;
        self.end(producer, true).await
    }

    /// Has the transaction aborted. Records that have not left fail at once, and those that rest after an attempt when they have
    /// rested; those that are under way are waited for, and not sent again. The coordinator is asked for at most `max.block.ms`.
    ///
    /// # Errors
    ///
    /// [`NotYet`](TransactionError::NotYet) if the time is over: it may be called again. [`Fatal`](TransactionError::Fatal) if this
    /// producer was fenced. [`WrongOrder`](TransactionError::WrongOrder), also while a commit is in doubt.
    pub async fn abort(&mut self) -> Result<()> {
        self.desk.transaction().may_abort()?;
        self.desk.turn();
        self.producer.flush().await;
        let producer = self.desk.transaction().aborts();
        self.end(producer, false).await
    }

    /// Aborts what is open, and waits until all requests are answered, for at most `within` together. A commit that is in doubt is left
    /// so. (One that is dropped instead leaves its transaction open, and the coordinator aborts it when its time is over.)
    ///
    /// # Errors
    ///
    /// Why the transaction could not be aborted. The producer is closed all the same.
    pub async fn close(mut self, within: Duration) -> Result<()> {
        let deadline = Instant::now() + within;
        let aborted = match timeout_at(deadline, self.abort()).await {
            // There was nothing to abort.
            Ok(Err(TransactionError::WrongOrder { .. })) => Ok(()),
            Ok(aborted) => aborted,
            Err(_) => Err(TransactionError::NotYet(Error::Closed("the producer, before its transaction was aborted,"))),
        };
        self.producer.close(deadline.saturating_duration_since(Instant::now())).await;
        aborted
    }

    /// Who the producer is, once it was told: another epoch in each transaction.
    pub fn identity(&self) -> Option<Identity> {
        self.desk.transaction().identity()
    }

    /// What it has done until now.
    pub fn stats(&self) -> ProducerStats {
        self.producer.stats()
    }

    /// The settings that are this stage's.
    pub fn config(&self) -> &TransactionalConfig {
        &self.config
    }

    /// A record could not be put into a batch.
    fn spoilt(&self, error: Error) -> TransactionError {
        self.desk.transaction().spoil(error.clone());
        self.desk.turn();
        TransactionError::Abortable(error)
    }

    async fn initialize(&mut self, expected: Option<Identity>) -> partitioning::Result<Identity> {
        let (transactional_id, timeout_ms) = (self.config.transactional_id.clone(), self.config.timeout_ms());
        let request = InitTransactionsRequest { transactional_id, timeout_ms, expected };
        self.line.ask::<InitTransactions>(request, self.producer.config().max_block).await
    }

    /// Asks for the end that was chosen, in the name of `producer`, if there is anything to end.
    async fn end(&mut self, producer: Option<Identity>, commit: bool) -> Result<()> {
        let Some(producer) = producer else { return Ok(()) };
        let transactional_id = self.config.transactional_id.clone();
        let request = EndTxnRequest { transactional_id, producer, commit };
        let mut told = self.line.ask::<EndTxn>(request, self.producer.config().max_block).await;
        let begins_anew = self.desk.transaction().begins_anew(&told);
        if begins_anew {
            told = self.initialize(Some(producer)).await;
        }
        match told {
            Ok(next) => self.desk.transaction().has_ended(next),
            Err(error) => return Err(self.desk.transaction().end_failed(error)),
        }
        Ok(())
    }
}

impl fmt::Debug for TransactionalProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionalProducer({}, {:?})", self.config.transactional_id, self.identity())
    }
}
