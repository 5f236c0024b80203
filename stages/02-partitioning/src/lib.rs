//! # Stage 02: partitioning

pub mod api;
pub mod broker;
pub mod client;
pub mod error;
pub mod host;
pub mod memory;
pub mod net;
pub mod partition;
pub mod producer;
pub mod router;
pub mod server;
pub mod service;
pub mod topics;
pub mod wire;

pub use api::TopicPartition;
pub use broker::{Broker, BrokerConfig};
pub use client::{Client, ClientConfig, Cluster, Pending};
pub use error::{Error, ErrorCode, Refusal, Result};
pub use host::{Clock, Host, Workers};
pub use partition::{LocalPartition, Offsets, Partition, Read, ReadRequest};
pub use router::{Context, Router};
pub use server::{Limits, Server};
pub use service::{Partitions, Service, ServiceLimits};
pub use topics::{Topics, TopicsConfig};
