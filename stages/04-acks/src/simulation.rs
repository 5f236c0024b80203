//! The simulation: a cluster of real brokers in a storm of faults, and a judge.

mod agreement;
mod children;
pub mod command;
pub mod draw;
mod faults;
mod fetches;
mod machine;
mod network;
mod overseer;
pub mod plain;
pub mod programs;
mod promise;
pub mod report;
mod run;
pub mod settings;
mod storm;
pub mod totals;
pub mod trace;
pub mod workload;
mod world;

pub use draw::Draw;
pub use faults::Fault;
pub use overseer::Decided;
pub use programs::{AcksPrograms, BatchSeen, Look, Member, Programs};
pub use report::{Judged, Report};
pub use run::{HEALING, Options, run};
pub use settings::{Flush, Policy, Settings};
pub use totals::{ENOUGH, Totals};
pub use trace::Trace;
pub use workload::{LastAcked, Program, Seat, Workload};
