//! The program's commands, one a module: its arguments, then what it does with them.
//!
//! ```text
//!   controller   one process decides              report       how a process stands
//!   serve        a broker                         supervised   a process that somebody watches
//!   cluster      all of them, and a look at it    cables       a network that can be cut
//!   describe · elect-leader · reassign            settings     by their keys
//! ```
//!
//! [`commands`] is all of them as one list, for a program's command line.
//! What stage 02's program has as well is there: [`partitioning::cli`]. Later stages' programs have all of these commands too, and
//! put their own broker behind them: [`stage`] is the seam.

pub mod cables;
pub mod cluster;
pub mod commands;
pub mod controller;
pub mod describe;
pub mod elect;
pub mod reassign;
pub mod report;
pub mod serve;
pub mod settings;
pub mod stage;
mod supervised;
