//! # The simulation: a cluster in a storm of faults, and a judge
//!
//! A test of a cluster that nobody disturbs shows that it works when nothing goes wrong, which is the case that nobody asked
//! about. Here real brokers, a real controller and real clients run in one process, on a network, clocks and disks that are
//! simulated. For a minute everything breaks that can break. Then all is healed, and within half a minute all must be
//! well. At last a judge reads what the clients were told and what they saw, and says which promises that breaks.
//!
//! ```text
//!   seed ──▶ settings ──▶ ┌──────────── world ─────────────┐
//!    │                    │ controller  broker-1 … broker-5 │ ◀── storm: what breaks now, whom it hits, for how long
//!    │                    │ client-1    client-2            │
//!    │                    └──────────────┬─────────────────┘
//!    │                 what clients noted│    what leaders called committed     what was decided
//!    │                                   ▼                ▼                           ▼
//!    │                               history           ledger                     overseer
//!    │                                   ╰────────────────┴───────┬───────────────────╯
//!    ╰── the same seed is the same run, to the byte               ▼
//!                                                               Report
//! ```
//!
//! ## A run
//!
//! 1. **It forms.** All brokers become members, and the topics are made.
//! 2. **The storm.** Machines are cut off, lose messages, their processes, power, disks; processes stand still and go on; clocks jump;
//!    replicas are moved, topics come and go; clients die too ([`Fault`] has all kinds). Clients send and read all the while.
//! 3. **All is healed.** Within [`HEALING`], each broker is a member, each replica is in sync, and each workload comes to its end.
//!    Whoever has lived through the storm must be able to go on: each producer has a record acknowledged in each partition, each
//!    consumer reads to the end. So must somebody new, who reads everything once more, from the first offset on.
//! 4. **It is judged**, from outside and from inside:
//!
//! | who looks | at what | and finds |
//! |---|---|---|
//! | the checker (crate `history`) | what clients sent, were told, and read | lost, doubled, reordered, invented records |
//! | the ledger | what is below leaders' high watermarks, every few milliseconds | a committed record that another takes the place of, or that is missing in the end |
//! | the agreement | all copies, batch by batch, when all is well | a fork that no client has seen |
//! | the overseer | the controller's log | decisions that are gone, epochs that go back, leaders that may not lead |
//! | the run itself | programs, time | a program that ends by itself or panics; a cluster that does not get well |
//!
//! ## What may be done to a cluster
//!
//! No cluster survives everything. A fault that would break what this stage *promises* to survive does not happen: that is for
//! the `promise` module to say, and it says no less than the stage's essay. The checker's rules follow from the settings: with
//! `acks=1` an acknowledged record may be lost, but nothing that was *read* may.
//!
//! ## The same seed is the same run
//!
//! All chance comes from the seed, each part of a run from a source of its own ([`Draw`]). There is one thread. What is left are the
//! places where a library asks the system for chance; the programs avoid them: `select!` is always `biased`, maps are ordered,
//! and news is told in order ([`news`](partitioning::news)), where tokio's `watch` wakes those who share a channel in an order of
//! chance. A test runs a seed twice and compares two traces, byte for byte. The simulator keeps something from one
//! simulation to the next in a process. So a process runs one seed, and [`command`] starts a process for each.
//!
//! A machine's program has a runtime of its own, beside the simulator's: so it can stand still while the machine goes on (`process`).
//!
//! ## For later stages
//!
//! Two seams. [`Programs`] are what runs on the machines: a later stage's broker keeps more than a log. A [`Workload`] is what clients
//! do, and what they are promised: [`plain`] sends and reads single records; stage 06 has one of transactions. Both have the same
//! [`Readers`](readers::Readers).
//!
//! ## Left out
//!
//! Clients that stand still. Machines that stand still as a whole, with their sockets (held messages come close). Bytes that change on
//! a disk, and disks that say "flushed" and have not. Clocks that run at different speeds; they jump instead. Two controllers
//! (stage 08).

mod agreement;
mod children;
pub mod command;
pub mod draw;
mod faults;
mod fetches;
mod ledger;
mod machine;
mod network;
mod overseer;
mod panics;
pub mod plain;
mod process;
pub mod programs;
mod promise;
pub mod readers;
pub mod report;
mod run;
pub mod settings;
mod sockets;
mod storm;
pub mod topics;
pub mod totals;
pub mod trace;
pub mod workload;
mod world;

pub use draw::Draw;
pub use faults::Fault;
pub use overseer::Decided;
pub use programs::{AcksPrograms, Programs};
pub use report::{Judged, Report};
pub use run::{HEALING, Options, run};
pub use settings::{Flush, Policy, Settings};
pub use totals::{ENOUGH, Totals};
pub use trace::Trace;
pub use workload::{LastAcked, Program, Seat, Workload};
