//! An idempotent producer against brokers that do what the test says, and against brokers that know their producers.

#[path = "../../../02-partitioning/tests/support/cables.rs"]
mod cables;
#[path = "../../../02-partitioning/tests/support/fake_broker.rs"]
mod fake_broker;
mod ids;
mod lives;
mod numbers;
mod settings;
mod support;
