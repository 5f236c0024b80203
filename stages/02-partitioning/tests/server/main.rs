//! The server's door, over a network in memory and with a clock that the test moves.

mod answers;
mod broker;
#[path = "../support/cables.rs"]
mod cables;
mod client;
mod cluster;
mod limits;
mod router;
mod stopping;
mod support;
