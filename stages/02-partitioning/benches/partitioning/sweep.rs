//! What `batch.size` and `linger.ms` do: to the speed of a producer that sends all it can, and to the wait of a record when
//! records come at a rate of their own.
//!
//! The second is an *open load*: a record is due when it is due, however slow the answers are. Its latency counts from the time
//! at which it should have been sent. Else a producer that is stuck would send less, and so note fewer of the bad times
//! (coordinated omission).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use contest::plot::{Axis, Growth, Panel, Plot};
use contest::{Latencies, Outcome, Scale, Spread};
use partitioning::Error;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};

use crate::bed::Bed;
use crate::workload::{KIB, MIB};

/// A `batch.size`, how it is written, and where it is drawn.
type Size = (usize, &'static str, f64);

/// With 0 each record is a batch, which has about 180 bytes then.
const BATCH_SIZES: [Size; 7] = [
    (0, "one", 180.0),
    (KIB, "1K", 1024.0),
    (4 * KIB, "4K", 4096.0),
    (16 * KIB, "16K", 16384.0),
    (64 * KIB, "64K", 65536.0),
    (256 * KIB, "256K", 262144.0),
    (MIB, "1M", 1048576.0),
];
/// `linger.ms`.
const LINGERS: [u64; 5] = [0, 1, 5, 20, 100];
/// `buffer.memory`: a quarter of the default, as a producer at full speed always fills it, and then waits for all of it.
const BUFFER: usize = 8 * MIB;
/// Records a second of the open loads.
const SLOW: u32 = 2_000;
const FAST: u32 = 50_000;

/// How records come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    /// As fast as the producer takes them.
    Full,
    /// So many a second.
    Open(u32),
}

/// What one run showed.
#[derive(Debug, Clone, Copy)]
struct Seen {
    records_a_second: f64,
    /// In milliseconds.
    p50: f64,
    p99: f64,
}

pub(crate) fn plot(bed: &Bed, scale: &Scale) -> Outcome<Plot> {
    // To see whether all of it works, the ends will do.
    let (sizes, lingers) = match scale.is_quick() {
        true => (vec![BATCH_SIZES[0], BATCH_SIZES[6]], vec![LINGERS[0], LINGERS[4]]),
        false => (BATCH_SIZES.to_vec(), LINGERS.to_vec()),
    };
    let [full, slow, fast] = measure(bed, scale, &sizes, &lingers)?;
    let panel = |title: &str, unit, growth, seen: &Grid, value: fn(&Seen) -> f64| Panel {
        title: title.to_owned(),
        unit,
        growth,
        values: seen.iter().map(|line| line.iter().map(|runs| median(runs, value)).collect()).collect(),
    };
    let latency = |title: &str, seen, value| panel(title, "ms", Growth::Logarithmic, seen, value);
    Ok(Plot {
        label: "Speed and latency of a producer, by batch.size, one line for each linger.ms".to_owned(),
        x: Axis {
            title: "batch.size (one: each record is a batch)".to_owned(),
            ticks: sizes.iter().map(|(_, name, place)| (*place, (*name).to_owned())).collect(),
        },
        legend: "linger.ms".to_owned(),
        lines: lingers.iter().map(u64::to_string).collect(),
        rows: vec![
            vec![
                panel("full speed", "records/s", Growth::Linear, &full, |seen| seen.records_a_second),
                latency("full speed, buffer.memory 8 MiB: p99", &full, |seen| seen.p99),
            ],
            vec![
                latency("2,000 records/s: p50", &slow, |seen| seen.p50),
                latency("2,000 records/s: p99", &slow, |seen| seen.p99),
            ],
            vec![
                latency("50,000 records/s: p50", &fast, |seen| seen.p50),
                latency("50,000 records/s: p99", &fast, |seen| seen.p99),
            ],
        ],
    })
}

/// The runs, by linger.ms and batch.size.
type Grid = Vec<Vec<Vec<Seen>>>;

