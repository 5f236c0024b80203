//! Where partitions stand: the first offset of each, and the one behind the last record that can be read.

use std::collections::BTreeMap;
use std::ops::Range;

use segment_log::Offset;

use crate::api::{ListOffsets, ListOffsetsRequest, MAX_ENTRIES, OffsetSpec, TopicPartition};
use crate::{Client, Cluster, Error, Refusal};

/// A partition's offsets, or why its leader does not tell them.
pub type Standing = Result<Range<Offset>, Error>;

/// Asks each partition's leader once. What one of them does not say does not hide what the others do.
pub async fn ask(
    cluster: &Cluster,
    partitions: impl IntoIterator<Item = TopicPartition>,
) -> BTreeMap<TopicPartition, Standing> {
    let mut standings = BTreeMap::new();
    let mut by_leader: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
    for at in partitions {
        match leader(cluster, &at).await {
            Ok(leader) => by_leader.entry(leader).or_default().push(at),
            Err(error) => drop(standings.insert(at, Err(error))),
        }
    }
    for (leader, partitions) in by_leader {
        let client = cluster.broker(leader).await;
        // Each takes two entries of a request.
        for some in partitions.chunks(MAX_ENTRIES / 2) {
            let answered = match &client {
                Ok(client) => ask_leader(client, some).await,
                Err(error) => Err(error.clone()),
            };
            match answered {
                Ok(answered) => standings.extend(answered),
                Err(error) => standings.extend(some.iter().map(|at| (at.clone(), Err(error.clone())))),
            }
        }
    }
    standings
}

/// Who leads, as far as is known; nobody is connected to for that.
async fn leader(cluster: &Cluster, at: &TopicPartition) -> Result<i32, Error> {
    let topic = cluster.topic(&at.topic).await?;
    match topic.partitions.get(at.partition as usize).and_then(|partition| partition.leader) {
        Some(leader) => Ok(leader),
        // It may have grown since; if not, this says what is wrong.
        None => Ok(cluster.leader(at).await?.0),
    }
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

/// Why there is no answer, if there is none.
pub fn missing() -> Refusal {
    crate::ErrorCode::UnknownServerError.because("the broker's answer is shorter than the question")
}
