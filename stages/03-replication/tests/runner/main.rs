//! What runs a machine: when it replies, what it does when its log is lost, and what it makes of what the log holds.

mod committing;
mod limits;
mod replaying;
mod support;