/// All settings under each load, by turns.
fn measure(bed: &Bed, scale: &Scale, sizes: &[Size], lingers: &[u64]) -> Outcome<[Grid; 3]> {
    const LOADS: [Load; 3] = [Load::Full, Load::Open(SLOW), Load::Open(FAST)];
    let mut grids: [Grid; 3] = std::array::from_fn(|_| vec![vec![Vec::new(); sizes.len()]; lingers.len()]);
    for _ in 0..scale.rounds(3) {
        for (line, &linger) in lingers.iter().enumerate() {
            for (column, &(batch_size, ..)) in sizes.iter().enumerate() {
                for (grid, load) in grids.iter_mut().zip(LOADS) {
                    let linger = Duration::from_millis(linger);
                    let config =
                        ProducerConfig { batch_size, linger, buffer_memory: BUFFER, ..ProducerConfig::default() };
                    grid[line][column].push(run(bed, scale, config, load)?);
                }
            }
        }
    }
    Ok(grids)
}

fn median(runs: &[Seen], value: fn(&Seen) -> f64) -> Option<f64> {
    Spread::of(runs.iter().map(value).collect()).map(|spread| spread.median)
}

/// What becomes of the records of a run.
#[derive(Debug, Default)]
struct Tally {
    latencies: Latencies,
    failed: AtomicU64,
}

/// One producer, for as long as it takes to see something.
struct Run<'b> {
    bed: &'b Bed,
    producer: Producer,
    topic: Arc<str>,
    value: Bytes,
    tally: Arc<Tally>,
}

fn run(bed: &Bed, scale: &Scale, config: ProducerConfig, load: Load) -> Outcome<Seen> {
    let (topic, cluster) = (bed.topic()?, bed.cluster()?);
    let producer = bed.run(async { Producer::new(cluster, config) })?;
    let run = Run { bed, producer, topic: topic.name(), value: vec![7; 100].into(), tally: Arc::default() };
    // It then knows the topic and has its connection.
    bed.run(async { run.producer.send(run.record()).await?.await })?;
    let began = Instant::now();
    let sent = match load {
        Load::Full => bed.run(run.full_speed(Duration::from_millis(scale.count(500))))?,
        Load::Open(rate) => run.open_load(rate, Duration::from_millis(scale.count(1_000)))?,
    };
    bed.run(run.producer.flush());
    let took = began.elapsed();
    let Run { producer, tally, .. } = run;
    bed.run(producer.close(Duration::from_secs(10)));
    let failed = tally.failed.load(Ordering::Relaxed);
    if failed > 0 || tally.latencies.count() != sent {
        return Err(format!("{failed} of {sent} records failed: {:?}", tally.latencies).into());
    }
    let millis = |share| tally.latencies.percentile(share).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    Ok(Seen { records_a_second: sent as f64 / took.as_secs_f64(), p50: millis(0.5), p99: millis(0.99) })
}

impl Run<'_> {
    fn record(&self) -> ProducerRecord {
        ProducerRecord::new(self.topic.clone(), "key-0001", self.value.clone())
    }

    /// Sends a record that is due at `due`.
    async fn send(&self, due: Instant) -> Result<(), Error> {
        let tally = self.tally.clone();
        let note = move |outcome: Result<_, _>| match outcome {
            Ok(_) => tally.latencies.note(due.elapsed()),
            Err(_) => drop(tally.failed.fetch_add(1, Ordering::Relaxed)),
        };
        self.producer.send_with(self.record(), note).await
    }

    /// Sends one after the other. Gives how many.
    async fn full_speed(&self, time: Duration) -> Result<u64, Error> {
        let (began, mut sent) = (Instant::now(), 0);
        while began.elapsed() < time {
            self.send(Instant::now()).await?;
            sent += 1;
        }
        Ok(sent)
    }

    /// Sends what is due, as often as a timer of the system allows. Gives how many.
    fn open_load(&self, rate: u32, time: Duration) -> Result<u64, Error> {
        let (began, gap) = (Instant::now(), Duration::from_secs(1) / rate);
        let count = (time.as_secs_f64() * f64::from(rate)) as u32;
        let mut sent = 0;
        while sent < count {
            let due = began + gap * sent;
            // A timer of the runtime would be late by up to a millisecond.
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.bed.run(async {
                while sent < count && began + gap * sent <= Instant::now() {
                    self.send(began + gap * sent).await?;
                    sent += 1;
                }
                Ok::<_, Error>(())
            })?;
        }
        Ok(sent.into())
    }
}
