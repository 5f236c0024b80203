//! What stage 06 adds to the teaching protocol. Keys are Kafka's.
//!
//! | key | version | API | who asks whom |
//! |---|---|---|---|
//! | 0 | 3 | [`ProduceInTransaction`] | a producer a leader: batches, and whose transaction they are of |
//! | 1 | 5 | [`FetchIsolated`] | a consumer a leader: up to where it may see |
//! | 2 | 2 | [`ListOffsetsIsolated`] | the same, for where a partition ends |
//! | 10 | 1 | [`FindCoordinator`] | a producer any broker: who coordinates this id? |
//! | 22 | 2 | [`InitTransactions`] | a producer its coordinator: who am I? |
//! | 24 | 1 | [`AddPartitionsToTxn`] | a producer its coordinator: my transaction has these too |
//! | 24 | 2 | [`VerifyPartitions`] | a leader the coordinator: does that transaction have mine? |
//! | 26 | 1 | [`EndTxn`] | a producer its coordinator: commit, or abort |
//! | 27 | 1 | [`WriteTxnMarkers`] | a coordinator leaders: it was decided so |
//! | 65 | 1 | [`DescribeTransactions`] | an operator a coordinator: where does it stand? |
//! | 66 | 1 | [`ListTransactions`] | an operator each broker: which do you coordinate? |

use acks::api::{ProduceAckedRequest, Waiting};
use partitioning::api::{
    Api, FetchRequest, FetchResponse, ListOffsetsRequest, ListOffsetsResponse, ProduceResponse, bounded,
};
use partitioning::{Isolation, Refusal, TopicPartition};
use segment_log::control::Outcome;
use serde::{Deserialize, Serialize};

use crate::records::{Identity, TransactionRecord};
use crate::state::TransactionState;

/// Defines an API in one line: its type, key, version, name, question and answer.
macro_rules! apis {
    ($($(#[$doc:meta])* $api:ident = $key:literal $version:literal $name:literal: $request:ty => $response:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $api;

            impl Api for $api {
                const KEY: u16 = $key;
                const VERSION: u16 = $version;
                const NAME: &'static str = $name;
                type Request = $request;
                type Response = $response;
            }
        )*
    };
}

apis! {
    /// To append batches that may belong to a transaction.
    ProduceInTransaction = 0 3 "Produce": ProduceInTransactionRequest => ProduceResponse;
    /// For batches, up to where the reader may see.
    FetchIsolated = 1 5 "Fetch": Isolated<Waiting<FetchRequest>> => FetchResponse;
    /// Where a partition ends for such a reader.
    ListOffsetsIsolated = 2 2 "ListOffsets": Isolated<ListOffsetsRequest> => ListOffsetsResponse;
    /// For the broker that coordinates a transactional id.
    FindCoordinator = 10 1 "FindCoordinator": FindCoordinatorRequest => FindCoordinatorResponse;
    /// To be the producer of a transactional id.
    InitTransactions = 22 2 "InitProducerId": InitTransactionsRequest => Identity;
    /// To have partitions in the transaction.
    AddPartitionsToTxn = 24 1 "AddPartitionsToTxn": AddPartitionsRequest => ();
    /// Whether the transaction has partitions.
    VerifyPartitions = 24 2 "AddPartitionsToTxn": AddPartitionsRequest => VerifyPartitionsResponse;
    /// To have the transaction end.
    EndTxn = 26 1 "EndTxn": EndTxnRequest => Identity;
    /// To have its end written down where its records are.
    WriteTxnMarkers = 27 1 "WriteTxnMarkers": WriteTxnMarkersRequest => WriteTxnMarkersResponse;
    /// Where a transactional id stands.
    DescribeTransactions = 65 1 "DescribeTransactions": FindCoordinatorRequest => TransactionRecord;
    /// Which transactional ids a broker coordinates.
    ListTransactions = 66 1 "ListTransactions": ListTransactionsRequest => ListTransactionsResponse;
}

/// Batches, and whose transaction they are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProduceInTransactionRequest {
    /// The transactional id, for batches that are marked as part of a transaction. It says which coordinator is to be asked.
    pub transactional_id: Option<String>,
    /// As in version 2.
    pub produce: ProduceAckedRequest,
}

/// `isolation.level`: what a consumer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum IsolationLevel {
    /// `read_uncommitted`: all records that are on enough replicas, also those of transactions that are open or aborted.
    #[default]
    ReadUncommitted,
    /// `read_committed`: none of those.
    ReadCommitted,
}

impl IsolationLevel {
    /// Up to where such a consumer sees a partition.
    pub fn isolation(self) -> Isolation {
        match self {
            IsolationLevel::ReadUncommitted => Isolation::HighWatermark,
            IsolationLevel::ReadCommitted => Isolation::LastStable,
        }
    }
}

/// A question of a reader who sees so much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolated<T> {
    /// What it sees.
    pub level: IsolationLevel,
    /// The question.
    pub question: T,
}

/// Which transactional id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindCoordinatorRequest {
    /// The id.
    pub transactional_id: String,
}

/// Who coordinates it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindCoordinatorResponse {
    /// The broker.
    pub broker: i32,
}

/// A producer begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitTransactionsRequest {
    /// Its transactional id.
    pub transactional_id: String,
    /// `transaction.timeout.ms`.
    pub timeout_ms: u32,
    /// Who it was, if it goes on after an error (KIP-360).
    pub expected: Option<Identity>,
}

/// Partitions of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPartitionsRequest {
    /// The transactional id.
    pub transactional_id: String,
    /// Its producer.
    pub producer: Identity,
    /// The partitions.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<TopicPartition>,
}

/// Whether the transaction has each of them, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyPartitionsResponse {
    /// One for each.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<Result<(), Refusal>>,
}

/// How a transaction is to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndTxnRequest {
    /// The transactional id.
    pub transactional_id: String,
    /// Its producer.
    pub producer: Identity,
    /// Whether it is committed.
    pub commit: bool,
}

impl EndTxnRequest {
    /// In a word.
    pub fn outcome(&self) -> Outcome {
        if self.commit { Outcome::Commit } else { Outcome::Abort }
    }
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteTxnMarkersRequest {
    /// Of each transaction.
    #[serde(deserialize_with = "bounded")]
    pub markers: Vec<MarkerToWrite>,
}

/// A marker, and where it is to stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerToWrite {
    /// Who the producer is from the marker on.
    pub producer: Identity,
    /// The leader epoch of the coordinator's partition.
    pub coordinator_epoch: i32,
    /// Whether the transaction is committed.
    pub commit: bool,
    /// Partitions that the broker leads.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<TopicPartition>,
}

/// What became of each marker in each partition, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteTxnMarkersResponse {
    /// For each marker one for each of its partitions.
    #[serde(deserialize_with = "bounded")]
    pub markers: Vec<Written>,
}

/// What became of one marker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// One for each of its partitions, in the order of the request.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<Result<(), Refusal>>,
}

/// The most transactional ids in an answer.
pub const MOST_LISTED: usize = 1_000;

/// The transactional ids behind one of them: a page of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTransactionsRequest {
    /// The id that the page before ended with. `None`: from the beginning.
    pub after: Option<String>,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListTransactionsResponse {
    /// At most [`MOST_LISTED`], by id. If there are fewer, no more follow.
    #[serde(deserialize_with = "bounded")]
    pub transactions: Vec<ListedTransaction>,
}

/// Where a transactional id stands, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTransaction {
    /// The id.
    pub transactional_id: String,
    /// Its producer.
    pub producer: Identity,
    /// The state of its transaction.
    pub state: TransactionState,
}
