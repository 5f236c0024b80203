//! The press: it builds, checks and serves the book.
//!
//! mdBook is a library here, so that a reader installs nothing but Rust. Our part stands before it and after it:
//!
//! ```text
//!   book/src/*.md ──▶ directives ──▶ mdBook ──▶ Site ──▶ server   (press serve)
//!                        ▲                       │
//!   stages, stories, ────┘                       └─────▶ check    (press check)
//!   exercises
//! ```
//!
//! - [`directives`] is a preprocessor. It puts the code, the stories, the exercises and the quizzes into the pages, so
//!   that nothing in the book is pasted and nothing can drift.
//! - [`Site`] is a finished book in memory: a map from path to bytes.
//! - [`check`] reads a site as a browser does and reports what is broken in it.
//! - [`server`] answers requests from a site, and [`watch`] tells when to build the next one.
//!
//! Invariants:
//!
//! - A directive that does not resolve fails the build. mdBook would leave the text as it is, or print nothing.
//! - Every fault names the page, the line where there is one, the thing and the rule. All faults of a build are
//!   reported, not the first alone.
//! - No program is started for a build. mdBook's own preprocessors and renderers that run commands are not used.
//! - The site needs no network: no script, style, font or image comes from elsewhere. `check` proves it.
//!
//! Left out: other outputs than HTML, and links to the web, which are not followed.

pub mod book;
pub mod check;
pub mod directives;
pub mod fault;
pub mod house;
pub mod server;
pub mod site;
pub mod snippets;
pub mod warnings;
pub mod watch;

pub use fault::{Fault, Faults};
pub use house::House;
pub use mdbook_driver::errors::{Error, Result};
pub use site::Site;
