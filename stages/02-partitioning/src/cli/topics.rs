//! `create-topic`, `grow-topic` and `delete-topic`: one request each.

use std::io::Write;

use super::failure::Failure;
use super::{BrokerAt, Program, assignment, counted, once};
use crate::api::{
    CreatePartitions, CreatePartitionsRequest, CreateTopic, DeleteTopic, DeleteTopicRequest, NewTopic, TopicInfo,
};

/// Make a topic
///
/// Which partition a record goes to is its producer's choice: by its key, if it has one. All that
/// have the same key are in one partition, and in order there.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: three partitions, whose records are kept for a minute
  {program} create-topic orders --partitions 3 --config retention.ms=60000"
)]
pub struct CreateArgs {
    /// 1 to 249 letters, digits, `.`, `_` and `-`
    name: String,
    /// How many partitions; without it, the broker's num.partitions
    #[arg(long, value_name = "NUMBER")]
    partitions: Option<u32>,
    /// How many brokers have a copy; without it, the broker's default.replication.factor
    #[arg(long, value_name = "NUMBER")]
    replication_factor: Option<u16>,
    /// A setting for this topic alone, as key=value; may be given more than once
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    config: Vec<(String, String)>,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Give a topic more partitions
///
/// Records stay where they are, and keys do not: most of them go to another partition from now on.
/// So a key's order holds among the records before, and among those after. There is no way back,
/// as a partition cannot be taken from a topic without its records.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: six partitions, those included that it has
  {program} grow-topic orders --partitions 6"
)]
pub struct GrowArgs {
    /// The topic
    name: String,
    /// How many partitions it shall have, those included that it has
    #[arg(long, value_name = "NUMBER")]
    partitions: u32,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Delete a topic, with all that is in it
///
/// There is no way back. When it says so the topic is gone, and its name is free: who makes a
/// topic of the same name makes another one, with another id.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example:
  {program} delete-topic orders"
)]
pub struct DeleteArgs {
    /// The topic
    name: String,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Makes a topic.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn create(program: &Program, args: CreateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    once(args.config.iter().map(|(key, _)| key.as_str()))?;
    let new = NewTopic {
        name: args.name.as_str().into(),
        partitions: args.partitions,
        replication_factor: args.replication_factor,
        configs: args.config.into_iter().collect(),
    };
    let made = args.broker.cluster(program)?.call::<CreateTopic>(new).await?;
    Ok(writeln!(out, "made the topic {}: {}", args.name, size(&made))?)
}

/// Gives a topic more partitions.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn grow(program: &Program, args: GrowArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let grown = CreatePartitionsRequest { name: args.name.as_str().into(), count: args.partitions };
    let grown = args.broker.cluster(program)?.call::<CreatePartitions>(grown).await?;
    Ok(writeln!(out, "grew the topic {}: {}", args.name, size(&grown))?)
}

/// Deletes a topic.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn delete(program: &Program, args: DeleteArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let deleted = DeleteTopicRequest { name: args.name.as_str().into() };
    args.broker.cluster(program)?.call::<DeleteTopic>(deleted).await?;
    Ok(writeln!(out, "deleted the topic {}", args.name)?)
}

/// "3 partitions, 1 copy of each".
pub fn size(topic: &TopicInfo) -> String {
    let copies = copies(topic);
    let copies = counted(copies, "copy");
    match topic.partitions.len() {
        1 => format!("1 partition, {copies} of it"),
        partitions => format!("{}, {copies} of each", counted(partitions as u64, "partition")),
    }
}

/// How many brokers have a copy of a partition.
pub fn copies(topic: &TopicInfo) -> u64 {
    topic.partitions.iter().map(|partition| partition.replicas.len()).max().unwrap_or(0) as u64
}
