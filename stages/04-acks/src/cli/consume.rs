//! `consume`: stage 02's, by a consumer whose questions wait at the broker.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use partitioning::cli::Program;
use partitioning::cli::consume;
use partitioning::cli::failure::Failure;
use partitioning::cli::format::TOKENS;
use partitioning::consumer::Fetching;

use crate::fetching::LongPolling;

/// Print the records of a topic, as soon as they are committed
///
/// It begins with the first record that is left, and goes on until Ctrl-C. While there is nothing,
/// the question waits at the broker. Records of one partition come in their order; between
/// partitions there is none. Nothing is taken out: it works as often as you like.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = after_help()
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: consume::Args,
    /// With so many bytes a question is answered at once (fetch.min.bytes)
    #[arg(long, value_name = "BYTES", default_value = "1")]
    min_bytes: u32,
    /// How long a question may wait at the broker; then it is answered with what there is
    /// (fetch.max.wait.ms)
    #[arg(long, value_name = "MS", default_value = "500", verbatim_doc_comment)]
    max_wait_ms: u64,
}

fn after_help() -> String {
    format!(
        "Example: what comes from now on, at most ten times a second, unless a kilobyte is there before
  {{program}} consume orders --from latest --min-bytes 1024 --max-wait-ms 100

A template of --format stands for one record, and needs its own end of line:
{TOKENS}"
    )
}

/// Reads, and prints what comes.
///
/// # Errors
///
/// Those of stage 02's [`run_with`](consume::run_with); a wait that cannot be.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    run_by(program, args, |polling| Arc::new(polling), out).await
}

/// The same, by a later stage's way of fetching, which is made from this stage's.
///
/// # Errors
///
/// As [`run`].
pub async fn run_by(
    program: &Program,
    args: &Args,
    make: impl FnOnce(LongPolling) -> Arc<dyn Fetching>,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let polling = LongPolling::consumer(Duration::from_millis(args.max_wait_ms), args.min_bytes)?;
    consume::run_with(program, &args.of, make(polling), out).await
}
