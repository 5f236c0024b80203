//! `skew`: what one popular key does to partitions, and what salting it does about that.
//!
//! All of it is real but the machine: a broker in this process, a producer and a consumer that talk to it over the loopback
//! network. What is drawn was read back from the partitions.

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use partitioning::api::{CreateTopic, NewTopic};
use partitioning::cli::failure::Failure;
use partitioning::cli::runtime::warnings;
use partitioning::cli::signals::Signals;
use partitioning::cli::{counted, output};
use partitioning::producer::{Producer, ProducerConfig, ProducerRecord};
use partitioning::{
    Broker, BrokerConfig, ClientConfig, Cluster, Consumer, ConsumerConfig, Error, Host, Position, TopicPartition,
};
use tokio_util::sync::CancellationToken;

use super::chart::{self, Bar, DARK, LIGHT};

/// The keys, the popular one first.
const NAMES: [&str; 20] = [
    "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "karl", "laura", "mallory",
    "niaj", "olivia", "peggy", "quentin", "rupert", "sybil", "trent",
];
/// How long the broker may be silent before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Show how one popular key fills one partition, and how salting the key spreads it
///
/// A demo that needs no broker: it starts its own, in a temporary folder and on any port. Half of
/// all records have one key, so they all go to one partition. Then the same records again, but
/// each of that key's gets one of a few keys: alice#0, alice#1, and so on. The number is the salt.
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "Example: more salts spread it better, and spread it over more partitions
  partitioning skew --salts 50"
)]
pub(crate) struct Args {
    /// How many records
    #[arg(long, value_name = "NUMBER", default_value = "10000", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    records: u64,
    /// How many keys
    #[arg(long, value_name = "NUMBER", default_value = "20", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    keys: u32,
    /// How many partitions
    #[arg(long, value_name = "NUMBER", default_value = "6", value_parser = clap::value_parser!(u32).range(1..=100))]
    partitions: u32,
    /// Of 100 records, how many have the popular key; the others are shared evenly
    #[arg(long, value_name = "PERCENT", default_value = "50", value_parser = clap::value_parser!(u32).range(0..=100))]
    hot: u32,
    /// Over how many keys the popular one is spread
    #[arg(long, value_name = "NUMBER", default_value = "6", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    salts: u32,
    /// Other numbers give other records
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    seed: u64,
}

