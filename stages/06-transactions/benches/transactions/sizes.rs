//! The same records in groups: a group is sent at once, and the next one when it has ended. Without transactions it has ended when all of
//! it is acknowledged. So what differs is what a transaction asks for beside its records.

use std::sync::Arc;
use std::time::Duration;

use acks::producer::AckedSending;
use bytes::Bytes;
use contest::plot::{Axis, Growth, Panel, Plot};
use contest::{Outcome, Scale, Spread, Stopwatch};
use idempotence::producer::IdempotentSending;
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use transactions::producer::{TransactionalConfig, TransactionalProducer};

use crate::bed::{Bed, Topic};

/// Bytes of a record.
const RECORD: usize = 1 << 10;
/// Partitions that the records of a group are in, by turns.
const PARTITIONS: u32 = 2;

/// How many records a group has, and how many records are sent.
const SIZES: [(u64, u64); 4] = [(1, 300), (10, 3_000), (100, 20_000), (1_000, 40_000)];

/// What holds a group together.
#[derive(Debug, Clone, Copy)]
enum How {
    /// Nothing.
    Plain,
    /// Nothing, and its records are numbered.
    Numbered,
    /// A transaction.
    Transaction,
}

const ALL: [(&str, How); 3] =
    [("acks=all", How::Plain), ("acks=all, idempotent", How::Numbered), ("in transactions", How::Transaction)];

/// Records a second of each way, and as a share of the first one's.
pub(crate) fn plot(bed: &Bed, scale: &Scale) -> Outcome<Plot> {
    // Lines, columns, rounds.
    let mut runs = vec![vec![Vec::new(); SIZES.len()]; ALL.len()];
    for round in 0..scale.rounds(5) {
        for (column, (size, records)) in SIZES.iter().enumerate() {
            let topics = (0..PARTITIONS).map(|_| bed.topic(3, 1)).collect::<Outcome<Vec<_>>>()?;
            for (line, (_, how)) in ALL.iter().enumerate() {
                let records = scale.count(*records).max(1);
                runs[line][column].push(run((bed, &topics), *how, (*size, records), round)?);
            }
        }
    }
    let median = |runs: &Vec<f64>| Spread::of(runs.clone()).map(|spread| spread.median);
    let rates: Vec<Vec<Option<f64>>> = runs.iter().map(|line| line.iter().map(median).collect()).collect();
    let share = |line: &Vec<Option<f64>>| {
        line.iter().zip(&rates[0]).map(|(rate, plain)| Some(rate.as_ref()? / plain.as_ref()?)).collect()
    };
    let shares = rates.iter().map(share).collect();
    let panel = |title: &str, unit, growth, values| Panel { title: title.to_owned(), unit, growth, values };
    Ok(Plot {
        label: "Records a second, by how many are sent and waited for at a time".to_owned(),
        x: Axis {
            title: "records in a transaction".to_owned(),
            ticks: SIZES.iter().map(|(size, _)| (*size as f64, size.to_string())).collect(),
        },
        legend: String::new(),
        lines: ALL.map(|(name, _)| name.to_owned()).to_vec(),
        rows: vec![vec![
            panel("throughput", "records/s", Growth::Logarithmic, rates.clone()),
            panel("compared with acks=all", "times", Growth::Linear, shares),
        ]],
    })
}

/// Records a second.
fn run((bed, topics): (&Bed, &[Topic<'_>]), how: How, (size, records): (u64, u64), round: usize) -> Outcome<f64> {
    let value: Bytes = {
        let mut random = fastrand::Rng::with_seed(7);
        std::iter::repeat_with(|| random.u8(..)).take(RECORD - 20).collect()
    };
    let record = |number: u64| {
        let topic = &topics[number as usize % topics.len()];
        ProducerRecord::new(topic.name.clone(), None, value.clone()).to_partition(0)
    };
    let id = format!("{how:?}-{size}-{round}");
    let mut group = Group::open(bed, how, id)?;
    bed.run(async {
        // It then knows topics and leaders, and has its connections.
        group.send(PARTITIONS.into(), &record).await?;
        let mut watch = Stopwatch::default();
        watch
            .time_async(async {
                let mut left = records;
                while left > 0 {
                    let part = left.min(size);
                    group.send(part, &record).await?;
                    left -= part;
                }
                Ok::<_, Box<dyn std::error::Error>>(())
            })
            .await?;
        group.close().await?;
        Ok(records as f64 / watch.wall().as_secs_f64())
    })
}

/// Who sends groups.
enum Group {
    Alone(Producer),
    Transactional(Box<TransactionalProducer>),
}

impl Group {
    fn open(bed: &Bed, how: How, id: String) -> Outcome<Self> {
        // A group is not held back for the next one, which waits for it.
        let config = ProducerConfig { linger: Duration::ZERO, ..ProducerConfig::default() };
        Ok(match how {
            How::Plain => Group::Alone(bed.producer(config, "all")?),
            How::Numbered => {
                Group::Alone(bed.producer_that(config, "all", |acked, _| Arc::new(IdempotentSending::new(acked)))?)
            }
            How::Transaction => {
                let transactional =
                    TransactionalConfig { sending: AckedSending::default(), ..TransactionalConfig::new(id) };
                let cluster = bed.cluster()?;
                let mut producer = bed.run(async { TransactionalProducer::new(cluster, config, transactional) })?;
                bed.run(producer.init())?;
                Group::Transactional(Box::new(producer))
            }
        })
    }

    async fn send(&mut self, records: u64, record: &impl Fn(u64) -> ProducerRecord) -> Outcome<()> {
        match self {
            Group::Alone(producer) => {
                for number in 0..records {
                    // Who drops the delivery does not want to know; the count of the failed is looked at in the end.
                    drop(producer.send(record(number)).await?);
                }
                producer.flush().await;
            }
            Group::Transactional(producer) => {
                producer.begin()?;
                for number in 0..records {
                    drop(producer.send(record(number)).await?);
                }
                producer.commit().await?;
            }
        }
        Ok(())
    }

    async fn close(self) -> Outcome<()> {
        let failed = match self {
            Group::Alone(producer) => {
                let failed = producer.stats().failed;
                producer.close(Duration::from_secs(10)).await;
                failed
            }
            Group::Transactional(producer) => {
                let failed = producer.stats().failed;
                producer.close(Duration::from_secs(10)).await?;
                failed
            }
        };
        if failed > 0 { Err(format!("{failed} records failed").into()) } else { Ok(()) }
    }
}
