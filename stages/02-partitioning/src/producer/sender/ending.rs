//! How batches end, or come back.
//!
//! ```text
//!   answer ─▶ stored? ──▶ the records are told
//!               │ no
//!               ▼
//!             sent again? ─ yes ─▶ back to the accumulator, where it rests
//!               │ no
//!               ▼
//!             the records fail ◀── delivery.timeout.ms is over, wherever the batch is
//!                              ◀── it will never leave
//! ```
//!
//! Whoever numbers the batches ([`Sequencing`](crate::producer::Sequencing)) has the last word on whether one is sent again, and is
//! told of each end.

use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, warn};

use super::Sender;
use crate::api::{Produced, TopicPartition};
use crate::error::{Error, ErrorCode, Result};
use crate::producer::accumulator::ProducerBatch;
use crate::producer::delivery::{Ticket, closed};
use crate::producer::lane::{End, Lane, UnderWay};
use crate::producer::leaving::Leaving;
use crate::producer::sequencing::{Ending, Failure, Fate};

impl Sender {
    /// A request with this batch was answered, or was not.
    pub(super) fn ended(&mut self, mut batch: Leaving, outcome: Result<Produced>) {
        match outcome {
            Err(error) if batch.is_told() => self.shared.doubt(&batch.at, &error),
            Ok(_) if batch.is_told() => {}
            Ok(produced) => self.finish(&mut batch, Ok(produced)),
            Err(error) => self.failed(batch, error),
        }
    }

    /// A batch comes back if it may be sent again, and else it has failed.
    fn failed(&mut self, mut batch: Leaving, error: Error) {
        let sending = &self.shared.config.sending;
        let tries = batch.tries.count;
        if let Some(doubt) = sending.doubt(&error) {
            batch.tries.doubt = Some(doubt);
        }
        let again = sending.again(&error, tries);
        // What could not be packed cannot be sent again either.
        if batch.records.is_none() || self.fate(&batch, &error, again) == Fate::Failed {
            return self.finish(&mut batch, Err(error));
        }
        let rest = self.rest(self.shared.config.retry_backoff, tries);
        let (at, wait) = (batch.at.clone(), rest.as_millis());
        match tries {
            1 => warn!(partition = %at, "sent again in {wait} ms: {error}"),
            _ => debug!(partition = %at, "sent again in {wait} ms, after {tries} attempts: {error}"),
        }
        self.shared.doubt(&at, &error);
        batch.tries.last = Some(error);
        if let Some(mut orphan) = self.shared.put_back(batch, Instant::now() + rest) {
            self.finish(&mut orphan, Err(orphaned(&at)));
        }
    }

    /// What becomes of a batch whose attempt has failed.
    fn fate(&mut self, batch: &Leaving, error: &Error, again: bool) -> Fate {
        let (number, in_doubt) = (batch.number, batch.tries.doubt.is_some());
        self.sequencing.attempt_failed(&Failure { at: &batch.at, number, error, in_doubt, again })
    }

    /// Fails the first batch of a partition, which will never leave.
    pub(super) fn refuse(&mut self, at: &TopicPartition, number: u64, error: Error) {
        if let Some(batch) = self.shared.take_first(at, number) {
            self.finish(&mut batch.into(), Err(error));
        }
    }

    /// Tells a batch's records, and who numbers it.
    pub(super) fn finish(&mut self, batch: &mut Leaving, outcome: Result<Produced>) {
        let outcome = outcome.map_err(|error| batch.verdict(error));
        let ending = match &outcome {
            Ok(_) => Ending::Stored,
            Err(error) if error.is_in_doubt() => Ending::InDoubt,
            Err(_) => Ending::NotStored,
        };
        self.sequencing.ended(&batch.at, batch.number, ending);
        let first = self.shared.finish(batch, &outcome);
        self.progress.send_replace(first);
    }

    /// Fails what waits for a partition that nobody leads, once nothing of it is under way any more.
    pub(super) fn give_up(&mut self, at: &TopicPartition) {
        if self.lanes.values().any(|lane| lane.has(at)) {
            return;
        }
        for batch in self.shared.take_where(|other, _| other == at) {
            self.finish(&mut batch.into(), Err(not_led(at)));
        }
    }

