//! A producer with `acks` and retries, against brokers that do what the test says. How batches come back is stage 02's, and
//! tested there; here it is what is asked, what is believed, and what chance can do to it.

#[path = "../../../02-partitioning/tests/support/cables.rs"]
mod cables;
mod doubting;
#[path = "../../../02-partitioning/tests/support/fake_broker.rs"]
mod fake_broker;
mod lives;
mod polling;
mod requests;
mod settings;
mod support;
