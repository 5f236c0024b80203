//! How fast, compared with what.
//!
//! A figure in MB/s says as much about the machine as about the program. So every measurement is a *contest*: the same
//! work done in several ways, by turns, in one process. What counts is the ratio to the first of them, which is the plain
//! way, without the thing that is measured, where there is one.
//!
//! ```text
//!              round 1   round 2   round 3
//!   plain      ▐██▌      ▐██▌      ▐██▌        median ──▶ 1.00
//!   measured      ▐███▌     ▐███▌     ▐███▌    median ──▶ 0.71 (0.66–0.74)
//!              ───────────── time ─────────▶
//! ```
//!
//! - Rounds alternate, so that a noisy neighbour meets all entrants. The median counts; lowest and highest are shown.
//! - Only the work itself is timed ([`Stopwatch`]). Its input is made before, its files are removed after.
//! - Memory is touched before the first round ([`touch_memory`]): on a virtual machine the first use of a page costs more
//!   than writing it.
//! - CPU time of the process, all its threads together, stands beside the clock, since a second core can hide what a
//!   program costs.
//!
//! What comes out are [`Finding`]s: [`report`] makes tables of them, for a terminal and for the book, and [`chart`] draws
//! them. What depends on a setting that grows is no contest, but a line: [`plot`] draws it. How long each of many things took
//! is kept in [`Latencies`].
//!
//! The program around them is the same for all stages, too: [`Bench`].
//!
//! The crate knows none of the stages. Each brings its own work to its contests, and a learner's copy of a stage measures
//! itself with the same tools.
//!
//! Left out: statistics beyond the median and the range. Whoever wants to see a difference of two per cent needs a quiet
//! machine and another tool; the claims of the book are about differences that one can see.

mod bench;
pub mod chart;
mod contest;
mod figures;
mod latency;
mod measure;
pub mod plot;
pub mod report;
mod scale;
mod scratch;

pub use bench::{Bench, Found, Part};
pub use contest::{Contest, Finding, Line, Unit};
pub use figures::{save, save_plot};
pub use latency::Latencies;
pub use measure::{Spread, Stopwatch, touch_memory};
pub use scale::Scale;
pub use scratch::Scratch;

/// What the parts of a measurement return. The reason is only ever shown.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
