//! Asking a broker where partitions begin, end, or reach a time (`ListOffsets`).

use std::collections::BTreeMap;

use super::fetching::Fetching;
use super::outcome::as_many;
use super::plan::Versioned;
use super::positions::{Found, Sought};
use crate::api::{FoundOffset, ListOffsetsRequest, MAX_ENTRIES, OffsetSpec, TopicPartition};
use crate::client::{Client, Cluster};
use crate::error::{Error, ErrorCode, Refusal, Result};

/// One answer for each question, in their order.
type Offsets = Vec<Result<Option<FoundOffset>, Refusal>>;

/// Asks one broker about places in its partitions.
async fn list(
    fetching: &dyn Fetching,
    client: &Client,
    questions: Vec<(TopicPartition, OffsetSpec)>,
) -> Result<Offsets> {
    let count = questions.len();
    let answer = fetching.list_offsets(client, ListOffsetsRequest { partitions: questions }).await?;
    Ok(as_many(count, answer.partitions)?.into_iter().map(|(_, found)| found).collect())
}

/// Where each partition begins and ends, and which offset has the time that is sought in it.
///
/// The end is asked for first, and the time only when the end is known. If no record has reached that time, reading begins
/// at that end, and a record that was appended in between is not missed.
pub(super) async fn find(
    fetching: &dyn Fetching,
    client: &Client,
    partitions: &[(Versioned, Sought)],
) -> Result<Vec<Result<Found, Refusal>>> {
    let ends = |(asked, _): &(Versioned, Sought)| {
        [(asked.at.clone(), OffsetSpec::Earliest), (asked.at.clone(), OffsetSpec::Latest)]
    };
    let ends = list(fetching, client, partitions.iter().flat_map(ends).collect()).await?;
    let time = |(asked, sought): &(Versioned, Sought)| match sought {
        Sought::Timestamp(time) => Some((asked.at.clone(), OffsetSpec::Timestamp(*time))),
        Sought::Beginning | Sought::End | Sought::InsteadOf(_) => None,
    };
    let times: Vec<_> = partitions.iter().filter_map(time).collect();
    let times = if times.is_empty() { Vec::new() } else { list(fetching, client, times).await? };
    let mut times = times.into_iter();
    let found = partitions.iter().zip(ends.chunks_exact(2)).map(|((_, sought), ends)| {
        let by_time = match sought {
            Sought::Timestamp(_) => times.next().unwrap_or(Ok(None))?,
            Sought::Beginning | Sought::End | Sought::InsteadOf(_) => None,
        };
        let [start, end] = ends else { unreachable!("chunks of two have two") };
        Ok(Found { start: there(start)?, end: there(end)?, by_time: by_time.map(|found| found.offset) })
    });
    Ok(found.collect())
}

/// Every log has a start and an end.
fn there(found: &Result<Option<FoundOffset>, Refusal>) -> Result<i64, Refusal> {
    let none = || ErrorCode::UnknownServerError.because("the broker knows no start or end of a partition");
    found.clone()?.map(|found| found.offset).ok_or_else(none)
}

/// Asks the leaders of these partitions.
///
/// # Errors
///
/// The first refusal, and those of [`Cluster::leader`] and [`Client::call`].
pub(super) async fn ask_leaders(
    fetching: &dyn Fetching,
    cluster: &Cluster,
    questions: impl IntoIterator<Item = (TopicPartition, OffsetSpec)>,
) -> Result<BTreeMap<TopicPartition, Option<FoundOffset>>> {
    let mut by_leader: BTreeMap<i32, (Client, Vec<(TopicPartition, OffsetSpec)>)> = BTreeMap::new();
    for (at, spec) in questions {
        let (id, client) = cluster.leader(&at).await?;
        by_leader.entry(id).or_insert_with(|| (client, Vec::new())).1.push((at, spec));
    }
    let mut found = BTreeMap::new();
    for (client, questions) in by_leader.into_values() {
        for questions in questions.chunks(MAX_ENTRIES) {
            let answers = list(fetching, &client, questions.to_vec()).await?;
            for ((at, _), answer) in questions.iter().zip(answers) {
                found.insert(at.clone(), answer.map_err(Error::from)?);
            }
        }
    }
    Ok(found)
}
