//! What a partition knows of transactions: a fold over its log, on top of stage 05's.
//!
//! Records of a transaction go into the log as they come, long before anybody knows how it ends. Its end is one more batch, a
//! *marker*, which the transaction's coordinator writes: commit or abort. So all that must be known of transactions stands in the
//! log, and follows from it, on each replica alike:
//!
//! ```text
//!              0        1        2        3        4        5        6
//!   log     ▐█p7 a█▌ ▐█p9 x█▌ ▐█p7 b█▌ ▐█  c  █▌ ▐p7 commit▌ ▐█p8 y█▌ ▐p9 abort▌       high watermark 7
//!              ╰────────── p7 ───────────────────────╯           ╰─ p8, open
//!                        ╰──────────────── p9 ────────────────────────────╯
//!   last stable offset   1 after 4: p9 is open since 1           5 after 6: p8 is open since 5
//!   index of the aborted                                         p9: 1 to 6
//! ```
//!
//! The **last stable offset** (LSO) is where the first record lies that is not decided, or whose decision could yet be lost. Readers
//! of committed records do not go beyond it, as they would have to go back. So one transaction that is open holds back all who read
//! so, whoever's records come behind it. That is why transactions have a time limit.
//!
//! A decision could be lost as long as its marker is not committed. So a transaction whose marker is in the log counts as open until the
//! high watermark has passed the marker ([`Fold::committed`]).
//!
//! ## Who may begin
//!
//! The first record of a transaction in a partition opens it there, and only a marker ends it. A record that comes when its transaction
//! is over opens one that nobody will ever end: a *hanging transaction*, behind which the LSO stands still (KIP-890, KAFKA-14402). So
//! before the first record the partition's leader asks the coordinator whether the transaction has this partition (`verify.rs`).
//! Between the answer and the record a marker may come, and then the answer holds no longer. So whoever
//! asks takes a [ticket](Transactions::ticket) first, and a marker makes all tickets of its producer invalid. That is known on the
//! leader alone, and no batch tells it.
//!
//! ## Invariants
//!
//! 1. A producer has at most one open transaction in a partition.
//! 2. The LSO does not go back, unless the log is cut.
//! 3. `unstable` is at most the first offset of each open transaction, and of each whose marker is not committed.
//! 4. A marker of a coordinator that was replaced is not written, nor one of an epoch that is over.

mod marker;
mod open;
mod snapshot;
mod tickets;

use idempotence::producers::{Numbered, Producers, ProducersConfig};
use partitioning::{ErrorCode, Refusal};
use segment_log::{AbortedTransaction, Appended, BatchView, Fold, Offset, Origin, Rejection, Timestamp, Verdict};

use crate::coordinator::Epochs;
use marker::MarkerSeen;
use open::OpenTransactions;
use segment_log::control::Outcome;
use tickets::Tickets;

pub use tickets::Ticket;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transactions {
    producers: Producers,
    open: OpenTransactions,
    /// The last marker of each producer that is known.
    markers: std::collections::BTreeMap<i64, MarkerSeen>,
    /// Whether a transaction that has just been aborted is to be noted beside the log.
    aborted: Option<AbortedTransaction>,
    tickets: Tickets,
    verification: Verification,
    epochs: Epochs,
}

/// Whether a transaction's first record in a partition is let in without a word of its coordinator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Verification {
    /// It is, as before KIP-890: a late record can open a transaction that nobody ends.
    Off,
    /// The coordinator is asked before (`transaction.partition.verification.enable`).
    #[default]
    BeforeFirstWrite,
}

/// What a partition goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TransactionsConfig {
    /// What producers are remembered by (stage 05).
    pub producers: ProducersConfig,
    /// Whether first records are verified.
    pub verification: Verification,
    /// Whether each transaction has its own epoch, so that its marker has a higher one than what is open.
    pub epochs: Epochs,
}

/// A transaction that is open in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTransaction {
    /// Whose.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: Offset,
}

impl Transactions {
    /// Before the first batch.
    pub fn new(config: TransactionsConfig) -> Self {
        Transactions {
            producers: Producers::new(config.producers),
            open: OpenTransactions::default(),
            markers: Default::default(),
            aborted: None,
            tickets: Tickets::default(),
            verification: config.verification,
            epochs: config.epochs,
        }
    }

