//! The numbers of an idempotent producer: each rule by itself, and all of them against logs, brokers and a network that chance
//! rules.

mod brokers;
mod client;
mod gaps;
mod kept;
mod leaving;
mod lives;
mod support;
mod world;
