//! The way to one broker: a connection, and what is under way on it.
//!
//! ```text
//!              oldest                         youngest
//!    ends ◀──  [request 7] [request 8] [not sent] [request 9]  ◀── what leaves the accumulator
//!                  ▲
//!                  only this one's answer is looked at
//! ```
//!
//! Batches end in the order in which they left the accumulator, also those that were never sent: they stand in the same
//! queue, and fail when their turn has come. So the records of a partition are told of in their order, as long as this broker
//! leads it and none is sent again. Requests to its old leader and to its new one race.
//!
//! A batch whose records have ended before its answer came stays in its request: their time was over, or nobody waits for an
//! answer. Its request takes its place among those that are under way until the answer comes.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use tokio::time::Instant;

use super::leaving::Leaving;
use super::sending::Answer;
use crate::api::{ProduceResponse, Produced, TopicPartition};
use crate::client::Client;
use crate::error::{Error, Result};

/// See the [module](self).
#[derive(Default)]
pub(super) struct Lane {
    pub(super) line: Line,
    /// Attempts to connect that failed in a row.
    pub(super) failures: u32,
    /// Why the last of them failed.
    pub(super) trouble: Option<Error>,
    /// The oldest first. What a connection that has ended leaves behind stands before what goes over the next one.
    pub(super) under_way: VecDeque<UnderWay>,
    /// The last partition of the last request: the next one begins behind it.
    pub(super) after: Option<TopicPartition>,
}

#[derive(Default)]
pub(super) enum Line {
    #[default]
    None,
    Connecting,
    /// Nothing was sent on it yet.
    Fresh(Client),
    Used(Client),
    /// The broker could not be reached. It is tried again at that time.
    Failed(Instant),
}

/// Batches that have left the accumulator together, at least one, and what will end them.
pub(super) struct UnderWay {
    pub(super) batches: Vec<Leaving>,
    pub(super) end: End,
}

pub(super) enum End {
    /// The answer to their request, which went to this address.
    Answer { answer: Answer, address: String },
    /// This. They were not sent.
    NotSent(Error),
}

/// A batch, and what became of it.
pub(super) type Ended = (Leaving, Result<Produced>);

impl Lane {
    /// A connection was made.
    pub(super) fn connected(&mut self, client: Client) {
        (self.failures, self.trouble) = (0, None);
        self.line = Line::Fresh(client);
    }

    /// None could be made, and nobody tries again for a while.
    pub(super) fn failed(&mut self, error: Error, rest: Duration) {
        self.trouble = Some(error);
        self.line = Line::Failed(Instant::now() + rest);
    }

    /// Until when nobody tries to reach the broker.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        match self.line {
            Line::Failed(again) => Some(again),
            Line::None | Line::Connecting | Line::Fresh(_) | Line::Used(_) => None,
        }
    }

    /// What is under way, the oldest first.
    pub(super) fn batches(&self) -> impl Iterator<Item = &Leaving> {
        self.under_way.iter().flat_map(|one| &one.batches)
    }

    /// Whether a batch of this partition is under way.
    pub(super) fn has(&self, at: &TopicPartition) -> bool {
        self.batches().any(|batch| batch.at == *at)
    }

    /// These batches are not sent. They end behind all that are under way.
    pub(super) fn not_sent(&mut self, batches: Vec<Leaving>, error: Error) {
        if !batches.is_empty() {
            self.under_way.push_back(UnderWay { batches, end: End::NotSent(error) });
        }
    }

    /// The end of the oldest, if it has come.
    fn poll_ended(&mut self, context: &mut task::Context<'_>) -> Poll<Vec<Ended>> {
        let Some(oldest) = self.under_way.front_mut() else { return Poll::Pending };
        let answer = match &mut oldest.end {
            End::Answer { answer, .. } => task::ready!(Pin::new(answer).poll(context)),
            End::NotSent(error) => Err(error.clone()),
        };
        let UnderWay { batches, end } = self.under_way.pop_front().expect("it was just looked at");
        Poll::Ready(ended(batches, &end, answer))
    }
}

/// Waits until batches end, and gives them with what became of them: those of one request of each lane that has an answer,
/// so that a fast broker does not keep another one's records waiting.
///
/// Dropping the future loses nothing, as it gives what it takes in the same moment.
pub(super) async fn next_ended(lanes: &mut BTreeMap<i32, Lane>) -> Vec<Ended> {
    poll_fn(|context| {
        let mut all = Vec::new();
        for lane in lanes.values_mut() {
            if let Poll::Ready(ended) = lane.poll_ended(context) {
                all.extend(ended);
            }
        }
        if all.is_empty() { Poll::Pending } else { Poll::Ready(all) }
    })
    .await
}

fn ended(batches: Vec<Leaving>, end: &End, answer: Result<ProduceResponse>) -> Vec<Ended> {
    let mut outcomes = answer.map(|answer| answer.partitions.into_iter());
    let outcome = |batch: Leaving| {
        let outcome = match &mut outcomes {
            Err(error) => Err(error.clone()),
            Ok(outcomes) => match outcomes.next() {
                Some((at, outcome)) if at == batch.at => outcome.map_err(Error::from),
                _ => Err(end.in_doubt(format!("its answer does not say what became of {}", batch.at))),
            },
        };
        (batch, outcome)
    };
    batches.into_iter().map(outcome).collect()
}

impl End {
    /// What is to be said if the answer does not tell: the records may be in the log or not, unless they were not sent.
    pub(super) fn in_doubt(&self, reason: String) -> Error {
        match self {
            End::Answer { address, .. } => Error::Disconnected { address: address.clone(), reason },
            End::NotSent(error) => error.clone(),
        }
    }
}
