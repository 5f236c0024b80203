//! Lives that chance makes up: brokers start, stop, die and fall silent; copies fail; leaders ask for lists, operators for
//! leaders and moves; topics come and go; the controller itself dies and is replaced. After each act [`World`] looks for what
//! may never be, and replays all records.
//!
//! The lives are the same in every run. `MODEL_CASES=2000` makes more of them, `MODEL_SEED=2` others. A life that goes wrong
//! is made shorter before it is printed.

use std::cell::Cell;

use partitioning::{Refusal, TopicPartition};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use replication::api::{AlterPartitionRequest, ElectionType};
use replication::controller::{ControllerConfig, Restart};

use crate::world::{World, at, config};

const NAMES: [&str; 2] = ["t", "u"];

#[derive(Debug, Clone)]
enum Act {
    Start { id: i32, in_order: bool, catches_up: bool },
    Beat { id: i32 },
    Stop { id: i32 },
    Fail { id: i32, copies: Vec<TopicPartition> },
    Wait { millis: u64, alive: Vec<i32> },
    Alter { at: TopicPartition, in_sync: Vec<i32>, is_late: bool },
    Elect { at: TopicPartition, unclean: bool },
    Move { at: TopicPartition, target: Option<Vec<i32>> },
    Create { name: &'static str, partitions: u32, copies: u16, least: u8, unclean: bool },
    Grow { name: &'static str, count: u32 },
    Delete { name: &'static str },
    Succeed,
}

fn brokers() -> impl Strategy<Value = Vec<i32>> {
    prop::sample::subsequence(vec![1, 2, 3, 4], 0..=4).prop_shuffle()
}

fn act() -> impl Strategy<Value = Act> {
    let id = || 1..=4i32;
    let name = || prop::sample::select(&NAMES[..]);
    let one = || (name(), 0..3u32).prop_map(|(name, number)| at(name, number));
    let start = (id(), any::<bool>(), prop::bool::weighted(0.8));
    let wait = (prop::sample::select(vec![500, 3_000, 9_500, 301_000]), brokers());
    let create = (name(), 1..4u32, 1..4u16, 1..4u8, prop::bool::weighted(0.3));
    prop_oneof![
        8 => start.prop_map(|(id, in_order, catches_up)| Act::Start { id, in_order, catches_up }),
        8 => id().prop_map(|id| Act::Beat { id }),
        4 => id().prop_map(|id| Act::Stop { id }),
        4 => (id(), prop::collection::vec(one(), 0..3)).prop_map(|(id, copies)| Act::Fail { id, copies }),
        8 => wait.prop_map(|(millis, alive)| Act::Wait { millis, alive }),
        16 => (one(), brokers(), prop::bool::weighted(0.1))
            .prop_map(|(at, in_sync, is_late)| Act::Alter { at, in_sync, is_late }),
        4 => (one(), any::<bool>()).prop_map(|(at, unclean)| Act::Elect { at, unclean }),
        6 => (one(), prop::option::weighted(0.8, brokers())).prop_map(|(at, target)| Act::Move { at, target }),
        8 => create.prop_map(|(name, partitions, copies, least, unclean)| {
            Act::Create { name, partitions, copies, least, unclean }
        }),
        2 => (name(), 1..4u32).prop_map(|(name, count)| Act::Grow { name, count }),
        1 => name().prop_map(|name| Act::Delete { name }),
        1 => Just(Act::Succeed),
    ]
}

/// A life, and what the controller goes by.
fn life() -> impl Strategy<Value = (bool, bool, bool, Vec<Act>)> {
    (any::<bool>(), prop::bool::weighted(0.3), any::<bool>(), prop::collection::vec(act(), 1..120))
}

/// What a life was made of: acts that did something, those that were refused, and what came of them.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    done: usize,
    refused: usize,
    elections: usize,
    leaderless: usize,
    second_rows: usize,
    moved: usize,
}

fn perform(world: &mut World, act: &Act) -> Result<(), Refusal> {
    let is_known = |world: &World, id: &i32| world.state().broker(*id).is_some();
    match act {
        Act::Start { id, in_order, catches_up } => {
            let epoch = world.state().broker(*id).map(|broker| broker.epoch).filter(|_| *in_order);
            let request = world.newcomer(*id, epoch);
            world.register(request)?;
            if *catches_up {
                world.beat(*id);
            }
        }
        Act::Beat { id } if is_known(world, id) => drop(world.beat(*id)),
        Act::Stop { id } if is_known(world, id) => drop(world.wants_to_stop(*id)),
        Act::Fail { id, copies } if is_known(world, id) => drop(world.fails(*id, copies)),
        Act::Beat { .. } | Act::Stop { .. } | Act::Fail { .. } => {}
        Act::Wait { millis, alive } => {
            world.wait(*millis);
            for id in alive {
                perform(world, &Act::Beat { id: *id })?;
            }
        }
        Act::Alter { at, in_sync, is_late } => alter(world, at, in_sync, *is_late)?,
        Act::Elect { at, unclean } => {
            let election = if *unclean { ElectionType::Unclean } else { ElectionType::Preferred };
            world.elect(at, election)?;
        }
        Act::Move { at, target } => drop(world.reassign(at, target.as_deref())?),
        Act::Create { name, partitions, copies, least, unclean } => {
            let (least, unclean) = (least.to_string(), unclean.to_string());
            let settings = [("min.insync.replicas", &*least), ("unclean.leader.election.enable", &*unclean)];
            world.create(name, *partitions, *copies, &settings)?;
        }
        Act::Grow { name, count } => drop(world.grow(name, *count)?),
        Act::Delete { name } => world.delete(name)?,
        Act::Succeed => {
            let before = std::mem::replace(world, World::new(config()));
            *world = before.after_a_succession();
        }
    }
    Ok(())
}

/// The leader of a partition asks for a list with itself in it; or one that knows an old change does.
fn alter(world: &mut World, at: &TopicPartition, in_sync: &[i32], is_late: bool) -> Result<(), Refusal> {
    let record = world.state().find(at)?.clone();
    let Some(leader) = record.leader else { return Ok(()) };
    let others = in_sync.iter().filter(|id| **id != leader && record.replicas.contains(id));
    let member = |id: &i32| (*id, world.state().broker(*id).map_or(-1, |broker| broker.epoch));
    let wish = AlterPartitionRequest {
        leader,
        leader_epoch: record.leader_epoch,
        partition_epoch: record.partition_epoch - i32::from(is_late),
        in_sync: [leader].iter().chain(others).map(member).collect(),
    };
    world.wish(leader, at, record.topic, wish).map(drop)
}

fn live(life: &(bool, bool, bool, Vec<Act>), coverage: &Cell<Coverage>) -> Result<(), String> {
    let (eligible_leader_replicas, keeps_place, auto_leader_rebalance, acts) = life;
    let restart = if *keeps_place { Restart::KeepsPlace } else { Restart::LeavesInSync };
    let config = ControllerConfig {
        eligible_leader_replicas: *eligible_leader_replicas,
        auto_leader_rebalance: *auto_leader_rebalance,
        restart,
        ..config()
    };
    let mut counted = coverage.get();
    let mut world = World::with_brokers(config, &[1, 2, 3]);
    world.wrong = Some(Ok(()));
    for act in acts {
        match perform(&mut world, act) {
            Ok(()) => counted.done += 1,
            Err(_) => counted.refused += 1,
        }
        world.wrong.clone().expect("it is kept").map_err(|wrong| format!("{act:?}: {wrong}"))?;
        count(&world, &mut counted);
    }
    coverage.set(counted);
    Ok(())
}

fn count(world: &World, counted: &mut Coverage) {
    for record in world.state().partitions().values() {
        counted.elections = counted.elections.max(record.leader_epoch as usize);
        counted.leaderless += usize::from(record.leader.is_none());
        counted.second_rows += usize::from(!record.eligible.is_empty());
        counted.moved += usize::from(!record.adding.is_empty() || !record.removing.is_empty());
    }
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn whatever_happens_the_invariants_hold() {
    let (cases, seed) = (from_env("MODEL_CASES", 64), from_env("MODEL_SEED", 1));
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let coverage = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| live(&life, &coverage).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(wrong, life)) => panic!("{wrong}\nin this life:\n{life:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let coverage = coverage.get();
    println!("{cases} lives: {coverage:?}");
    let Coverage { done, refused, elections, leaderless, second_rows, moved } = coverage;
    let cases = cases as usize;
    assert!(done > 10 * cases && refused > 5 * cases && elections > 5, "too little happened: {coverage:?}");
    assert!(leaderless > cases && second_rows > cases && moved > cases, "too little happened: {coverage:?}");
}
