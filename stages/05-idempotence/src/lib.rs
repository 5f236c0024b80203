//! # Stage 05: idempotence
//!
//! *How can a retry not be a duplicate?*
//!
//! A producer that hears nothing sends again, and the log may hold the record already. So the log must be able to tell: this I
//! have seen. In this stage each producer has an id, and counts what it sends to each partition. Both stand in the batch.
//!
//! ```text
//!   producer 7                      leader                              what it knows of producer 7, partition orders-0
//!     │ id 7, epoch 0, numbers 5…9    │
//!     ├──────────────────────────────▶│ 5 comes next: written, offset 40    ▐█0…4█▌▐█5…9█▌                next: 10
//!     │             ╳◀────── offset 40┤                                        35     40
//!     │ no answer: the same again     │
//!     ├──────────────────────────────▶│ 5…9 is there: nothing is written
//!     │◀───────────────────── offset 40┤
//!     │ numbers 12…12                 │
//!     ├──────────────────────────────▶│ 10 and 11 are missing: refused
//! ```
//!
//! What a leader knows of its producers is a fold over its log ([`Producers`](producers::Producers)). So a follower knows the same, and
//! so does a leader after a crash. Nothing is sent between brokers for it, and nothing is kept that the log does not say.
//!
//! | module | what it answers |
//! |---|---|
//! | [`sequence`] | how records are counted |
//! | [`producers`] | what a partition knows of its producers, and what becomes of a batch: written, known, refused |
//! | [`ids`] | where producer ids come from: numbers that are given once |
//! | [`sequences`] | the producer's side: which number a batch gets, when it may leave, what a refusal means; a pure state machine |
//! | [`producer`] | that state machine in the seam of stage 02's producer, and who asks for the id |
//! | [`api`] | three new questions |
//! | [`broker`] | stage 04's broker and controller, with these routes added |
//! | [`cli`] | the program's commands, where they are not those of the stages below |
//! | [`simulation`] | stage 04's storm, with a stricter judge |
//!
//! ## The promise
//!
//! Of one producer, from its start to its end, in each partition, with `acks=all`:
//!
//! - A record is in the log once at most, however often it was sent.
//! - One that was acknowledged is there once, under stage 04's conditions.
//! - Records are in the order in which they were handed over, with up to five requests under way at a time.
//!
//! It rests on three things. A batch is sent again as it was, with the same numbers. Its first copy is at most five batches back. And
//! a partition remembers the producer for longer than any retry can be late (`producer.id.expiration.ms`).
//!
//! ## Left out
//!
//! - A program that starts again is another producer. What it sends twice is there twice.
//! - Two partitions know nothing of each other: a record can be in one, and its sister not in the other. Stage 06 is about both.
//! - What a consumer does twice. Stage 07 has what can be done about it.

pub mod api;
pub mod broker;
pub mod cli;
pub mod ids;
pub mod producer;
pub mod producers;
pub mod sequence;
pub mod sequences;
pub mod simulation;
