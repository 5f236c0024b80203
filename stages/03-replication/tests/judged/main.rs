//! The tests that judge the rules of replication, one module for each. No log and no network has part in them. A failure
//! shows one screen: the rule that broke, what was expected, what was found, and where to look.

mod epochs;
mod in_sync;
mod led;
mod truncation;
mod watermark;
mod wishes;
