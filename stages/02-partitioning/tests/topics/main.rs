//! Topics: their names, the catalogue that they are in, the acts that change it, and what is left after a crash.

mod acts;
mod catalogue;
mod concurrency;
#[path = "../support/data.rs"]
mod data;
mod deletion;
mod failures;
mod housekeeping;
mod name;
mod restart;
#[path = "../support/touchy_disk.rs"]
mod touchy_disk;
