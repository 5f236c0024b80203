//! What the sender takes out, puts back and ends.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use segment_log::BatchBuilder;
use tokio::time::Instant;

use super::{Shared, State};
use crate::api::{Produced, TopicPartition};
use crate::error::{Error, Result};
use crate::producer::accumulator::ProducerBatch;
use crate::producer::delivery::Ticket;
use crate::producer::leaving::Leaving;
use crate::producer::sequencing::{Departure, Gate, Sequencing};
use crate::producer::stats::ProducerStats;
use crate::producer::topics::Topics;

/// What the sender has to do.
pub(in crate::producer) struct Plan {
    /// Brokers that lead a partition with a batch that is ready, and may leave.
    pub(in crate::producer) brokers: BTreeSet<i32>,
    /// Partitions with a batch that is ready, and without a leader.
    pub(in crate::producer) not_led: Vec<TopicPartition>,
    /// Partitions whose first batch is ready, and will never leave: its number, and why.
    pub(in crate::producer) refused: Vec<(TopicPartition, u64, Error)>,
    /// Topics for which something waits, and of which what is known may be wrong.
    pub(in crate::producer) in_doubt: BTreeSet<Arc<str>>,
    /// When more will be ready.
    pub(in crate::producer) deadline: Option<Instant>,
}

impl Shared {
    /// Whether there is nothing left to do, for good.
    pub(in crate::producer) fn is_over(&self) -> bool {
        let state = self.state();
        state.is_closed && state.unanswered.is_empty()
    }

    /// What there is to send.
    pub(in crate::producer) fn plan(&self, sequencing: &mut dyn Sequencing) -> Plan {
        let (now, is_exhausted) = (Instant::now(), self.memory.is_exhausted());
        let state = self.state();
        let State { accumulator, topics, .. } = &*state;
        let (mut brokers, mut not_led, mut refused) = (BTreeSet::new(), Vec::new(), Vec::new());
        let mut in_doubt = BTreeSet::new();
        for (at, _) in accumulator.ready(now, is_exhausted) {
            let first = accumulator.first(at).expect("what is ready waits");
            match (sequencing.gate(&departure(first, topics)), topics.leader(at)) {
                (Gate::Never(error), _) => refused.push((at.clone(), first.number(), error)),
                (Gate::Open, Some(broker)) => drop(brokers.insert(broker)),
                (Gate::Held, Some(_)) => {}
                (Gate::Open | Gate::Held, None) => not_led.push(at.clone()),
            }
        }
        in_doubt.extend(topics.stale().filter(|topic| accumulator.waits_for(topic)).cloned());
        in_doubt.extend(not_led.iter().map(|at| at.topic.clone()));
        Plan { brokers, not_led, refused, in_doubt, deadline: accumulator.next_deadline(now) }
    }

    /// Takes the batches of one request to a broker: see `Accumulator::drain`. Those that rest stay, and those of the
    /// partitions that are `muted`, or whose gate is not open. Gives with each what is to be built, unless it was sent before.
    pub(in crate::producer) fn drain(
        &self,
        broker: i32,
        after: Option<&TopicPartition>,
        muted: &BTreeSet<TopicPartition>,
        sequencing: &mut dyn Sequencing,
    ) -> Vec<(Leaving, Option<BatchBuilder>)> {
        let mut guard = self.state();
        let State { accumulator, topics, .. } = &mut *guard;
        let mut stays: BTreeSet<TopicPartition> = accumulator.resting(Instant::now()).cloned().collect();
        for first in accumulator.firsts() {
            if !matches!(sequencing.gate(&departure(first, topics)), Gate::Open) {
                stays.insert(first.at().clone());
            }
        }
        let serves =
            |at: &TopicPartition| topics.leader(at) == Some(broker) && !muted.contains(at) && !stays.contains(at);
        let batches = accumulator.drain(after, self.config.max_request_size, serves);
        let leaving = |batch: ProducerBatch<Ticket>| {
            let departure = departure(&batch, topics);
            let (topic, stamp) = (departure.topic, sequencing.stamp(&departure));
            let (leaving, builder) = Leaving::new(batch, topic, stamp);
            let marked = |builder: BatchBuilder| match sequencing.is_transactional() {
                true => builder.transactional(),
                false => builder,
            };
            (leaving, builder.map(marked))
        };
        batches.into_iter().map(leaving).collect()
    }

    /// Takes a batch back that is to be sent again, once it has rested until then. Does not take it, and gives it back, if
    /// another topic has its topic's name by now.
    pub(in crate::producer) fn put_back(&self, leaving: Leaving, rests_until: Instant) -> Option<Leaving> {
        let mut state = self.state();
        if state.topics.id(&leaving.at.topic) != leaving.topic {
            return Some(leaving);
        }
        state.stats.retries += 1;
        state.accumulator.put_back(leaving.into_batch(rests_until));
        None
    }

