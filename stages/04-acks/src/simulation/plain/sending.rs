//! One record, sent until it is known what became of it.

use std::time::Duration;

use history::Sent;
use partitioning::api::ProducePartition;
use partitioning::{Backoff, Cluster, Error, Result, TopicPartition};
use segment_log::{BatchBuilder, Compression, Offset, Record};
use tokio::time::{Instant, sleep, timeout_at};

use crate::api::{Acks, ProduceAcked, ProduceAckedRequest};

/// `delivery.timeout.ms`: for how long a record is sent again.
const DELIVERY: Duration = Duration::from_secs(8);

/// Sends a record, again and again if need be.
pub(super) async fn send(
    cluster: &Cluster,
    at: &TopicPartition,
    value: Vec<u8>,
    acks: Acks,
    patience: Duration,
) -> Sent {
    let deadline = Instant::now() + DELIVERY;
    let mut in_doubt = false;
    for failures in 1.. {
        let error = match timeout_at(deadline, once(cluster, at, &value, acks, patience)).await {
            Ok(Ok(offset)) => return Sent::Acked { offset: Some(offset).filter(|_| acks != Acks::None) },
            Ok(Err(error)) => error,
            Err(_) => return Sent::Unknown,
        };
        in_doubt |= error.is_in_doubt();
        let again = Instant::now() + Backoff::RETRY.after(failures);
        if !error.is_retriable() || again >= deadline {
            break;
        }
        sleep(again - Instant::now()).await;
        // Whether that is news is seen by the next attempt.
        let _ = timeout_at(deadline, cluster.refresh(&at.topic)).await;
    }
    if in_doubt { Sent::Unknown } else { Sent::Failed }
}

async fn once(cluster: &Cluster, at: &TopicPartition, value: &[u8], acks: Acks, patience: Duration) -> Result<Offset> {
    let mut batch = BatchBuilder::new(Compression::None);
    let timestamp = cluster.host().clock.now();
    batch.push(&Record { timestamp, ..Record::new(0, None::<&str>, value.to_vec()) });
    let records = batch.build().map_err(|error| Error::Compression(error.to_string()))?.into_bytes().into();
    let partitions = vec![ProducePartition { at: at.clone(), records }];
    let timeout_ms = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
    let (_, client) = cluster.leader(at).await?;
    let request = ProduceAckedRequest { acks: acks.number(), timeout_ms, partitions };
    let answer = client.call::<ProduceAcked>(request).await?;
    let (_, produced) = answer.partitions.into_iter().next().ok_or(Error::Closed("the answer"))?;
    Ok(produced?.base_offset)
}
