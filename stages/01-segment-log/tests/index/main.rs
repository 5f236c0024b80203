//! Sparse indexes: the search, the fold that makes the entries, and the files.

mod files;
mod floor;
mod indexer;
#[path = "../support/judging.rs"]
mod judging;
#[path = "../support/judging_disk.rs"]
mod judging_disk;