    /// What is known of producers.
    pub fn producers(&self) -> &Producers {
        &self.producers
    }

    /// The transactions that are open here, by where they begin.
    pub fn open(&self) -> impl Iterator<Item = OpenTransaction> {
        self.open.iter()
    }

    /// The epoch of the coordinator that wrote the last marker for a producer.
    pub fn coordinator_epoch(&self, producer_id: i64) -> Option<i32> {
        self.markers.get(&producer_id).map(|seen| seen.coordinator_epoch)
    }

    /// What whoever brings a batch of a transaction needs before it asks the coordinator; `None` if there is nothing to ask.
    ///
    /// # Errors
    ///
    /// [`InvalidProducerEpoch`](ErrorCode::InvalidProducerEpoch) if a newer epoch is known, or asks. The question would be in vain, and
    /// must not take the newer one's place.
    pub fn ticket(&mut self, producer_id: i64, epoch: i16) -> Result<Option<Ticket>, Refusal> {
        let known = self.producers.get(producer_id).map(|producer| producer.epoch());
        if let Some(newer) = known.max(self.tickets.epoch_of(producer_id)).filter(|newer| *newer > epoch) {
            let rule = format!("producer {producer_id}, epoch {epoch}: the producer is in epoch {newer} by now");
            return Err(ErrorCode::InvalidProducerEpoch.because(rule));
        }
        let is_known = self.is_open_in(producer_id, epoch) || self.tickets.is_admitted(producer_id, epoch);
        let is_asked = self.verification == Verification::BeforeFirstWrite && !is_known;
        Ok(is_asked.then(|| self.tickets.take(producer_id, epoch)))
    }

    /// The coordinator has said that the transaction has this partition. Gives whether that still holds.
    pub fn admit(&mut self, ticket: Ticket) -> bool {
        self.tickets.admit(ticket)
    }

    /// The coordinator has said no, or nothing.
    pub fn give_back(&mut self, ticket: Ticket) {
        self.tickets.give_back(ticket);
    }

    fn check_data(&self, batch: &BatchView<'_>) -> Result<Verdict, Refusal> {
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let Some(numbered) = Numbered::of(batch) else {
            return match batch.is_transactional() {
                false => Ok(Verdict::Write),
                true => {
                    Err(ErrorCode::InvalidRecord.because("a batch of a transaction has a producer id and a sequence"))
                }
            };
        };
        let verdict = self.producers.verdict(&numbered)?;
        if verdict != Verdict::Write {
            return Ok(verdict);
        }
        let refuse =
            |rule: &str| Err(ErrorCode::InvalidTxnState.because(format!("producer {id}, epoch {epoch}: {rule}")));
        match batch.is_transactional() {
            false if self.open.of(id).is_some() => refuse("it has a transaction open here, and this batch is of none"),
            true if self.must_be_admitted() && !self.is_open_in(id, epoch) && !self.tickets.is_admitted(id, epoch) => {
                refuse("no transaction of it is known to have this partition, or the one that had it is over")
            }
            _ => Ok(verdict),
        }
    }

    /// Whether a record of this epoch goes on with a transaction that is open here. One of a later epoch does not: the transaction before
    /// is decided, and its marker is on the way.
    fn is_open_in(&self, producer_id: i64, epoch: i16) -> bool {
        let current = self.producers.get(producer_id).map(|producer| producer.epoch());
        self.open.of(producer_id).is_some() && current == Some(epoch)
    }

    fn must_be_admitted(&self) -> bool {
        self.verification == Verification::BeforeFirstWrite
    }

