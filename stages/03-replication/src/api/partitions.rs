//! Messages about partitions, to the controller.

use partitioning::TopicPartition;
use partitioning::api::{Api, TopicId, bounded};
use partitioning::error::Refusal;
use serde::{Deserialize, Deserializer, Serialize};

use crate::records::PartitionRecord;

/// For other lists of replicas in sync.
#[derive(Debug)]
pub struct AlterPartition;

impl Api for AlterPartition {
    const KEY: u16 = 56;
    const VERSION: u16 = 1;
    const NAME: &'static str = "AlterPartition";
    type Request = AlterPartitionsRequest;
    type Response = AlterPartitionsResponse;
}

/// What a broker wants for partitions that it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlterPartitionsRequest {
    /// Who asks.
    pub broker: i32,
    /// The epoch that its registration gave.
    pub broker_epoch: i64,
    /// Each partition once.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, TopicId, AlterPartitionRequest)>,
}

/// Another list of replicas in sync, for one partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AlterPartitionRequest {
    /// Who asks: its leader.
    pub leader: i32,
    /// The epoch in which it leads.
    pub leader_epoch: i32,
    /// The change that it knows of last.
    pub partition_epoch: i32,
    /// The list, by id. Of whoever joins, with the epoch of the broker that has caught up: the controller lets no other in
    /// (KIP-903). -1 for those that were in the list before.
    #[serde(deserialize_with = "bounded")]
    pub in_sync: Vec<(i32, i64)>,
}

/// What became of each wish, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlterPartitionsResponse {
    /// The partition as it is now.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, Result<PartitionRecord, Refusal>)>,
}

/// For another leader.
#[derive(Debug)]
pub struct ElectLeaders;

impl Api for ElectLeaders {
    const KEY: u16 = 43;
    const VERSION: u16 = 1;
    const NAME: &'static str = "ElectLeaders";
    type Request = ElectLeadersRequest;
    type Response = ElectLeadersResponse;
}

/// Which partitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectLeadersRequest {
    /// Whom to elect.
    pub election: ElectionType,
    /// Where.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<TopicPartition>,
}

/// Whom to elect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElectionType {
    /// The first of the replicas, if it is in sync.
    Preferred,
    /// Whoever is alive, if nobody who is in sync is. What only others have is lost.
    Unclean,
}

/// What became of each, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElectLeadersResponse {
    /// The partition as it is now.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, Result<PartitionRecord, Refusal>)>,
}

/// To move replicas to other brokers.
#[derive(Debug)]
pub struct AlterPartitionReassignments;

impl Api for AlterPartitionReassignments {
    const KEY: u16 = 45;
    const VERSION: u16 = 1;
    const NAME: &'static str = "AlterPartitionReassignments";
    type Request = ReassignRequest;
    type Response = ReassignResponse;
}

/// A partition, and who shall have its copies.
pub type Move = (TopicPartition, Option<Vec<i32>>);

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassignRequest {
    /// Who shall have a copy, the preferred leader first; `None` calls a reassignment off.
    #[serde(deserialize_with = "targets")]
    pub partitions: Vec<Move>,
}

/// The inner lists are bounded as well as the outer one.
fn targets<'de, D: Deserializer<'de>>(decoder: D) -> Result<Vec<Move>, D::Error> {
    #[derive(Deserialize)]
    struct Target(#[serde(deserialize_with = "bounded")] Vec<i32>);
    let all: Vec<(TopicPartition, Option<Target>)> = bounded(decoder)?;
    Ok(all.into_iter().map(|(at, target)| (at, target.map(|Target(brokers)| brokers))).collect())
}

/// What became of each, in the order of the request. A reassignment that was begun is done when all new replicas are in sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReassignResponse {
    /// The partition as it is now.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, Result<PartitionRecord, Refusal>)>,
}
