//! `bench`: how fast this machine is with a log, compared with plain files.

use std::io::Write;

use contest::report;

pub(crate) use super::contests::Args;
use super::contests::hold;
use super::failure::Failure;

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let findings = hold(args).map_err(|error| Failure::Bench(error.to_string()))?;
    Ok(write!(out, "{}", report::markdown(&findings))?)
}
