//! # Stage 04: acks
//!
//! *When may the producer believe it?*
//!
//! Stage 03 knows what is committed. This stage tells the producer, and lets it say how sure it wants to be. All of it is one
//! kind of wait: for where a partition stands.
//!
//! ```text
//!   producer                      leader                                      followers
//!     │  Produce, acks=all          │                                            │
//!     ├────────────────────────────▶│ append: end 6                              │
//!     │                             │◀─────────────────────── fetch from 5 ──────┤  (it has waited here for something)
//!     │                       waits │ record 5 ─────────────────────────────────▶│ append
//!     │                             │◀─────────────────────── fetch from 6 ──────┤
//!     │                             │ high watermark 6                           │
//!     │◀───────────────── offset 5 ─┤ looks: still its epoch? enough in sync?    │
//! ```
//!
//! | module | what it answers |
//! |---|---|
//! | [`api`] | questions that wait |
//! | [`mod@produce`] | when a batch is safe, and what to say if it is not |
//! | [`waiting`], [`fetching`] | fetches that wait for something to be there; who asks them |
//! | [`producer`] | acks, retries, and when to give up: what stands in the seam of stage 02's producer |
//! | [`broker`] | stage 03's broker and controller, with these routes added |
//! | [`cli`] | the program's commands, where they are not those of the stages below |
//! | [`simulation`] | a cluster in a storm of faults, and the judge of it |
//!
//! ## The promise
//!
//! - With `acks=all`, a record that was acknowledged is committed, and `min.insync.replicas` brokers had it then.
//! - It survives that all brokers are killed; that `min.insync.replicas - 1` of those in sync lose power at once; and, if each
//!   append is flushed, that all of them do.
//! - An error says whether nothing was written, or nobody knows.
//!
//! ## Left out
//!
//! That a retry is no duplicate (stage 05).

pub mod api;
pub mod broker;
pub mod cli;
pub mod fetching;
pub mod produce;
pub mod producer;
pub mod simulation;
pub mod waiting;
