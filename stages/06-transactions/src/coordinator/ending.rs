//! How a transaction ends: the decision, and its carrying out.

use std::collections::BTreeSet;

use partitioning::{ErrorCode, Refusal};
use replication::machine::{Decided, Moment};
use segment_log::Timestamp;
use segment_log::control::Outcome;

use super::init::raised;
use super::{Coordinator, Epochs, LAST_EPOCH, Ruling, concurrent, decide, fenced, shown};
use crate::records::{Identity, TransactionDecision, TransactionRecord};
use crate::state::TransactionState;

/// What is said to whoever ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is decided. The producer is this one from now on.
    As(Identity),
    /// A new producer id is needed: ask again with one.
    NeedsId,
}

impl Coordinator {
    /// Decides how a transaction ends, as its producer wants it. What is decided already is not decided again: the same wish is
    /// answered, and another one refused.
    ///
    /// # Errors
    ///
    /// [`InvalidProducerIdMapping`](ErrorCode::InvalidProducerIdMapping), [`ProducerFenced`](ErrorCode::ProducerFenced);
    /// [`ConcurrentTransactions`](ErrorCode::ConcurrentTransactions) while that is being carried out that is asked for once more;
    /// [`InvalidTxnState`](ErrorCode::InvalidTxnState) if there is nothing to commit, or it is decided otherwise.
    pub fn end(
        &mut self,
        id: &str,
        producer: Identity,
        outcome: Outcome,
        fresh: Option<i64>,
        now: Moment,
    ) -> Ruling<Ended> {
        let record = self.mapped(id, producer)?;
        let is_again = record.producer != producer && record.previous == Some(producer);
        // The epoch behind the last is for markers: nobody was told that he has it.
        if (record.producer != producer && !is_again) || producer.epoch > LAST_EPOCH {
            return Err(fenced(id, producer, record));
        }
        if is_again || (self.config.epochs == Epochs::OfInit && record.state.outcome().is_some()) {
            return answer_again(id, producer, record, outcome);
        }
        match (record.state, outcome) {
            (state, _) if state.is_prepared() => Err(concurrent(id, state)),
            (TransactionState::Ongoing, _) => self.decide_end(id, record, outcome, fresh, now.wall),
            // Nothing was written. The epoch is raised all the same, so that whatever is late is of an older one.
            (_, Outcome::Abort) if self.config.epochs == Epochs::OfTransaction => {
                self.decide_end(id, record, outcome, fresh, now.wall)
            }
            (_, Outcome::Abort) => Ok(Decided::nothing(Ended::As(producer))),
            (state, Outcome::Commit) => Err(nothing_to_commit(id, state)),
        }
    }

    fn decide_end(
        &self,
        id: &str,
        record: &TransactionRecord,
        outcome: Outcome,
        fresh: Option<i64>,
        now: Timestamp,
    ) -> Ruling<Ended> {
        let next = match self.config.epochs {
            Epochs::OfInit => Some((record.becomes(TransactionState::prepare(outcome), now), record.producer)),
            Epochs::OfTransaction => raised_to_end(record, outcome, fresh, now),
        };
        let Some((mut next, producer)) = next else { return Ok(Decided::nothing(Ended::NeedsId)) };
        if record.state != TransactionState::Ongoing {
            next.partitions = BTreeSet::new();
        }
        Ok(Decided { records: decide(&self.known(id), next), reply: Ended::As(producer) })
    }

    /// The transaction of somebody who is refused from now on, aborted. A producer id whose last epoch that takes is given up: whoever
    /// begins next gets another.
    pub(super) fn fenced_and_aborted(&self, record: &TransactionRecord, now: Timestamp) -> TransactionRecord {
        let fenced = record.becomes(TransactionState::PrepareEpochFence, now);
        let producer = Identity { epoch: record.producer.epoch.saturating_add(1), ..record.producer };
        TransactionRecord {
            producer,
            previous: Some(record.producer),
            ..fenced.becomes(TransactionState::PrepareAbort, now)
        }
    }

    /// All partitions of a transaction that was decided have its marker.
    pub fn complete(&mut self, id: &str, producer: Identity, now: Moment) -> Decided<TransactionDecision, ()> {
        let record = self.get(id).filter(|record| record.state.is_prepared() && record.producer == producer);
        // Another one is under way by now, or the id is forgotten.
        let Some(record) = record else { return Decided::nothing(()) };
        let state = match record.state.outcome() {
            Some(Outcome::Commit) => TransactionState::CompleteCommit,
            _ => TransactionState::CompleteAbort,
        };
        let mut next = TransactionRecord { partitions: BTreeSet::new(), began: -1, ..record.becomes(state, now.wall) };
        if let Some(id) = next.next_id.take() {
            next.producer = Identity { id, epoch: 0 };
        }
        Decided { records: decide(&self.known(id), next), reply: () }
    }
}

/// Prepared, with the epoch raised, and who the producer is afterwards. A producer id without epochs left gives its last one to the
/// markers, and makes room for a fresh id; `None` if that is missing.
fn raised_to_end(
    record: &TransactionRecord,
    outcome: Outcome,
    fresh: Option<i64>,
    now: Timestamp,
) -> Option<(TransactionRecord, Identity)> {
    let prepared = record.becomes(TransactionState::prepare(outcome), now);
    let marks = Identity { epoch: record.producer.epoch + 1, ..record.producer };
    let next = TransactionRecord { producer: marks, previous: Some(record.producer), ..prepared };
    if record.producer.epoch < LAST_EPOCH {
        return Some((next, marks));
    }
    let id = raised(record.producer, fresh)?.id;
    Some((TransactionRecord { next_id: Some(id), ..next }, Identity { id, epoch: 0 }))
}

/// It is decided, and asked for again: by somebody who has not heard, or by a request that was late.
fn answer_again(id: &str, producer: Identity, record: &TransactionRecord, outcome: Outcome) -> Ruling<Ended> {
    match record.state.outcome() {
        Some(decided) if decided == outcome && record.state.is_prepared() => Err(concurrent(id, record.state)),
        Some(decided) if decided == outcome && record.producer.epoch <= LAST_EPOCH => {
            Ok(Decided::nothing(Ended::As(record.producer)))
        }
        // No epoch is left for whoever asks: it has to begin anew.
        Some(decided) if decided == outcome => Err(fenced(id, producer, record)),
        Some(_) => Err(decided_otherwise(id, record.state)),
        // The next one is under way.
        None => Err(fenced(id, producer, record)),
    }
}

fn decided_otherwise(id: &str, state: TransactionState) -> Refusal {
    ErrorCode::InvalidTxnState
        .because(format!("the transaction of `{}` is in {state}: it was decided otherwise", shown(id)))
}

fn nothing_to_commit(id: &str, state: TransactionState) -> Refusal {
    let rule = format!("the transaction of `{}` is in {state}: there is nothing to commit", shown(id));
    ErrorCode::InvalidTxnState.because(rule)
}
