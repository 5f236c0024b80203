//! # Stage 02: partitioning
//!
//! *How do many machines share one stream?*
//!
//! Stage 01 left a log that one process has open on one machine. Here a server stands before it, so that other machines
//! can reach it. And the log is cut into several, so that there can be more than one server, more than one disk and more
//! than one reader at work. Each of the pieces is a log of stage 01, unchanged. The stream is called a *topic*, and its
//! pieces *partitions*.
//!
//! ```text
//!   producer                            broker                                  consumer
//!                                    ┌────────────────────────────────┐
//!   ┌─ accumulator ─┐  batches       │ orders-0/ ▐█0▌▐█1 2▌▐█3▌       │  batches    ┌─ positions ─┐
//!   │ orders-0  ▐█▌ │ ─────────────▶ │ orders-1/ ▐█0 1 2▌▐█3▌         │ ──────────▶ │ orders-0: 3 │
//!   │ orders-2  ▐█▌ │   Produce      │ orders-2/ ▐█0▌                 │   Fetch     │ orders-1: 1 │
//!   └───────▲───────┘                │ __cluster_metadata-0/  which   │             └──────┬──────┘
//!       partitioner                  │            topics there are    │                    ▼
//!        ▲                           └────────────────────────────────┘                 records
//!     records                                                                      (the application)
//! ```
//!
//! Three things are decided here for the whole course.
//!
//! **The producer decides where a record goes.** The broker is not asked. Records with the same key go to the same
//! partition, since every producer computes the same hash. So the broker needs no table, and needs not look into a batch.
//!
//! **Order is a promise about one partition.** Within it records are read as they were written. Across partitions nothing is
//! promised, and that is the price of all the rest.
//!
//! **The consumer pulls.** It says from which offset on it wants to read. The broker remembers nothing about it.
//!
//! ## A tour, from the network up
//!
//! | module | what it answers |
//! |---|---|
//! | [`host`], [`net`] | what is asked of the machine, so that a test can be the machine |
//! | [`api`], [`wire`] | what can be asked of a broker, and how it becomes bytes |
//! | [`router`], [`server`], [`memory`] | which function answers; what a connection may take |
//! | [`partition`], [`service`] | what a door must know of a partition; what a broker does with records |
//! | [`topics`] | which topics there are: a fold over a log |
//! | [`broker`] | all of this together |
//! | [`client`], [`backoff`] | a connection, and what is known of the cluster; when to try again |
//! | [`producer`] | where records go, and how they travel in company |
//! | [`consumer`] | where a reader stands, and how it reads ahead |
//! | [`cli`] | the commands of a client, for this stage's program and those of later stages |
//!
//! ## The promise
//!
//! - A record that was acknowledged is in its partition's log, and stage 01's promise holds for it.
//! - Records that one producer sends to one partition are stored in the order in which they were sent, as long as no request
//!   fails. (What happens when one fails is stage 04's question, and 05's.)
//! - A consumer gets each record of a partition once and in order, from its position on, until it seeks.
//! - Whatever comes over the network, nobody loses more than his own connection, and memory stays bounded.
//!
//! ## Left out
//!
//! A second broker: the number of copies can only be 1 (stage 03). Retries and waiting at the broker (04). Duplicates after
//! a retry (05). Consumers that share the work (07). Encryption, users, quotas (10). The bytes on the wire are our own
//! until stage 09, where Kafka's clients come in by a second door.

pub mod api;
pub mod backoff;
pub mod broker;
pub mod cli;
pub mod client;
pub mod consumer;
pub mod error;
pub mod host;
pub mod memory;
pub mod net;
pub mod news;
pub mod partition;
pub mod producer;
pub mod router;
pub mod server;
pub mod service;
pub mod topics;
pub mod wire;

pub use api::TopicPartition;
pub use backoff::Backoff;
pub use broker::{Broker, BrokerConfig};
pub use client::{Client, ClientConfig, Cluster, Pending};
pub use consumer::{AutoOffsetReset, Consumer, ConsumerConfig, ConsumerRecord, ConsumerStats, Position};
pub use error::{Error, ErrorCode, Refusal, Result};
pub use host::{Clock, Host, Pauses, Workers};
pub use partition::{Isolation, LocalPartition, Offsets, Partition, Read, ReadRequest, Writer};
pub use router::{Context, Router};
pub use server::{Limits, Server};
pub use service::{FetchBudget, Partitions, Service, ServiceLimits};
pub use topics::{Topics, TopicsConfig};
