//! The controller without a log, a network or a clock: what it decides, request by request. After each step the records that it
//! gave are replayed elsewhere, and both must know the same; and what may never be is looked for in every partition.

mod asking;
mod deletion;
mod eligible;
mod in_sync;
mod invariants;
mod leaders;
mod membership;
mod model;
mod moving;
mod restart;
mod safety;
mod state;
mod stopping;
mod topics;
mod world;
