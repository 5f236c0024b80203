//! What this program has beside the commands that all programs have ([`partitioning::cli`]): a broker, and a demonstration.

mod chart;
pub(crate) mod serve;
mod settings;
pub(crate) mod skew;

use clap::{Parser, Subcommand};
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, consume, describe, produce, runtime, topics};
use tokio::runtime::Runtime;

pub(crate) const PROGRAM: Program = Program {
    name: "partitioning",
    broker_variable: "PARTITIONING_BROKER",
    listen_variable: "PARTITIONING_LISTEN",
    start: "`partitioning serve DIR` starts a broker",
    topic_settings: &[],
};

const AFTER_HELP: &str = "\
Two terminals are enough. In the first, a broker:
  partitioning serve data
In the second, what talks to it:
  partitioning create-topic orders --partitions 3
  printf 'alice:paid 10\\nbob:paid 7\\n' | partitioning produce orders --key-separator :
  partitioning consume orders --until-end

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged
  5  the folder or the port is in use
  6  no broker can be reached";

/// Topics and partitions: a broker, a producer and a consumer.
///
/// A topic is one stream, cut into partitions. Each partition is a log. `serve` keeps them in a
/// folder; the other commands ask it over the network.
#[derive(Debug, Parser)]
#[command(
    name = "partitioning",
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    max_term_width = 100,
    verbatim_doc_comment
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Args),
    CreateTopic(topics::CreateArgs),
    GrowTopic(topics::GrowArgs),
    DeleteTopic(topics::DeleteArgs),
    Describe(describe::Args),
    Produce(produce::Args),
    Consume(consume::Args),
    Skew(skew::Args),
}

impl Command {
    /// What its work runs on.
    pub(crate) fn runtime(&self) -> Result<Runtime, Failure> {
        match self {
            Command::Serve(_) | Command::Skew(_) => runtime::of_server(),
            _ => runtime::of_client(),
        }
    }
}
