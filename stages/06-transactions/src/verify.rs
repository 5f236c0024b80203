//! Before the first record of a transaction in a partition: is the transaction still under way, and does it have this partition
//! (KIP-890)?
//!
//! ```text
//!   producer            leader of orders-0                         coordinator
//!     │ first batch ──────▶│ takes a ticket ─── has it orders-0? ───▶│
//!     │                    │ ◀──────────────────────────────── yes ──┤
//!     │                    │ is the ticket still good? writes        │
//!     │ ◀──────── offset ──┤                                         │
//! ```
//!
//! Without the question, a batch that comes when its transaction has ended opens one that nobody ends. Without the ticket, the same is
//! true of a batch whose transaction ends between the answer and the write.
//!
//! Only the first batch pays for it. From then on the partition knows by itself that the transaction is open.

use std::collections::BTreeMap;
use std::sync::Arc;

use acks::api::ProduceAckedRequest;
use acks::produce::{AckLimits, produce};
use partitioning::api::{ProducePartition, ProduceResponse, Produced};
use partitioning::{Context, Error, ErrorCode, Refusal, Service, TopicPartition};
use replication::manager::ReplicaManager;
use segment_log::BatchView;

use crate::api::{AddPartitionsRequest, ProduceInTransactionRequest, VerifyPartitions};
use crate::coordinators::Coordinators;
use crate::partition::{Ticket, Transactions};
use crate::peers::Peers;
use crate::records::Identity;

/// Whoever lets batches of transactions in.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) service: Service,
    pub(crate) manager: Arc<ReplicaManager<Transactions>>,
    pub(crate) coordinators: Coordinators,
    pub(crate) peers: Peers,
    pub(crate) limits: AckLimits,
}

/// Partitions that wait for the coordinator's word, by producer.
type Asked = BTreeMap<Identity, Vec<(TopicPartition, Ticket)>>;

impl Door {
    /// Verifies what is to be verified, then appends as stage 04 does. What is not let in is answered so, and the rest is written.
    pub(crate) async fn produce(
        &self,
        request: ProduceInTransactionRequest,
        context: &Context,
    ) -> Result<ProduceResponse, Refusal> {
        let ProduceInTransactionRequest { transactional_id, produce: request } = request;
        let order: Vec<TopicPartition> = request.partitions.iter().map(|one| one.at.clone()).collect();
        let mut refused = self.verify(transactional_id.as_deref(), &request.partitions).await;
        let ProduceAckedRequest { acks, timeout_ms, partitions } = request;
        let partitions = partitions.into_iter().filter(|one| !refused.contains_key(&one.at)).collect();
        let request = ProduceAckedRequest { acks, timeout_ms, partitions };
        let answer = produce(&self.service, request, self.limits, context).await?;
        let mut written: Vec<_> = answer.partitions.into_iter().rev().collect();
        // In the order of the request. A partition may be named twice, which is answered where it is written.
        let one = |at: TopicPartition| -> (TopicPartition, Result<Produced, Refusal>) {
            match written.last() {
                Some((next, _)) if *next == at => written.pop().expect("it was just looked at"),
                _ => {
                    let unknown = || ErrorCode::UnknownServerError.because("it was neither written nor refused");
                    let why = refused.remove(&at).unwrap_or_else(unknown);
                    (at, Err(why))
                }
            }
        };
        Ok(ProduceResponse { partitions: order.into_iter().map(one).collect() })
    }

    /// The partitions whose batches are not let in, and why.
    async fn verify(
        &self,
        transactional_id: Option<&str>,
        batches: &[ProducePartition],
    ) -> BTreeMap<TopicPartition, Refusal> {
        let mut refused = BTreeMap::new();
        let mut asked = Asked::new();
        for ProducePartition { at, records } in batches {
            // What is no batch is refused where it is written.
            let Ok(batch) = BatchView::parse(&records.0) else { continue };
            if !batch.is_transactional() || batch.is_control() {
                continue;
            }
            let producer = Identity { id: batch.producer_id(), epoch: batch.producer_epoch() };
            let ticket = self
                .manager
                .replica(at)
                .and_then(|replica| replica.note(|transactions| transactions.ticket(producer.id, producer.epoch)))
                .and_then(|ticket| ticket);
            match ticket {
                Ok(None) => {}
                Ok(Some(ticket)) => asked.entry(producer).or_default().push((at.clone(), ticket)),
                Err(refusal) => drop(refused.insert(at.clone(), refusal)),
            }
        }
        for (producer, tickets) in asked {
            let answers = self.ask(transactional_id, producer, &tickets).await;
            for ((at, ticket), answer) in tickets.into_iter().zip(answers) {
                if let Err(refusal) = self.admit(&at, ticket, answer) {
                    refused.insert(at, refusal);
                }
            }
        }
        refused
    }

    /// What the coordinator says of each partition.
    async fn ask(
        &self,
        transactional_id: Option<&str>,
        producer: Identity,
        tickets: &[(TopicPartition, Ticket)],
    ) -> Vec<Result<(), Refusal>> {
        let all = |refusal: Refusal| vec![Err(refusal); tickets.len()];
        let Some(id) = transactional_id else {
            return all(
                ErrorCode::InvalidRequest.because("a batch is of a transaction, and no transactional id was said")
            );
        };
        let partitions = tickets.iter().map(|(at, _)| at.clone()).collect();
        let request = AddPartitionsRequest { transactional_id: id.to_owned(), producer, partitions };
        match self.coordinators_word(request).await {
            Ok(answers) if answers.len() == tickets.len() => answers,
            Ok(_) => all(ErrorCode::UnknownServerError.because("the coordinator has not answered what it was asked")),
            Err(refusal) => all(refusal),
        }
    }

    async fn coordinators_word(&self, request: AddPartitionsRequest) -> Result<Vec<Result<(), Refusal>>, Refusal> {
        let at = self.coordinators.partition_of(&request.transactional_id)?;
        let none = || ErrorCode::CoordinatorNotAvailable.because(format!("{at} has no leader"));
        let leader = self.peers.leader(&at).map_err(refusal_of)?.ok_or_else(none)?;
        Ok(self.peers.call::<VerifyPartitions>(leader, request).await.map_err(refusal_of)?.partitions)
    }

    fn admit(&self, at: &TopicPartition, ticket: Ticket, answer: Result<(), Refusal>) -> Result<(), Refusal> {
        let replica = self.manager.replica(at)?;
        if let Err(refusal) = answer {
            replica.note(|transactions| transactions.give_back(ticket))?;
            return Err(refusal);
        }
        match replica.note(|transactions| transactions.admit(ticket))? {
            true => Ok(()),
            false => Err(ErrorCode::InvalidTxnState
                .because(format!("{at}: the transaction has ended while its first batch was on its way"))),
        }
    }
}

/// Nobody knows, for whatever reason: nothing was written, and the producer may ask again.
fn refusal_of(error: Error) -> Refusal {
    match error {
        Error::Refused(refusal) => refusal,
        other => ErrorCode::CoordinatorNotAvailable.because(format!("the coordinator cannot be asked: {other}")),
    }
}
