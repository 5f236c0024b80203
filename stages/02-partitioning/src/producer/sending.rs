//! How batches are sent, and whether a batch whose request failed is sent again. A seam: stage 04 puts another way in the
//! place of this stage's.
//!
//! ```text
//!                            accumulator                        a lane
//!   send(record) ──────────▶ ▐██▌▐███▌ ── start ─────────────▶ [request] ──▶ an offset
//!                             ▲                                    │
//!                             │     again? yes, after a rest       ▼
//!                             └──────────────────────────────── an error
//!                                   again? no                      │
//!                                                                  ▼
//!                                                               the records fail
//! ```
//!
//! | | once ([`SendOnce`], this stage) | again and again (stage 04) |
//! |---|---|---|
//! | a request fails | its records fail | its batches come back, rest for `retry.backoff.ms`, and are sent again |
//! | no leader is known | what waits for it fails | it waits, and a broker is asked for the leader |
//! | a broker cannot be reached | what waits for it fails | it waits, and so on |
//! | `delivery.timeout.ms` | there is none | bounds all of that, from `send` on |
//!
//! A way of sending may also number its batches, so that a broker can tell a retry from a new batch (stage 05). What that takes is
//! a seam of its own ([`Sequencing`]), as it has a state, and that belongs to one producer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::config::ProducerConfig;
use super::sequencing::{Sequencing, Unnumbered};
use crate::api::{Produce, ProducePartition, ProduceRequest, ProduceResponse};
use crate::client::{Client, ClientConfig, Cluster};
use crate::error::{Error, Result};
use crate::net::BoxFuture;

/// The answer to a request, on its way.
pub type Answer = BoxFuture<'static, Result<ProduceResponse>>;

/// See the [module](self).
///
/// Whoever implements it owes two things. [`start`](Self::start) returns at once, and requests that were started on one
/// connection reach the broker in that order. And [`again`](Self::again) must say no at some time, or there must be a
/// [`delivery_timeout`](Self::delivery_timeout): each record ends.
pub trait Sending: fmt::Debug + Send + Sync + 'static {
    /// Sends batches, at most one for a partition. Gives the answer, which says what became of each in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`]: nothing was sent.
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer>;

    /// Whether records end with the answer. If not, they end when they are sent, without an offset, and the answer only
    /// makes room for the next request (`acks=0`).
    fn awaits_answer(&self) -> bool {
        true
    }

    /// Whether a batch is sent again that has failed with this error, after so many attempts.
    fn again(&self, error: &Error, attempts: u32) -> bool;

    /// What is to be said of a batch whose request failed in a way that leaves open whether it was done; `None` if nothing
    /// was done.
    fn doubt(&self, error: &Error) -> Option<String> {
        error.is_in_doubt().then(|| error.to_string())
    }

    /// `delivery.timeout.ms`: how long after `send` a record ends at the latest. It is counted from the first record of a
    /// batch on, for all of them.
    ///
    /// If there is one, batches wait for a leader that is not known, and for a broker that cannot be reached. If there is
    /// none, they fail.
    fn delivery_timeout(&self) -> Option<Duration>;

    /// Who numbers the batches of one producer, and says when each may leave. Called once for each producer, in a tokio runtime.
    /// What it asks for goes to `cluster`; `wake` lets the sender look again.
    fn sequencing(&self, _cluster: &Cluster, _producer: &ProducerConfig, _wake: Arc<Notify>) -> Box<dyn Sequencing> {
        Box::new(Unnumbered)
    }

    /// Whether a producer and its client can work with it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`].
    fn check(&self, _producer: &ProducerConfig, _client: &ClientConfig) -> Result<()> {
        Ok(())
    }
}

/// `Produce` 1, once: what fails has failed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SendOnce;

impl Sending for SendOnce {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        Ok(Box::pin(broker.start::<Produce>(ProduceRequest { partitions })?))
    }

    fn again(&self, _: &Error, _: u32) -> bool {
        false
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        None
    }
}
