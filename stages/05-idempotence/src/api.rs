//! What stage 05 adds to the teaching protocol: numbers for producers.
//!
//! | key | API | who asks whom |
//! |---|---|---|
//! | 22 | [`InitProducerId`] | a producer any broker: who am I? |
//! | 61 | [`DescribeProducers`] | an operator a leader: which producers does a partition know? |
//! | 67 | [`AllocateProducerIds`] | a broker the controller: for a block of producer ids |
//!
//! `Produce` is as before. What is new stands in the batches: the header has had a place for it from stage 01 on.

use partitioning::api::{Api, bounded};
use partitioning::{Refusal, TopicPartition};
use segment_log::Offset;
use serde::{Deserialize, Serialize};

/// For the number of a producer.
#[derive(Debug)]
pub struct InitProducerId;

impl Api for InitProducerId {
    const KEY: u16 = 22;
    const VERSION: u16 = 1;
    const NAME: &'static str = "InitProducerId";
    type Request = InitProducerIdRequest;
    type Response = InitProducerIdResponse;
}

/// A producer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitProducerIdRequest {}

/// Who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitProducerIdResponse {
    /// A number that no other producer of this cluster ever had.
    pub producer_id: i64,
    /// Its first epoch.
    pub epoch: i16,
}

/// What leaders know of the producers of their partitions (KIP-664).
#[derive(Debug)]
pub struct DescribeProducers;

impl Api for DescribeProducers {
    const KEY: u16 = 61;
    const VERSION: u16 = 1;
    const NAME: &'static str = "DescribeProducers";
    type Request = DescribeProducersRequest;
    type Response = DescribeProducersResponse;
}

/// Partitions that the broker leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribeProducersRequest {
    /// Which ones.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<TopicPartition>,
}

/// The producers of each partition, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribeProducersResponse {
    /// One for each entry of the request.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, Result<Vec<ProducerState>, Refusal>)>,
}

/// A producer, as a partition knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProducerState {
    /// Its id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i16,
    /// The number of its last record in that epoch, if it has sent one.
    pub last: Option<i32>,
    /// The offset of that record.
    pub last_offset: Option<Offset>,
}

/// For a block of producer ids.
#[derive(Debug)]
pub struct AllocateProducerIds;

impl Api for AllocateProducerIds {
    const KEY: u16 = 67;
    const VERSION: u16 = 1;
    const NAME: &'static str = "AllocateProducerIds";
    type Request = AllocateProducerIdsRequest;
    type Response = AllocateProducerIdsResponse;
}

/// Which broker asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocateProducerIdsRequest {
    /// `node.id`.
    pub broker: i32,
    /// The epoch that its registration gave.
    pub broker_epoch: i64,
}

/// The broker's own from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocateProducerIdsResponse {
    /// The first id of the block.
    pub first: i64,
    /// How many there are.
    pub count: u32,
}
