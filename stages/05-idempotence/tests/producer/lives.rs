//! Whatever brokers do, each record is in the log at most once, and in its order.
//!
//! As in stage 04's lives, chance makes up a producer's settings, and three brokers that refuse, hang up, say nothing, die and
//! come back, and leaders move. Here the brokers know their producers, and a request whose connection has ended may be done
//! later. They share one log for each partition, as if all of it were copied at once. After twenty seconds there is peace, so
//! that all that waits can end.
//!
//! In calm lives nothing is refused for good and there is time enough: then each record is acknowledged. Nothing is given up.
//!
//! The lives are the same in every run. `PRODUCER_CASES=5000` makes more of them, `PRODUCER_SEED=2` others.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use acks::producer::AckedSending;
use idempotence::producers::{Judgement, Numbered, Producers};
use partitioning::api::{Produced, TopicId};
use partitioning::error::{ErrorCode, Refusal};
use partitioning::producer::{Producer, ProducerConfig, RecordMetadata};
use partitioning::{ClientConfig, Cluster, Error, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use segment_log::{Appended, Batch, Fold};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::fake_broker::{Asked, FIRST, Fakes};
use crate::support::{Given, config, fakes, host, ms, order};

const BROKERS: i32 = 3;
/// Until then chance rules.
const WAR: u64 = 20_000;
/// `request.timeout.ms`.
const PATIENCE: u64 = 700;

#[derive(Debug, Clone)]
struct Life {
    seed: u64,
    is_calm: bool,
    max_in_flight: usize,
    /// `delivery.timeout.ms`.
    delivery: u64,
    batch_size: usize,
    partitions: u32,
    /// Of 100 requests, how many are not simply taken.
    trouble: u32,
    records: u32,
}

fn life() -> impl Strategy<Value = Life> {
    let settings = (any::<bool>(), prop_oneof![Just(1_usize), Just(2), Just(5)], 710..8_000_u64);
    let load = (prop_oneof![Just(0_usize), Just(250)], 1..4_u32, 0..80_u32, 1..60_u32);
    (any::<u64>(), settings, load).prop_map(|(seed, settings, load)| {
        let (is_calm, max_in_flight, delivery) = settings;
        let (batch_size, partitions, trouble, records) = load;
        let delivery = if is_calm { 120_000 } else { delivery };
        Life { seed, is_calm, max_in_flight, delivery, batch_size, partitions, trouble, records }
    })
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    records: u64,
    acknowledged: u64,
    retries: u64,
    /// Batches that a log knew already.
    duplicates: u64,
    out_of_order: u64,
    new_epochs: u64,
    late: u64,
    /// Records that failed and may be in the log.
    in_doubt: u64,
    stored_all_the_same: u64,
}

impl Coverage {
    fn plus(self, other: Coverage) -> Coverage {
        Coverage {
            records: self.records + other.records,
            acknowledged: self.acknowledged + other.acknowledged,
            retries: self.retries + other.retries,
            duplicates: self.duplicates + other.duplicates,
            out_of_order: self.out_of_order + other.out_of_order,
            new_epochs: self.new_epochs + other.new_epochs,
            late: self.late + other.late,
            in_doubt: self.in_doubt + other.in_doubt,
            stored_all_the_same: self.stored_all_the_same + other.stored_all_the_same,
        }
    }
}

/// A partition's log: the numbers of the records, and what it knows of producers.
#[derive(Default)]
struct Log {
    records: Vec<u32>,
    producers: Producers,
}

/// What is done with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    HangUp,
    HangUpAndDoItLater,
    HangUpAndDoIt,
    SayNothing,
    TooFew,
    TooFewAfterAppend,
    TooLarge,
    Take,
}

struct World {
    fakes: Fakes,
    leaders: Vec<Option<i32>>,
    alive: BTreeSet<i32>,
    logs: BTreeMap<TopicPartition, Log>,
    random: fastrand::Rng,
    life: Life,
    peace: Instant,
    /// Requests that will never be answered.
    silent: Vec<Asked>,
    /// Batches whose connection has ended before they arrived.
    late: Vec<(TopicPartition, Batch)>,
    coverage: Coverage,
}

impl World {
    fn new(life: &Life) -> Self {
        let mut world = World {
            fakes: fakes(BROKERS, &[]),
            leaders: vec![Some(1); life.partitions as usize],
            alive: (1..=BROKERS).collect(),
            logs: BTreeMap::new(),
            random: fastrand::Rng::with_seed(life.seed),
            life: life.clone(),
            peace: Instant::now() + ms(WAR),
            silent: Vec::new(),
            late: Vec::new(),
            coverage: Coverage::default(),
        };
        world.tell();
        world
    }

    fn tell(&mut self) {
        self.fakes.topic_with("orders", TopicId(1), &self.leaders);
    }

