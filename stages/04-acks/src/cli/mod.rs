//! The program's commands, where they differ from those of the stages below.
//!
//! ```text
//!   program "acks"
//!   simulate
//!      │        cluster · controller · serve          stage 03's, with this stage's broker in their seam (stage)
//!      │        describe · elect-leader · reassign    stage 03's
//!      │        produce · consume                     stage 02's, with what waits and tries again in theirs
//!      │        create-topic · grow-topic · delete-topic
//! ```

pub mod consume;
pub mod produce;
pub mod stage;
