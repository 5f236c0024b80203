//! Whatever happens in whatever order: no record is lost, none overtakes another of its partition, sizes hold, and nothing
//! waits beyond its deadline.
//!
//! The lives are the same in every run. `ACCUMULATOR_CASES=50000` makes more of them, `ACCUMULATOR_SEED=2` others. A life
//! that goes wrong is made shorter before it is printed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use partitioning::TopicPartition;
use partitioning::producer::accumulator::{AccumulatorConfig, ProducerBatch, ReadyReason};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use segment_log::Compression;
use tokio::time::Instant;

use crate::support::{Desk, at, most, record};

#[derive(Debug, Clone)]
enum Act {
    Append {
        partition: u32,
        bytes: usize,
    },
    Offer {
        partition: u32,
        bytes: usize,
    },
    Pass {
        millis: u64,
    },
    /// A request to the broker that leads every `of`th partition from `first` on, if one of them is ready.
    Send {
        first: u32,
        of: u32,
        max_bytes: usize,
    },
    Flush,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..5_u32, 10..150_usize).prop_map(|(partition, bytes)| Act::Append { partition, bytes }),
        1 => (0..5_u32, 300..900_usize).prop_map(|(partition, bytes)| Act::Append { partition, bytes }),
        1 => (0..5_u32, 10..150_usize).prop_map(|(partition, bytes)| Act::Offer { partition, bytes }),
        2 => (0..15_u64).prop_map(|millis| Act::Pass { millis }),
        3 => (0..3_u32, 1..4_u32, 100..1_500_usize)
            .prop_map(|(first, of, max_bytes)| Act::Send { first, of, max_bytes }),
        1 => Just(Act::Flush),
    ]
}

/// The accumulator beside a plain list of what each partition should see.
struct World {
    desk: Desk,
    config: AccumulatorConfig,
    /// Tickets and when they came, in order.
    waiting: BTreeMap<TopicPartition, Vec<(u64, Instant)>>,
    after: Option<TopicPartition>,
    next: u64,
    coverage: Coverage,
}