    fn is_trouble(&mut self) -> bool {
        Instant::now() < self.peace && self.random.u32(0..100) < self.life.trouble
    }

    /// Serves, and has things happen. Does not end.
    async fn run(&mut self) {
        loop {
            let next = Instant::now() + ms(self.random.u64(50..800));
            tokio::select! {
                biased;
                asked = self.fakes.next() => self.serve(asked),
                () = sleep_until(next) => self.happen().await,
            }
        }
    }

    async fn happen(&mut self) {
        if !self.late.is_empty() && self.random.bool() {
            let (at, batch) = self.late.swap_remove(self.random.usize(0..self.late.len()));
            // Nobody hears the answer.
            let _ = self.write(&at, &batch);
            self.coverage.late += 1;
        }
        if self.is_trouble() {
            let broker = self.random.i32(1..=BROKERS);
            match self.random.u32(0..4) {
                0 if self.alive.remove(&broker) => self.fakes.kill(broker).await,
                0 => self.start(broker),
                _ => {
                    let partition = self.random.usize(0..self.leaders.len());
                    self.leaders[partition] = Some(self.random.i32(0..=BROKERS)).filter(|&broker| broker > 0);
                }
            }
        } else if Instant::now() >= self.peace {
            (1..=BROKERS).for_each(|broker| self.start(broker));
            self.leaders.iter_mut().for_each(|leader| *leader = leader.or(Some(2)));
        }
        self.tell();
    }

    fn start(&mut self, broker: i32) {
        if self.alive.insert(broker) {
            self.fakes.start(broker);
        }
    }

    fn serve(&mut self, asked: Asked) {
        use What::*;
        let mut choices = vec![HangUp, HangUpAndDoItLater, HangUpAndDoIt, SayNothing, TooFew, TooFewAfterAppend];
        if !self.life.is_calm {
            choices.push(TooLarge);
        }
        let what = if self.is_trouble() { choices[self.random.usize(0..choices.len())] } else { Take };
        let mut outcomes = BTreeMap::new();
        for one in &asked.request.partitions {
            let batch = Batch::from_bytes(one.records.0[..].into()).expect("a batch");
            outcomes.insert(one.at.clone(), self.outcome(asked.broker, &one.at, batch, what));
        }
        match what {
            HangUp | HangUpAndDoItLater | HangUpAndDoIt => asked.hang_up(),
            SayNothing => self.silent.push(asked),
            TooFew | TooFewAfterAppend | TooLarge | Take => asked.reply(|at| outcomes[at].clone()),
        }
    }

    fn outcome(&mut self, broker: i32, at: &TopicPartition, batch: Batch, what: What) -> Result<Produced, Refusal> {
        let no = |code: ErrorCode| Err(code.because("the test"));
        match what {
            _ if self.leaders[at.partition as usize] != Some(broker) => no(ErrorCode::NotLeaderOrFollower),
            What::HangUp => no(ErrorCode::UnknownServerError),
            What::HangUpAndDoItLater => {
                self.late.push((at.clone(), batch));
                no(ErrorCode::UnknownServerError)
            }
            What::TooFew => no(ErrorCode::NotEnoughReplicas),
            What::TooLarge => no(ErrorCode::MessageTooLarge),
            What::TooFewAfterAppend => self.write(at, &batch).and(no(ErrorCode::NotEnoughReplicasAfterAppend)),
            What::Take | What::HangUpAndDoIt | What::SayNothing => self.write(at, &batch),
        }
    }

    /// What the log says to a batch.
    fn write(&mut self, at: &TopicPartition, batch: &Batch) -> Result<Produced, Refusal> {
        let log = self.logs.entry(at.clone()).or_default();
        let numbered = Numbered::of(&batch.view()).expect("it is numbered");
        let place = match log.producers.judge(&numbered) {
            Judgement::OutOfOrder { .. } => {
                self.coverage.out_of_order += 1;
                return Err(ErrorCode::OutOfOrderSequenceNumber.because("the test"));
            }
            Judgement::OldEpoch { .. } => return Err(ErrorCode::InvalidProducerEpoch.because("the test")),
            Judgement::Duplicate(place) => {
                self.coverage.duplicates += 1;
                place
            }
            Judgement::Next => {
                let before = log.producers.get(numbered.producer).map(|producer| producer.epoch());
                self.coverage.new_epochs += u64::from(before.is_some_and(|before| before < numbered.epoch));
                log.append(batch)
            }
        };
        Ok(Produced { base_offset: place.base_offset, log_append_time: None, log_start: 0 })
    }
}

impl Log {
    fn append(&mut self, batch: &Batch) -> Appended {
        let mut batch = batch.clone();
        batch.set_place(self.records.len() as i64, 0);
        let (view, place) = (batch.view(), Appended::of(&batch.view()));
        self.producers.apply(&view, &place);
        let opened = view.records(1 << 20).expect("it opens");
        self.records.extend(opened.iter().map(|record| number(record.expect("it reads").to_record().value.as_deref())));
        place
    }
}

