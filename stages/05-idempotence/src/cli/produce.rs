//! `produce`: stage 04's, by a producer whose retries are no duplicates.

use std::io::Write;
use std::sync::Arc;

use acks::cli::produce;
use acks::producer::AckedSending;
use partitioning::cli::Program;
use partitioning::cli::failure::Failure;
use partitioning::cli::produce::Outlet;
use partitioning::producer::ProducerConfig;
use partitioning::{Cluster, Error};

use crate::producer::IdempotentSending;

/// Send the lines of stdin to a topic, one record a line, each of them once
///
/// The producer has an id, and numbers its records. What fails is sent again until
/// --delivery-timeout-ms is over, and a partition that has a record already does not write it a
/// second time. That holds for one run of this command: the next one has another id.
///
/// The end of the input sends what still lingers. At a terminal that is Ctrl-D, or Ctrl-C. A line
/// that cannot be a record ends it, when what came before has been sent. Without the topic it does
/// not begin.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: each record is waited for, and what became of it is told
  printf 'paid 10\\npaid 7\\n' | {program} produce orders --sync --report"
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: produce::Args,
    /// Whether records are numbered; without it, what is sent again may be there twice
    /// (enable.idempotence)
    #[arg(long, value_name = "BOOL", default_value = "true", action = clap::ArgAction::Set, verbatim_doc_comment)]
    idempotent: bool,
}

/// Sends what stdin has, and tells what became of it.
///
/// # Errors
///
/// Those of stage 04's; settings that do not go with numbers.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    match args.idempotent {
        false => produce::run(program, &args.of, out).await,
        true => produce::run_by(program, &args.of, |acked| Arc::new(IdempotentSending::new(acked)), out).await,
    }
}

/// The same, by whatever `open` opens. Its records are numbered.
///
/// # Errors
///
/// [`Error::Config`] if they are not to be; those of stage 04's.
pub async fn run_with<O: Outlet>(
    program: &Program,
    args: &Args,
    open: impl FnOnce(Cluster, ProducerConfig, AckedSending) -> Result<O, Failure>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    if !args.idempotent {
        let rule = "it is true if there is a transactional.id";
        return Err(Error::Config { key: "enable.idempotence", found: "false".to_owned(), rule }.into());
    }
    produce::run_with(program, &args.of, open, out).await
}