    /// Takes the first batch of a partition, if it has this number.
    pub(in crate::producer) fn take_first(&self, at: &TopicPartition, number: u64) -> Option<ProducerBatch<Ticket>> {
        let accumulator = &mut self.state().accumulator;
        // Another topic may have its topic's name by now. Then it waits no more.
        accumulator.first(at).filter(|first| first.number() == number)?;
        accumulator.take(at)
    }

    /// When the first record came of those that wait.
    pub(in crate::producer) fn oldest(&self) -> Option<Instant> {
        self.state().accumulator.oldest()
    }

    /// Takes the batches that wait, and whose first record came so long ago.
    pub(in crate::producer) fn take_overdue(&self, after: Duration) -> Vec<ProducerBatch<Ticket>> {
        self.state().accumulator.take_overdue(Instant::now(), after)
    }

    /// Takes the batches for a topic whose name another has by now.
    pub(in crate::producer) fn take_orphans(&self) -> Vec<ProducerBatch<Ticket>> {
        std::mem::take(&mut self.state().orphans)
    }

    /// The broker that leads the partition, if one is known.
    pub(in crate::producer) fn leader(&self, at: &TopicPartition) -> Option<i32> {
        self.state().topics.leader(at)
    }

    /// A broker could not be reached: another may lead by now what waits for it.
    pub(in crate::producer) fn doubt_led_by(&self, broker: i32) {
        let mut guard = self.state();
        let State { accumulator, topics, .. } = &mut *guard;
        let of_it: BTreeSet<Arc<str>> = accumulator
            .batches()
            .filter(|batch| topics.leader(batch.at()) == Some(broker))
            .map(|batch| batch.at().topic.clone())
            .collect();
        of_it.iter().for_each(|topic| topics.doubt(topic));
    }

    /// A request failed: another broker may lead the partition by now.
    pub(in crate::producer) fn doubt(&self, at: &TopicPartition, error: &Error) {
        if error.doubts_leader() {
            self.state().topics.doubt(&at.topic);
        }
    }

    /// Takes all batches of the partitions for which `takes` holds; it is told the partition and its leader.
    pub(in crate::producer) fn take_where(
        &self,
        takes: impl Fn(&TopicPartition, Option<i32>) -> bool,
    ) -> Vec<ProducerBatch<Ticket>> {
        let mut guard = self.state();
        let State { accumulator, topics, .. } = &mut *guard;
        accumulator.take_where(|at| takes(at, topics.leader(at)))
    }

    /// A batch has ended: gives its memory back and tells its records. Gives the number of the first batch that has not.
    pub(in crate::producer) fn finish(&self, batch: &mut Leaving, outcome: &Result<Produced>) -> u64 {
        let (tickets, retries) = (std::mem::take(&mut batch.tickets), batch.retries());
        let count = tickets.len() as u64;
        debug_assert!(count > 0, "a batch ends once");
        batch.records = None;
        self.memory.give_back(batch.plain_bytes);
        for (place, ticket) in tickets.into_iter().enumerate() {
            match outcome {
                Ok(produced) => ticket.stored(&batch.at, produced, place, retries),
                Err(error) => ticket.failed(error),
            }
        }
        let mut state = self.state();
        match outcome {
            Ok(_) => state.stats.acknowledged += count,
            Err(error) => {
                state.stats.failed += count;
                state.stats.expired += if matches!(error, Error::DeliveryTimedOut { .. }) { count } else { 0 };
                if error.doubts_leader() {
                    state.topics.doubt(&batch.at.topic);
                }
            }
        }
        // After the records were told: whoever flushes wants all callbacks to have been called.
        state.unanswered.remove(&batch.number);
        let next = state.accumulator.next_number();
        state.unanswered.first().copied().unwrap_or(next)
    }

    /// Counts a request, whose records have not been told yet.
    pub(in crate::producer) fn note_request(&self, batches: &[Leaving], sent_bytes: usize) {
        let stats = &mut self.state().stats;
        stats.requests += 1;
        stats.batches += batches.len() as u64;
        stats.sent += batches.iter().map(|batch| batch.tickets.len() as u64).sum::<u64>();
        stats.plain_bytes += batches.iter().map(|batch| batch.plain_bytes as u64).sum::<u64>();
        stats.sent_bytes += sent_bytes as u64;
    }

    /// The sender ends: all records that have not ended will fail. Takes no more records, and counts them.
    pub(in crate::producer) fn abandon(&self) {
        self.close();
        let mut state = self.state();
        let ProducerStats { records, acknowledged, failed, .. } = state.stats;
        state.abandoned = records - acknowledged - failed;
    }

    pub(in crate::producer) fn abandoned(&self) -> u64 {
        self.state().abandoned
    }
}

/// A batch, as whoever numbers it sees it.
fn departure<'a>(batch: &'a ProducerBatch<Ticket>, topics: &Topics) -> Departure<'a> {
    let (at, number, records) = (batch.at(), batch.number(), batch.tickets().len());
    Departure { at, topic: topics.id(&at.topic), number, records }
}
