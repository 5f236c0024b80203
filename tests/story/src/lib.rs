//! The story language: one short script that is a test, a figure and an animation.
//!
//! ```text
//!   rolling.story                        a stage's test
//!   # A full segment closes     Story    ┌──────────┐   Played::text        what a person reads
//!   # needs: log               ───────►  │  play()  │ ─────────────────►    and the test compares
//!   append "a"                           │    │     │
//!   show                                 └────┼─────┘   Played::trace_json  what the book plays
//!                                             ▼        ─────────────────►   as an animation
//!                                       dyn System
//! ```
//!
//! A stage gives the language something to drive: an implementation of [`System`]. This crate knows no log, no broker
//! and no clock, so every stage can use it. Seven tools live here, one concept each:
//!
//! * [`Story`], [`System`] and [`play`]: read scripts, run them, note what happened;
//! * [`stories!`]: make a stage's tests of its stories;
//! * [`Submission`]: play a learner's story, for the tests that judge it;
//! * [`golden`]: compare a plain file with what was made just now, or write it when told to;
//! * [`judge`]: say why an exercise is not solved yet, so that the learner sees the rule and the difference;
//! * [`text`]: read and write times and tables as all stories do;
//! * [`console`]: run the commands that a page of the book shows, and compare what they print.
//!
//! # Invariants
//!
//! * The same story on the same system gives the same text and the same trace, to the byte.
//! * Nothing is accepted and then ignored: an unknown header, an unknown argument, a `client:` prefix, a check that finds
//!   nothing to check are all errors.
//! * A failure names its file and line, the rule, and what was found.
//!
//! # Left out
//!
//! Snapshots of [`Played::text`] are `insta`'s work and stay with the stages. Goldenscript's prefixes and tags are
//! refused: a [`System`] sees a command and its arguments, and no more.

mod args;
#[cfg(unix)]
pub mod console;
mod diff;
mod error;
mod golden;
mod json;
pub mod judge;
mod play;
mod script;
mod stage;
mod submission;
pub mod text;

pub use args::Args;
pub use error::StoryError;
pub use golden::golden;
pub use goldenscript::{Argument, Command};
pub use play::{Played, System, play};
pub use script::{CAPABILITIES, Story, all, stories_dir};
pub use submission::{Submission, Told};
