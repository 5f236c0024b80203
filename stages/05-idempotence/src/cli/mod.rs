//! The commands that differ from those of the stages below. The others are theirs.

pub mod describe_producers;
pub mod produce;
pub mod stage;
