//! Who moves money: one transfer after the other, until somebody ends it.
//!
//! A teller that dies learns nothing of it, and its successor begins with the next transfer. Whatever it had sent of the last one is in
//! the log, or comes to be there. With transactions that does not count, as the successor has the same transactional id, and what was open
//! is aborted when it begins. Without, it counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use acks::simulation::Draw;
use idempotence::producer::IdempotentSending;
use partitioning::producer::{Delivery, Producer, ProducerConfig, ProducerRecord};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::money::Change;
use super::{Bank, Kind, OPENING};
use crate::producer::{TransactionError, TransactionalConfig, TransactionalProducer};

/// How often a teller begins a transfer, at most.
const PACE: Duration = Duration::from_millis(10);
/// How long it rests before it tries again what may pass.
const AGAIN: Duration = Duration::from_millis(100);

/// What the tellers of one kind have done.
#[derive(Debug, Default)]
pub struct Done {
    /// Transfers that are acknowledged: committed, or both records written.
    pub transfers: AtomicU64,
    /// Those that were given up after an error: aborted, or left as they are.
    pub given_up: AtomicU64,
}

/// Puts the first money into all accounts.
///
/// # Errors
///
/// What came in between.
pub async fn open_accounts(bank: &Bank, kind: Kind) -> partitioning::Result<()> {
    let mut till = Till::open(bank, kind, 0).await?;
    let opening = (1..=bank.accounts).map(|account| Change { transfer: None, account, amount: OPENING });
    match till.enter(kind, opening.collect()).await {
        Ok(()) => Ok(()),
        Err(Left::GivenUp(error) | Left::Ended(error)) => Err(error),
    }
}

/// Works as teller `number`, until it is dropped, or can do nothing any more.
pub async fn work(bank: Arc<Bank>, kind: Kind, number: usize, done: Arc<Done>, mut draw: Draw) {
    let mut till = loop {
        match Till::open(&bank, kind, number).await {
            Ok(till) => break till,
            // Brokers are dead, or busy with the transaction of the teller before.
            Err(_) => sleep(AGAIN).await,
        }
    };
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        let from = draw.from_to(1, bank.accounts);
        // Another one.
        let to = (from + draw.from_to(1, bank.accounts - 1) - 1) % bank.accounts + 1;
        let number_of = bank.next.fetch_add(1, Ordering::Relaxed);
        let halves = Change::transfer(number_of, from, to, draw.from_to(1, 10) as i64);
        match till.enter(kind, halves.into()).await {
            Ok(()) => done.transfers.fetch_add(1, Ordering::Relaxed),
            Err(Left::GivenUp(_)) => done.given_up.fetch_add(1, Ordering::Relaxed),
            Err(Left::Ended(error)) => {
                done.given_up.fetch_add(1, Ordering::Relaxed);
                let why = error.code().map_or_else(|| error.to_string(), |code| code.to_string());
                bank.diary.tell(format!("an old teller {number} can do nothing any more: {why}"));
                return;
            }
        };
    }
}

/// Ends what a teller of this number has left open. Gives up never: how long it may take is for the caller to say.
pub async fn settle(bank: &Bank, number: usize) {
    while Till::open(bank, Kind::Transactional, number).await.is_err() {
        sleep(AGAIN).await;
    }
}

/// Why a transfer was not made.
enum Left {
    /// The next one may be.
    GivenUp(partitioning::Error),
    /// None will be by this teller.
    Ended(partitioning::Error),
}

/// What a teller moves money with.
enum Till {
    Transactional(Box<TransactionalProducer>),
    Plain(Producer),
}

impl Till {
    async fn open(bank: &Bank, kind: Kind, number: usize) -> partitioning::Result<Self> {
        let name = format!("teller-{number}");
        let cluster = bank.cluster(&name)?;
        let (producer, sending) = Bank::producing();
        match kind {
            Kind::Transactional => {
                let timeout = Duration::from_secs(10);
                let config = TransactionalConfig { timeout, sending, ..TransactionalConfig::new(name) };
                let mut producer = TransactionalProducer::new(cluster, producer, config)?;
                match producer.init().await {
                    Ok(()) => Ok(Till::Transactional(Box::new(producer))),
                    Err(error) => Err(inner(error)),
                }
            }
            Kind::Plain => {
                let sending = Arc::new(IdempotentSending::new(sending));
                Ok(Till::Plain(Producer::new(cluster, ProducerConfig { sending, ..producer })?))
            }
        }
    }

    async fn enter(&mut self, kind: Kind, changes: Vec<Change>) -> Result<(), Left> {
        let topic = kind.topic();
        let record = |change: &Change| ProducerRecord::new(topic.clone(), &*change.key(), change.value());
        let records: Vec<_> = changes.iter().map(record).collect();
        match self {
            Till::Transactional(producer) => in_a_transaction(producer, records).await,
            Till::Plain(producer) => one_by_one(producer, records).await.map_err(Left::GivenUp),
        }
    }
}

/// All records, or none.
async fn in_a_transaction(producer: &mut TransactionalProducer, records: Vec<ProducerRecord>) -> Result<(), Left> {
    let made = async {
        producer.begin()?;
        for record in records {
            // That it was acknowledged is the commit's business.
            drop::<Delivery>(producer.send(record).await?);
        }
        loop {
            match producer.commit().await {
                Err(error) if error.is_retriable() => sleep(AGAIN).await,
                ended => return ended,
            }
        }
    };
    let error = match made.await {
        Ok(()) => return Ok(()),
        Err(error) => error,
    };
    if !error.is_abortable() {
        return Err(Left::Ended(inner(error)));
    }
    loop {
        match producer.abort().await {
            Ok(()) => return Err(Left::GivenUp(inner(error))),
            Err(error) if error.is_retriable() => sleep(AGAIN).await,
            Err(error) => return Err(Left::Ended(inner(error))),
        }
    }
}

/// One record, and when it is safe the next: what is taken is put somewhere, unless something comes in between.
async fn one_by_one(producer: &Producer, records: Vec<ProducerRecord>) -> partitioning::Result<()> {
    for record in records {
        producer.send(record).await?.await?;
    }
    Ok(())
}

/// What went wrong, without what can be done about it.
fn inner(error: TransactionError) -> partitioning::Error {
    match error.error() {
        Some(error) => error.clone(),
        None => unreachable!("a teller calls in the right order: {error}"),
    }
}
