//! `describe-producers`: which producers a topic's partitions know.

use std::io::Write;

use partitioning::api::{Metadata, MetadataRequest};
use partitioning::cli::failure::Failure;
use partitioning::cli::table::{self, Column};
use partitioning::cli::{BrokerAt, Program};
use partitioning::{Cluster, Error, TopicPartition};

use crate::api::{DescribeProducers, DescribeProducersRequest, ProducerState};

/// Show which producers each partition of a topic knows, and up to which number
///
/// Records of a producer are numbered from 0 in each partition, and a batch whose number is not the
/// next one is not written. Producers that were not heard of for producer.id.expiration.ms are not
/// known any more.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
#[group(skip)]
pub struct Args {
    /// The topic
    topic: String,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Asks each partition's leader, and prints the answers.
///
/// # Errors
///
/// What the cluster says, or that it cannot be asked.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let cluster = args.broker.cluster(program)?;
    let request = MetadataRequest { topics: Some(vec![args.topic.clone()]) };
    let known = cluster.call::<Metadata>(request).await?.topics.into_iter().next();
    let count = match known {
        Some((_, info)) => info.map_err(Error::Refused)?.partitions.len() as u32,
        None => 0,
    };
    let mut rows = Vec::new();
    for partition in 0..count {
        let at = TopicPartition::new(args.topic.as_str(), partition);
        let producers = producers(&cluster, &at).await?;
        rows.extend(producers.into_iter().map(|producer| row(&at, producer)));
    }
    if rows.is_empty() {
        return Ok(writeln!(out, "no producers")?);
    }
    let columns = [
        Column::Left("partition"),
        Column::Right("producer"),
        Column::Right("epoch"),
        Column::Right("last number"),
        Column::Right("at offset"),
    ];
    Ok(table::write(columns, &rows, out)?)
}

async fn producers(cluster: &Cluster, at: &TopicPartition) -> Result<Vec<ProducerState>, Error> {
    cluster.topic(&at.topic).await?;
    let (_, leader) = cluster.leader(at).await?;
    let answer = leader.call::<DescribeProducers>(DescribeProducersRequest { partitions: vec![at.clone()] }).await?;
    let told = answer.partitions.into_iter().find(|(told, _)| told == at);
    Ok(told.map_or_else(|| Ok(Vec::new()), |(_, producers)| producers)?)
}

fn row(at: &TopicPartition, producer: ProducerState) -> [String; 5] {
    let ProducerState { id, epoch, last, last_offset } = producer;
    let shown = |number: Option<i64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    [at.to_string(), id.to_string(), epoch.to_string(), shown(last.map(i64::from)), shown(last_offset)]
}
