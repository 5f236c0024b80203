//! A log: append, roll, read, truncate, recover, retain; and what happens when the disk fails.
//!
//! The usual log here has batches of three records and 100 bytes, and segments of 300 bytes:
//!
//! ```text
//!   position      0       100      200       0       100      200       0
//!   batch      ▐ 0…2 ▌▐ 3…5 ▌▐ 6…8 ▌    ▐ 9…11 ▌▐12…14▌▐15…17▌    ▐18…20▌
//!   segment    0                        9                         18, active
//! ```

mod aborted;
mod append;
mod below;
mod beside;
mod dir;
mod faults;
#[path = "../support/judging.rs"]
mod judging;
#[path = "../support/judging_disk.rs"]
mod judging_disk;
mod open;
mod read;
mod recover;
mod retention;
mod roll;
mod slices;
mod truncate;