    /// A marker that is here already is not written again. Its coordinator did not hear that it was.
    ///
    /// Unless epochs are raised at `init` alone, and somebody asks the coordinator about a first record. Then this may as well be the
    /// marker of a next transaction, with the same epoch and outcome, and it must make that question void. And a later coordinator's
    /// is written once more there: from then on, copies of an earlier one's are refused, which could end the next transaction.
    ///
    /// A request with a marker can be late, and then the next transaction may be open. Where each transaction has its epoch, its own
    /// marker has a higher one than its records, and so a late one is recognised (KIP-1228).
    fn check_marker(&self, batch: &BatchView<'_>) -> Result<Verdict, Refusal> {
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let marker = marker::of(batch)?;
        if id < 0 || epoch < 0 || marker.coordinator_epoch < 0 {
            let rule =
                format!("a marker of producer {id}, epoch {epoch}, coordinator epoch {}", marker.coordinator_epoch);
            return Err(ErrorCode::InvalidRecord.because(format!("{rule}: none of them is below 0")));
        }
        let seen = self.markers.get(&id);
        if let Some(seen) = seen.filter(|seen| seen.coordinator_epoch > marker.coordinator_epoch) {
            return Err(ErrorCode::TransactionCoordinatorFenced.because(format!(
                "producer {id}: a marker of coordinator epoch {}, and one of epoch {} is in the log",
                marker.coordinator_epoch, seen.coordinator_epoch
            )));
        }
        let is_news = |seen: &MarkerSeen| {
            self.tickets.epoch_of(id).is_some() || seen.coordinator_epoch < marker.coordinator_epoch
        };
        if let Some(seen) = seen.filter(|seen| seen.epoch == epoch && seen.outcome == marker.outcome)
            && self.open.of(id).is_none()
            && (self.epochs == Epochs::OfTransaction || !is_news(seen))
        {
            return Ok(Verdict::Duplicate(seen.at));
        }
        let is_of_earlier = |current| match self.epochs {
            Epochs::OfTransaction => epoch < current || (epoch == current && self.open.of(id).is_some()),
            Epochs::OfInit => epoch < current,
        };
        match self.producers.get(id).map(|producer| producer.epoch()) {
            Some(current) if is_of_earlier(current) => Err(ErrorCode::InvalidProducerEpoch
                .because(format!("producer {id}: a marker of epoch {epoch}, and the producer is in epoch {current}"))),
            _ => Ok(Verdict::Write),
        }
    }

    fn apply_marker(&mut self, batch: &BatchView<'_>, at: &Appended) {
        let id = batch.producer_id();
        // Another kind of note is not for transactions.
        let Ok(marker) = marker::of(batch) else { return };
        let first = self.open.end(id, at.last_offset);
        self.markers.insert(id, MarkerSeen::of(batch, marker, *at));
        if let (Some(first_offset), Outcome::Abort) = (first, marker.outcome) {
            let last_offset = at.last_offset;
            let last_stable_offset = self.open.first().unwrap_or(last_offset.saturating_add(1));
            self.aborted = Some(AbortedTransaction { producer_id: id, first_offset, last_offset, last_stable_offset });
        }
    }
}

impl AsRef<Producers> for Transactions {
    fn as_ref(&self) -> &Producers {
        &self.producers
    }
}

impl Default for Transactions {
    fn default() -> Self {
        Transactions::new(TransactionsConfig::default())
    }
}

impl Fold for Transactions {
    fn check(&self, batch: &BatchView<'_>, origin: &Origin) -> Result<Verdict, Rejection> {
        let verdict = match (origin, batch.is_control()) {
            (Origin::Client { .. }, _) => self.check_data(batch),
            (Origin::Coordinator { .. }, true) => self.check_marker(batch),
            _ => Ok(Verdict::Write),
        };
        verdict.map_err(Rejection::new)
    }

    fn apply(&mut self, batch: &BatchView<'_>, at: &Appended) {
        self.producers.apply(batch, at);
        if batch.is_control() {
            // Whatever its coordinator was asked before is about a transaction that is over.
            self.tickets.forget(batch.producer_id());
            self.apply_marker(batch, at);
        } else if batch.is_transactional() {
            self.open.begin(batch.producer_id(), at.base_offset);
        }
    }

    fn committed(&mut self, high_watermark: Offset) {
        self.open.committed(high_watermark);
    }

    fn unstable(&self) -> Option<Offset> {
        self.open.unstable()
    }

    fn aborted(&mut self) -> Option<AbortedTransaction> {
        self.aborted.take()
    }

    fn time_passed(&mut self, now: Timestamp) {
        let Transactions { producers, open, markers, .. } = self;
        producers.forget_silent(now, |id| open.of(id).is_some());
        markers.retain(|id, _| producers.get(*id).is_some());
    }

    fn snapshot(&self) -> Vec<u8> {
        snapshot::encode(self)
    }

    fn restore(&mut self, snapshot: Option<&[u8]>) -> Result<(), Rejection> {
        (self.aborted, self.tickets) = (None, Tickets::default());
        snapshot::restore(self, snapshot)
    }
}
