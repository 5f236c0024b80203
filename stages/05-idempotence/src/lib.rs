//! # Stage 05: idempotence
//!
//! *How can a retry not be a duplicate?*

pub mod api;
