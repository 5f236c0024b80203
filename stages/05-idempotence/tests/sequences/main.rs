//! The numbers of an idempotent producer: each rule by itself, and all of them against logs, brokers and a network that chance
//! rules.

mod gaps;
mod kept;
mod leaving;
mod support;
