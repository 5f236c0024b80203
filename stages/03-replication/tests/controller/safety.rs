//! What elections are for: whoever leads has everything that was committed.
//!
//! Beside the controller there is a model of the data. Each broker has a log, a leader writes into its own, followers copy, and
//! what all in sync have is committed, if they are enough. A broker that ends without having stopped in order loses all that
//! it had, which is the worst that can happen to it. Then, by whatever chance makes up: who leads has all that is committed,
//! unless data was given up with intent.
//!
//! The same lives without a second row do lose something. So the model would notice.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use replication::api::AlterPartitionRequest;
use replication::controller::ControllerConfig;
use replication::records::PartitionRecord;

use crate::world::{World, at, config, one_row};

#[derive(Debug, Clone)]
enum Act {
    /// The leader writes something, and these copy its log.
    Write {
        copied_by: Vec<i32>,
    },
    /// The leader lets in whoever has all that it has, of these, and keeps nobody else.
    Alter {
        wanted: Vec<i32>,
    },
    Silence {
        id: i32,
    },
    Back {
        id: i32,
    },
    Restart {
        id: i32,
        in_order: bool,
    },
    Stop {
        id: i32,
    },
    Move {
        target: Vec<i32>,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let id = || 1..=4i32;
    let some = |least| prop::sample::subsequence(vec![1, 2, 3, 4], least..=4).prop_shuffle();
    prop_oneof![
        8 => some(0).prop_map(|copied_by| Act::Write { copied_by }),
        8 => some(0).prop_map(|wanted| Act::Alter { wanted }),
        3 => id().prop_map(|id| Act::Silence { id }),
        6 => id().prop_map(|id| Act::Back { id }),
        3 => (id(), prop::bool::weighted(0.3)).prop_map(|(id, in_order)| Act::Restart { id, in_order }),
        1 => id().prop_map(|id| Act::Stop { id }),
        1 => some(1).prop_map(|target| Act::Move { target }),
    ]
}

/// The records of a log, each a number that no other has.
type Log = Vec<u32>;

struct Data {
    world: World,
    logs: BTreeMap<i32, Log>,
    committed: Log,
    least: usize,
    written: u32,
}

impl Data {
    fn new(config: ControllerConfig, least: usize) -> Self {
        let least_text = least.to_string();
        let mut world = World::with_partition(config, &[1, 2, 3], &[("min.insync.replicas", &least_text)]);
        world.start(4);
        world.wrong = Some(Ok(()));
        Data { world, logs: BTreeMap::new(), committed: Log::new(), least, written: 0 }
    }

    fn record(&self) -> PartitionRecord {
        self.world.partition(&at("t", 0)).clone()
    }

    fn log(&self, id: i32) -> Log {
        self.logs.get(&id).cloned().unwrap_or_default()
    }

    fn perform(&mut self, act: &Act) {
        match act {
            Act::Write { copied_by } => self.write(copied_by),
            Act::Alter { wanted } => self.alter(wanted),
            Act::Silence { id } if self.world.state().active(*id) => self.world.silence(&[*id]),
            Act::Silence { .. } => {}
            Act::Back { id } => drop(self.world.beat(*id)),
            Act::Restart { id, in_order } => {
                let stopped_in = Some(self.world.epoch(*id)).filter(|_| *in_order);
                if !in_order {
                    self.logs.remove(id);
                }
                let request = self.world.newcomer(*id, stopped_in);
                self.world.register(request).expect("it is registered");
            }
            Act::Stop { id } => drop(self.world.wants_to_stop(*id)),
            // Who is not able to lead cannot be moved away from.
            Act::Move { target } => drop(self.world.reassign(&at("t", 0), Some(target))),
        }
    }

    fn write(&mut self, copied_by: &[i32]) {
        let record = self.record();
        let Some(leader) = record.leader else { return };
        self.written += 1;
        self.logs.entry(leader).or_default().push(self.written);
        let log = self.log(leader);
        let copies = copied_by.iter().filter(|id| record.replicas.contains(id) && self.world.state().active(**id));
        for id in copies {
            self.logs.insert(*id, log.clone());
        }
        self.commit();
    }

    /// What all in sync have is committed, if they are enough.
    fn commit(&mut self) {
        let PartitionRecord { replicas, in_sync, leader, .. } = self.record();
        if leader.is_none() || in_sync.len() < self.least.min(replicas.len()) {
            return;
        }
        let logs: Vec<Log> = in_sync.iter().map(|id| self.log(*id)).collect();
        let shortest = logs.iter().min_by_key(|log| log.len()).expect("the leader is in sync").clone();
        if shortest.len() > self.committed.len() && logs.iter().all(|log| log.starts_with(&shortest)) {
            self.committed = shortest;
        }
    }

    fn alter(&mut self, wanted: &[i32]) {
        let record = self.record();
        let Some(leader) = record.leader else { return };
        let log = self.log(leader);
        let has_all =
            |id: &&i32| record.replicas.contains(id) && (record.in_sync.contains(id) || self.log(**id) == log);
        let others = wanted.iter().filter(|id| **id != leader).filter(has_all);
        let member = |id: &i32| (*id, self.world.epoch(*id));
        let wish = AlterPartitionRequest {
            leader,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            in_sync: [leader].iter().chain(others).map(member).collect(),
        };
        // It may be refused, and then nothing has changed.
        let _ = self.world.wish(leader, &at("t", 0), record.topic, wish);
        self.commit();
    }

    fn judge(&self) -> Result<(), String> {
        self.world.wrong.clone().expect("it is kept")?;
        let record = self.record();
        let Some(leader) = record.leader else { return Ok(()) };
        let log = self.log(leader);
        match log.starts_with(&self.committed) {
            true => Ok(()),
            false => Err(format!("{leader} leads with {log:?}, and {:?} is committed: {record:?}", self.committed)),
        }
    }
}

/// The lives that go wrong, of so many.
fn lives(config: &ControllerConfig, cases: u32) -> Result<usize, String> {
    let proptest =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(proptest, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let committed = std::cell::Cell::new(0);
    let outcome = runner.run(&(1..4usize, prop::collection::vec(act(), 1..80)), |(least, acts)| {
        let mut data = Data::new(config.clone(), least);
        for act in &acts {
            data.perform(act);
            // A leader may be a new one: what it holds beyond what is committed may be committed now.
            data.judge().map_err(|wrong| TestCaseError::fail(format!("{act:?}: {wrong}")))?;
            data.commit();
        }
        committed.set(committed.get() + data.committed.len());
        Ok(())
    });
    match outcome {
        Ok(()) => Ok(committed.get()),
        Err(TestError::Fail(wrong, (least, acts))) => Err(format!("{wrong}\nmin.insync.replicas={least}: {acts:#?}")),
        Err(TestError::Abort(why)) => Err(why.to_string()),
    }
}

#[test]
fn whoever_leads_has_all_that_is_committed() {
    let cases = std::env::var("MODEL_CASES").map_or(64, |cases| cases.parse().expect("a number"));
    let committed = lives(&config(), cases).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(committed > cases as usize, "too little was committed: {committed} records");
}

#[test]
fn without_a_second_row_something_is_lost() {
    let wrong = lives(&one_row(), 500).expect_err("the last in sync leads again, with nothing left");
    assert!(wrong.contains("is committed"), "{wrong}");
}
