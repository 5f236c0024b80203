//! A producer whose retries are no duplicates (`enable.idempotence`, KIP-98).
//!
//! It is stage 04's producer: it asks for the same safety, and sends the same again. What is new stands in a second seam
//! ([`Sequencing`]): each batch says who sent it and which number its first record has, and
//! leaves when that number can be the next.
//!
//! ```text
//!   InitProducerId ──▶ who am I? ─┐
//!                                 ▼
//!   ▐██▌▐███▌ ──▶ gate ──▶ producer 7, epoch 0, 5…9 ──▶ Produce ──▶ stored, or a duplicate: the same answer
//!                   ▲                                      │
//!                   └──────────── sent again ◀── an error ─┘
//! ```
//!
//! | module | what it answers |
//! |---|---|
//! | [`sequences`](crate::sequences) | which number, and when: no I/O |
//! | `numbering` | how that meets the sender, and asks for the producer's id |
//!
//! ## What is promised
//!
//! - A record is in its partition's log at most once, however often it was sent, whichever broker leads, and whatever a log
//!   loses.
//! - An acknowledged record is there, as far as stage 04 promises it.
//! - The records of a partition are in the log in the order in which they were sent, as far as they are there, with up to five
//!   requests under way. (With a new producer id one that ended in doubt may come late.)
//! - An error says whether nothing was written, or nobody knows. "Nobody knows" is rarer than in stage 04: most such attempts are
//!   sent again until somebody does.
//!
//! A program that sends a record twice has two records. And what a producer sent before it was started again, it does not know
//! any more: it has another id. Stage 06 gives ids that last.
//!
//! ## The settings
//!
//! | | must be | as |
//! |---|---|---|
//! | `acks` | all | a leader that dies takes with it what it alone has, and the numbers behind it would not fit |
//! | `retries` | at least 1 | what is lost would leave a gap each time |
//! | `max.in.flight.requests.per.connection` | at most 5 | a broker remembers five batches |

mod numbering;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use acks::api::Acks;
use acks::producer::AckedSending;
use partitioning::api::ProducePartition;
use partitioning::net::BoxFuture;
use partitioning::producer::sending::Answer;
use partitioning::producer::{ProducerConfig, Sending, Sequencing};
use partitioning::{Client, ClientConfig, Cluster, Error, ErrorCode, Result};
use tokio::sync::Notify;

use crate::api::{InitProducerId, InitProducerIdRequest, InitProducerIdResponse};
use crate::producers::REMEMBERED;
use crate::sequences::Identity;
use numbering::Numbering;

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct IdempotentSending {
    /// `retries`, `delivery.timeout.ms` and so on.
    pub sending: AckedSending,
    /// Who says who the producer is.
    pub ids: Arc<dyn Ids>,
}

impl IdempotentSending {
    /// Any broker is asked who the producer is.
    pub fn new(sending: AckedSending) -> Self {
        IdempotentSending { sending, ids: Arc::new(AnyBroker) }
    }
}

impl Default for IdempotentSending {
    fn default() -> Self {
        Self::new(AckedSending::default())
    }
}

/// Who says who a producer is.
pub trait Ids: fmt::Debug + Send + Sync + 'static {
    /// An id that nobody ever had. If it fails in a way that may pass ([`Error::is_retriable`]), it is asked for again.
    fn next(&self, cluster: &Cluster) -> BoxFuture<'static, Result<Identity>>;
}

/// Asks any broker that can be reached ([`InitProducerId`]).
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyBroker;

impl Ids for AnyBroker {
    fn next(&self, cluster: &Cluster) -> BoxFuture<'static, Result<Identity>> {
        let cluster = cluster.clone();
        Box::pin(async move {
            let told = cluster.call::<InitProducerId>(InitProducerIdRequest {}).await?;
            let InitProducerIdResponse { producer_id, epoch } = told;
            if producer_id < 0 || epoch < 0 {
                let message = format!("a broker gave producer id {producer_id} and epoch {epoch}: both are at least 0");
                return Err(ErrorCode::UnknownServerError.because(message).into());
            }
            Ok(Identity { producer_id, epoch })
        })
    }
}

impl Sending for IdempotentSending {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        self.sending.start(broker, partitions)
    }

    fn awaits_answer(&self) -> bool {
        self.sending.awaits_answer()
    }

    /// Also what is out of order, as long as `retries` are left.
    fn again(&self, error: &Error, attempts: u32) -> bool {
        let is_out_of_order = error.code() == Some(ErrorCode::OutOfOrderSequenceNumber);
        self.sending.again(error, attempts) || is_out_of_order && attempts <= self.sending.retries
    }

    fn doubt(&self, error: &Error) -> Option<String> {
        self.sending.doubt(error)
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        self.sending.delivery_timeout()
    }

    fn sequencing(&self, cluster: &Cluster, producer: &ProducerConfig, wake: Arc<Notify>) -> Box<dyn Sequencing> {
        Box::new(Numbering::new(self.ids.clone(), cluster.clone(), producer, wake))
    }

    fn check(&self, producer: &ProducerConfig, client: &ClientConfig) -> Result<()> {
        let must = |holds: bool, key, found: String, rule| {
            if holds { Ok(()) } else { Err(Error::Config { key, found, rule }) }
        };
        let AckedSending { acks, retries, .. } = self.sending;
        must(acks == Acks::All, "acks", acks.to_string(), "it is all if enable.idempotence is true")?;
        must(retries > 0, "retries", retries.to_string(), "it is at least 1 if enable.idempotence is true")?;
        let (most, rule) = (producer.max_in_flight, "it is at most 5 if enable.idempotence is true");
        must(most <= REMEMBERED, "max.in.flight.requests.per.connection", most.to_string(), rule)?;
        self.sending.check(producer, client)
    }
}
