//! # Stage 03: replication
//!
//! *What happens when a machine dies?*

pub mod api;
pub mod broker;
pub mod cli;
pub mod controller;
pub mod controller_link;
pub mod epochs;
pub mod fetcher;
pub mod fetching;
pub mod leader;
pub mod machine;
pub mod manager;
pub mod metadata;
pub mod records;
pub mod replica;
pub mod state;
pub mod topic_config;
pub mod truncation;
pub mod watermark;
pub mod wishes;
