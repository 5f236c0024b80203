//! The commands that differ from those of the stages below. The others are theirs.

pub mod consume;
pub mod produce;
pub mod stage;
pub mod transactions;
pub mod transfer;
