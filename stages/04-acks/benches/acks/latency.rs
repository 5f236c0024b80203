//! How long a record takes to be acknowledged, when records come at a rate of their own.
//!
//! An *open load*: a record is due when it is due, however slow the answers are. Its latency counts from the time at which it
//! should have been sent, so a producer that is stuck does not hide the bad times (coordinated omission).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use contest::plot::{Axis, Growth, Panel, Plot};
use contest::{Latencies, Outcome, Scale, Spread};
use partitioning::producer::{ProducerConfig, ProducerRecord};

use crate::bed::Bed;

/// Records a second.
const RATE: u32 = 1_000;
/// With acks=0 a record ends when it is sent: there is no answer that could be late.
const ACKS: [&str; 3] = ["0", "1", "all"];
const REPLICAS: [u16; 3] = [1, 2, 3];

/// Median and 99th percentile, in milliseconds.
type Seen = (f64, f64);

pub(crate) fn plot(bed: &Bed, scale: &Scale) -> Outcome<Plot> {
    let mut runs: Vec<Vec<Vec<Seen>>> = vec![vec![Vec::new(); REPLICAS.len()]; ACKS.len()];
    for _ in 0..scale.rounds(5) {
        for (line, acks) in ACKS.iter().enumerate() {
            for (column, replicas) in REPLICAS.iter().enumerate() {
                runs[line][column].push(run(bed, scale, acks, *replicas)?);
            }
        }
    }
    let panel = |title: &str, value: fn(&Seen) -> f64| Panel {
        title: title.to_owned(),
        unit: "ms",
        growth: Growth::Logarithmic,
        values: runs.iter().map(|line| line.iter().map(|runs| median(runs, value)).collect()).collect(),
    };
    Ok(Plot {
        label: "Latency of a record at 1,000 records a second, by the number of replicas, one line for each acks"
            .to_owned(),
        x: Axis {
            title: "replicas".to_owned(),
            ticks: REPLICAS.iter().map(|replicas| (f64::from(*replicas), replicas.to_string())).collect(),
        },
        legend: "acks".to_owned(),
        lines: ACKS.map(str::to_owned).to_vec(),
        rows: vec![vec![panel("1,000 records/s: p50", |seen| seen.0), panel("1,000 records/s: p99", |seen| seen.1)]],
    })
}

fn median(runs: &[Seen], value: fn(&Seen) -> f64) -> Option<f64> {
    Spread::of(runs.iter().map(value).collect()).map(|spread| spread.median)
}

fn run(bed: &Bed, scale: &Scale, acks: &str, replicas: u16) -> Outcome<Seen> {
    let topic = bed.topic(replicas, 1)?;
    let producer = bed.producer(ProducerConfig { linger: Duration::ZERO, ..ProducerConfig::default() }, acks)?;
    let (latencies, failed) = (Arc::new(Latencies::default()), Arc::new(AtomicU64::new(0)));
    let value: Bytes = vec![7; 100].into();
    let record = || ProducerRecord::new(topic.name.clone(), None, value.clone()).to_partition(0);
    // It then knows the topic and has its connection.
    bed.run(async { producer.send(record()).await?.await })?;
    let (began, gap) = (Instant::now(), Duration::from_secs(1) / RATE);
    let count = scale.count(2_000) as u32;
    let mut sent = 0;
    while sent < count {
        // A timer of the runtime would be late by up to a millisecond.
        std::thread::sleep((began + gap * sent).saturating_duration_since(Instant::now()));
        while sent < count && began + gap * sent <= Instant::now() {
            let (due, noted, lost) = (began + gap * sent, latencies.clone(), failed.clone());
            let note = move |outcome: Result<_, _>| match outcome {
                Ok(_) => noted.note(due.elapsed()),
                Err(_) => drop(lost.fetch_add(1, Ordering::Relaxed)),
            };
            bed.run(producer.send_with(record(), note))?;
            sent += 1;
        }
    }
    bed.run(producer.flush());
    bed.run(producer.close(Duration::from_secs(10)));
    if failed.load(Ordering::Relaxed) > 0 || latencies.count() != u64::from(count) {
        return Err(format!("not all of {count} records were acknowledged: {latencies:?}").into());
    }
    let millis = |share| latencies.percentile(share).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    Ok((millis(0.5), millis(0.99)))
}
