//! # Stage 02: partitioning

pub mod api;
pub mod error;
pub mod host;
pub mod net;
pub mod partition;

pub use api::TopicPartition;
pub use error::{Error, ErrorCode, Refusal, Result};
pub use host::{Clock, Host, Workers};
