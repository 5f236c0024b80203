//! # Stage 06: transactions
//!
//! *How do many partitions change together?*
//!
//! Money goes from one account to another. That is two records, in two partitions, and the producer can die between them. In this stage
//! the records of a transaction go into their logs as they come, and do not count yet. One record in one other log decides that they do, or
//! that they never will. After that the partitions are told, one by one, by a *marker* in each.
//!
//! ```text
//!   producer            coordinator, __transaction_state-1                 debits-0                  credits-0
//!     │ who am I? ────────▶│ ▐█Empty: producer 0, epoch 0█▌
//!     │ add both ─────────▶│ ▐█Ongoing: debits-0, credits-0█▌
//!     │ alice -10 ─────────┼─────────────────────────────────────────────▶ ▐█alice -10█▌
//!     │ bob +10 ───────────┼───────────────────────────────────────────────────────────────────────▶ ▐█bob +10█▌
//!     │ commit ───────────▶│ ▐█PrepareCommit█▌   ◀── it is decided
//!     │◀── it is decided ──┤
//!     │                    ├─ markers ──────────────────────────────────▶ ▐commit▌ ────────────────▶ ▐commit▌
//!     │                    │ ▐█CompleteCommit█▌                           │                           │
//!     ▼                    ▼                                 a reader of committed records sees it from here on
//! ```
//!
//! Both sides are folds. What a coordinator knows of its transactions follows from the decisions in its log
//! ([`Coordinator`](coordinator::Coordinator)). What a partition knows of them follows from its batches and markers
//! ([`Transactions`](partition::Transactions)). So whoever takes over from a dead coordinator or a dead leader replays, and goes on.
//!
//! | module | what it answers |
//! |---|---|
//! | [`state`] | the states of a transaction, and which may follow which |
//! | [`records`] | the decisions of a coordinator, as records |
//! | [`coordinator`] | who decides: a machine. One file for each question: who am I, add a partition, commit or abort, is the time over |
//! | [`placing`] | which partition of `__transaction_state` coordinates a transactional id |
//! | [`coordinators`] | the coordinators of a broker: they begin and end as it begins and ends to lead their logs |
//! | `markers` | carrying out what was decided, until each partition has its marker |
//! | [`partition`] | what a partition knows of transactions: what is open, up to where it is stable, what was aborted, whose first record is let in |
//! | `verify` | how a leader asks the coordinator before that first record |
//! | [`producer`] | a producer of transactions: which call is allowed, which batch may leave, what an error leaves |
//! | [`consumer`] | how a reader says up to where it wants to see |
//! | [`api`] | the new questions |
//! | [`broker`], `peers` | stage 05's broker with these routes added, and its lines to the others |
//! | [`cli`] | the program's commands, where they are not those of the stages below |
//! | [`transfer`] | money that moves between accounts, in transactions and without, while machines die |
//! | [`simulation`] | stage 04's storm over transactions, with zombies among the producers |
//!
//! Begin with [`state`], which is short. Then read [`coordinator`] and [`partition`]: the rest connects the two.
//!
//! ## The promise
//!
//! Of one transaction, with brokers that keep stage 04's promises:
//!
//! - A reader of committed records (`read_committed`) is given all of its records or none, and those of a partition in their order. None is
//!   given before it is decided that they count.
//! - How it ends is decided once. When `commit` has returned, it stays committed, whatever dies.
//! - A producer that comes back under the same transactional id begins with a clean table: what it had open is ended before it
//!   may begin. Whoever else still writes under that id is refused.
//! - Each transaction ends. One whose producer is gone is aborted when `transaction.timeout.ms` is over.
//!
//! ## Invariants
//!
//! 1. An outcome is one record in one log. Markers are written after it is committed, and never before.
//! 2. Once it is decided, no request and no crash changes it. Whoever takes over carries it out.
//! 3. A marker's epoch is higher than that of the records which it ends ([`Epochs::OfTransaction`](coordinator::Epochs)). So what comes late
//!    is of an epoch that is over, and is refused.
//! 4. A partition takes the first record of a transaction only while the coordinator has that partition in it.
//! 5. No reader of committed records gets beyond the first offset that is not decided, nor beyond one whose marker could be lost.
//!
//! ## Left out
//!
//! - **Reading is not atomic across partitions.** Markers come one by one. A reader of two partitions can see one half of a transaction
//!   for a moment, and the other half later. Nothing here gives it a common point in time.
//! - **Isolation is of what is read from the log**, and of nothing else. A transaction sees nothing of its own records, reads nothing, and two of
//!   them never conflict: records are only added.
//! - What a consumer has read, as a part of a transaction: stage 07 (KIP-98's `AddOffsetsToTxn`, KIP-447).
//! - Transactions that somebody else's coordinator decides (KIP-939).
//! - Partitions that a leader adds by itself, with the first batch. Kafka's newest producers leave it to the leader (KIP-890, part 2); here
//!   the producer says it, and the leader asks.

pub mod api;
pub mod broker;
pub mod cli;
pub mod consumer;
pub mod coordinator;
pub mod coordinators;
mod markers;
pub mod partition;
mod peers;
pub mod placing;
pub mod producer;
pub mod records;
pub mod simulation;
pub mod state;
pub mod transfer;
mod verify;
