//! `describe`: what the cluster tells of itself, and where each replica stands.

use std::io::Write;

use partitioning::api::{BrokerInfo, Metadata, MetadataRequest};
use partitioning::cli::failure::{Failure, harmless, say};
use partitioning::cli::table::{self, Column};
use partitioning::cli::{Program, describe};
use partitioning::{Client, Cluster, Error, TopicPartition};

use crate::api::{DescribeReplicas, DescribeReplicasRequest, ReplicaRole, ReplicaState};

/// Show brokers and topics, or the partitions of one topic, or all replicas
///
/// A broker that is fenced is not shown. What a topic's row counts as records are offsets that can
/// be read, up to the high watermark of each partition.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: each copy of a topic's partitions, as its broker knows it
  {program} describe orders --replicas"
)]
#[group(skip)]
pub struct Args {
    #[command(flatten)]
    of: describe::Args,
    /// Ask each broker where its replicas stand
    #[arg(long, conflicts_with_all = ["apis", "id"])]
    replicas: bool,
}

/// Asks, and prints the answers.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked. A broker that does not answer is told of on stderr.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    if !args.replicas {
        return describe::run(program, &args.of, out).await;
    }
    let cluster = args.of.broker.cluster(program)?;
    let names = args.of.name.as_ref().map(|name| vec![name.clone()]);
    let known = cluster.call::<Metadata>(MetadataRequest { topics: names.clone() }).await?;
    if let (Some(_), Some((_, Err(refusal)))) = (names, known.topics.into_iter().next()) {
        return Err(Error::Refused(refusal).into());
    }
    let is_asked = |at: &TopicPartition| args.of.name.as_ref().is_none_or(|name| *name == *at.topic);
    let mut found = Vec::new();
    for broker in known.brokers {
        match replicas(&cluster, &broker).await {
            Ok(replicas) => {
                let asked = replicas.into_iter().filter(|(at, _)| is_asked(at));
                found.extend(asked.map(|(at, state)| (at, broker.id, state)));
            }
            Err(error) => say(program, &format!("broker {} is left out: {error}", broker.id)),
        }
    }
    found.sort_by(|(at, id, _), (other_at, other_id, _)| (at, id).cmp(&(other_at, other_id)));
    let rows: Vec<_> = found.iter().map(|(at, id, state)| row(at, *id, state)).collect();
    if rows.is_empty() {
        return Ok(writeln!(out, "no replicas")?);
    }
    let columns = [
        Column::Left("partition"),
        Column::Right("broker"),
        Column::Left("role"),
        Column::Right("epoch"),
        Column::Right("start"),
        Column::Right("high watermark"),
        Column::Right("end"),
    ];
    Ok(table::write(columns, &rows, out)?)
}

async fn replicas(cluster: &Cluster, broker: &BrokerInfo) -> Result<Vec<(TopicPartition, ReplicaState)>, Error> {
    let client = Client::connect(cluster.host(), &broker.address, cluster.config()).await?;
    Ok(client.call::<DescribeReplicas>(DescribeReplicasRequest).await?.replicas)
}

fn row(at: &TopicPartition, broker: i32, state: &ReplicaState) -> [String; 7] {
    let ReplicaState { role, leader_epoch, log_start, high_watermark, end } = state;
    let [epoch, start, high_watermark, end] = match role {
        ReplicaRole::Failed(_) => [const { String::new() }; 4],
        _ => [leader_epoch.to_string(), log_start.to_string(), high_watermark.to_string(), end.to_string()],
    };
    [at.to_string(), broker.to_string(), in_words(role), epoch, start, high_watermark, end]
}

/// "leads", "follows 2", and so on.
pub(super) fn in_words(role: &ReplicaRole) -> String {
    match role {
        ReplicaRole::Leader { .. } => "leads".to_owned(),
        ReplicaRole::Follower(leader) => format!("follows {leader}"),
        ReplicaRole::Waiting => "waits".to_owned(),
        ReplicaRole::Failed(why) => format!("failed: {}", harmless(why)),
    }
}
