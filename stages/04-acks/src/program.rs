//! The program's command line. Its commands are the library's ([`acks::cli`]), stage 03's ([`replication::cli`]) and stage 02's
//! ([`partitioning::cli`]).

use acks::cli::stage::Acknowledging;
use acks::cli::{consume, produce};
use acks::simulation::command::Simulate;
use clap::{Parser, Subcommand};
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, runtime};
use replication::cli::commands::ClusterCommand;
use replication::topic_config;
use tokio::runtime::Runtime;

pub(crate) const PROGRAM: Program = Program {
    name: "acks",
    broker_variable: "ACKS_BROKER",
    listen_variable: "ACKS_LISTEN",
    start: "`acks cluster` starts brokers, and a controller for them",
    topic_settings: topic_config::SETTINGS,
};

const AFTER_HELP: &str = "\
Two terminals are enough. In the first, a cluster, at whose prompt brokers can be killed:
  acks cluster
In the second, whoever wants to know what is safe:
  acks create-topic orders --config min.insync.replicas=2
  printf 'paid 10\\npaid 7\\n' | acks produce orders --acks all --sync --report
  acks consume orders

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged, or not this broker's
  5  the folder or the port is in use
  6  no broker can be reached";

/// Acks: when a producer may believe that its records are safe.
///
/// A cluster as in stage 03, whose brokers can be asked to wait: a producer's request until its
/// records are on all replicas in sync, a consumer's until there is something to read.
#[derive(Debug, Parser)]
#[command(
    name = "acks",
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
    #[command(flatten)]
    Cluster(ClusterCommand<Acknowledging>),
    Produce(produce::Args),
    Consume(consume::Args),
    Simulate(Simulate),
}

impl Command {
    /// What its work runs on.
    pub(crate) fn runtime(&self) -> Result<Runtime, Failure> {
        match self {
            Command::Cluster(command) => command.runtime(),
            _ => runtime::of_client(),
        }
    }
}
