//! # Stage 03: replication
//!
//! *What happens when a machine dies?*
//!
//! Each partition has copies on several brokers. One of them leads: it takes records, and so decides their order. The others
//! pull its log, batch for batch. A record that all who count have is committed, and only then do consumers see it. When the
//! leader is gone, a controller names another, from those who have everything.
//!
//! ```text
//!                        controller                     __cluster_metadata-0
//!                        who is alive, who leads,  ──▶  ▐█broker 1█▌▐█topic orders█▌▐█orders-0: 1 leads█▌
//!                        who is in sync                          │ every broker reads it, and folds
//!            ┌───────────────────────┬───────────────────────────┘
//!            ▼                       ▼                       ▼
//!        broker 1                broker 2                broker 3
//!        orders-0 leads ◀─fetch─ orders-0 follows        orders-0 follows
//!        ▐█0█▌▐█1█▌▐█2█▌▐█3█▌    ▐█0█▌▐█1█▌▐█2█▌         ▐█0█▌▐█1█▌▐█2█▌▐█3█▌
//!                     ▲                  │                          │
//!                     HW 3               └── fetches from 3: so it has 0 to 2, and the leader knows
//! ```
//!
//! ## A tour, from the rules up
//!
//! | module | what it answers |
//! |---|---|
//! | [`watermark`] | up to where a partition is safe: two rules |
//! | [`epochs`], [`truncation`] | which leader wrote what, and where two logs part |
//! | [`leader`] | who has what, who is in sync, and what to ask the controller for |
//! | [`replica`] | a log and a role under one lock: the rules, applied |
//! | [`machine`] | state behind a log of decisions; what runs it |
//! | [`records`], [`state`], [`topic_config`] | what is decided, and what that comes to |
//! | [`controller`] | who decides: elections, membership, topics |
//! | [`api`] | what brokers ask each other |
//! | [`manager`] | the replicas of a broker, and their folders, as the metadata say |
//! | [`metadata`], [`fetcher`], [`fetching`], [`followers`], [`wishes`] | a broker's tasks, and their doors |
//! | [`broker`], [`controller_link`], [`look`] | all of this together; a broker from outside |
//! | [`cli`] | the program's commands, and the seam through which later stages' programs have them |
//!
//! The first three hold no log, no network and no clock. Tests, exercises and a model checker drive them directly.
//!
//! ## The promise
//!
//! - A record that is committed is on every replica in sync, at the same offset, and stays there as long as one of them is left
//!   and no unclean election is held.
//! - Consumers see committed records alone.
//! - Two replicas never hold different records at one offset below both their high watermarks.
//! - In each leader epoch there is one leader. Whoever speaks for an earlier one is refused.
//! - When the faults are over, all replicas are in sync again, without anybody's help.
//!
//! Two policies of the past are kept, each with the story in which it breaks one of these:
//! [`Truncation::ToHighWatermark`](truncation::Truncation) and [`Restart::KeepsPlace`](controller::Restart).
//!
//! ## Left out
//!
//! Producers that wait for the commit, and ask again (stage 04). More than one controller (08). Followers that serve consumers
//! (KIP-392), several connections to one leader, fetch sessions (KIP-227), throttling, racks. A broker's copy of the metadata log
//! on its own disk.

pub mod api;
pub mod broker;
pub mod cli;
pub mod controller;
pub mod controller_link;
pub mod epochs;
pub mod fetcher;
pub mod fetching;
pub mod followers;
pub mod leader;
pub mod look;
pub mod machine;
pub mod manager;
pub mod metadata;
mod owner;
pub mod records;
pub mod replica;
pub mod state;
pub mod topic_config;
pub mod truncation;
pub mod watermark;
pub mod wishes;
