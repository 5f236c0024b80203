//! What each `acks` costs: a producer that sends all it can, and one that waits for each answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use contest::{Contest, Finding, Outcome, Scale, Stopwatch, Unit};
use partitioning::TopicPartition;
use partitioning::api::{ListOffsets, ListOffsetsRequest, OffsetSpec};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};

use crate::bed::Bed;

/// Bytes of a record.
const RECORD: usize = 1 << 10;
const ACKS: [&str; 3] = ["0", "1", "all"];

/// As many records as possible, in batches of 16 KiB, until the leader has all of them.
pub(crate) fn throughput(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    let records = scale.count(40_000);
    let contest = |replicas: u16| {
        let title = format!("produce records of 1 KiB, {}", counted(replicas));
        let mut contest = Contest::new("throughput", title, Unit::Bytes);
        for acks in ACKS {
            contest = contest.entrant(format!("acks={acks}"), move |watch| {
                all_at_once(watch, bed, replicas, acks, records)?;
                Ok(records * RECORD as u64)
            });
        }
        contest.hold(scale.rounds(5))
    };
    (1..=3).map(contest).collect()
}

/// One record at a time: the next is sent when the one before is acknowledged.
pub(crate) fn one_by_one(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    let records = scale.count(1_000);
    let contest = |replicas: u16| {
        let title = format!("one record at a time, {}", counted(replicas));
        let mut contest = Contest::new("one-by-one", title, Unit::Records);
        for acks in ACKS {
            contest = contest.entrant(format!("acks={acks}"), move |watch| {
                one_at_a_time(watch, bed, (replicas, 1), acks, records)?;
                Ok(records)
            });
        }
        contest.hold(scale.rounds(5))
    };
    (1..=3).map(contest).collect()
}

/// One of two followers is slow, and in sync.
pub(crate) fn slow_follower(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    const PAUSE: Duration = Duration::from_millis(20);
    let records = scale.count(100);
    let mut contest =
        Contest::new("slow-follower", "one record at a time, acks=all, one follower 20 ms late", Unit::Records);
    for (name, pause, min_in_sync) in [
        ("no follower is slow", Duration::ZERO, 1),
        ("min.insync.replicas=1", PAUSE, 1),
        ("min.insync.replicas=2", PAUSE, 2),
        ("min.insync.replicas=3", PAUSE, 3),
    ] {
        contest = contest.entrant(name, move |watch| {
            bed.slow.set(pause);
            let done = one_at_a_time(watch, bed, (3, min_in_sync), "all", records);
            bed.slow.set(Duration::ZERO);
            done.map(|()| records)
        });
    }
    Ok(vec![contest.hold(scale.rounds(5))?])
}

fn counted(replicas: u16) -> String {
    if replicas == 1 { "1 replica".to_owned() } else { format!("{replicas} replicas") }
}

fn record(topic: &Arc<str>, value: &Bytes) -> ProducerRecord {
    ProducerRecord::new(topic.clone(), None, value.clone()).to_partition(0)
}

fn value() -> Bytes {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(RECORD - 20).collect()
}

fn all_at_once(watch: &mut Stopwatch, bed: &Bed, replicas: u16, acks: &str, records: u64) -> Outcome<()> {
    let (topic, value) = (bed.topic(replicas, 1)?, value());
    let producer = bed.producer(ProducerConfig::default(), acks)?;
    let (cluster, at) = (bed.cluster()?, TopicPartition::new(topic.name.clone(), 0));
    bed.run(async {
        warm_up(&producer, &topic.name, &value).await?;
        let (_, leader) = cluster.leader(&at).await?;
        watch
            .time_async(async {
                for _ in 0..records {
                    // Who drops the delivery does not want to know; the count of the failed is looked at below.
                    drop(producer.send(record(&topic.name, &value)).await?);
                }
                producer.flush().await;
                // With acks=0 nobody has said that they have arrived.
                while acks == "0" && visible(&leader, &at).await? < records as i64 + 2 {
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
                Ok::<_, partitioning::Error>(())
            })
            .await?;
        close(producer).await
    })
}

fn one_at_a_time(
    watch: &mut Stopwatch,
    bed: &Bed,
    (replicas, min_in_sync): (u16, u16),
    acks: &str,
    records: u64,
) -> Outcome<()> {
    let (topic, value) = (bed.topic(replicas, min_in_sync)?, value());
    let producer = bed.producer(ProducerConfig { linger: Duration::ZERO, ..ProducerConfig::default() }, acks)?;
    bed.run(async {
        warm_up(&producer, &topic.name, &value).await?;
        watch
            .time_async(async {
                for _ in 0..records {
                    producer.send(record(&topic.name, &value)).await?.await?;
                }
                Ok::<_, partitioning::Error>(())
            })
            .await?;
        close(producer).await
    })
}

/// The producer then knows the topic and has its connection.
async fn warm_up(producer: &Producer, topic: &Arc<str>, value: &Bytes) -> partitioning::Result<()> {
    producer.send(record(topic, value)).await?.await.map(drop)
}

async fn close(producer: Producer) -> Outcome<()> {
    let failed = producer.stats().failed;
    producer.close(Duration::from_secs(10)).await;
    if failed > 0 { Err(format!("{failed} records failed").into()) } else { Ok(()) }
}

/// Up to where consumers see the partition.
async fn visible(leader: &partitioning::Client, at: &TopicPartition) -> partitioning::Result<i64> {
    let asked = ListOffsetsRequest { partitions: vec![(at.clone(), OffsetSpec::Latest)] };
    let answer = leader.call::<ListOffsets>(asked).await?;
    let found = answer.partitions.into_iter().next().and_then(|(_, found)| found.ok().flatten());
    Ok(found.map_or(0, |found| found.offset))
}
