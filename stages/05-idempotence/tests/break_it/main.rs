//! Judges the story of exercise 5.8: a record that a producer numbers, and sends once, is there twice.
//!
//! A story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: by where the replicas stand at its end, and by what producers were told.

// Not all of it is used here.
#[allow(dead_code)]
#[path = "../../../03-replication/tests/support/driver/mod.rs"]
mod cluster;
#[path = "../driver/mod.rs"]
mod driver;
#[allow(dead_code)]
#[path = "../../../04-acks/tests/break_it/state.rs"]
mod state;
mod twice;
#[allow(dead_code)]
#[path = "../../../04-acks/tests/driver/mod.rs"]
mod with_acks;