pub(crate) async fn run(args: &Args, out: &mut dyn Write) -> Result<(), Failure> {
    warnings();
    let mut signals = Signals::listen()?;
    let folder = tempfile::Builder::new().prefix("partitioning-skew-").tempdir().map_err(Failure::Temporary)?;
    let broker = Broker::open(Host::real(), BrokerConfig::new(folder.path(), "127.0.0.1:0")).await?;
    let cluster = Cluster::new(Host::real(), ClientConfig::new(broker.address()))?;
    let stop = CancellationToken::new();
    let broker = tokio::spawn(broker.run(stop.clone()));
    let shown = tokio::select! {
        shown = show(args, &cluster, out) => shown,
        signal = signals.next() => Err(Failure::Interrupted(signal)),
    };
    stop.cancel();
    match broker.await {
        Ok(closed) => shown.and_then(|()| Ok(closed.map(drop)?)),
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// Both ways, with the same records.
async fn show(args: &Args, cluster: &Cluster, out: &mut dyn Write) -> Result<(), Failure> {
    let plain = bars(args, cluster, "plain", |key, _| key).await?;
    let salted = bars(args, cluster, "salted", |key, turn| match key == NAMES[0] {
        true => salted(&key, turn, args.salts),
        false => key,
    });
    let salted = salted.await?;
    let (columns, full) = (output::columns(), fullest(&plain).max(fullest(&salted)));
    let Args { records, keys, partitions, hot, .. } = args;
    let (records, partitions) = (counted(*records, "record"), counted(u64::from(*partitions), "partition"));
    let name = NAMES[0];
    writeln!(out, "{records}, {keys} keys, {partitions}; about {hot} % have the key {name}")?;
    writeln!(out, "\nKeys as they are:   {DARK} {name}  {LIGHT} everybody else\n")?;
    chart::draw(&plain, full, columns, out)?;
    writeln!(out, "\n{name} is salted, with {}:\n", salts(args.salts))?;
    chart::draw(&salted, full, columns, out)?;
    Ok(writeln!(out, "\n{}", verdict(&plain, &salted))?)
}

/// The key with a salt. A hash of it has nothing to do with that of the key, and goes anywhere.
fn salted(key: &str, turn: u64, salts: u32) -> String {
    format!("{key}#{}", turn % u64::from(salts))
}

fn salts(count: u32) -> String {
    match count {
        1 => format!("{}#0", NAMES[0]),
        _ => format!("{0}#0 to {0}#{1}", NAMES[0], count - 1),
    }
}

/// Sends the records with keys as `key` makes them, and reads back where they are.
async fn bars(
    args: &Args,
    cluster: &Cluster,
    topic: &str,
    key: impl Fn(String, u64) -> String,
) -> Result<Vec<Bar>, Failure> {
    let partitions = Some(args.partitions);
    let new = NewTopic { name: topic.into(), partitions, replication_factor: None, configs: Default::default() };
    cluster.call::<CreateTopic>(new).await?;
    let producer = Producer::new(cluster.clone(), ProducerConfig::default())?;
    let failure = Arc::new(OnceLock::new());
    let mut random = fastrand::Rng::with_seed(args.seed);
    for turn in 0..args.records {
        let key = key(name(args, &mut random), turn);
        let record = ProducerRecord::new(topic, key.as_str(), Bytes::from_static(b"paid 10")).at_time(0);
        let first = failure.clone();
        producer.send_with(record, move |outcome| drop(outcome.map_err(|error| first.set(error)))).await?;
    }
    producer.flush().await;
    if let Some(error) = failure.get() {
        return Err(Error::clone(error).into());
    }
    read_back(args, cluster, topic).await
}

fn name(args: &Args, random: &mut fastrand::Rng) -> String {
    let number = match random.u32(0..100) < args.hot {
        true => 0,
        false => random.u32(1..args.keys),
    };
    NAMES.get(number as usize).map_or_else(|| format!("user-{number}"), |name| (*name).to_owned())
}

async fn read_back(args: &Args, cluster: &Cluster, topic: &str) -> Result<Vec<Bar>, Failure> {
    let mut consumer = Consumer::new(cluster.clone(), ConsumerConfig::default())?;
    let partitions: Vec<_> = (0..args.partitions).map(|number| TopicPartition::new(topic, number)).collect();
    consumer.assign(partitions.clone());
    for at in &partitions {
        consumer.seek(at, Position::Beginning)?;
    }
    let mut bars = vec![Bar::default(); partitions.len()];
    let mut left = args.records;
    while left > 0 {
        let records = consumer.poll(PATIENCE).await?;
        if records.is_empty() {
            return Err(Error::TimedOut { address: "its own broker".to_owned(), after: PATIENCE }.into());
        }
        for record in &records {
            let bar = &mut bars[record.at.partition as usize];
            match is_popular(record.key.as_deref()) {
                true => bar.dark += 1,
                false => bar.light += 1,
            }
        }
        left = left.saturating_sub(records.len() as u64);
    }
    consumer.close().await;
    Ok(bars)
}

/// Whether it is the popular key, salted or not.
fn is_popular(key: Option<&[u8]>) -> bool {
    let behind = key.and_then(|key| key.strip_prefix(NAMES[0].as_bytes()));
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(b"#"))
}

fn fullest(bars: &[Bar]) -> u64 {
    bars.iter().map(Bar::whole).max().unwrap_or(0)
}

/// What was gained, and what it costs: a sentence each.
fn verdict(plain: &[Bar], salted: &[Bar]) -> String {
    let (before, after) = (fullest(plain), fullest(salted));
    let gained = match after < before {
        true => format!("Gained: the fullest partition has {after} records, where it had {before}."),
        false => "Gained: nothing, the fullest partition is as full as before.".to_owned(),
    };
    let name = NAMES[0];
    let paid = match salted.iter().filter(|bar| bar.dark > 0).count() {
        0 | 1 => format!("Paid: nothing, {name}'s records are in one partition still."),
        spread => format!(
            "Paid: {name}'s records are in order only as far as they share a partition,\n      and whoever wants all of \
             them must gather them from {spread}."
        ),
    };
    format!("{gained}\n{paid}")
}
