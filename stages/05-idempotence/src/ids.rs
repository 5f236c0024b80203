//! Producer ids: numbers that are given once, and never again.
//!
//! Two producers with one number would take each other's records for retries, and one of them would lose its own without a
//! word. So there is one place where numbers come from, the controller, and it writes down how far it has got before it gives
//! any. It gives a thousand at a time, and a broker hands them out one by one. So the controller has little to do, however
//! often producers start (KIP-730; Kafka's `ProducerIdControlManager` and `ProducerIdManager`).
//!
//! ```text
//!   controller     __cluster_metadata-0   ▐█note producer-ids 1000█▌ ▐█note producer-ids 2000█▌
//!                          │ 0…999                   │ 1000…1999
//!                          ▼                         ▼
//!   brokers           1: 0 1 2 ▒▒▒              2: 1000 1001 ▒▒▒
//!                          │                         │
//!   producers         0    1    2               1000      1001
//! ```
//!
//! A broker that dies takes what is left of its block with it. Nobody misses it: there are 2^63 numbers.

mod blocks;

use partitioning::{ErrorCode, Refusal};
use replication::controller::{Controller, Ruling};
use replication::machine::{Decided, Moment};
use replication::records::Note;
use serde::{Deserialize, Serialize};

use crate::api::{AllocateProducerIdsRequest, AllocateProducerIdsResponse};

pub use blocks::ProducerIds;

/// How many ids a broker gets at a time (Kafka's `ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE`).
pub const BLOCK: u32 = 1_000;

/// The first id that nobody has been given: what the controller has decided last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NextProducerId(pub i64);

impl Note for NextProducerId {
    const NAME: &'static str = "producer-ids";
}

/// The controller gives a block to a broker.
///
/// # Errors
///
/// [`BrokerIdNotRegistered`](ErrorCode::BrokerIdNotRegistered); [`StaleBrokerEpoch`](ErrorCode::StaleBrokerEpoch);
/// [`UnknownServerError`](ErrorCode::UnknownServerError) if there are no more.
pub fn allocate(
    controller: &mut Controller,
    request: AllocateProducerIdsRequest,
    _: Moment,
) -> Ruling<AllocateProducerIdsResponse> {
    let AllocateProducerIdsRequest { broker, broker_epoch } = request;
    controller.member(broker, broker_epoch)?;
    let NextProducerId(first) = controller.state().note()?.unwrap_or_default();
    let next = first.checked_add(BLOCK.into()).ok_or_else(no_more)?;
    let records = vec![NextProducerId(next).decided()];
    Ok(Decided { records, reply: AllocateProducerIdsResponse { first, count: BLOCK } })
}

fn no_more() -> Refusal {
    ErrorCode::UnknownServerError.because("all 2^63 producer ids have been given")
}
