//! What follows from the time having come: transactions that were open for too long are aborted, ids that nobody uses are forgotten.

use segment_log::Timestamp;

use super::Coordinator;
use crate::records::{TransactionDecision, TransactionRecord};
use crate::state::TransactionState;

impl Coordinator {
    /// The decisions that are due.
    pub(super) fn over(&self, now: Timestamp) -> Vec<TransactionDecision> {
        let due = self.iter().filter_map(|(id, record)| {
            let record = match self.is_over(record, now) {
                true => Some(self.fenced_and_aborted(record, now)),
                false if self.is_expired(record, now) => None,
                false => return None,
            };
            Some(TransactionDecision { id: id.clone(), record })
        });
        due.collect()
    }

    fn is_over(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        record.state == TransactionState::Ongoing && now.saturating_sub(record.began) >= i64::from(record.timeout_ms)
    }

    fn is_expired(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        record.state.may_become(TransactionState::Dead) && now.saturating_sub(record.updated) >= expiration
    }
}
