//! What stage 03 adds to the teaching protocol. Keys are Kafka's, and so are the names, but for a plural or two.
//!
//! | key | API | who asks whom |
//! |---|---|---|
//! | 1, version 2 | [`FollowerFetch`] | a follower its leader: for what comes next, and whether their logs agree |
//! | 43 | [`ElectLeaders`] | an operator the controller: for the preferred leader, or for any |
//! | 45 | [`AlterPartitionReassignments`] | an operator the controller: to move replicas to other brokers |
//! | 56 | [`AlterPartition`] | a leader the controller: for another list of replicas in sync |
//! | 62 | [`BrokerRegistration`] | a broker the controller: to be a member |
//! | 63 | [`BrokerHeartbeat`] | a broker the controller: I am alive |
//! | 10 001 | [`DescribeReplicas`] | an operator a broker: where does each of your replicas stand? |
//!
//! The controller's log is read with `Fetch`, version 1, like any log. Brokers pass `CreateTopic`, `DeleteTopic` and
//! `CreatePartitions` on to the controller.
//!
//! Messages between brokers are judged like those of strangers: every list is bounded.

mod brokers;
mod partitions;
mod replicas;

pub use brokers::{
    BrokerHeartbeat, BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistration, BrokerRegistrationRequest,
    BrokerRegistrationResponse,
};
pub use partitions::{
    AlterPartition, AlterPartitionReassignments, AlterPartitionRequest, AlterPartitionsRequest,
    AlterPartitionsResponse, ElectLeaders, ElectLeadersRequest, ElectLeadersResponse, ElectionType, Move,
    ReassignRequest, ReassignResponse,
};
pub use replicas::{
    DescribeReplicas, DescribeReplicasRequest, DescribeReplicasResponse, FetchFound, FollowerFetch,
    FollowerFetchPartition, FollowerFetchRequest, FollowerFetchResponse, FollowerFetched, FollowerSeen, ReplicaRole,
    ReplicaState,
};
