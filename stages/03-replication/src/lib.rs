//! # Stage 03: replication
//!
//! *What happens when a machine dies?*

pub mod api;
pub mod controller;
pub mod epochs;
pub mod leader;
pub mod machine;
pub mod records;
pub mod state;
pub mod topic_config;
pub mod truncation;
pub mod watermark;
