//! Bytes into a log: how much of the plain way's speed is left, step by step.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::BytesMut;
use contest::{Contest, Finding, Outcome, Scale, Stopwatch, Unit};
use partitioning::api::{Produce, ProducePartition, ProduceRequest, ProduceResponse};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::{Client, TopicPartition};

use crate::bed::{Bed, Topic};
use crate::plain;
use crate::workload::{Load, MIB, PlainLog};

/// Requests under way at a time: the producer's `max.in.flight.requests.per.connection`.
const IN_FLIGHT: usize = 5;

pub(crate) fn all(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    Load::all()?.iter().map(|load| contest(bed, scale, load)).collect()
}

fn contest(bed: &Bed, scale: &Scale, load: &Load) -> Outcome<Finding> {
    let batches = load.batches(scale.bytes(96 * MIB as u64));
    let bytes = load.bytes(batches);
    Contest::new("produce", format!("produce {}", load.title), Unit::Bytes)
        .entrant("plain: over TCP, into a file", |watch| {
            plain::into_file(watch, &load.batch, batches, &bed.fresh()?)?;
            Ok(bytes)
        })
        .entrant("no network: append to the log", |watch| {
            append(watch, load, batches, PlainLog::create(bed.fresh()?)?)?;
            Ok(bytes)
        })
        .entrant("broker: requests with batches that are ready", |watch| {
            let (topic, client) = (bed.topic()?, bed.client()?);
            watch.time(|| bed.run(send_ready(&client, &topic.at, load, batches)))?;
            Ok(bytes)
        })
        .entrant("broker: a producer, record by record", |watch| {
            by_producer(watch, bed, load, batches, &bed.topic()?)?;
            Ok(bytes)
        })
        .hold(scale.rounds(7))
}

/// Each batch is a buffer of its own, made off the clock and given away, as if it had come from a socket.
fn append(watch: &mut Stopwatch, load: &Load, batches: u64, mut log: PlainLog) -> Outcome<()> {
    let at_a_time = (MIB / load.batch.len()).max(1) as u64;
    let mut left = batches;
    while left > 0 {
        let count = left.min(at_a_time);
        let ready: Vec<_> = (0..count).map(|_| BytesMut::from(&load.batch[..])).collect();
        watch.time(|| ready.into_iter().try_for_each(|bytes| log.append(bytes)))?;
        left -= count;
    }
    Ok(())
}

/// Sends a batch so often, and waits until all are answered.
pub(crate) async fn send_ready(client: &Client, at: &TopicPartition, load: &Load, batches: u64) -> Outcome<()> {
    let mut under_way = VecDeque::new();
    for _ in 0..batches {
        if under_way.len() == IN_FLIGHT {
            let oldest = under_way.pop_front().expect("some are under way");
            all_stored(&oldest.await?)?;
        }
        let partitions = vec![ProducePartition { at: at.clone(), records: load.batch.clone().into() }];
        under_way.push_back(client.start::<Produce>(ProduceRequest { partitions })?);
    }
    for answer in under_way {
        all_stored(&answer.await?)?;
    }
    Ok(())
}

fn all_stored(answer: &ProduceResponse) -> Outcome<()> {
    answer.partitions.iter().try_for_each(|(_, stored)| Ok(stored.as_ref().map(drop).map_err(Clone::clone)?))
}

fn by_producer(watch: &mut Stopwatch, bed: &Bed, load: &Load, batches: u64, topic: &Topic<'_>) -> Outcome<()> {
    let config = ProducerConfig { batch_size: load.batch_size, ..ProducerConfig::default() };
    let (cluster, name) = (bed.cluster()?, topic.name());
    let record = || ProducerRecord::new(name.clone(), "key-0001", load.value.clone());
    bed.run(async {
        let producer = Producer::new(cluster, config)?;
        // It then knows the topic and has its connection.
        producer.send(record()).await?.await?;
        let sent = watch.time_async(async {
            for _ in 0..batches * load.records {
                // Who drops the delivery does not want to know; the count of the failed is looked at below.
                drop(producer.send(record()).await?);
            }
            producer.flush().await;
            Ok::<_, partitioning::Error>(())
        });
        sent.await?;
        let failed = producer.stats().failed;
        producer.close(Duration::from_secs(10)).await;
        if failed > 0 { Err(format!("{failed} records failed").into()) } else { Ok(()) }
    })
}
