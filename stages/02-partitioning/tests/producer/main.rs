//! The producer, against brokers that do what the test says, and against the real one. Time is paused: it passes when
//! nothing else can happen, so a wait of a minute takes no time and is a minute to the nanosecond.

mod batching;
#[path = "../support/cables.rs"]
mod cables;
mod choosing;
mod ending;
mod expiring;
mod failing;
#[path = "../support/fake_broker.rs"]
mod fake_broker;
mod memory;
mod pipelining;
mod real;
mod remade;
mod resting;
mod retrying;
mod sequencing;
mod settings;
mod support;
