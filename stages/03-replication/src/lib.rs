//! # Stage 03: replication
//!
//! *What happens when a machine dies?*

pub mod api;
pub mod epochs;
pub mod leader;
pub mod machine;
pub mod records;
pub mod replica;
pub mod truncation;
pub mod watermark;
