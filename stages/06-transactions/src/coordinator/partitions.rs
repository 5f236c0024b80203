//! A transaction gets partitions; and whether it has one.

use partitioning::{ErrorCode, Refusal, TopicPartition};
use replication::machine::{Decided, Moment};

use super::{Coordinator, Ruling, concurrent, decide, shown};
use crate::records::{Identity, TransactionRecord};
use crate::state::TransactionState;

/// The most partitions of one transaction. They stand in one record.
pub const MAX_PARTITIONS: usize = 10_000;

impl Coordinator {
    /// The transaction has these partitions too. The first of them begin it.
    ///
    /// # Errors
    ///
    /// [`InvalidProducerIdMapping`](ErrorCode::InvalidProducerIdMapping), [`ProducerFenced`](ErrorCode::ProducerFenced);
    /// [`ConcurrentTransactions`](ErrorCode::ConcurrentTransactions) while the transaction before is carried out;
    /// [`InvalidRequest`](ErrorCode::InvalidRequest) if there would be too many.
    pub fn add_partitions(
        &mut self,
        id: &str,
        producer: Identity,
        partitions: &[TopicPartition],
        now: Moment,
    ) -> Ruling<()> {
        let record = self.of(id, producer)?;
        if record.state.is_prepared() {
            return Err(concurrent(id, record.state));
        }
        let is_open = record.state == TransactionState::Ongoing;
        if is_open && partitions.iter().all(|at| record.partitions.contains(at)) {
            return Ok(Decided::nothing(()));
        }
        let mut next = record.becomes(TransactionState::Ongoing, now.wall);
        if !is_open {
            (next.began, next.partitions) = (now.wall, Default::default());
        }
        next.partitions.extend(partitions.iter().cloned());
        if next.partitions.len() > MAX_PARTITIONS {
            let rule = format!("a transaction has at most {MAX_PARTITIONS} partitions");
            return Err(ErrorCode::InvalidRequest.because(format!("`{}`: {rule}", shown(id))));
        }
        let id = self.known(id);
        Ok(Decided { records: decide(&id, next), reply: () })
    }

    /// Whether the transaction has each of these partitions now: asked by their leaders, before they write its first record (KIP-890).
    ///
    /// # Errors
    ///
    /// Those of [`add_partitions`](Self::add_partitions); for a partition that it has not,
    /// [`TransactionAbortable`](ErrorCode::TransactionAbortable).
    pub fn verify(
        &self,
        id: &str,
        producer: Identity,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Result<(), Refusal>>, Refusal> {
        let record = self.of(id, producer)?;
        if record.state.is_prepared() {
            return Err(concurrent(id, record.state));
        }
        Ok(partitions.iter().map(|at| has(id, record, at)).collect())
    }

    /// The id as it is kept.
    pub(super) fn known(&self, id: &str) -> std::sync::Arc<str> {
        let known = self.transactions.get_key_value(id);
        known.map_or_else(|| id.into(), |(id, _)| id.clone())
    }
}

fn has(id: &str, record: &TransactionRecord, at: &TopicPartition) -> Result<(), Refusal> {
    if record.state == TransactionState::Ongoing && record.partitions.contains(at) {
        return Ok(());
    }
    let rule = format!("the transaction of `{}` is in {}, and does not have {at}", shown(id), record.state);
    Err(ErrorCode::TransactionAbortable.because(rule))
}
