//! # Stage 04: acks
//!
//! *When may the producer believe it?*

pub mod api;
pub mod fetching;
pub mod producer;
