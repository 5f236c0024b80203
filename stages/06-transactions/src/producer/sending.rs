//! How batches of transactions are sent: as stage 05's, and with the transactional id.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acks::producer::AckedSending;
use idempotence::producer::IdempotentSending;
use partitioning::api::ProducePartition;
use partitioning::producer::sending::Answer;
use partitioning::producer::{ProducerConfig, Sending, Sequencing};
use partitioning::{Client, ClientConfig, Cluster, Error, Result};
use tokio::sync::Notify;

use super::desk::{AtDesk, Desk};
use super::line::Line;
use crate::api::{ProduceInTransaction, ProduceInTransactionRequest};

/// See the [module](self). It is made for one producer.
pub(super) struct TransactionalSending {
    transactional_id: String,
    idempotent: IdempotentSending,
    desk: Arc<Desk>,
    /// For whoever adds partitions.
    line: Mutex<Option<Line>>,
}

impl TransactionalSending {
    pub(super) fn new(transactional_id: String, sending: AckedSending, desk: Arc<Desk>, line: Line) -> Self {
        let idempotent = IdempotentSending::new(sending);
        TransactionalSending { transactional_id, idempotent, desk, line: Mutex::new(Some(line)) }
    }
}

impl Sending for TransactionalSending {
    fn start(&self, broker: &Client, partitions: Vec<ProducePartition>) -> Result<Answer> {
        let transactional_id = Some(self.transactional_id.clone());
        let produce = self.idempotent.sending.request(partitions);
        let request = ProduceInTransactionRequest { transactional_id, produce };
        Ok(Box::pin(broker.start::<ProduceInTransaction>(request)?))
    }

    fn again(&self, error: &Error, attempts: u32) -> bool {
        self.idempotent.again(error, attempts)
    }

    fn doubt(&self, error: &Error) -> Option<String> {
        self.idempotent.doubt(error)
    }

    fn delivery_timeout(&self) -> Option<Duration> {
        self.idempotent.delivery_timeout()
    }

    fn sequencing(&self, _: &Cluster, _: &ProducerConfig, wake: Arc<Notify>) -> Box<dyn Sequencing> {
        let line = self.line.lock().expect("nothing panics while it holds the line").take();
        Box::new(AtDesk::new(self.desk.clone(), line.expect("it is asked once"), wake))
    }

    fn check(&self, producer: &ProducerConfig, client: &ClientConfig) -> Result<()> {
        self.idempotent.check(producer, client)
    }
}

impl fmt::Debug for TransactionalSending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionalSending({}, {:?})", self.transactional_id, self.idempotent.sending)
    }
}
