//! What can be asked of a broker: the teaching protocol's messages.
//!
//! An API is a type: it has a key, a version, a request and a response. Keys are Kafka's, and so are the names, but for a plural or two; the bytes are not
//! ([`wire`](crate::wire)), so that all of it can be read in one sitting. Stage 09 opens a second door, which speaks
//! Kafka's own.
//!
//! | key | API | asks |
//! |---|---|---|
//! | 0 | [`Produce`] | to append batches to partitions |
//! | 1 | [`Fetch`] | for batches of partitions, from an offset on |
//! | 2 | [`ListOffsets`] | at which offset a partition begins, ends, or reaches a time |
//! | 3 | [`Metadata`] | which brokers and topics there are, and who leads which partition |
//! | 18 | [`ApiVersions`] | what else can be asked |
//! | 19 | [`CreateTopic`] | for a new topic |
//! | 20 | [`DeleteTopic`] | to forget a topic, with all that is in it |
//! | 37 | [`CreatePartitions`] | to grow a topic |
//!
//! Kafka's requests name topics and partitions in nested lists. Ours have one flat list, in which each entry names its
//! partition, and answers come in the order of the questions.

mod admin;
mod records;
mod topic_partition;

use std::fmt;

use segment_log::{AbortedTransaction, Offset, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Refusal;

pub use admin::{
    ApiRange, ApiVersions, ApiVersionsRequest, ApiVersionsResponse, BrokerInfo, CreatePartitions,
    CreatePartitionsRequest, CreateTopic, DeleteTopic, DeleteTopicRequest, Metadata, MetadataRequest, MetadataResponse,
    NewTopic, PartitionInfo, TopicId, TopicInfo,
};
pub use records::{RecordBytes, bounded};
pub use topic_partition::TopicPartition;

/// The most entries that a list in a message may have. A list of a million empty entries is a small message that would
/// take a lot of memory.
pub const MAX_ENTRIES: usize = 10_000;

/// The most aborted transactions beside the records of a partition. However few records are given, all count that have some among
/// them or around them: if a reader took fewer, he would never get past.
pub const MAX_ABORTED: usize = 1_000_000;

/// A question that a broker answers. A later stage adds APIs, or a new version of one, as types of its own.
///
/// ```
/// use partitioning::api::Api;
///
/// /// How warm is it?
/// struct Temperature;
///
/// impl Api for Temperature {
///     const KEY: u16 = 9_000;
///     const VERSION: u16 = 1;
///     const NAME: &'static str = "Temperature";
///     type Request = ();
///     type Response = i16;
/// }
/// ```
pub trait Api: 'static {
    /// Which question; Kafka's number, where Kafka has it.
    const KEY: u16;
    /// Which form of it. A broker may serve several.
    const VERSION: u16;
    /// Its name: Kafka's, but for a plural where Kafka's takes several at once.
    const NAME: &'static str;
    /// What is asked.
    type Request: Serialize + DeserializeOwned + fmt::Debug + Send + 'static;
    /// What is answered.
    type Response: Serialize + DeserializeOwned + fmt::Debug + Send + 'static;
}

/// To append batches.
#[derive(Debug)]
pub struct Produce;

impl Api for Produce {
    const KEY: u16 = 0;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Produce";
    type Request = ProduceRequest;
    type Response = ProduceResponse;
}

/// One batch for each partition that it names. Partitions do not depend on each other: one may refuse while another takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProduceRequest {
    /// At most one entry for a partition.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<ProducePartition>,
}

/// A batch and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProducePartition {
    /// Where it goes.
    pub at: TopicPartition,
    /// One batch in format v2, as it will be stored.
    pub records: RecordBytes,
}

/// What became of each batch, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProduceResponse {
    /// One for each entry of the request.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<(TopicPartition, Result<Produced, Refusal>)>,
}

/// A batch is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Produced {
    /// The offset of its first record.
    pub base_offset: Offset,
    /// The time that the log gave its records, in place of the producer's (`message.timestamp.type=LogAppendTime`).
    pub log_append_time: Option<Timestamp>,
    /// Where the log begins.
    pub log_start: Offset,
}

/// For batches.
#[derive(Debug)]
pub struct Fetch;

impl Api for Fetch {
    const KEY: u16 = 1;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Fetch";
    type Request = FetchRequest;
    type Response = FetchResponse;
}

/// From where on to read. It is answered at once, with nothing if there is nothing (stage 04 teaches it to wait).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchRequest {
    /// `fetch.max.bytes`: the most bytes of all partitions together. Not a hard limit: the first batch of the first
    /// partition that has one is given whole, or a reader could get stuck before it (KIP-74).
    pub max_bytes: u32,
    /// The order matters if there is more than fits.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<FetchPartition>,
}

/// A partition and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchPartition {
    /// Which one.
    pub at: TopicPartition,
    /// The first offset that is wanted.
    pub offset: Offset,
    /// `max.partition.fetch.bytes`: the most bytes of this partition, with the same exception.
    pub max_bytes: u32,
}

/// What was found in each partition, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchResponse {
    /// One for each entry of the request.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<(TopicPartition, Result<Fetched, Refusal>)>,
}

/// Batches, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Whole batches, of which the first may begin before the offset that was asked for; the last may be cut off.
    pub records: RecordBytes,
    /// Where the log begins.
    pub log_start: Offset,
    /// The first offset that readers do not see yet. On one broker that is the log's end (stage 03).
    pub high_watermark: Offset,
    /// The first offset that readers of committed transactions do not see yet (stage 06).
    pub last_stable: Offset,
    /// The aborted transactions that may have records among these, by where they begin: for who reads committed ones (stage 06).
    #[serde(deserialize_with = "records::aborted")]
    pub aborted: Vec<Aborted>,
}

/// A transaction whose records do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aborted {
    /// Whose. All its batches up to the marker that ends the transaction are left out.
    pub producer_id: i64,
    /// The offset of its first record.
    pub first_offset: Offset,
}

impl From<&AbortedTransaction> for Aborted {
    fn from(aborted: &AbortedTransaction) -> Self {
        Aborted { producer_id: aborted.producer_id, first_offset: aborted.first_offset }
    }
}

/// Where a partition begins, ends, or reaches a time.
#[derive(Debug)]
pub struct ListOffsets;

impl Api for ListOffsets {
    const KEY: u16 = 2;
    const VERSION: u16 = 1;
    const NAME: &'static str = "ListOffsets";
    type Request = ListOffsetsRequest;
    type Response = ListOffsetsResponse;
}

/// Places to look up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOffsetsRequest {
    /// Partition and place; at most one time for each partition.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<(TopicPartition, OffsetSpec)>,
}

/// A place in a log, told without its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OffsetSpec {
    /// The first offset that can be read (-2 in Kafka).
    Earliest,
    /// Behind the last record that readers see (-1 in Kafka).
    Latest,
    /// The first record whose timestamp is at or after this one.
    Timestamp(Timestamp),
}

/// The offsets, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListOffsetsResponse {
    /// One for each entry of the request.
    #[serde(deserialize_with = "records::bounded")]
    pub partitions: Vec<(TopicPartition, Result<Option<FoundOffset>, Refusal>)>,
}

/// An offset; there is none if no record is at or after the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundOffset {
    /// The offset.
    pub offset: Offset,
    /// The timestamp of the record there, if it was looked up by time.
    pub timestamp: Option<Timestamp>,
}
