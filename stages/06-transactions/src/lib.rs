//! # Stage 06: transactions
//!
//! *How do many partitions change together?*

pub mod coordinator;
pub mod partition;
pub mod records;
pub mod state;
