//! `describe`: what a broker tells of itself and of its topics.

use std::io::Write;

use super::failure::{Failure, say};
use super::standing::{self, Standing};
use super::table::{self, Column};
use super::topics::{copies, size};
use super::{BrokerAt, Program};
use crate::Cluster;
use crate::api::{
    ApiVersions, ApiVersionsRequest, Metadata, MetadataRequest, MetadataResponse, PartitionInfo, TopicInfo,
    TopicPartition,
};

/// Show brokers and topics, or the partitions of one topic
///
/// What a topic's row counts as records are offsets, from where each partition starts to where it
/// ends. Until a later stage removes single records, that is the same.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: how far each partition of a topic reaches
  {program} describe orders"
)]
pub struct Args {
    /// A topic; without it, all that there are
    pub name: Option<String>,
    /// Show the topic's id too: it differs from that of every other topic, the same name included
    #[arg(long, requires = "name")]
    id: bool,
    /// Show what the broker can be asked: keys, names and versions
    #[arg(long, conflicts_with = "name")]
    apis: bool,
    /// Whom to ask.
    #[command(flatten)]
    pub broker: BrokerAt,
}

/// Asks, and prints the answers.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked. What a partition's leader does not say is no error: it is unknown.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let cluster = args.broker.cluster(program)?;
    match &args.name {
        Some(name) => topic(program, &cluster, name, args.id, out).await,
        None if args.apis => apis(&cluster, out).await,
        None => overview(program, &cluster, out).await,
    }
}

async fn overview(program: &Program, cluster: &Cluster, out: &mut dyn Write) -> Result<(), Failure> {
    let MetadataResponse { brokers, topics } = cluster.call::<Metadata>(MetadataRequest { topics: None }).await?;
    for broker in brokers {
        writeln!(out, "broker {} at {}", broker.id, broker.address)?;
    }
    writeln!(out)?;
    let topics: Vec<_> = topics.into_iter().filter_map(|(name, topic)| Some((name, topic.ok()?))).collect();
    if topics.is_empty() {
        return Ok(writeln!(out, "no topics")?);
    }
    let mut rows = Vec::with_capacity(topics.len());
    for (name, topic) in topics {
        let records = records(program, cluster, &name, &topic).await?;
        rows.push([name, topic.partitions.len().to_string(), copies(&topic).to_string(), records]);
    }
    let columns =
        [Column::Left("topic"), Column::Right("partitions"), Column::Right("copies"), Column::Right("records")];
    Ok(table::write(columns, &rows, out)?)
}

/// How many records a topic has; unknown if one of its partitions does not tell.
async fn records(program: &Program, cluster: &Cluster, name: &str, topic: &TopicInfo) -> Result<String, Failure> {
    let mut sum = Some(0);
    for (at, standing) in standing::ask(cluster, partitions(name, topic)).await {
        match standing {
            Ok(offsets) => sum = sum.map(|sum| sum + (offsets.end - offsets.start)),
            Err(error) => {
                say(program, &format!("{at}: {error}"));
                sum = None;
            }
        }
    }
    Ok(sum.map_or("unknown".to_owned(), |sum: i64| sum.to_string()))
}

async fn topic(
    program: &Program,
    cluster: &Cluster,
    name: &str,
    with_id: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let topic = cluster.topic(name).await?;
    let mut standings = standing::ask(cluster, partitions(name, &topic)).await;
    writeln!(out, "topic {name}: {}", size(&topic))?;
    if with_id {
        writeln!(out, "id {}", topic.id)?;
    }
    for (key, value) in &topic.configs {
        writeln!(out, "{key}={value}")?;
    }
    writeln!(out)?;
    let mut rows = Vec::with_capacity(topic.partitions.len());
    for ((number, partition), at) in topic.partitions.iter().enumerate().zip(partitions(name, &topic)) {
        let standing = standings.remove(&at).unwrap_or_else(|| Err(standing::missing().into()));
        if let Err(error) = &standing {
            say(program, &format!("{at}: {error}"));
        }
        rows.push(row(number, partition, standing));
    }
    let columns = [
        Column::Right("partition"),
        Column::Right("leader"),
        Column::Right("epoch"),
        Column::Left("replicas"),
        Column::Left("in sync"),
        Column::Right("start"),
        Column::Right("end"),
    ];
    Ok(table::write(columns, &rows, out)?)
}

fn row(number: usize, partition: &PartitionInfo, standing: Standing) -> [String; 7] {
    let [start, end] = match standing {
        Ok(offsets) => [offsets.start.to_string(), offsets.end.to_string()],
        Err(_) => ["unknown".to_owned(), "unknown".to_owned()],
    };
    let leader = partition.leader.map_or("none".to_owned(), |leader| leader.to_string());
    let (replicas, in_sync) = (ids(&partition.replicas), ids(&partition.in_sync));
    [number.to_string(), leader, partition.leader_epoch.to_string(), replicas, in_sync, start, end]
}

/// Brokers by their numbers: "2,3,1".
pub fn ids(ids: &[i32]) -> String {
    ids.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

async fn apis(cluster: &Cluster, out: &mut dyn Write) -> Result<(), Failure> {
    let answer = cluster.call::<ApiVersions>(ApiVersionsRequest).await?;
    let versions = |min, max| if min == max { format!("{min}") } else { format!("{min} to {max}") };
    let rows: Vec<_> =
        answer.apis.into_iter().map(|api| [api.key.to_string(), api.name, versions(api.min, api.max)]).collect();
    Ok(table::write([Column::Right("key"), Column::Left("name"), Column::Left("versions")], &rows, out)?)
}

/// A topic's partitions, by number.
pub fn partitions(name: &str, topic: &TopicInfo) -> impl Iterator<Item = TopicPartition> {
    let (name, count): (std::sync::Arc<str>, _) = (name.into(), topic.partitions.len());
    (0..count).map(move |number| TopicPartition::new(name.clone(), number as u32))
}
