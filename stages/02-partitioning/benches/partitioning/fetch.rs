//! Bytes out of a log: the same the other way.

use std::hint::black_box;
use std::time::Duration;

use bytes::BytesMut;
use contest::{Contest, Finding, Outcome, Scale, Unit};
use partitioning::api::{Fetch, FetchPartition, FetchRequest};
use partitioning::{Client, Consumer, ConsumerConfig, Position, TopicPartition};
use segment_log::batches;

use crate::bed::Bed;
use crate::plain;
use crate::produce::send_ready;
use crate::workload::{Load, MIB, PlainLog};

/// What a fetch asks for: the consumer's `max.partition.fetch.bytes`.
const FETCH: usize = MIB;

pub(crate) fn all(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    Load::all()?.iter().map(|load| contest(bed, scale, load)).collect()
}

fn contest(bed: &Bed, scale: &Scale, load: &Load) -> Outcome<Finding> {
    let count = load.batches(scale.bytes(96 * MIB as u64));
    let (records, bytes) = (count * load.records, load.bytes(count));
    let mut log = PlainLog::create(bed.fresh()?)?;
    (0..count).try_for_each(|_| log.append(BytesMut::from(&load.batch[..])))?;
    let file = log.segments().next().ok_or("the log has a segment")?.path().to_owned();
    let (topic, client) = (bed.topic()?, bed.client()?);
    bed.run(send_ready(&client, &topic.at, load, count))?;
    Contest::new("fetch", format!("fetch {}", load.title), Unit::Bytes)
        .entrant("plain: out of a file, over TCP", |watch| plain::out_of_file(watch, FETCH, &file))
        .entrant("no network: read the log", |watch| {
            watch.time(|| read_all(&log))?;
            Ok(bytes)
        })
        .entrant("broker: requests for 1 MiB each", |watch| {
            watch.time(|| bed.run(fetch_all(&client, &topic.at, records)))?;
            Ok(bytes)
        })
        .entrant("broker: a consumer, record by record", |watch| {
            let cluster = bed.cluster()?;
            bed.run(async {
                let mut consumer = Consumer::new(cluster, ConsumerConfig::default())?;
                consumer.assign(vec![topic.at.clone()]);
                consumer.seek(&topic.at, Position::Beginning)?;
                watch.time_async(consume(&mut consumer, records)).await?;
                consumer.close().await;
                Ok(bytes)
            })
        })
        .hold(scale.rounds(7))
}

fn read_all(log: &PlainLog) -> Outcome<()> {
    let mut next = log.log_start();
    while next < log.end() {
        let bytes = log.read(next, FETCH)?.to_bytes()?;
        for batch in batches(&bytes) {
            next = batch?.next_offset();
        }
        black_box(bytes);
    }
    Ok(())
}

/// Each request goes on where the last answer's whole batches end.
async fn fetch_all(client: &Client, at: &TopicPartition, end: u64) -> Outcome<()> {
    let mut next = 0;
    while next < end as i64 {
        let asked = FetchPartition { at: at.clone(), offset: next, max_bytes: FETCH as u32 };
        let answer = client.call::<Fetch>(FetchRequest { max_bytes: FETCH as u32, partitions: vec![asked] }).await?;
        let (_, fetched) = answer.partitions.into_iter().next().ok_or("the answer has no partition")?;
        let bytes = fetched?.records.0;
        let before = next;
        for batch in batches(&bytes) {
            next = batch?.next_offset();
        }
        if next == before {
            return Err(format!("nothing came from offset {next} on, and {end} records are there").into());
        }
        black_box(bytes);
    }
    Ok(())
}

/// Takes so many records.
pub(crate) async fn consume(consumer: &mut Consumer, records: u64) -> Outcome<()> {
    let mut seen = 0;
    while seen < records {
        let polled = consumer.poll(Duration::from_secs(10)).await?;
        if polled.is_empty() {
            return Err(format!("nothing came in 10 s, after {seen} records of {records}").into());
        }
        seen += polled.len() as u64;
        black_box(polled);
    }
    Ok(())
}
