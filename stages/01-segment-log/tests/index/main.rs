//! Sparse indexes: the search, and the fold that makes the entries.

mod floor;
mod indexer;
#[path = "../support/judging.rs"]
mod judging;
#[path = "../support/judging_disk.rs"]
mod judging_disk;
