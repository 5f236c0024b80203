//! Where partitions stand: the first offset of each, and the one behind its last record.

use std::collections::BTreeMap;
use std::ops::Range;

use partitioning::api::{ListOffsets, ListOffsetsRequest, MAX_ENTRIES, OffsetSpec, TopicPartition};
use partitioning::{Client, Cluster, Error, Refusal};
use segment_log::Offset;

use super::failure::Failure;

/// A partition's offsets, or why its leader does not tell them.
pub(crate) type Standing = Result<Range<Offset>, Error>;

/// Asks each partition's leader. What one partition refuses does not hide the others.
pub(crate) async fn ask(
    cluster: &Cluster,
    partitions: impl IntoIterator<Item = TopicPartition>,
) -> Result<BTreeMap<TopicPartition, Standing>, Failure> {
    let mut standings = BTreeMap::new();
    let mut by_leader: BTreeMap<i32, (Client, Vec<TopicPartition>)> = BTreeMap::new();
    for at in partitions {
        match cluster.leader(&at).await {
            Ok((id, client)) => by_leader.entry(id).or_insert_with(|| (client, Vec::new())).1.push(at),
            Err(error @ Error::Refused(_)) => drop(standings.insert(at, Err(error))),
            Err(error) => return Err(error.into()),
        }
    }
    for (client, partitions) in by_leader.values() {
        // Each takes two entries of a request.
        for some in partitions.chunks(MAX_ENTRIES / 2) {
            standings.extend(ask_leader(client, some).await?);
        }
    }
    Ok(standings)
}

async fn ask_leader(client: &Client, partitions: &[TopicPartition]) -> Result<Vec<(TopicPartition, Standing)>, Error> {
    let both = |at: &TopicPartition| [(at.clone(), OffsetSpec::Earliest), (at.clone(), OffsetSpec::Latest)];
    let request = ListOffsetsRequest { partitions: partitions.iter().flat_map(both).collect() };
    let answer = client.call::<ListOffsets>(request).await?;
    // Answers come in the order of the questions.
    let mut found = answer.partitions.into_iter().map(|(_, found)| match found {
        Ok(found) => Ok(found.map_or(0, |found| found.offset)),
        Err(refusal) => Err(refusal),
    });
    let mut next = || found.next().unwrap_or_else(|| Err(missing()));
    Ok(partitions.iter().map(|at| (at.clone(), range(next(), next()))).collect())
}

fn range(start: Result<Offset, Refusal>, end: Result<Offset, Refusal>) -> Standing {
    Ok(start?..end?)
}

fn missing() -> Refusal {
    partitioning::ErrorCode::UnknownServerError.because("the broker's answer is shorter than the question")
}
