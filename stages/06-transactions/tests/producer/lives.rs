//! Whatever brokers do, a transaction is whole or not at all, and what is said of it is true.
//!
//! The coordinator is the real one, without a log. The partitions are models: they take numbers in their order, refuse old epochs, and
//! let a transaction in only if the coordinator knows it. Chance refuses, delays, and keeps silent, before a request is done or after it; it
//! writes markers late, and makes the program so slow at times that its transactions take too long. After a minute there is peace.
//!
//! The lives are the same in every run. `PRODUCER_CASES=5000` makes more of them, `PRODUCER_SEED=2` others. A life that goes wrong is
//! printed.

mod world;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use acks::producer::AckedSending;
use partitioning::net::Net;
use partitioning::producer::{ProducerConfig, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Limits, Server, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use segment_log::control::Outcome;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use transactions::coordinator::{CoordinatorConfig, Epochs};
use transactions::producer::{TransactionError, TransactionalConfig, TransactionalProducer};

use crate::cables::Cables;
use crate::support::{ms, order};
use world::{State, World};

/// Until then chance rules.
const WAR: u64 = 60_000;
/// `request.timeout.ms`.
const PATIENCE: u64 = 700;
const ADDRESS: &str = "broker-1:9092";

#[derive(Debug, Clone)]
struct Life {
    seed: u64,
    /// `transaction.timeout.ms`.
    open: u64,
    /// `delivery.timeout.ms`.
    delivery: u64,
    /// `max.block.ms`.
    block: u64,
    keeps_epoch: bool,
    partitions: u32,
    /// Of 100 requests, how many are not simply taken.
    trouble: u32,
    transactions: u32,
}

fn life() -> impl Strategy<Value = Life> {
    let times = (prop_oneof![800..4_000_u64, Just(60_000)], prop_oneof![710..5_000_u64, Just(120_000)]);
    let load = (1..4_u32, prop_oneof![1 => Just(0_u32), 3 => 1..85_u32], 1..12_u32);
    (any::<u64>(), times, prop_oneof![2 => 300..1_500_u64, 1 => 1_500..8_000_u64], prop::bool::weighted(0.2), load)
        .prop_map(|(seed, (open, delivery), block, keeps_epoch, (partitions, trouble, transactions))| Life {
            seed,
            open,
            delivery,
            block,
            // Where epochs are of init, one that is late may end the next transaction (KAFKA-17754). That is no fault of a producer.
            keeps_epoch: keeps_epoch && trouble == 0,
            partitions,
            trouble,
            transactions,
        })
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    committed: u64,
    aborted: u64,
    /// Transactions that could not be committed.
    spoilt: u64,
    /// Commits of which nobody knew for a while.
    in_doubt: u64,
    /// Those of them that were committed.
    committed_all_the_same: u64,
    /// Transactions that the coordinator has aborted.
    overtime: u64,
    records: u64,
    duplicates: u64,
}

/// A transaction: its records, what each was told, and how it ended.
struct Told {
    records: Vec<u32>,
    stored: Arc<Mutex<BTreeMap<u32, RecordMetadata>>>,
    is_committed: bool,
}

/// One transaction after the other.
async fn work(life: &Life, producer: &mut TransactionalProducer, coverage: &mut Coverage) -> Vec<Told> {
    let mut random = fastrand::Rng::with_seed(life.seed ^ 1);
    until_done(async |producer: &mut TransactionalProducer| producer.init().await, producer).await;
    let (mut next, mut all) = (0, Vec::new());
    for _ in 0..life.transactions {
        producer.begin().expect("the one before has ended");
        let (stored, mut records) = (Arc::new(Mutex::new(BTreeMap::new())), Vec::new());
        for _ in 0..random.u32(0..8) {
            let (value, told) = (next, stored.clone());
            next += 1;
            let end = move |end| {
                if let Ok(metadata) = end {
                    told.lock().unwrap().insert(value, metadata);
                }
            };
            let record = order(random.u32(0..life.partitions), &value.to_string());
            match producer.send_with(record, end).await {
                Ok(()) => records.push(value),
                Err(error) => assert!(error.is_abortable(), "{error}"),
            }
            if random.u32(0..3) == 0 {
                sleep(ms(if random.u32(0..8) > 0 { random.u64(0..600) } else { random.u64(0..5_000) })).await;
            }
        }
        let is_committed = random.u32(0..4) > 0 && commit(producer, coverage, &mut random).await;
        if !is_committed {
            until_done(async |producer: &mut TransactionalProducer| producer.abort().await, producer).await;
            coverage.aborted += 1;
        }
        coverage.committed += u64::from(is_committed);
        coverage.records += records.len() as u64;
        all.push(Told { records, stored, is_committed });
    }
    all
}

/// Gives whether the transaction is committed. If not, it is to be aborted.
async fn commit(producer: &mut TransactionalProducer, coverage: &mut Coverage, random: &mut fastrand::Rng) -> bool {
    let mut was_in_doubt = false;
    loop {
        match producer.commit().await {
            Ok(()) => {
                coverage.committed_all_the_same += u64::from(was_in_doubt);
                return true;
            }
            Err(TransactionError::NotYet(error)) if error.is_in_doubt() => {
                coverage.in_doubt += u64::from(!was_in_doubt);
                was_in_doubt = true;
                let refused = producer.abort().await.unwrap_err();
                assert!(matches!(refused, TransactionError::WrongOrder { .. }), "{refused}");
            }
            // Nobody was asked. Then it may be aborted as well, unless somebody was before.
            Err(TransactionError::NotYet(_)) if !was_in_doubt && random.bool() => return false,
            Err(TransactionError::NotYet(_)) => {}
            Err(error) => {
                assert!(error.is_abortable(), "nobody else has the id: {error}");
                coverage.spoilt += 1;
                return false;
            }
        }
    }
}

async fn until_done(
    mut call: impl AsyncFnMut(&mut TransactionalProducer) -> Result<(), TransactionError>,
    producer: &mut TransactionalProducer,
) {
    while let Err(error) = call(producer).await {
        assert!(error.is_retriable(), "nobody else has the id: {error}");
    }
}

async fn live(life: &Life) -> Coverage {
    let epochs = if life.keeps_epoch { Epochs::OfInit } else { Epochs::OfTransaction };
    let config = CoordinatorConfig { check_interval: ms(100), epochs, ..CoordinatorConfig::default() };
    let world = World(Arc::new(Mutex::new(State::new(life.seed, life.trouble, config))));
    let (net, stop) = (Cables::default(), CancellationToken::new());
    let listener = net.listen(ADDRESS).await.unwrap();
    tokio::spawn(Server::new(listener, world.router(life.partitions), Limits::default(), stop.clone()).run());
    let client = ClientConfig { request_timeout: ms(PATIENCE), ..ClientConfig::new(ADDRESS) };
    let cluster = Cluster::new(crate::support::host(&net), client).unwrap();
    let how = ProducerConfig {
        seed: Some(life.seed),
        linger: ms(5),
        batch_size: 200,
        max_block: ms(life.block),
        ..ProducerConfig::default()
    };
    let sending =
        AckedSending { request_timeout: ms(PATIENCE), delivery_timeout: ms(life.delivery), ..AckedSending::default() };
    let config = TransactionalConfig { timeout: ms(life.open), sending, ..TransactionalConfig::new("pay-1") };
    let mut producer = TransactionalProducer::new(cluster, how, config).unwrap();
    let mut coverage = Coverage::default();
    let passing = async {
        loop {
            world.state().pass();
            sleep(ms(100)).await;
        }
    };
    let told = tokio::select! {
        biased;
        told = timeout(ms(3_600_000), work(life, &mut producer, &mut coverage)) => told.expect("it ends within an hour"),
        () = passing => unreachable!("it does not end"),
    };
    // Requests that are late come, and all markers are written.
    for _ in 0..3 {
        sleep(ms(WAR)).await;
        world.state().pass();
    }
    judge(&world.state(), &told);
    stop.cancel();
    let of_world = world.state().coverage;
    Coverage { overtime: of_world.overtime, duplicates: of_world.duplicates, ..coverage }
}

fn judge(state: &State, told: &[Told]) {
    let mut seen: BTreeMap<u32, Vec<(TopicPartition, i64, Option<Outcome>)>> = BTreeMap::new();
    for (at, shelf) in &state.shelves {
        for (offset, written) in (0..).zip(&shelf.log) {
            seen.entry(written.value).or_default().push((at.clone(), offset, written.outcome));
        }
    }
    for Told { records, stored, is_committed } in told {
        let stored = stored.lock().unwrap();
        for value in records {
            let places = seen.remove(value).unwrap_or_default();
            assert!(places.len() <= 1, "record {value} is there twice: {places:?}");
            if let Some(RecordMetadata { at, offset, .. }) = stored.get(value) {
                let is_there = places.first().is_some_and(|(here, place, _)| (here, place) == (at, offset));
                assert!(is_there, "record {value} was told to be {at}@{offset}: {places:?}");
            }
            let outcome = places.first().and_then(|(_, _, outcome)| *outcome);
            match is_committed {
                true => assert_eq!(outcome, Some(Outcome::Commit), "record {value}, {places:?}"),
                false if places.is_empty() => {}
                false => assert_eq!(outcome, Some(Outcome::Abort), "record {value}, {places:?}"),
            }
        }
    }
    assert!(seen.is_empty(), "these are of no transaction: {seen:?}");
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn a_transaction_is_whole_or_not_at_all_and_what_is_said_of_it_is_true() {
    let (cases, seed) = (from_env("PRODUCER_CASES", 200), from_env("PRODUCER_SEED", 1));
    let settings = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let all = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (sum, one) = (all.get(), runtime.block_on(live(&life)));
        all.set(Coverage {
            committed: sum.committed + one.committed,
            aborted: sum.aborted + one.aborted,
            spoilt: sum.spoilt + one.spoilt,
            in_doubt: sum.in_doubt + one.in_doubt,
            committed_all_the_same: sum.committed_all_the_same + one.committed_all_the_same,
            overtime: sum.overtime + one.overtime,
            records: sum.records + one.records,
            duplicates: sum.duplicates + one.duplicates,
        });
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let all = all.get();
    println!("{cases} lives: {all:?}");
    let floor = u64::from(cases);
    let Coverage { committed, aborted, records, .. } = all;
    assert!([committed, aborted, records].iter().all(|&count| count > floor), "too little: {all:?}");
    let Coverage { spoilt, in_doubt, committed_all_the_same, overtime, duplicates, .. } = all;
    let rare = [spoilt, in_doubt, committed_all_the_same, overtime, duplicates];
    assert!(rare.iter().all(|&count| count * 10 > floor), "too little of something: {all:?}");
}
