//! Where the transaction meets stage 02's sender, and who adds partitions to it.
//!
//! ```text
//!   sender ── gate: orders-0? ──▶ not in the transaction: held ─╮
//!          ── gate: stock-2? ───▶ not in the transaction: held ─┤
//!     ▲                                                         ▼
//!     ╰───────────────── wake ◀── both are in it ◀── AddPartitionsToTxn: orders-0, stock-2
//! ```
//!
//! The sender looks at all partitions that are ready before anybody else runs, so those that become ready together are added together. One
//! request at a time is under way; what comes meanwhile goes with the next.
//!
//! Right after a transaction the coordinator may still be writing its markers, and says `CONCURRENT_TRANSACTIONS`. That takes a few
//! milliseconds, so the first partitions of a transaction are tried again sooner than other things (as in Kafka).

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use partitioning::producer::Sequencing;
use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Gate, Stamp};
use partitioning::{ErrorCode, TopicPartition};
use tokio::sync::{Notify, OnceCell, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::debug;

use super::line::Line;
use super::transaction::Transaction;
use crate::api::{AddPartitionsRequest, AddPartitionsToTxn};

/// How long to wait for the transaction before, as in Kafka.
const SOON: Duration = Duration::from_millis(20);

/// What the callers, the sender and the one who adds partitions share.
#[derive(Debug)]
pub(super) struct Desk {
    transactional_id: String,
    transaction: Mutex<Transaction>,
    /// There is something to add.
    wanted: Notify,
    /// A transaction begins or ends: what was asked for the one before is of no use any more.
    turned: watch::Sender<()>,
    /// Lets the sender look again.
    sender: OnceCell<Arc<Notify>>,
}

impl Desk {
    pub(super) fn new(transactional_id: String) -> Self {
        let (turned, _) = watch::channel(());
        let transaction = Mutex::new(Transaction::new());
        Desk { transactional_id, transaction, wanted: Notify::new(), turned, sender: OnceCell::new() }
    }

    pub(super) fn transaction(&self) -> MutexGuard<'_, Transaction> {
        self.transaction.lock().expect("nothing panics while it holds the transaction")
    }

    /// The phase is another one: all look again.
    pub(super) fn turn(&self) {
        self.turned.send_replace(());
        self.wake();
    }

    fn wake(&self) {
        if let Some(sender) = self.sender.get() {
            sender.notify_one();
        }
    }
}

/// The sender's side of a [`Desk`].
#[derive(Debug)]
pub(super) struct AtDesk {
    desk: Arc<Desk>,
    /// The task that adds partitions. It ends with this.
    _adding: JoinSet<()>,
}

impl AtDesk {
    pub(super) fn new(desk: Arc<Desk>, line: Line, wake: Arc<Notify>) -> Self {
        desk.sender.set(wake).expect("a desk has one sender");
        let mut adding = JoinSet::new();
        adding.spawn(add(desk.clone(), line));
        AtDesk { desk, _adding: adding }
    }
}

impl Sequencing for AtDesk {
    fn gate(&mut self, first: &Departure<'_>) -> Gate {
        let mut transaction = self.desk.transaction();
        let gate = transaction.gate(first);
        if transaction.wants(first.at) {
            self.desk.wanted.notify_one();
        }
        gate
    }

    fn stamp(&mut self, leaving: &Departure<'_>) -> Option<Stamp> {
        Some(self.desk.transaction().stamp(leaving))
    }

    fn is_transactional(&self) -> bool {
        true
    }

    fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        self.desk.transaction().attempt_failed(failure)
    }

    fn ended(&mut self, at: &TopicPartition, number: u64, ending: Ending) {
        self.desk.transaction().ended(at, number, ending);
    }

    fn trouble(&self, at: &TopicPartition) -> Option<String> {
        self.desk.transaction().trouble(at)
    }
}

/// Adds what is wanted, for as long as the producer lives.
async fn add(desk: Arc<Desk>, mut line: Line) {
    let mut turned = desk.turned.subscribe();
    let mut failures = 0;
    loop {
        let Some(asked) = desk.transaction().next_to_add() else {
            failures = 0;
            desk.wanted.notified().await;
            continue;
        };
        let request = AddPartitionsRequest {
            transactional_id: desk.transactional_id.clone(),
            producer: asked.producer,
            partitions: asked.partitions.clone(),
        };
        let answer = tokio::select! {
            biased;
            // The one before has ended or is ending, and its producer's epoch with it.
            _ = turned.changed() => continue,
            answer = line.once::<AddPartitionsToTxn>(request) => answer,
        };
        let code = answer.as_ref().err().and_then(partitioning::Error::code);
        if let Err(error) = &answer {
            debug!("{} partitions are not added yet: {error}", asked.partitions.len());
        }
        let (again, is_first) = {
            let mut transaction = desk.transaction();
            (transaction.were_added(&asked, answer), transaction.is_first())
        };
        desk.wake();
        if !again {
            failures = 0;
            continue;
        }
        failures += 1;
        let rest = line.rest(failures);
        let is_soon = is_first && code == Some(ErrorCode::ConcurrentTransactions);
        let rest = if is_soon { rest.min(SOON) } else { rest };
        tokio::select! {
            biased;
            _ = turned.changed() => failures = 0,
            () = sleep(rest) => {}
        }
    }
}
