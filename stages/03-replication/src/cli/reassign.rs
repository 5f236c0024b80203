//! `reassign`: a partition moves to other brokers.

use std::io::Write;

use partitioning::TopicPartition;
use partitioning::cli::describe::ids;
use partitioning::cli::failure::Failure;
use partitioning::cli::{BrokerAt, Program};

use super::elect::{each, partition};
use crate::api::{AlterPartitionReassignments, ReassignRequest};
use crate::records::PartitionRecord;

/// Move a partition to other brokers
///
/// The new copies are made beside the old ones, which go when all new ones are in sync. `describe`
/// shows how far it is. Until then it can be called off.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    group(clap::ArgGroup::new("target").args(["to", "cancel"]).required(true)),
    after_help = "Example: copies on brokers 2, 3 and 1, of which 2 shall lead
  {program} reassign orders-0 --to 2,3,1"
)]
pub struct Args {
    /// The partition, as in orders-0
    #[arg(value_name = "TOPIC-PARTITION", value_parser = partition)]
    partition: TopicPartition,
    /// The brokers that shall have a copy, the preferred leader first
    #[arg(long, value_name = "BROKERS", value_delimiter = ',', value_parser = clap::value_parser!(i32).range(0..))]
    to: Vec<i32>,
    /// Call off a move that is under way
    #[arg(long)]
    cancel: bool,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Has it moved, and prints how it stands now.
///
/// # Errors
///
/// What the controller says, or that it cannot be asked.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let target = if args.cancel { None } else { Some(args.to.clone()) };
    let request = ReassignRequest { partitions: vec![(args.partition.clone(), target)] };
    let answer = args.broker.cluster(program)?.call::<AlterPartitionReassignments>(request).await?;
    each(program, answer.partitions, out, in_words)
}

/// "replicas 2,3,1", and what is on its way.
pub(super) fn in_words(record: &PartitionRecord) -> String {
    let PartitionRecord { replicas, adding, removing, .. } = record;
    let parts = [("adding", adding), ("removing", removing)];
    let moving = parts.iter().filter(|(_, ids)| !ids.is_empty());
    let moving: String = moving.map(|(act, list)| format!(", {act} {}", ids(list))).collect();
    format!("replicas {}{moving}", ids(replicas))
}
