//! A producer of transactions, and a reader of what is committed, against brokers that do what the test says. Time is paused.

#[path = "../../../02-partitioning/tests/support/cables.rs"]
mod cables;
mod calls;
mod ending;
mod fencing;
mod lives;
mod moving;
mod partitions;
mod reading;
mod records;
mod support;
