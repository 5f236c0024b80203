//! # Stage 05: idempotence
//!
//! *How can a retry not be a duplicate?*

pub mod api;
pub mod broker;
pub mod cli;
pub mod ids;
pub mod producer;
pub mod producers;
pub mod sequence;
pub mod sequences;
pub mod simulation;
