//! What is judged of this stage in exercises, and what the rest of it rests on: the pure rules. Each test is one rule, and says
//! which one is broken.

mod alter;
#[path = "../support/broker.rs"]
mod broker;
mod elect;
mod epochs;
mod in_sync;
mod led;
#[path = "../support/messages.rs"]
mod messages;
mod placement;
#[path = "../support/scratch.rs"]
mod scratch;
mod serving;
#[path = "../support/soft_disk.rs"]
mod soft_disk;
mod support;
mod truncation;
mod watermark;
mod wishes;
