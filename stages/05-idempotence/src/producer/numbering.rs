//! Where the numbers meet the sender: [`Sequences`] in the seam of stage 02's producer, and who asks for the producer's id.
//!
//! ```text
//!   sender ── gate ──▶ no id yet: held ──▶ a task asks, and asks again after retry.backoff.ms
//!     ▲                                         │
//!     └──────────── wake ◀── an id, or a no ◀───┘
//! ```
//!
//! It asks when the first record wants to leave, and not before. A no that will not pass, from brokers that know no such
//! question for example, is final: what waits for an id fails with it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use partitioning::producer::sequencing::{Departure, Ending, Failure, Fate, Gate, Stamp};
use partitioning::producer::{ProducerConfig, Sequencing};
use partitioning::{Backoff, Cluster, Error, ErrorCode, Result, TopicPartition};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::Ids;
use crate::sequences::{Identity, Leave, Sequences, Why};

/// See the [module](self).
#[derive(Debug)]
pub(super) struct Numbering {
    state: Arc<Mutex<State>>,
    asking: Asking,
    /// The task that asks. It ends with this.
    task: JoinSet<()>,
}

#[derive(Debug, Default)]
struct State {
    sequences: Sequences,
    is_asking: bool,
    /// Why the last question was in vain.
    trouble: Option<Error>,
    /// The answer was no, for good.
    refused: Option<Error>,
    /// Partitions that wait for an id.
    waiting: BTreeSet<TopicPartition>,
}

/// Whoever asks for an id.
#[derive(Debug, Clone)]
struct Asking {
    ids: Arc<dyn Ids>,
    cluster: Cluster,
    retry_backoff: Backoff,
    random: fastrand::Rng,
    wake: Arc<Notify>,
}

impl Numbering {
    pub(super) fn new(ids: Arc<dyn Ids>, cluster: Cluster, producer: &ProducerConfig, wake: Arc<Notify>) -> Self {
        let ProducerConfig { retry_backoff, seed, .. } = *producer;
        // Neither the lots that partitioners draw, nor the sender's.
        let random = seed.map_or_else(fastrand::Rng::new, |seed| fastrand::Rng::with_seed(seed.rotate_left(32)));
        let asking = Asking { ids, cluster, retry_backoff, random, wake };
        Numbering { state: Arc::default(), asking, task: JoinSet::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Has an id asked for, if one is wanted and nobody asks.
    fn ask_if_wanted(&mut self) {
        let mut state = lock(&self.state);
        if !state.sequences.wants_identity() || state.is_asking || state.refused.is_some() {
            return;
        }
        state.is_asking = true;
        let next = Asking { random: self.asking.random.fork(), ..self.asking.clone() };
        self.task = JoinSet::new();
        self.task.spawn(next.ask(self.state.clone()));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("nothing panics while it holds the numbers")
}

impl Sequencing for Numbering {
    fn gate(&mut self, first: &Departure<'_>) -> Gate {
        let leave = self.state().sequences.gate(first);
        self.ask_if_wanted();
        match leave {
            Leave::Now => Gate::Open,
            Leave::Never => Gate::Never(number_is_gone(first.at)),
            Leave::Wait(Why::NoIdentity) => self.state().without_id(first.at),
            Leave::Wait(_) => Gate::Held,
        }
    }

    fn stamp(&mut self, leaving: &Departure<'_>) -> Option<Stamp> {
        Some(self.state().sequences.leave(leaving))
    }

    fn attempt_failed(&mut self, failure: &Failure<'_>) -> Fate {
        self.state().sequences.attempt_failed(failure)
    }

    fn ended(&mut self, at: &TopicPartition, number: u64, ending: Ending) {
        self.state().sequences.ended(at, number, ending);
    }

    fn trouble(&self, at: &TopicPartition) -> Option<String> {
        let state = self.state();
        state.waiting.contains(at).then(|| match &state.trouble {
            Some(trouble) => format!("no producer id could be had: {trouble}"),
            None => "nobody has said yet which producer id this is".to_owned(),
        })
    }
}

impl State {
    fn without_id(&mut self, at: &TopicPartition) -> Gate {
        if let Some(refused) = &self.refused {
            return Gate::Never(refused.clone());
        }
        if !self.waiting.contains(at) {
            self.waiting.insert(at.clone());
        }
        Gate::Held
    }

    /// An answer. Gives whether there is no more to ask.
    fn told(&mut self, answer: Result<Identity>) -> bool {
        match answer {
            Ok(identity) => {
                debug!(id = identity.producer_id, epoch = identity.epoch, "this is who the producer is");
                self.sequences.obtained(identity);
                self.waiting.clear();
                self.trouble = None;
            }
            Err(error) if error.is_retriable() => {
                debug!("no producer id yet: {error}");
                self.trouble = Some(error);
                return false;
            }
            Err(error) => {
                warn!("no producer id can be had: {error}");
                self.refused = Some(for_good(error));
            }
        }
        self.is_asking = false;
        true
    }
}

impl Asking {
    /// Asks until there is an answer.
    async fn ask(mut self, state: Arc<Mutex<State>>) {
        for failures in 1.. {
            let answer = self.ids.next(&self.cluster).await;
            let is_over = lock(&state).told(answer);
            if is_over {
                break;
            }
            sleep(self.retry_backoff.jittered(failures, &mut self.random)).await;
        }
        self.wake.notify_one();
    }
}

/// What records are told for which there will be no id.
fn for_good(error: Error) -> Error {
    match error {
        Error::Refused(refusal) => {
            refusal.code.because(format!("no producer id can be had: {}", refusal.message)).into()
        }
        other => other,
    }
}

/// What records are told of which an attempt is in doubt, and whose number no log will take any more.
fn number_is_gone(at: &TopicPartition) -> Error {
    let message = format!(
        "{at}: a batch before was not stored, so this one's number is not taken, and with another it could be there twice"
    );
    ErrorCode::OutOfOrderSequenceNumber.because(message).into()
}
