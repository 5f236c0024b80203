//! The program's command line. Its commands are the library's ([`transactions::cli`]), and those of the stages below.

use acks::simulation::command::Simulate;
use clap::{Parser, Subcommand};
use idempotence::cli::describe_producers;
use partitioning::cli::failure::Failure;
use partitioning::cli::{Program, runtime};
use replication::cli::commands::ClusterCommand;
use replication::topic_config;
use tokio::runtime::Runtime;
use transactions::cli::stage::InTransactions;
use transactions::cli::transactions::{DescribeArgs, ListArgs};
use transactions::cli::{consume, produce, transfer};

pub(crate) const PROGRAM: Program = Program {
    name: "transactions",
    broker_variable: "TRANSACTIONS_BROKER",
    listen_variable: "TRANSACTIONS_LISTEN",
    start: "`transactions cluster` starts brokers, and a controller for them",
    topic_settings: topic_config::SETTINGS,
};

const AFTER_HELP: &str = "\
One terminal shows what it is for: money moves between accounts while machines die.
  transactions transfer --chaos
Two are enough to try it by hand. In the first, a cluster, at whose prompt brokers can be killed:
  transactions cluster
In the second, records that count together, and a reader who sees them all or none:
  transactions create-topic accounts --partitions 3
  printf 'alice:-5\\nbob:+5\\n' |
    transactions produce accounts --key-separator : --transactional-id till-1
  transactions consume accounts --isolation-level read_committed --until-end

Exit codes:
  0  done
  1  failed: what stands on stderr
  2  the command line is wrong
  3  not found: the topic, the partition or the offset
  4  stored data is damaged, or not this broker's
  5  the folder or the port is in use
  6  no broker can be reached";

/// Transactions: how many partitions change together.
///
/// A cluster as in stage 05, whose producers can have records of many partitions count together or
/// not at all, and whose readers can see of such records only what counts.
#[derive(Debug, Parser)]
#[command(
    name = "transactions",
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
    Cluster(ClusterCommand<InTransactions>),
    DescribeProducers(describe_producers::Args),
    ListTransactions(ListArgs),
    DescribeTransaction(DescribeArgs),
    Produce(produce::Args),
    Consume(consume::Args),
    Transfer(transfer::Args),
    Simulate(Simulate),
}

impl Command {
    /// What its work runs on.
    pub(crate) fn runtime(&self) -> Result<Runtime, Failure> {
        match self {
            Command::Cluster(command) => command.runtime(),
            Command::Transfer(_) => runtime::of_server(),
            _ => runtime::of_client(),
        }
    }
}
