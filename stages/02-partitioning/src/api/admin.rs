//! Messages about topics and about the broker itself.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Api;
use super::records::{bounded, bounded_map, bounded_option, pairs};
use crate::error::Refusal;

/// What else can be asked.
#[derive(Debug)]
pub struct ApiVersions;

impl Api for ApiVersions {
    const KEY: u16 = 18;
    const VERSION: u16 = 1;
    const NAME: &'static str = "ApiVersions";
    type Request = ApiVersionsRequest;
    type Response = ApiVersionsResponse;
}

/// No details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiVersionsRequest;

/// What a broker serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiVersionsResponse {
    /// By key.
    #[serde(deserialize_with = "bounded")]
    pub apis: Vec<ApiRange>,
}

/// An API, and the versions of it that are served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiRange {
    /// Its key.
    pub key: u16,
    /// Its name.
    pub name: String,
    /// The lowest version.
    pub min: u16,
    /// The highest version.
    pub max: u16,
}

/// Brokers, topics, leaders.
#[derive(Debug)]
pub struct Metadata;

impl Api for Metadata {
    const KEY: u16 = 3;
    const VERSION: u16 = 1;
    const NAME: &'static str = "Metadata";
    type Request = MetadataRequest;
    type Response = MetadataResponse;
}

/// Which topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataRequest {
    /// Their names; `None` is all of them.
    #[serde(deserialize_with = "bounded_option")]
    pub topics: Option<Vec<String>>,
}

/// What the broker knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataResponse {
    /// All brokers, by id.
    #[serde(deserialize_with = "bounded")]
    pub brokers: Vec<BrokerInfo>,
    /// The topics in the order that they were asked for, or by name.
    #[serde(deserialize_with = "bounded")]
    pub topics: Vec<(String, Result<TopicInfo, Refusal>)>,
}

/// A broker, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerInfo {
    /// `node.id`.
    pub id: i32,
    /// `host:port` for clients (`advertised.listeners`).
    pub address: String,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicInfo {
    /// It tells a topic from a later one of the same name (KIP-516).
    pub id: TopicId,
    /// By number, without gaps.
    #[serde(deserialize_with = "bounded")]
    pub partitions: Vec<PartitionInfo>,
    /// What was set for this topic alone, by Kafka's names.
    #[serde(serialize_with = "pairs", deserialize_with = "bounded_map")]
    pub configs: BTreeMap<String, String>,
}

/// Who keeps a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionInfo {
    /// The broker to ask; `None` if there is none.
    pub leader: Option<i32>,
    /// How often leadership has changed (stage 03).
    pub leader_epoch: i32,
    /// The brokers that have a copy.
    #[serde(deserialize_with = "bounded")]
    pub replicas: Vec<i32>,
    /// Those of them whose copy is up to date.
    #[serde(deserialize_with = "bounded")]
    pub in_sync: Vec<i32>,
}

/// A number that no other topic ever has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TopicId(pub u128);

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// For a new topic.
#[derive(Debug)]
pub struct CreateTopic;

impl Api for CreateTopic {
    const KEY: u16 = 19;
    const VERSION: u16 = 1;
    const NAME: &'static str = "CreateTopic";
    type Request = NewTopic;
    type Response = TopicInfo;
}

/// What the topic shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTopic {
    /// Its name: letters, digits, `.`, `_` and `-`.
    pub name: Arc<str>,
    /// How many partitions; `None` is the broker's `num.partitions`.
    pub partitions: Option<u32>,
    /// How many brokers shall have a copy; `None` is the broker's `default.replication.factor`.
    pub replication_factor: Option<u16>,
    /// Settings for this topic alone, by Kafka's names.
    #[serde(serialize_with = "pairs", deserialize_with = "bounded_map")]
    pub configs: BTreeMap<String, String>,
}

/// To forget a topic.
#[derive(Debug)]
pub struct DeleteTopic;

impl Api for DeleteTopic {
    const KEY: u16 = 20;
    const VERSION: u16 = 1;
    const NAME: &'static str = "DeleteTopic";
    type Request = DeleteTopicRequest;
    type Response = ();
}

/// Which one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteTopicRequest {
    /// Its name.
    pub name: Arc<str>,
}

/// To grow a topic.
#[derive(Debug)]
pub struct CreatePartitions;

impl Api for CreatePartitions {
    const KEY: u16 = 37;
    const VERSION: u16 = 1;
    const NAME: &'static str = "CreatePartitions";
    type Request = CreatePartitionsRequest;
    type Response = TopicInfo;
}

/// Which topic, and how large.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePartitionsRequest {
    /// Its name.
    pub name: Arc<str>,
    /// How many partitions it shall have, those that it has included. Never fewer: records would be lost.
    pub count: u32,
}
