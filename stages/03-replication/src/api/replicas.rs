//! Messages between replicas, and about them.

use partitioning::TopicPartition;
use partitioning::api::{Api, RecordBytes, TopicId, bounded};
use partitioning::error::Refusal;
use segment_log::Offset;
use serde::{Deserialize, Serialize};

use crate::epochs::EpochEnd;

/// For what comes next in partitions that somebody follows. Version 2 of `Fetch`.
#[derive(Debug)]
pub struct FollowerFetch;

impl Api for FollowerFetch {
    const KEY: u16 = 1;
    const VERSION: u16 = 2;
    const NAME: &'static str = "Fetch";
    type Request = FollowerFetchRequest;
    type Response = FollowerFetchResponse;
}

/// A follower's question. It is an answer as well: whoever asks for offset 5 has all before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerFetchRequest {
    /// Who asks.
    pub replica: i32,
    /// The epoch that its registration gave.
    pub broker_epoch: i64,
    /// `replica.fetch.response.max.bytes`: the most bytes of all partitions together, as in version 1.
    pub max_bytes: u32,
    /// The order matters if there is more than fits.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<FollowerFetchPartition>,
}

/// A partition and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerFetchPartition {
    /// Which one.
    pub at: TopicPartition,
    /// Of which topic: the name may have been another topic's (KIP-516).
    pub topic: TopicId,
    /// The epoch of the leader that the follower believes to ask. Another is refused (KIP-320).
    pub leader_epoch: i32,
    /// The first offset that is wanted: the end of the follower's log.
    pub offset: Offset,
    /// The epoch of the record before it, for the leader to see whether their logs agree (KIP-595). `None`: there is no
    /// record, or it is not to be looked at ([`Truncation::ToHighWatermark`](crate::truncation::Truncation)).
    pub last_epoch: Option<i32>,
    /// `replica.fetch.max.bytes`: the most bytes of this partition.
    pub max_bytes: u32,
}

/// What was found in each partition, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerFetchResponse {
    /// One for each entry of the request.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<(TopicPartition, Result<FollowerFetched, Refusal>)>,
}

/// What the leader has to say to one partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerFetched {
    /// What was found.
    pub found: FetchFound,
    /// The leader's high watermark.
    pub high_watermark: Offset,
    /// Where the leader's log begins.
    pub log_start: Offset,
}

/// What was found at the offset that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FetchFound {
    /// Whole batches from there on; the last may be cut off. None, if the follower has all.
    Records(RecordBytes),
    /// The two logs part before: the latest epoch up to the follower's last that the leader has, and where it ends.
    Diverging(EpochEnd),
    /// The leader's log does not reach there: it begins later, or ends before, at this offset.
    OutOfRange {
        /// The end of the leader's log.
        end: Offset,
    },
}

/// Where a broker's replicas stand.
#[derive(Debug)]
pub struct DescribeReplicas;

impl Api for DescribeReplicas {
    const KEY: u16 = 10_001;
    const VERSION: u16 = 1;
    const NAME: &'static str = "DescribeReplicas";
    type Request = DescribeReplicasRequest;
    type Response = DescribeReplicasResponse;
}

/// All of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribeReplicasRequest;

/// One entry for each replica, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribeReplicasResponse {
    /// `node.id`.
    pub broker: i32,
    /// The replicas.
    #[serde(deserialize_with = "bounded")]
    pub replicas: Vec<(TopicPartition, ReplicaState)>,
}

/// Where one replica stands, as it knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaState {
    /// What it does.
    pub role: ReplicaRole,
    /// The epoch in which it does so.
    pub leader_epoch: i32,
    /// Where its log begins.
    pub log_start: Offset,
    /// Up to where it knows the partition to be committed.
    pub high_watermark: Offset,
    /// Where its log ends.
    pub end: Offset,
}

/// What a replica does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplicaRole {
    /// It takes writes.
    Leader {
        /// Whose copy is up to date.
        #[serde(deserialize_with = "bounded")]
        in_sync: Vec<i32>,
        /// The list that it has asked for.
        #[serde(deserialize_with = "bounded")]
        pending: Vec<i32>,
        /// What it knows of the others.
        #[serde(deserialize_with = "bounded")]
        followers: Vec<FollowerSeen>,
    },
    /// It copies this broker's log.
    Follower(i32),
    /// There is no leader, or it does not know one.
    Waiting,
    /// Its log cannot be used; this is why.
    Failed(String),
}

/// A follower, as its leader knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowerSeen {
    /// Its broker.
    pub id: i32,
    /// Where its log ends; unknown until it fetches in this epoch.
    pub end: Option<Offset>,
}
