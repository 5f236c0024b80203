//! # Stage 06: transactions
//!
//! *How do many partitions change together?*

pub mod api;
pub mod broker;
pub mod cli;
pub mod consumer;
pub mod coordinator;
pub mod coordinators;
mod markers;
pub mod partition;
mod peers;
pub mod placing;
pub mod producer;
pub mod records;
pub mod simulation;
pub mod state;
pub mod transfer;
mod verify;