impl World {
    fn new(config: AccumulatorConfig) -> Self {
        let (desk, waiting) = (Desk::new(config), BTreeMap::new());
        World { desk, config, waiting, after: None, next: 0, coverage: Coverage::default() }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Append { partition, bytes } => {
                let at = at(partition);
                self.desk.append(&at, bytes);
                self.waiting.entry(at).or_default().push((self.next, self.desk.now));
                self.next += 1;
            }
            Act::Offer { partition, bytes } => self.offer(&at(partition), bytes),
            Act::Pass { millis } => self.desk.pass(millis),
            Act::Send { first, of, max_bytes } => self.send(first, of, max_bytes),
            Act::Flush => {
                let next = self.desk.accumulator.flush();
                let ready = self.desk.ready().len();
                assert_eq!(ready, self.waiting.len(), "after a flush all partitions are ready");
                assert!(next <= self.next, "there are no more batches than records");
            }
        }
        self.check();
    }

    /// If an offer is taken, so is the record.
    fn offer(&mut self, at: &TopicPartition, bytes: usize) {
        let takes = self.desk.accumulator.offer(at, most(&record(bytes)));
        let appended = self.desk.append(at, bytes);
        assert_eq!(takes, !appended.is_new, "what was said of {bytes} bytes holds");
        self.waiting.entry(at.clone()).or_default().push((self.next, self.desk.now));
        self.next += 1;
    }

    fn send(&mut self, first: u32, of: u32, max_bytes: usize) {
        let serves = |at: &TopicPartition| at.partition % of == first % of;
        let reasons: Vec<ReadyReason> = self
            .desk
            .accumulator
            .ready(self.desk.now, false)
            .filter(|(at, _)| serves(at))
            .map(|(_, why)| why)
            .collect();
        if reasons.is_empty() {
            return;
        }
        self.coverage.lingered += reasons.iter().filter(|&&why| why == ReadyReason::Lingered).count();
        self.coverage.full += reasons.iter().filter(|&&why| why == ReadyReason::Full).count();
        self.coverage.flushed += reasons.iter().filter(|&&why| why == ReadyReason::Flushed).count();
        let served = self.waiting.keys().filter(|at| serves(at)).count();
        let batches = self.desk.accumulator.drain(self.after.as_ref(), max_bytes, serves);
        let bytes: usize = batches.iter().map(ProducerBatch::bytes).sum();
        assert!(bytes <= max_bytes || batches.len() == 1, "{bytes} bytes in a request of {max_bytes}");
        self.coverage.batches += batches.len();
        self.coverage.cut += usize::from(batches.len() < served);
        let mut seen = Vec::new();
        for batch in &batches {
            assert!(serves(batch.at()), "{batch:?} is another broker's");
            assert!(!seen.contains(batch.at()), "two batches of one partition");
            seen.push(batch.at().clone());
            self.leaves(batch);
        }
        self.after = seen.pop();
    }

    fn leaves(&mut self, batch: &ProducerBatch<u64>) {
        let size = self.config.batch_size;
        let count = batch.tickets().len();
        assert!(count > 0, "a batch without records");
        assert!(batch.bytes() <= size || count == 1, "{batch:?}, and batch.size is {size}");
        let waiting = self.waiting.get_mut(batch.at()).expect("records that came");
        assert!(count <= waiting.len(), "records that never came");
        let expected: Vec<u64> = waiting.drain(..count).map(|(ticket, _)| ticket).collect();
        assert_eq!(batch.tickets(), expected, "the oldest of {}, in order", batch.at());
        if waiting.is_empty() {
            self.waiting.remove(batch.at());
        }
    }

    /// What is ready, and when the next will be, against the plain lists.
    fn check(&self) {
        let Desk { accumulator, now, .. } = &self.desk;
        assert_eq!(accumulator.is_empty(), self.waiting.is_empty());
        let ready: Vec<&TopicPartition> = accumulator.ready(*now, false).map(|(at, _)| at).collect();
        for (at, records) in &self.waiting {
            let deadline = records[0].1 + self.config.linger;
            assert!(deadline > *now || ready.contains(&at), "{at} has lingered and is not ready");
            let next = accumulator.next_deadline(*now);
            let told = ready.contains(&at) || next.is_some_and(|next| next <= deadline);
            assert!(told, "{at} will have lingered at {deadline:?}, and the next deadline is {next:?}");
        }
        assert_eq!(accumulator.ready(*now, true).count(), self.waiting.len());
    }
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    records: u64,
    batches: usize,
    /// Requests that had no room for all that they were asked to take.
    cut: usize,
    lingered: usize,
    full: usize,
    flushed: usize,
}

#[derive(Debug, Clone)]
struct Life {
    config: AccumulatorConfig,
    acts: Vec<Act>,
}

fn life() -> impl Strategy<Value = Life> {
    let batch_size = prop_oneof![1 => Just(0_usize), 9 => 100..600_usize];
    let acts = prop::collection::vec(act(), 1..120);
    (batch_size, 0..20_u64, acts).prop_map(|(batch_size, linger, acts)| {
        let linger = Duration::from_millis(linger);
        Life { config: AccumulatorConfig { batch_size, linger, compression: Compression::None }, acts }
    })
}

fn live(life: &Life) -> Coverage {
    let mut world = World::new(life.config);
    for act in &life.acts {
        world.act(act);
    }
    // Whoever asks often enough gets everything.
    world.desk.pass(20);
    for _ in 0..=life.acts.len() {
        world.send(0, 1, 1_000);
    }
    assert!(world.waiting.is_empty(), "these never left: {:?}", world.waiting);
    assert!(world.desk.accumulator.is_empty());
    Coverage { records: world.next, ..world.coverage }
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn no_record_is_lost_or_late_or_overtaken() {
    let (cases, seed) = (from_env("ACCUMULATOR_CASES", 400), from_env("ACCUMULATOR_SEED", 1));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let all = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| {
        let (sum, one) = (all.get(), live(&life));
        all.set(Coverage {
            records: sum.records + one.records,
            batches: sum.batches + one.batches,
            cut: sum.cut + one.cut,
            lingered: sum.lingered + one.lingered,
            full: sum.full + one.full,
            flushed: sum.flushed + one.flushed,
        });
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let all = all.get();
    println!("{cases} lives: {all:?}");
    let floor = u64::from(cases);
    let covered = [all.batches, all.cut, all.lingered, all.full, all.flushed].map(|count| count as u64 * 2);
    assert!(all.records > 10 * floor && covered.iter().all(|&count| count > floor), "too little of something: {all:?}");
}
