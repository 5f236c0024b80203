//! What is judged of this stage in exercises, and what the rest of it rests on: the pure rules. Each test is one rule, and says
//! which one is broken.

mod alter;
mod elect;
mod epochs;
mod in_sync;
mod led;
mod placement;
mod support;
mod truncation;
mod watermark;
mod wishes;
