//! A producer begins, and takes its transactional id over from whoever had it.

use std::collections::BTreeSet;
use std::sync::Arc;

use partitioning::{ErrorCode, Refusal};
use replication::machine::{Decided, Moment};

use super::{Coordinator, LAST_EPOCH, Ruling, concurrent, decide, fenced, shown};
use crate::records::{Identity, MAX_ID, TransactionRecord};
use crate::state::TransactionState;

/// A producer wants to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Its transactional id.
    pub id: Arc<str>,
    /// `transaction.timeout.ms`.
    pub timeout_ms: u32,
    /// Who it was until now, if it goes on after an error (KIP-360). Then nobody else may have taken over meanwhile.
    pub expected: Option<Identity>,
}

/// What is said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initialized {
    /// It is this one from now on.
    As(Identity),
    /// What the one before it had open is being aborted: ask again.
    NotYet,
    /// A new producer id is needed: ask again with one.
    NeedsId,
}

impl Coordinator {
    /// A producer begins. Whoever had the id before is refused from here on, and a transaction that he has open is aborted. `fresh` is
    /// a producer id that nobody has, if there is one at hand.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorCode::InvalidRequest) for an id that cannot be;
    /// [`InvalidTransactionTimeout`](ErrorCode::InvalidTransactionTimeout);
    /// [`ConcurrentTransactions`](ErrorCode::ConcurrentTransactions) while the end of a transaction is carried out;
    /// [`ProducerFenced`](ErrorCode::ProducerFenced) if it is not the one any more that it expects to be.
    pub fn init(&mut self, init: &Init, fresh: Option<i64>, now: Moment) -> Ruling<Initialized> {
        self.judge_init(init)?;
        let Init { id, timeout_ms, expected } = init;
        let Some(record) = self.get(id) else {
            let Some(fresh) = fresh else { return Ok(Decided::nothing(Initialized::NeedsId)) };
            let producer = Identity { id: fresh, epoch: 0 };
            let record = TransactionRecord {
                producer,
                previous: None,
                next_id: None,
                timeout_ms: *timeout_ms,
                state: TransactionState::Empty,
                partitions: BTreeSet::new(),
                began: -1,
                updated: now.wall,
            };
            return Ok(Decided { records: decide(id, record), reply: Initialized::As(producer) });
        };
        match *expected {
            // It was told, and did not hear it.
            Some(expected) if record.previous == Some(expected) && record.state == TransactionState::Empty => {
                return Ok(Decided::nothing(Initialized::As(record.producer)));
            }
            Some(expected) if record.producer != expected => return Err(fenced(id, expected, record)),
            _ => {}
        }
        match record.state {
            state if state.is_prepared() => Err(concurrent(id, state)),
            TransactionState::Ongoing => self.take_over(id, record, now),
            _ => {
                let Some(producer) = raised(record.producer, fresh) else {
                    return Ok(Decided::nothing(Initialized::NeedsId));
                };
                let next = TransactionRecord {
                    producer,
                    // Who says nothing of who it was is somebody else: the one before must not be told who the new one is.
                    previous: *expected,
                    timeout_ms: *timeout_ms,
                    partitions: BTreeSet::new(),
                    began: -1,
                    ..record.becomes(TransactionState::Empty, now.wall)
                };
                Ok(Decided { records: decide(id, next), reply: Initialized::As(producer) })
            }
        }
    }

    /// The transaction of the one before is aborted, and he is refused from now on, whatever he asks. The new one asks again until
    /// that is done.
    fn take_over(&self, id: &Arc<str>, record: &TransactionRecord, now: Moment) -> Ruling<Initialized> {
        let next = TransactionRecord { previous: None, ..self.fenced_and_aborted(record, now.wall) };
        Ok(Decided { records: decide(id, next), reply: Initialized::NotYet })
    }

    fn judge_init(&self, init: &Init) -> Result<(), Refusal> {
        let (id, most) = (&init.id, self.config.max_timeout.as_millis());
        if id.is_empty() || id.len() > MAX_ID {
            let rule = format!("`{}` is no transactional id: it has 1 to {MAX_ID} bytes", shown(id));
            return Err(ErrorCode::InvalidRequest.because(rule));
        }
        if init.timeout_ms == 0 || u128::from(init.timeout_ms) > most {
            let rule = format!(
                "transaction.timeout.ms is {}, and it is from 1 to transaction.max.timeout.ms = {most}",
                init.timeout_ms
            );
            return Err(ErrorCode::InvalidTransactionTimeout.because(rule));
        }
        Ok(())
    }
}

/// The next epoch, or with the last one used up the fresh id; `None` if that is missing.
pub(super) fn raised(producer: Identity, fresh: Option<i64>) -> Option<Identity> {
    match producer.epoch {
        ..LAST_EPOCH => Some(Identity { epoch: producer.epoch + 1, ..producer }),
        _ => fresh.map(|id| Identity { id, epoch: 0 }),
    }
}
