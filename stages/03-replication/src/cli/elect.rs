//! `elect-leader`: another leader, because somebody wants it.

use std::io::Write;

use partitioning::TopicPartition;
use partitioning::cli::failure::{Failure, say};
use partitioning::cli::{BrokerAt, Program};

use crate::api::{ElectLeaders, ElectLeadersRequest, ElectionType};
use crate::records::PartitionRecord;

/// Have another leader elected
///
/// The preferred leader of a partition is the first of its replicas. It leads again if it is in
/// sync. In an unclean election whoever is alive may lead, if nobody is left who is in sync; what
/// only others have is lost.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    group(clap::ArgGroup::new("election").args(["preferred", "unclean"]).required(true)),
    after_help = "Example: back to the leader that it had at first
  {program} elect-leader orders-0 --preferred"
)]
pub struct Args {
    /// The partitions, as in orders-0
    #[arg(value_name = "TOPIC-PARTITION", required = true, value_parser = partition)]
    partitions: Vec<TopicPartition>,
    /// Elect the first of the replicas, if it is in sync
    #[arg(long)]
    preferred: bool,
    /// Elect whoever is alive, if nobody leads
    #[arg(long)]
    unclean: bool,
    #[command(flatten)]
    broker: BrokerAt,
}

/// Reads `orders-0`.
pub(super) fn partition(text: &str) -> Result<TopicPartition, String> {
    crate::records::partition(text)
}

/// Has them elected, and prints who leads.
///
/// # Errors
///
/// The last refusal, after all that could be done was done; or that the cluster cannot be asked.
pub async fn run(program: &Program, args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    let election = if args.unclean { ElectionType::Unclean } else { ElectionType::Preferred };
    let request = ElectLeadersRequest { election, partitions: args.partitions.clone() };
    let answer = args.broker.cluster(program)?.call::<ElectLeaders>(request).await?;
    each(program, answer.partitions, out, |record| match record.leader {
        Some(leader) => format!("broker {leader} leads in epoch {}", record.leader_epoch),
        None => format!("nobody leads in epoch {}", record.leader_epoch),
    })
}

/// Tells what became of each partition.
///
/// # Errors
///
/// The last refusal.
pub(super) fn each(
    program: &Program,
    answers: Vec<(TopicPartition, Result<PartitionRecord, partitioning::Refusal>)>,
    out: &mut dyn Write,
    tell: impl Fn(&PartitionRecord) -> String,
) -> Result<(), Failure> {
    let mut last = Ok(());
    for (at, answer) in answers {
        match answer {
            Ok(record) => writeln!(out, "{at}: {}", tell(&record))?,
            Err(refusal) => {
                if let Err(failure) = std::mem::replace(&mut last, Err(Failure::Of(refusal.into()))) {
                    say(program, &failure.line());
                }
            }
        }
    }
    last
}
