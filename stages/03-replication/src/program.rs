//! The program's command line. Its commands are the library's ([`replication::cli`]), and stage 02's ([`partitioning::cli`]).

use clap::{Parser, Subcommand};
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, consume, produce, runtime};
use replication::cli::commands::ClusterCommand;
use replication::cli::stage::Replication;
use replication::topic_config;
use tokio::runtime::Runtime;

pub(crate) const PROGRAM: Program = Program {
    name: "replication",
    broker_variable: "REPLICATION_BROKER",
    listen_variable: "REPLICATION_LISTEN",
    start: "`replication cluster` starts brokers, and a controller for them",
    topic_settings: topic_config::SETTINGS,
};

const AFTER_HELP: &str = "\
One terminal is enough to see what happens when a machine dies:
  replication cluster
Or each process in a terminal of its own:
  replication controller --data decisions
  replication serve --id 1 --data data-1 --listen 127.0.0.1:9092
  replication serve --id 2 --data data-2 --listen 127.0.0.1:9094
  replication create-topic orders --replication-factor 2

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged, or not this broker's
  5  the folder or the port is in use
  6  no broker can be reached";

/// Copies of partitions: leaders, followers, and a controller that decides who is what.
///
/// Each partition has copies on several brokers. One of them leads, and the others copy its log.
/// When it dies, the controller has one lead that lacks nothing.
#[derive(Debug, Parser)]
#[command(
    name = "replication",
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
    Cluster(ClusterCommand<Replication>),
    Produce(produce::Args),
    Consume(consume::Args),
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
