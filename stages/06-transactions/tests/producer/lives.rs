//! Whatever brokers do, a transaction is whole or not at all, and what is said of it is true.
//!
//! The coordinator is the real one, without a log. The partitions are models: they take numbers in their order, refuse old epochs, and
//! let a transaction in only if the coordinator knows it. Chance refuses, delays, and keeps silent, before a request is done or after it; it
//! writes markers late, and makes the program so slow at times that its transactions take too long. After a minute there is peace.
//!
//! The lives are the same in every run. `PRODUCER_CASES=5000` makes more of them, `PRODUCER_SEED=2` others. A life that goes wrong is
//! printed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use acks::producer::AckedSending;
use partitioning::api::{
    BrokerInfo, Metadata, MetadataResponse, PartitionInfo, ProducePartition, ProduceResponse, Produced, TopicId,
    TopicInfo,
};
use partitioning::net::Net;
use partitioning::producer::{ProducerConfig, RecordMetadata};
use partitioning::{ClientConfig, Cluster, ErrorCode, Limits, Refusal, Router, Server, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use replication::machine::{Machine, Moment};
use segment_log::BatchView;
use segment_log::control::Outcome;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use transactions::api::{
    AddPartitionsToTxn, EndTxn, FindCoordinator, FindCoordinatorResponse, InitTransactions, ProduceInTransaction,
    ProduceInTransactionRequest,
};
use transactions::coordinator::{Coordinator, CoordinatorConfig, Ended, Epochs, Init, Initialized, Ruling};
use transactions::producer::{TransactionError, TransactionalConfig, TransactionalProducer};
use transactions::records::Identity;

use crate::cables::Cables;
use crate::support::{ms, order};

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
    let times = (prop_oneof![1_500..6_000_u64, Just(60_000)], prop_oneof![710..5_000_u64, Just(120_000)]);
    let load = (1..4_u32, prop_oneof![Just(0_u32), 1..40_u32], 1..12_u32);
    (any::<u64>(), times, 800..8_000_u64, prop::bool::weighted(0.2), load).prop_map(
        |(seed, (open, delivery), block, keeps_epoch, (partitions, trouble, transactions))| Life {
            seed,
            open,
            delivery,
            block,
            // Where epochs are of init, one that is late may end the next transaction (KAFKA-17754). That is no fault of a producer.
            keeps_epoch: keeps_epoch && trouble == 0,
            partitions,
            trouble,
            transactions,
        },
    )
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

/// A record that is in a log.
#[derive(Debug, Clone, Copy)]
struct Written {
    value: u32,
    outcome: Option<Outcome>,
}

/// A partition.
#[derive(Debug, Default)]
struct Shelf {
    epoch: i16,
    next: i32,
    is_open: bool,
    log: Vec<Written>,
    /// Where the batches of this epoch are, by their first number.
    known: BTreeMap<i32, i64>,
}

struct State {
    coordinator: Coordinator,
    shelves: BTreeMap<TopicPartition, Shelf>,
    random: fastrand::Rng,
    trouble: u32,
    began: Instant,
    coverage: Coverage,
}

impl State {
    fn now(&self) -> Moment {
        let uptime = self.began.elapsed();
        Moment { wall: uptime.as_millis() as i64, uptime }
    }

    fn is_peace(&self) -> bool {
        self.began.elapsed() >= ms(WAR)
    }

    fn decide<T>(&mut self, rule: impl FnOnce(&mut Coordinator, Moment) -> Ruling<T>) -> Result<T, Refusal> {
        let now = self.now();
        let decided = rule(&mut self.coordinator, now)?;
        decided.records.iter().for_each(|record| self.coordinator.replay(record));
        Ok(decided.reply)
    }

    /// Time passes: transactions take too long, and markers are written.
    fn pass(&mut self) {
        let now = self.now();
        let due = self.coordinator.tick(now);
        self.coverage.overtime += due.len() as u64;
        due.iter().for_each(|record| self.coordinator.replay(record));
        for prepared in self.coordinator.prepared() {
            if !self.is_peace() && self.random.u32(0..100) < self.trouble {
                continue;
            }
            for at in &prepared.partitions {
                let shelf = self.shelves.entry(at.clone()).or_default();
                for written in shelf.log.iter_mut().filter(|written| written.outcome.is_none()) {
                    written.outcome = Some(prepared.outcome);
                }
                shelf.is_open = false;
                if prepared.producer.epoch > shelf.epoch {
                    (shelf.epoch, shelf.next) = (prepared.producer.epoch, 0);
                    shelf.known.clear();
                }
            }
            let done = self.decide(|machine, now| Ok(machine.complete(&prepared.id, prepared.producer, now)));
            done.expect("what is prepared is completed");
        }
    }

    fn append(&mut self, id: &str, one: &ProducePartition) -> Result<Produced, Refusal> {
        let batch = BatchView::parse(&one.records.0).expect("a batch");
        assert!(batch.is_transactional());
        let (epoch, first) = (batch.producer_epoch(), batch.base_sequence());
        let who = Identity { id: batch.producer_id(), epoch };
        let shelf = self.shelves.entry(one.at.clone()).or_default();
        let produced = |base_offset| Produced { base_offset, log_append_time: None, log_start: 0 };
        if epoch < shelf.epoch {
            return Err(ErrorCode::InvalidProducerEpoch.because("an older epoch"));
        }
        if epoch == shelf.epoch
            && let Some(&offset) = shelf.known.get(&first)
        {
            self.coverage.duplicates += 1;
            return Ok(produced(offset));
        }
        if !(shelf.is_open && epoch == shelf.epoch) {
            self.coordinator.verify(id, who, std::slice::from_ref(&one.at))?.remove(0)?;
        }
        if first != if epoch == shelf.epoch { shelf.next } else { 0 } {
            return Err(ErrorCode::OutOfOrderSequenceNumber.because("not the next number"));
        }
        if epoch > shelf.epoch {
            shelf.known.clear();
        }
        let offset = shelf.log.len() as i64;
        (shelf.epoch, shelf.is_open) = (epoch, true);
        shelf.known.insert(first, offset);
        let records = batch.records(1 << 20).expect("it opens");
        for record in records.iter() {
            let value =
                std::str::from_utf8(record.expect("it reads").value.expect("a value")).unwrap().parse().unwrap();
            shelf.log.push(Written { value, outcome: None });
        }
        shelf.next = first + records.iter().count() as i32;
        Ok(produced(offset))
    }
}

#[derive(Clone)]
struct World(Arc<Mutex<State>>);

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Does something, or not, or late, and answers, or not.
    async fn chance<T: Send + 'static>(
        &self,
        apply: impl FnOnce(&mut State) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (what, late) = {
            let mut state = self.state();
            let is_trouble = !state.is_peace() && state.random.u32(0..100) < state.trouble;
            (if is_trouble { state.random.u32(0..6) } else { 6 }, state.random.u64(1..PATIENCE * 2))
        };
        match what {
            0 => Err(ErrorCode::CoordinatorLoadInProgress.because("not now")),
            1 => std::future::pending().await,
            2 => {
                // It is done, and nobody answers.
                drop(apply(&mut self.state()));
                std::future::pending().await
            }
            3 => {
                let world = self.clone();
                let done = tokio::spawn(async move {
                    sleep(ms(late)).await;
                    apply(&mut world.state())
                });
                done.await.expect("it does not panic")
            }
            4 => {
                drop(apply(&mut self.state()));
                Err(ErrorCode::NotCoordinator.because("not any more"))
            }
            5 => Err(ErrorCode::CoordinatorNotAvailable.because("nobody")),
            _ => apply(&mut self.state()),
        }
    }

    fn router(&self, partitions: u32) -> Router {
        let (init, add, end, produce) = (self.clone(), self.clone(), self.clone(), self.clone());
        Router::new(1 << 20)
            .route::<Metadata>(move |_, _| Box::pin(async move { Ok(metadata(partitions)) }))
            .route::<FindCoordinator>(|_, _| Box::pin(async { Ok(FindCoordinatorResponse { broker: 1 }) }))
            .route::<InitTransactions>(move |request, _| {
                let world = init.clone();
                let id: Arc<str> = request.transactional_id.as_str().into();
                let asked = Init { id, timeout_ms: request.timeout_ms, expected: request.expected };
                Box::pin(async move {
                    world
                        .chance(move |state| match state.decide(|machine, now| machine.init(&asked, Some(7), now))? {
                            Initialized::As(who) => Ok(who),
                            _ => Err(ErrorCode::ConcurrentTransactions.because("ask again")),
                        })
                        .await
                })
            })
            .route::<AddPartitionsToTxn>(move |request, _| {
                let world = add.clone();
                Box::pin(async move {
                    let apply = move |state: &mut State| {
                        let (id, who, partitions) = (request.transactional_id, request.producer, request.partitions);
                        state.decide(|machine, now| machine.add_partitions(&id, who, &partitions, now))
                    };
                    world.chance(apply).await
                })
            })
            .route::<EndTxn>(move |request, _| {
                let world = end.clone();
                Box::pin(async move {
                    let apply = move |state: &mut State| {
                        let (id, who, outcome) = (&request.transactional_id, request.producer, request.outcome());
                        match state.decide(|machine, now| machine.end(id, who, outcome, None, now))? {
                            Ended::As(who) => Ok(who),
                            Ended::NeedsId => unreachable!("there are epochs enough"),
                        }
                    };
                    world.chance(apply).await
                })
            })
            .route::<ProduceInTransaction>(move |request, _| {
                let world = produce.clone();
                Box::pin(async move {
                    let ProduceInTransactionRequest { transactional_id, produce } = request;
                    let id = transactional_id.expect("it is said");
                    let apply = move |state: &mut State| {
                        let one = |one: ProducePartition| (one.at.clone(), state.append(&id, &one));
                        Ok(ProduceResponse { partitions: produce.partitions.into_iter().map(one).collect() })
                    };
                    world.chance(apply).await
                })
            })
    }
}

fn metadata(partitions: u32) -> MetadataResponse {
    let led = PartitionInfo { leader: Some(1), leader_epoch: 0, replicas: vec![1], in_sync: vec![1] };
    let topic = TopicInfo { id: TopicId(1), partitions: vec![led; partitions as usize], configs: Default::default() };
    let brokers = vec![BrokerInfo { id: 1, address: ADDRESS.to_owned() }];
    MetadataResponse { brokers, topics: vec![("orders".to_owned(), Ok(topic))] }
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
                sleep(ms(random.u64(0..600))).await;
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
    let world = World(Arc::new(Mutex::new(State {
        coordinator: Coordinator::new(config),
        shelves: BTreeMap::new(),
        random: fastrand::Rng::with_seed(life.seed),
        trouble: life.trouble,
        began: Instant::now(),
        coverage: Coverage::default(),
    })));
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
