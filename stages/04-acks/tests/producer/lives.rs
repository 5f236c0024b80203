//! Whatever brokers do, each record ends once, and what is said of it is true.
//!
//! Chance makes up a producer's settings, and three brokers: they refuse, hang up, say nothing, die and come back, and leaders
//! move. The brokers share one log for each partition, as if all of it were copied at once; what a producer can lose then, it has
//! lost itself. After twenty seconds there is peace, so that all that waits can end.
//!
//! The lives are the same in every run. `PRODUCER_CASES=5000` makes more of them, `PRODUCER_SEED=2` others. A life that goes wrong is
//! printed.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use acks::api::Acks;
use acks::producer::AckedSending;
use partitioning::api::{Produced, TopicId};
use partitioning::error::{ErrorCode, Refusal};
use partitioning::producer::{Producer, ProducerConfig, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Error, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::fake_broker::{Asked, FIRST, Fakes};
use crate::support::{config, fakes, host, ms, order};

const BROKERS: i32 = 3;
/// Until then chance rules.
const WAR: u64 = 20_000;
/// `request.timeout.ms`.
const PATIENCE: u64 = 700;

#[derive(Debug, Clone)]
struct Life {
    seed: u64,
    acks: Acks,
    max_in_flight: usize,
    retries: u32,
    /// `delivery.timeout.ms`.
    delivery: u64,
    batch_size: usize,
    partitions: u32,
    /// Of 100 requests, how many are not simply taken.
    trouble: u32,
    records: u32,
}

fn life() -> impl Strategy<Value = Life> {
    let acks = prop_oneof![4 => Just(Acks::All), 1 => Just(Acks::Leader), 1 => Just(Acks::None)];
    let retries = prop_oneof![5 => Just(i32::MAX as u32), 1 => 0..4_u32];
    let delivery = prop_oneof![2 => Just(120_000_u64), 1 => 710..5_000_u64];
    let settings = (acks, prop_oneof![Just(1_usize), Just(2), Just(5)], retries, delivery);
    let load = (prop_oneof![Just(0_usize), Just(250)], 1..4_u32, 0..80_u32, 1..60_u32);
    (any::<u64>(), settings, load).prop_map(|(seed, settings, load)| {
        let (acks, max_in_flight, retries, delivery) = settings;
        let (batch_size, partitions, trouble, records) = load;
        Life { seed, acks, max_in_flight, retries, delivery, batch_size, partitions, trouble, records }
    })
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    records: u64,
    acknowledged: u64,
    retries: u64,
    expired: u64,
    /// Records that failed and may be in the log.
    in_doubt: u64,
    /// Records that failed and are in the log.
    stored_all_the_same: u64,
    duplicates: u64,
    /// Records that are behind one that was sent after them.
    overtaken: u64,
    moves: u64,
    deaths: u64,
}

/// The brokers, and what they hold.
struct World {
    fakes: Fakes,
    leaders: Vec<Option<i32>>,
    alive: BTreeSet<i32>,
    /// The numbers of the records, by partition.
    logs: BTreeMap<TopicPartition, Vec<u32>>,
    random: fastrand::Rng,
    trouble: u32,
    peace: Instant,
    /// Requests that will never be answered.
    silent: Vec<Asked>,
    late: JoinSet<()>,
    coverage: Coverage,
}

impl World {
    fn new(life: &Life) -> Self {
        let fakes = fakes(BROKERS, &[]);
        let random = fastrand::Rng::with_seed(life.seed);
        let mut world = World {
            fakes,
            leaders: vec![Some(1); life.partitions as usize],
            alive: (1..=BROKERS).collect(),
            logs: BTreeMap::new(),
            random,
            trouble: life.trouble,
            peace: Instant::now() + ms(WAR),
            silent: Vec::new(),
            late: JoinSet::new(),
            coverage: Coverage::default(),
        };
        world.tell();
        world
    }

    fn tell(&mut self) {
        self.fakes.topic_with("orders", TopicId(1), &self.leaders);
    }

    fn is_peace(&self) -> bool {
        Instant::now() >= self.peace
    }

    /// Serves, and has things happen. Does not end.
    async fn run(&mut self) {
        loop {
            let next = Instant::now() + ms(self.random.u64(50..800));
            let next = if self.is_peace() { next } else { next.min(self.peace) };
            tokio::select! {
                biased;
                asked = self.fakes.next() => self.serve(asked),
                () = sleep_until(next) => self.happen().await,
            }
        }
    }

    async fn happen(&mut self) {
        if self.is_peace() {
            for broker in 1..=BROKERS {
                if self.alive.insert(broker) {
                    self.fakes.start(broker);
                }
            }
            self.leaders.iter_mut().for_each(|leader| *leader = leader.or(Some(2)));
        } else if self.random.u32(0..100) < self.trouble {
            match self.random.u32(0..4) {
                0 => self.one_dies_or_comes_back().await,
                _ => self.one_moves(),
            }
        }
        self.tell();
    }

    fn one_moves(&mut self) {
        let partition = self.random.usize(0..self.leaders.len());
        self.leaders[partition] = match self.random.i32(0..=BROKERS) {
            0 => None,
            broker => Some(broker),
        };
        self.coverage.moves += 1;
    }

    async fn one_dies_or_comes_back(&mut self) {
        let broker = self.random.i32(1..=BROKERS);
        if self.alive.remove(&broker) {
            self.fakes.kill(broker).await;
            self.coverage.deaths += 1;
        } else {
            self.alive.insert(broker);
            self.fakes.start(broker);
        }
    }

    fn serve(&mut self, asked: Asked) {
        let is_trouble = !self.is_peace() && self.random.u32(0..100) < self.trouble;
        let what = if is_trouble { self.random.u32(0..6) } else { 6 };
        if what == 0 {
            return asked.hang_up();
        }
        let outcomes: BTreeMap<TopicPartition, Result<Produced, Refusal>> = asked
            .records()
            .into_iter()
            .map(|(at, records)| {
                let numbers = records.iter().map(|record| number(record.value.as_deref()));
                (at.clone(), self.write(asked.broker, &at, numbers.collect(), what))
            })
            .collect();
        match what {
            1 => asked.hang_up(),
            2 => self.silent.push(asked),
            3 => {
                let wait = self.random.u64(1..PATIENCE * 2);
                self.late.spawn(async move {
                    sleep(ms(wait)).await;
                    asked.reply(|at| outcomes[at].clone());
                });
            }
            _ => asked.reply(|at| outcomes[at].clone()),
        }
    }

    /// What becomes of a batch.
    fn write(&mut self, broker: i32, at: &TopicPartition, numbers: Vec<u32>, what: u32) -> Result<Produced, Refusal> {
        if self.leaders[at.partition as usize] != Some(broker) {
            return Err(ErrorCode::NotLeaderOrFollower.because("another leads"));
        }
        if what == 4 {
            return Err(ErrorCode::NotEnoughReplicas.because("too few, nothing was written"));
        }
        let log = self.logs.entry(at.clone()).or_default();
        let base_offset = log.len() as i64;
        log.extend(numbers);
        if what == 5 {
            return Err(ErrorCode::NotEnoughReplicasAfterAppend.because("too few, and it was written"));
        }
        Ok(Produced { base_offset, log_append_time: None, log_start: 0 })
    }
}

fn number(value: Option<&[u8]>) -> u32 {
    std::str::from_utf8(value.unwrap_or_default()).ok().and_then(|text| text.parse().ok()).expect("a number")
}

/// A record's number, and what was told of it.
type End = (u32, Result<RecordMetadata, Error>);

/// How each record ended.
#[derive(Default)]
struct Ends {
    /// What was told, by number, in the order of the calls.
    told: Arc<Mutex<Vec<End>>>,
    /// Records that `send` did not take.
    refused: BTreeSet<u32>,
}

/// Record `number` goes to a partition.
fn partition(life: &Life, number: u32) -> u32 {
    number % life.partitions
}

async fn send_all(life: &Life, producer: &Producer) -> Ends {
    let mut ends = Ends::default();
    let mut random = fastrand::Rng::with_seed(life.seed ^ 1);
    for number in 0..life.records {
        let told = ends.told.clone();
        let record = order(partition(life, number), number.to_string());
        let noted = producer.send_with(record, move |outcome| told.lock().unwrap().push((number, outcome))).await;
        if noted.is_err() {
            ends.refused.insert(number);
        }
        if random.u32(0..3) == 0 {
            sleep(ms(random.u64(0..400))).await;
        }
    }
    let flushed = timeout(ms(400_000), producer.flush()).await;
    assert!(flushed.is_ok(), "some records never end: {:?}", producer.queued());
    ends
}

async fn live(life: &Life) -> Coverage {
    let mut world = World::new(life);
    let client = ClientConfig { request_timeout: ms(PATIENCE), ..ClientConfig::new(FIRST) };
    let cluster = Cluster::new(host(&world.fakes.net), client).unwrap();
    let sending = AckedSending {
        acks: life.acks,
        request_timeout: ms(PATIENCE),
        retries: life.retries,
        delivery_timeout: ms(life.delivery),
    };
    let (max_in_flight, batch_size) = (life.max_in_flight, life.batch_size);
    let settings = ProducerConfig { seed: Some(life.seed), max_in_flight, batch_size, ..config(sending) };
    let producer = Producer::new(cluster, settings).unwrap();
    let ends = tokio::select! {
        biased;
        ends = send_all(life, &producer) => ends,
        () = world.run() => unreachable!("it does not end"),
    };
    assert_eq!((producer.buffered(), producer.queued().len()), (0, 0));
    let stats = producer.stats();
    (world.coverage.records, world.coverage.acknowledged) = (stats.records, stats.acknowledged);
    (world.coverage.retries, world.coverage.expired) = (stats.retries, stats.expired);
    judge(life, &mut world, &ends);
    let closed = tokio::select! {
        biased;
        closed = producer.close(ms(60_000)) => closed,
        () = world.run() => unreachable!("it does not end"),
    };
    assert_eq!(closed, 0);
    world.coverage
}

fn judge(life: &Life, world: &mut World, ends: &Ends) {
    let told = ends.told.lock().unwrap();
    let mut once = BTreeSet::new();
    let is_there = |number: u32| {
        let at = TopicPartition::new("orders", partition(life, number));
        world.logs.get(&at).map_or(0, |log| log.iter().filter(|&&other| other == number).count())
    };
    for (number, outcome) in told.iter() {
        assert!(once.insert(*number), "record {number} ended twice");
        let count = is_there(*number);
        match outcome {
            Ok(metadata) if life.acks == Acks::None => assert_eq!((metadata.offset, metadata.retries), (-1, 0)),
            Ok(RecordMetadata { at, offset, .. }) => {
                let found = world.logs.get(at).and_then(|log| log.get(*offset as usize));
                assert_eq!(found, Some(number), "{at} offset {offset} was told to be record {number}");
            }
            Err(error) if error.is_in_doubt() => {
                world.coverage.in_doubt += 1;
                world.coverage.stored_all_the_same += u64::from(count > 0);
            }
            Err(error) => assert_eq!(count, 0, "record {number} was told that nothing was done: {error}"),
        }
        if life.acks == Acks::None || life.retries == 0 {
            assert!(count <= 1, "record {number} is there {count} times, and was sent once");
        }
        world.coverage.duplicates += count.saturating_sub(1) as u64;
    }
    let expected: BTreeSet<u32> = (0..life.records).filter(|number| !ends.refused.contains(number)).collect();
    assert_eq!(once, expected, "each record that was taken ends");
    for number in &ends.refused {
        assert_eq!(is_there(*number), 0, "record {number} was not taken");
    }
    for (at, log) in &world.logs {
        let mut seen = BTreeSet::new();
        let first: Vec<u32> = log.iter().copied().filter(|number| seen.insert(*number)).collect();
        let overtaken = first.windows(2).filter(|pair| pair[0] > pair[1]).count();
        assert!(overtaken == 0 || life.max_in_flight > 1, "{at} is out of order: {log:?}");
        world.coverage.overtaken += overtaken as u64;
    }
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn each_record_ends_once_and_what_is_said_of_it_is_true() {
    let (cases, seed) = (from_env("PRODUCER_CASES", 200), from_env("PRODUCER_SEED", 1));
    let settings = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let all = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (sum, one) = (all.get(), runtime.block_on(live(&life)));
        all.set(Coverage {
            records: sum.records + one.records,
            acknowledged: sum.acknowledged + one.acknowledged,
            retries: sum.retries + one.retries,
            expired: sum.expired + one.expired,
            in_doubt: sum.in_doubt + one.in_doubt,
            stored_all_the_same: sum.stored_all_the_same + one.stored_all_the_same,
            duplicates: sum.duplicates + one.duplicates,
            overtaken: sum.overtaken + one.overtaken,
            moves: sum.moves + one.moves,
            deaths: sum.deaths + one.deaths,
        });
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let all = all.get();
    println!("{cases} lives: {all:?}");
    let floor = u64::from(cases);
    let Coverage { records, acknowledged, retries, moves, .. } = all;
    assert!([records, acknowledged, retries, moves].iter().all(|&count| count > floor), "too little: {all:?}");
    let Coverage { expired, in_doubt, stored_all_the_same, duplicates, overtaken, deaths, .. } = all;
    let rare = [expired, in_doubt, stored_all_the_same, duplicates, overtaken, deaths];
    assert!(rare.iter().all(|&count| count * 10 > floor), "too little of something: {all:?}");
}
