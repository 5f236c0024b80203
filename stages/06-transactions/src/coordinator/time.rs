//! What follows from the time having come: transactions that were open for too long are aborted, ids that nobody uses are forgotten.

use std::time::Duration;

use segment_log::Timestamp;

use super::Coordinator;
use crate::records::{TransactionDecision, TransactionRecord};
use crate::state::TransactionState;

/// The most decisions at once. They stand in one batch, which has to be copied, and read, as a whole.
const MOST: usize = 1_000;
/// The most partitions that they name. One decision may name more.
const MOST_PARTITIONS: usize = 10_000;
/// How soon it is looked again if more are due.
const SOON: Duration = Duration::from_millis(10);

impl Coordinator {
    /// The decisions that are due, as many as there may be at once; and how soon to look for more.
    pub(super) fn over(&self, now: Timestamp) -> (Vec<TransactionDecision>, Duration) {
        let mut due = self.due(now).peekable();
        let (mut decisions, mut named) = (Vec::new(), 0);
        while let Some(next) = due.next_if(|next| decisions.is_empty() || named + names(next) <= MOST_PARTITIONS) {
            named += names(&next);
            decisions.push(next);
            if decisions.len() == MOST {
                break;
            }
        }
        let pause = if due.peek().is_some() { SOON } else { self.config.check_interval };
        (decisions, pause)
    }

    fn due(&self, now: Timestamp) -> impl Iterator<Item = TransactionDecision> {
        self.iter().filter_map(move |(id, record)| {
            let record = match self.is_over(record, now) {
                true => Some(self.fenced_and_aborted(record, now)),
                false if self.is_expired(record, now) => None,
                false => return None,
            };
            Some(TransactionDecision { id: id.clone(), record })
        })
    }

    fn is_over(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        record.state == TransactionState::Ongoing && now.saturating_sub(record.began) >= i64::from(record.timeout_ms)
    }

    fn is_expired(&self, record: &TransactionRecord, now: Timestamp) -> bool {
        let expiration = i64::try_from(self.config.expiration.as_millis()).unwrap_or(i64::MAX);
        record.state.may_become(TransactionState::Dead) && now.saturating_sub(record.updated) >= expiration
    }
}

fn names(decision: &TransactionDecision) -> usize {
    decision.record.as_ref().map_or(0, |record| record.partitions.len())
}
