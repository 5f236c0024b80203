//! One replica, on a real log: its roles, what it serves and what it copies, where it cuts, what it remembers.
//!
//! A log is written as its records: `0:a@1 1:b@1 2:c@4` has the values `a` and `b` of epoch 1, and `c` of epoch 4.

#[path = "../support/broker.rs"]
mod broker;
mod copying;
mod leading;
mod leaving;
#[path = "../support/messages.rs"]
mod messages;
mod news;
mod retention;
mod roles;
#[path = "../support/scratch.rs"]
mod scratch;
mod serving;
#[path = "../support/soft_disk.rs"]
mod soft_disk;
mod starting;
mod truncating;
