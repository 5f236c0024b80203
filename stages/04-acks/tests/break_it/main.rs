//! Judges the stories of exercises 4.4 and 4.5: an acknowledged record that is lost, and a record that is there twice.
//!
//! A story is the one that `FTLU_STORY` names, or else the course's own. It is judged by what happened, not by how it is
//! written: by where the replicas stand at its end, and by what producers were told.

// Not all of it is used here.
#[allow(dead_code)]
#[path = "../../../03-replication/tests/support/driver/mod.rs"]
mod cluster;
#[path = "../driver/mod.rs"]
mod driver;
mod lost;
mod state;
mod twice;

use driver::{AcksDriver, Makes};
use story::{Submission, Told};

/// Plays the story.
#[track_caller]
fn play(submission: &Submission) -> Vec<Told> {
    submission.play(&mut AcksDriver::new(Makes::acks()))
}