    /// Fails what need not be waited for any more.
    pub(super) fn end_what_is_over(&mut self) {
        for batch in self.shared.take_orphans() {
            let error = orphaned(batch.at());
            // Behind what is under way, so that the records of a partition end in their order.
            match self.lanes.values_mut().find(|lane| lane.has(batch.at())) {
                Some(lane) => lane.not_sent(vec![batch.into()], error),
                None => self.finish(&mut batch.into(), Err(error)),
            }
        }
        if let Some(after) = self.patience {
            self.end_overdue_under_way(after);
            for batch in self.shared.take_overdue(after) {
                let last = self.why_it_waits(&batch);
                let mut batch = Leaving::from(batch);
                let in_doubt = batch.tries.doubt.is_some();
                self.finish(&mut batch, Err(Error::DeliveryTimedOut { after, last, in_doubt }));
            }
        }
    }

    /// Fails what is under way and whose time is over. The requests stay where they are.
    fn end_overdue_under_way(&mut self, after: Duration) {
        let now = Instant::now();
        // For the time in which they are looked at, the lanes are not the sender's.
        let mut lanes = std::mem::take(&mut self.lanes);
        for UnderWay { batches, end } in lanes.values_mut().flat_map(|lane| &mut lane.under_way) {
            for batch in batches.iter_mut().filter(|batch| !batch.is_told() && batch.deadline(after) <= now) {
                let (last, is_sent) = match end {
                    End::Answer { address, .. } => (format!("no answer from {address} yet"), true),
                    End::NotSent(error) => (error.to_string(), false),
                };
                let in_doubt = is_sent || batch.tries.doubt.is_some();
                self.finish(batch, Err(Error::DeliveryTimedOut { after, last, in_doubt }));
            }
        }
        self.lanes = lanes;
    }

    /// When the time of the next record is over.
    pub(super) fn next_overdue(&self) -> Option<Instant> {
        let after = self.patience?;
        let under_way = self.lanes.values().flat_map(Lane::batches).filter(|batch| !batch.is_told());
        let waiting = self.shared.oldest().map(|begun| begun + after);
        under_way.map(|batch| batch.deadline(after)).chain(waiting).min()
    }

    /// What stands in the way of a batch that waits.
    fn why_it_waits(&self, batch: &ProducerBatch<Ticket>) -> String {
        let at = batch.at();
        let last = batch.past().and_then(|past| past.tries.last.as_ref());
        let obstacle = match self.shared.leader(at) {
            None => return self.asking.trouble(&at.topic).unwrap_or(&not_led(at)).to_string(),
            Some(broker) => self.lanes.get(&broker).and_then(|lane| lane.trouble.as_ref()),
        };
        let held = || self.sequencing.trouble(at);
        let before = || last.map_or_else(|| "it waited for those before it".to_owned(), Error::to_string);
        obstacle.map(Error::to_string).or_else(held).unwrap_or_else(before)
    }
}

impl Drop for Sender {
    /// Nobody will send any more. What was sent and not answered may be in a log; what waits is not.
    fn drop(&mut self) {
        self.shared.abandon();
        let lanes = std::mem::take(&mut self.lanes).into_values();
        let under_way = lanes.flat_map(|lane| lane.under_way).flat_map(|UnderWay { batches, end }| {
            let error = end.in_doubt("the producer was closed".to_owned());
            batches.into_iter().filter(|batch| !batch.is_told()).map(move |batch| (batch, error.clone()))
        });
        let packing = std::mem::take(&mut self.packing).into_iter();
        let mut waiting = self.shared.take_orphans();
        waiting.extend(self.shared.take_where(|_, _| true));
        let not_sent = packing.chain(waiting.into_iter().map(Leaving::from)).map(|batch| (batch, closed()));
        for (mut batch, error) in under_way.chain(not_sent).collect::<Vec<_>>() {
            self.finish(&mut batch, Err(error));
        }
    }
}

fn not_led(at: &TopicPartition) -> Error {
    ErrorCode::LeaderNotAvailable.because(format!("{at} has no leader")).into()
}

fn orphaned(at: &TopicPartition) -> Error {
    let message = format!("the topic of {at} was deleted, and another has its name: the record was for the one before");
    ErrorCode::InconsistentTopicId.because(message).into()
}
