//! # Stage 04: acks
//!
//! *When may the producer believe it?*

pub mod api;
pub mod broker;
pub mod produce;
pub mod simulation;
pub mod waiting;
