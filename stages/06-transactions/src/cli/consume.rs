//! `consume`: stage 04's, by a reader who says how much he wants to see.

use std::io::Write;
use std::sync::Arc;

use acks::cli::consume;
use clap::ValueEnum;
use partitioning::cli::Program;
use partitioning::cli::failure::Failure;

use crate::api::IsolationLevel;
use crate::consumer::IsolatedFetching;

/// Print the records of a topic, those of transactions as well, and if it is wanted only of such as
/// are committed
///
/// It begins with the first record that is left, and goes on until Ctrl-C. With read_committed it
/// stands still where the first transaction is open, also before records that belong to none; and
/// what was aborted is left out. Records of one partition come in their order; between partitions
/// there is none, and so of a transaction in two partitions one part may come before the other.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: what counts, and no more
  {program} consume orders --isolation-level read_committed --until-end"
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: consume::Args,
    /// What it sees: read_uncommitted (all that enough replicas have), or read_committed
    /// (isolation.level)
    #[arg(long, value_name = "LEVEL", default_value = "read_uncommitted", verbatim_doc_comment)]
    isolation_level: Level,
}

/// Kafka's two words.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Level {
    ReadUncommitted,
    ReadCommitted,
}

/// Reads, and prints what comes.
///
/// # Errors
///
/// Those of stage 04's.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let level = match args.isolation_level {
        Level::ReadUncommitted => IsolationLevel::ReadUncommitted,
        Level::ReadCommitted => IsolationLevel::ReadCommitted,
    };
    let make = |polling| Arc::new(IsolatedFetching { level, polling }) as _;
    consume::run_by(program, &args.of, make, out).await
}
