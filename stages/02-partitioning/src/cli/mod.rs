//! What the programs of this stage and the later ones have in common: the clients' commands, one a module, its arguments
//! and then what it does with them.
//!
//! ```text
//!   program "partitioning"                 programs "replication" (03), "acks" (04)
//!   serve · skew                           controller · serve · cluster · elect-leader · reassign
//!        └──────────────┐                       ┌──────────────┘
//!                       ▼                       ▼
//!        create-topic · grow-topic · delete-topic · describe · produce · consume
//!        what goes wrong, and how the program ends · settings by their keys · signals · tables
//! ```
//!
//! A client does not know how many brokers there are, or how many copies of a record. So its commands stay as they are when
//! there are more of both. What differs from program to program is a [`Program`]: its name, and where its user finds help.
//!
//! Stage 04 sends and asks in other ways. Its commands have the arguments of these among their own, and hand in what is different
//! ([`produce::More`], [`consume::run_with`]). A server that is told more than one of an earlier stage has that one's settings as a
//! part ([`Setting::of_part`](settings::Setting::of_part)).
//!
//! Commands print to the writer that they are given, and their parts do not end the process.

mod broker_at;
pub mod consume;
pub mod describe;
pub mod failure;
pub mod format;
pub mod lines;
pub mod open_files;
pub mod output;
pub mod produce;
mod program;
pub mod runtime;
pub mod settings;
pub mod signals;
pub mod standing;
pub mod table;
pub mod topics;

use std::io;

use failure::Failure;

pub use broker_at::{BrokerAt, address};
pub use program::Program;

/// "1 record", "2 records".
pub fn counted(number: u64, thing: &str) -> String {
    let plural = match (number, thing) {
        (1, _) => thing.to_owned(),
        (_, "batch") => "batches".to_owned(),
        (_, "copy") => "copies".to_owned(),
        _ => format!("{thing}s"),
    };
    format!("{number} {plural}")
}

/// "offset 4", or "offsets 4 to 9".
pub fn offsets(first: segment_log::Offset, last: segment_log::Offset) -> String {
    match first == last {
        true => format!("offset {first}"),
        false => format!("offsets {first} to {last}"),
    }
}

/// A report that nobody reads any more is no reason to stop what it reports on.
///
/// # Errors
///
/// Any other than a closed pipe.
pub fn heard(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Reads `key=value`.
///
/// # Errors
///
/// A sentence with an example, if there is no `=`.
pub fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a setting is given as key=value, as in retention.ms=60000")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Fails if a setting is given twice: nobody could tell which of them holds.
///
/// # Errors
///
/// [`Failure::Usage`].
pub fn once<'s>(keys: impl Iterator<Item = &'s str>) -> Result<(), Failure> {
    let mut seen = std::collections::BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(Failure::Usage(format!("the setting {key} is given twice")));
        }
    }
    Ok(())
}
