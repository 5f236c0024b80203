//! The same records, with numbers and without.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use contest::{Contest, Finding, Outcome, Scale, Stopwatch, Unit};
use idempotence::producer::IdempotentSending;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};

use crate::bed::Bed;

/// Bytes of a record.
const RECORD: usize = 1 << 10;

/// How a producer sends.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Without numbers.
    Plain,
    /// With numbers.
    Numbered,
    /// Without numbers, and in order all the same: one request at a time.
    InOrder,
}

const ALL: [(&str, How); 3] = [
    ("acks=all", How::Plain),
    ("acks=all, idempotent", How::Numbered),
    ("acks=all, one request at a time", How::InOrder),
];

/// As many records as possible, until all are acknowledged.
pub(crate) fn throughput(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    let records = scale.count(40_000);
    let contest = |(batch_size, title): (usize, &str)| {
        let mut contest = Contest::new("throughput", title, Unit::Records);
        for (name, how) in ALL {
            contest = contest.entrant(name, move |watch| {
                let config = ProducerConfig { batch_size, ..ProducerConfig::default() };
                all_at_once(watch, bed, (config, how), records)?;
                Ok(records)
            });
        }
        contest.hold(scale.rounds(5))
    };
    let sizes = [
        (16 << 10, "produce records of 1 KiB in batches of 16 KiB, 3 replicas"),
        (0, "produce records of 1 KiB, each a batch of its own, 3 replicas"),
    ];
    sizes.into_iter().map(contest).collect()
}

/// One record at a time: the next is sent when the one before is acknowledged.
pub(crate) fn one_by_one(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    let records = scale.count(1_000);
    let mut contest = Contest::new("one-by-one", "one record at a time, 3 replicas", Unit::Records);
    for (name, how) in &ALL[..2] {
        contest = contest.entrant(*name, move |watch| {
            one_at_a_time(watch, bed, *how, records)?;
            Ok(records)
        });
    }
    Ok(vec![contest.hold(scale.rounds(5))?])
}

fn producer(bed: &Bed, config: ProducerConfig, how: How) -> Outcome<Producer> {
    bed.producer_that(config, "all", |acked, config| match how {
        How::Numbered => Arc::new(IdempotentSending::new(acked)),
        How::Plain => Arc::new(acked),
        How::InOrder => {
            config.max_in_flight = 1;
            Arc::new(acked)
        }
    })
}

fn record(topic: &Arc<str>, value: &Bytes) -> ProducerRecord {
    ProducerRecord::new(topic.clone(), None, value.clone()).to_partition(0)
}

fn value() -> Bytes {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(RECORD - 20).collect()
}

fn all_at_once(watch: &mut Stopwatch, bed: &Bed, (config, how): (ProducerConfig, How), records: u64) -> Outcome<()> {
    let (topic, value) = (bed.topic(3, 1)?, value());
    let producer = producer(bed, config, how)?;
    bed.run(async {
        producer.send(record(&topic.name, &value)).await?.await?;
        watch
            .time_async(async {
                for _ in 0..records {
                    // Who drops the delivery does not want to know; the count of the failed is looked at below.
                    drop(producer.send(record(&topic.name, &value)).await?);
                }
                producer.flush().await;
                Ok::<_, partitioning::Error>(())
            })
            .await?;
        close(producer).await
    })
}

fn one_at_a_time(watch: &mut Stopwatch, bed: &Bed, how: How, records: u64) -> Outcome<()> {
    let (topic, value) = (bed.topic(3, 1)?, value());
    let producer = producer(bed, ProducerConfig { linger: Duration::ZERO, ..ProducerConfig::default() }, how)?;
    bed.run(async {
        producer.send(record(&topic.name, &value)).await?.await?;
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

async fn close(producer: Producer) -> Outcome<()> {
    let failed = producer.stats().failed;
    producer.close(Duration::from_secs(10)).await;
    if failed > 0 { Err(format!("{failed} records failed").into()) } else { Ok(()) }
}