fn number(value: Option<&[u8]>) -> u32 {
    std::str::from_utf8(value.unwrap_or_default()).ok().and_then(|text| text.parse().ok()).expect("a number")
}

/// A record's number, and what was told of it.
type End = (u32, Result<RecordMetadata, Error>);

/// Record `number` goes to a partition.
fn partition(life: &Life, number: u32) -> u32 {
    number % life.partitions
}

/// Sends all, and gives what was told.
async fn send_all(life: &Life, producer: &Producer) -> Vec<End> {
    let told: Arc<Mutex<Vec<End>>> = Arc::default();
    let mut random = fastrand::Rng::with_seed(life.seed ^ 1);
    for number in 0..life.records {
        let noted = told.clone();
        let record = order(partition(life, number), number.to_string());
        let end = move |outcome| noted.lock().unwrap().push((number, outcome));
        if let Err(error) = producer.send_with(record, end).await {
            assert!(!life.is_calm, "record {number} was not taken: {error}");
        }
        if random.u32(0..3) == 0 {
            sleep(ms(random.u64(0..400))).await;
        }
    }
    let flushed = timeout(ms(400_000), producer.flush()).await;
    assert!(flushed.is_ok(), "some records never end: {:?}", producer.queued());
    std::mem::take(&mut *told.lock().unwrap())
}

async fn live(life: &Life) -> Coverage {
    let mut world = World::new(life);
    let client = ClientConfig { request_timeout: ms(PATIENCE), ..ClientConfig::new(FIRST) };
    let cluster = Cluster::new(host(&world.fakes.net), client).unwrap();
    let delivery_timeout = ms(life.delivery);
    let sending = AckedSending { request_timeout: ms(PATIENCE), delivery_timeout, ..AckedSending::default() };
    let Life { max_in_flight, batch_size, seed, .. } = *life;
    let settings = config(sending, Given::answers([]));
    let settings = ProducerConfig { seed: Some(seed), max_in_flight, batch_size, ..settings };
    let producer = Producer::new(cluster, settings).unwrap();
    let ends = tokio::select! {
        biased;
        ends = send_all(life, &producer) => ends,
        () = world.run() => unreachable!("it does not end"),
    };
    for (at, batch) in std::mem::take(&mut world.late) {
        let _ = world.write(&at, &batch);
    }
    judge(life, &mut world, &ends);
    let stats = producer.stats();
    assert_eq!((producer.buffered(), stats.acknowledged + stats.failed), (0, stats.records));
    Coverage { records: stats.records, acknowledged: stats.acknowledged, retries: stats.retries, ..world.coverage }
}

fn judge(life: &Life, world: &mut World, ends: &[End]) {
    let mut once = BTreeSet::new();
    for (at, log) in &world.logs {
        let is_in_order = log.records.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(is_in_order, "{at} is out of order, or has a record twice: {:?}", log.records);
    }
    for (number, outcome) in ends {
        assert!(once.insert(*number), "record {number} ended twice");
        let at = TopicPartition::new("orders", partition(life, *number));
        let is_there = world.logs.get(&at).is_some_and(|log| log.records.contains(number));
        match outcome {
            Ok(RecordMetadata { at, offset, .. }) => {
                let found = world.logs.get(at).and_then(|log| log.records.get(*offset as usize));
                assert_eq!(found, Some(number), "{at} offset {offset} was told to be record {number}");
            }
            Err(error) if life.is_calm => panic!("record {number} was given up: {error}"),
            Err(error) if error.is_in_doubt() => {
                world.coverage.in_doubt += 1;
                world.coverage.stored_all_the_same += u64::from(is_there);
            }
            Err(error) => assert!(!is_there, "record {number} was told that nothing was done: {error}"),
        }
    }
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn each_record_is_there_at_most_once_and_in_its_order_and_in_calm_lives_once() {
    let (cases, seed) = (from_env("PRODUCER_CASES", 200), from_env("PRODUCER_SEED", 1));
    let settings = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let all = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        all.set(all.get().plus(runtime.block_on(live(&life))));
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let all = all.get();
    println!("{cases} lives: {all:?}");
    let floor = u64::from(cases);
    let Coverage { records, acknowledged, retries, duplicates, .. } = all;
    assert!([records, acknowledged, retries, duplicates].iter().all(|&count| count > floor), "too little: {all:?}");
    let Coverage { out_of_order, new_epochs, late, in_doubt, stored_all_the_same, .. } = all;
    let rare = [out_of_order, new_epochs, late, in_doubt, stored_all_the_same];
    assert!(rare.iter().all(|&count| count * 10 > floor), "too little of something: {all:?}");
}
