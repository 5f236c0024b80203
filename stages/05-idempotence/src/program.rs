//! The program's command line. Its commands are the library's ([`idempotence::cli`]), and those of the stages below.

use acks::cli::consume;
use acks::simulation::command::Simulate;
use clap::{Parser, Subcommand};
use idempotence::cli::stage::Idempotent;
use idempotence::cli::{describe_producers, produce};
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, runtime};
use replication::cli::commands::ClusterCommand;
use replication::topic_config;
use tokio::runtime::Runtime;

pub(crate) const PROGRAM: Program = Program {
    name: "idempotence",
    broker_variable: "IDEMPOTENCE_BROKER",
    listen_variable: "IDEMPOTENCE_LISTEN",
    start: "`idempotence cluster` starts brokers, and a controller for them",
    topic_settings: topic_config::SETTINGS,
};

const AFTER_HELP: &str = "\
Two terminals are enough. In the first, a cluster, at whose prompt brokers can be killed:
  idempotence cluster
In the second, records that are there once, whatever happens to the brokers:
  idempotence create-topic orders --config min.insync.replicas=2
  seq 1 100000 | idempotence produce orders
  idempotence describe-producers orders

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged, or not this broker's
  5  the folder or the port is in use
  6  no broker can be reached";

/// Idempotence: how a retry is no duplicate.
///
/// A cluster as in stage 04, whose partitions know their producers: a record that is sent again is
/// known, and is not written a second time.
#[derive(Debug, Parser)]
#[command(
    name = "idempotence",
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
    Cluster(ClusterCommand<Idempotent>),
    DescribeProducers(describe_producers::Args),
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
