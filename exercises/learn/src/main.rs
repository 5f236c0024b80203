//! `cargo learn`: the course's companion in the terminal.
//!
//! It makes a learner's copy of a stage with some function bodies taken out, runs the stage's own tests against what the
//! learner writes there, and says what came of it on one screen.
//!
//! ```text
//!   cli ─▶ verbs ─────────────┬─▶ check ─▶ copy ─▶ cargo ─▶ judge ─▶ screen
//!     └──▶ watch (a terminal) ┘              │                 │
//!     ├──▶ verify (for us) ────▶ variants ───┴─────────────────┘
//!     │                             └─▶ twin
//!     └──▶ bugs ────────────────────────┘ ─▶ cargo ─▶ the simulation, the model checker
//!
//!   copy: hole, source, starter (syn finds, text is spliced) · manifest, stack (Cargo.toml) · origin, backup, progress
//!   told: map, foundation, screen, style
//!   judge: process (time limit, groups) · libtest (what the harness prints)
//! ```
//!
//! What holds throughout:
//!
//! - The reference is the only source. Starters, solutions and tests are derived from it, never stored.
//! - A learner's text is never lost: what would replace it makes a numbered backup first.
//! - Files are written whole or not at all, so Ctrl-C is safe at any point.
//! - The same code renders a failure for a learner and for `verify`.
//!
//! Left out: no daemon, no network, no editor plug-in, nothing asynchronous.

use std::process::ExitCode;

use clap::Parser;

mod anchor;
mod answer;
mod backup;
mod bugs;
mod cargo;
mod check;
mod cli;
mod copy;
mod course;
mod fault;
mod files;
mod foundation;
mod hole;
mod judge;
mod libtest;
mod lock;
mod manifest;
mod map;
mod origin;
mod process;
mod progress;
mod screen;
mod source;
mod stack;
mod starter;
mod style;
mod terminal;
mod twin;
mod verbs;
mod verify;
mod watch;

fn main() -> ExitCode {
    terminal::end_cleanly_on_signals();
    terminal::end_quietly_with_the_reader();
    match cli::run(cli::Cli::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(fault.exit_code())
        }
    }
}
