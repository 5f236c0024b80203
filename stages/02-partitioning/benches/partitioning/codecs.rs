//! What compression does on the way: it costs time at both ends, and saves it in between.
//!
//! A producer compresses each batch, the broker looks into it and stores it as it came, a consumer opens it. Over the loopback
//! network there is nothing to save. So the same is done over one that carries 100 Mbit a second.

use std::sync::Arc;
use std::time::Duration;

use contest::{Contest, Finding, Outcome, Scale, Stopwatch, Unit};
use partitioning::net::{Net, Tcp};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord, ProducerStats};
use partitioning::{Cluster, Consumer, ConsumerConfig, Position, TopicPartition};
use segment_log::Compression;

use crate::bed::Bed;
use crate::fetch::consume;
use crate::slow_net::SlowNet;
use crate::workload::{Event, events};

/// 100 Mbit a second.
const SLOW: SlowNet = SlowNet { bytes_a_second: 100e6 / 8.0 };

pub(crate) fn all(bed: &Bed, scale: &Scale) -> Outcome<Vec<Finding>> {
    let many = events(scale.count(400_000));
    let few = &many[..scale.count(60_000) as usize];
    Ok(vec![
        produce(bed, scale, "produce events, over loopback", &many, &(Arc::new(Tcp) as _))?,
        produce(bed, scale, "produce events, over 100 Mbit/s", few, &(Arc::new(SLOW) as _))?,
        fetch(bed, scale, "consume events, over loopback", &many, &(Arc::new(Tcp) as _))?,
        fetch(bed, scale, "consume events, over 100 Mbit/s", few, &(Arc::new(SLOW) as _))?,
    ])
}

fn produce(bed: &Bed, scale: &Scale, title: &'static str, events: &[Event], net: &Arc<dyn Net>) -> Outcome<Finding> {
    let mut contest = Contest::new("codec", title, Unit::Bytes);
    for codec in Compression::ALL {
        let send_over = move |net: Arc<dyn Net>, watch: &mut Stopwatch| {
            let topic = bed.topic()?;
            bed.run(send(bed.cluster_over(net)?, &topic.at, codec, events, watch))
        };
        // Once off the clock, to see what it saves.
        let stats = send_over(Arc::new(Tcp), &mut Stopwatch::default())?;
        let name = format!("{codec}: to {:.0} % of the size", percent(&stats));
        contest = contest.entrant(name, move |watch| Ok(send_over(net.clone(), watch)?.plain_bytes));
    }
    contest.hold(scale.rounds(5))
}

fn fetch(bed: &Bed, scale: &Scale, title: &'static str, events: &[Event], net: &Arc<dyn Net>) -> Outcome<Finding> {
    let mut contest = Contest::new("codec", title, Unit::Bytes);
    for codec in Compression::ALL {
        let topic = bed.topic()?;
        let stats = bed.run(send(bed.cluster()?, &topic.at, codec, events, &mut Stopwatch::default()))?;
        let name = format!("{codec}: to {:.0} % of the size", percent(&stats));
        contest = contest.entrant(name, move |watch| {
            let cluster = bed.cluster_over(net.clone())?;
            bed.run(read(cluster, &topic.at, events.len() as u64, watch))?;
            Ok(stats.plain_bytes)
        });
    }
    contest.hold(scale.rounds(5))
}

fn percent(stats: &ProducerStats) -> f64 {
    stats.sent_bytes as f64 * 100.0 / stats.plain_bytes as f64
}

/// A producer with the defaults, but for the codec.
async fn send(
    cluster: Cluster,
    at: &TopicPartition,
    codec: Compression,
    events: &[Event],
    watch: &mut Stopwatch,
) -> Outcome<ProducerStats> {
    let producer = Producer::new(cluster, ProducerConfig { compression: codec, ..ProducerConfig::default() })?;
    let record = |event: &Event| ProducerRecord::new(at.topic.clone(), &*event.key, event.value.clone());
    // It then knows the topic and has its connection.
    producer.send(record(&events[0])).await?.await?;
    let sent = watch.time_async(async {
        for event in &events[1..] {
            drop(producer.send(record(event)).await?);
        }
        producer.flush().await;
        Ok::<_, partitioning::Error>(())
    });
    sent.await?;
    let stats = producer.stats();
    producer.close(Duration::from_secs(10)).await;
    if stats.failed > 0 { Err(format!("{} records failed", stats.failed).into()) } else { Ok(stats) }
}

async fn read(cluster: Cluster, at: &TopicPartition, records: u64, watch: &mut Stopwatch) -> Outcome<()> {
    let mut consumer = Consumer::new(cluster, ConsumerConfig::default())?;
    consumer.assign(vec![at.clone()]);
    consumer.seek(at, Position::Beginning)?;
    watch.time_async(consume(&mut consumer, records)).await?;
    consumer.close().await;
    Ok(())
}
