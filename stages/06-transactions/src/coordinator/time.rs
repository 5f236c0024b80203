//! What follows from the time having come: transactions that were open for too long are aborted, ids that nobody uses are forgotten.

use segment_log::Timestamp;

use super::Coordinator;
use crate::records::{TransactionDecision, TransactionRecord};
use crate::state::TransactionState;

/// The most decisions that are made at once. What else is due comes next.
pub(super) const MOST: usize = 1_000;

impl Coordinator {
    /// The decisions that are due, but no more than go well into one batch: at most [`MOST`], and of so many partitions together.
    pub(super) fn over(&self, now: Timestamp) -> Vec<TransactionDecision> {
        let mut partitions = 0;
        let due = self.iter().filter_map(|(id, record)| {
            let record = match self.is_over(record, now) {
                true => Some(self.fenced_and_aborted(record, now)),
                false if self.is_expired(record, now) => None,
                false => return None,
            };
            Some(TransactionDecision { id: id.clone(), record })
        });
        let fits = |decision: &TransactionDecision| {
            let before = partitions;
            partitions += decision.record.as_ref().map_or(0, |record| record.partitions.len());
            before == 0 || partitions <= MOST
        };
        due.take(MOST).take_while(fits).collect()
    }

    fn is_over(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        record.state == TransactionState::Ongoing && now.saturating_sub(record.began) >= i64::from(record.timeout_ms)
    }

    fn is_expired(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        record.state.may_become(TransactionState::Dead) && now.saturating_sub(record.updated) >= expiration
    }
}
