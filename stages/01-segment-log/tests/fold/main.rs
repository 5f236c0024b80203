//! Folds: the counter of keys, pairs of folds, and a log's fold over its whole life.

#[path = "../support/judging.rs"]
mod judging;
#[path = "../support/judging_disk.rs"]
mod judging_disk;
mod key_counts;
mod life;
mod pairs;
mod verdicts;
