//! Messages about brokers.

use partitioning::TopicPartition;
use partitioning::api::{Api, TopicId, bounded};
use serde::{Deserialize, Serialize};

use crate::records::ClusterId;

/// To be a member of the cluster.
#[derive(Debug)]
pub struct BrokerRegistration;

impl Api for BrokerRegistration {
    const KEY: u16 = 62;
    const VERSION: u16 = 1;
    const NAME: &'static str = "BrokerRegistration";
    type Request = BrokerRegistrationRequest;
    type Response = BrokerRegistrationResponse;
}

/// Who wants to be a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerRegistrationRequest {
    /// `node.id`.
    pub id: i32,
    /// A number that the process drew when it started.
    pub incarnation: u128,
    /// Where clients and other brokers find it.
    pub address: String,
    /// The cluster that its data are of; `None` if it has none yet.
    pub cluster: Option<ClusterId>,
    /// The broker epoch in which it stopped in order the last time; `None` if it did not, or never ran (KIP-966, stage 04).
    pub stopped_in: Option<i64>,
}

/// It is a member, and fenced until it has caught up with the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerRegistrationResponse {
    /// Its epoch: it is said in every request from here on.
    pub epoch: i64,
    /// The cluster.
    pub cluster: ClusterId,
}

/// I am alive.
#[derive(Debug)]
pub struct BrokerHeartbeat;

impl Api for BrokerHeartbeat {
    const KEY: u16 = 63;
    const VERSION: u16 = 1;
    const NAME: &'static str = "BrokerHeartbeat";
    type Request = BrokerHeartbeatRequest;
    type Response = BrokerHeartbeatResponse;
}

/// Who is alive, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerHeartbeatRequest {
    /// `node.id`.
    pub id: i32,
    /// The epoch that its registration gave.
    pub epoch: i64,
    /// The epoch of its own record in the metadata as it knows them; `None` if it is not in there yet. Once that is the epoch
    /// in which it asks, it has caught up with its own registration. (Kafka's brokers say an offset.)
    pub knows_epoch: Option<i64>,
    /// It wants to stop, and asks for its leaderships to be given away.
    pub wants_to_stop: bool,
    /// All partitions whose log it cannot use, and of which topic they are: they count as gone from this broker.
    #[serde(deserialize_with = "bounded")]
    pub failed: Vec<(TopicPartition, TopicId)>,
}

/// How the controller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokerHeartbeatResponse {
    /// It leads nothing now.
    pub is_fenced: bool,
    /// Everything is given away: it may stop.
    pub may_stop: bool,
}
