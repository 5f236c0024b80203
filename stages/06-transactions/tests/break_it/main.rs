//! Judges the story of exercise 6.8: a transaction is open in a partition, and its coordinator knows of none.
//!
//! A story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: when it is over, the judge lets time pass, and looks at the partitions and at the coordinators.

// Not all of it is used here.
#[allow(dead_code)]
#[path = "../../../03-replication/tests/support/driver/mod.rs"]
mod cluster;
#[path = "../driver/mod.rs"]
mod driver;
mod hanging;
mod look;
#[allow(dead_code)]
#[path = "../../../04-acks/tests/break_it/state.rs"]
mod state;
#[allow(dead_code)]
#[path = "../../../04-acks/tests/driver/mod.rs"]
mod with_acks;
#[allow(dead_code)]
#[path = "../../../05-idempotence/tests/driver/mod.rs"]
mod with_producers;
