//! Chance against the numbers: whatever a network and two brokers do, a batch is in a log at most once.
//!
//! The network keeps the order of a connection, and loses, delays and delivers late. A request whose connection has ended may
//! arrive at any time after. Leaders move with and without a loss, believe that they lead when they do not, and come back with
//! an older log. Batches are refused for good and for a while, and their time is over at any moment. Then there is peace, and
//! all must end.
//!
//! In all lives:
//!
//! - no log ever has a batch twice;
//! - what was acknowledged is in the leader's log at the end, unless an unclean election took it;
//! - it was acknowledged with its own offset;
//! - what failed for certain is in no log;
//! - each batch ends once, and with peace all do;
//! - if no election was unclean, no time was over and nothing refused for good, all are acknowledged: nothing is given up;
//! - in each log the batches of a partition are in their order. (Two exceptions are told at [`World::judge`].)
//!
//! The lives are the same in every run. `SEQUENCES_CASES=100000` makes more of them, `SEQUENCES_SEED=2` others.

use std::cell::Cell;

use idempotence::producers::Unknown;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::world::{Coverage, Event, Life, World};

/// How often each happens.
const WEIGHTS: [(u8, Event); 18] = [
    (6, Event::Send),
    (10, Event::Leave),
    (1, Event::LeaveInVain),
    (10, Event::Process),
    (2, Event::TooFew),
    (1, Event::TooLarge),
    (6, Event::Replicate),
    (10, Event::Answer),
    (1, Event::GiveUp),
    (2, Event::HangUp),
    (3, Event::Late),
    (1, Event::Expire),
    (1, Event::InSync),
    (1, Event::Move),
    (1, Event::MoveUncleanly),
    (2, Event::Learn),
    (3, Event::Ask),
    (1, Event::Identity),
];

fn event((lot, which): (u8, u8)) -> (Event, u8) {
    let mut lots = WEIGHTS.iter().flat_map(|&(weight, event)| std::iter::repeat_n(event, usize::from(weight)));
    let count: u8 = WEIGHTS.iter().map(|(weight, _)| weight).sum();
    (lots.nth(usize::from(lot % count)).expect("it is below the count"), which)
}

fn life() -> impl Strategy<Value = Life> {
    let unknown = prop_oneof![Just(Unknown::TakesAny), Just(Unknown::FromZero)];
    let first_epoch = prop_oneof![3 => Just(0), 1 => Just(i16::MAX - 1)];
    let lots = prop::collection::vec(any::<(u8, u8)>(), 0..400);
    let kind = (unknown, first_epoch, any::<bool>(), any::<bool>());
    (kind, lots).prop_map(|((unknown, first_epoch, is_late_in_peace, is_calm), lots)| {
        let is_wild = |event| matches!(event, Event::MoveUncleanly | Event::Expire | Event::TooLarge);
        let events = lots.into_iter().map(event).filter(|&(event, _)| !is_calm || !is_wild(event)).collect();
        Life { unknown, first_epoch, is_late_in_peace, is_calm, events }
    })
}

fn live(life: &Life) -> Coverage {
    let mut world = World::new(life);
    world.introduce();
    for &(event, which) in &life.events {
        world.happen(event, which);
    }
    world.make_peace(life.is_late_in_peace);
    world.judge(life);
    world.coverage
}

/// The story at the top of [`idempotence::sequences`]. No election is unclean, and nothing is lost but a connection.
#[test]
fn a_batch_in_doubt_behind_one_whose_time_is_over_is_not_numbered_anew() {
    use Event::*;
    let mut life = calm();
    let begin = [Send, Leave, Process, Replicate, Answer];
    let lost = [Send, Send, Leave, Leave, HangUp, Expire];
    let again = [Leave, Process, Answer, Late, Late];
    life.events = [&begin[..], &lost, &again].concat().into_iter().map(|event| (event, 0)).collect();
    life.is_calm = false;
    let Coverage { acknowledged, in_doubt, stored_all_the_same, out_of_order, .. } = live(&life);
    assert_eq!((acknowledged, in_doubt, stored_all_the_same, out_of_order), (1, 2, 2, 1));
}

/// The first in flight hangs at the old leader, which has written it, and four behind it are stored at the new one. Were a
/// sixth to leave, the new one would not know the first again.
#[test]
fn what_hangs_is_known_again_however_many_could_have_left_behind_it() {
    use Event::*;
    let mut life = calm();
    let begin = [Send, Leave, Process, Replicate, Answer];
    let hangs = [Send, Leave, Process, Replicate, Move, Ask];
    life.events = [&begin[..], &hangs].concat().into_iter().map(|event| (event, 0)).collect();
    for _ in 0..10 {
        // The new leader is broker 1, and it is partition 0.
        life.events.extend([(Send, 0), (Leave, 0), (Process, 1), (Replicate, 0), (Answer, 1)]);
    }
    life.events.push((HangUp, 0));
    let Coverage { acknowledged, duplicates, retries, .. } = live(&life);
    assert_eq!((acknowledged, duplicates, retries), (12, 1, 1));
}

fn calm() -> Life {
    let unknown = Unknown::default();
    Life { unknown, first_epoch: 0, is_late_in_peace: true, is_calm: true, events: Vec::new() }
}

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn a_batch_is_in_a_log_at_most_once_and_what_is_said_of_it_is_true() {
    let (cases, seed) = (from_env("SEQUENCES_CASES", 2_000), from_env("SEQUENCES_SEED", 1));
    let settings = Config { cases, failure_persistence: None, max_shrink_iters: 100_000, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(settings, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let all = Cell::new(Coverage::default());
    let outcome = runner.run(&life(), |life| {
        all.set(all.get().plus(live(&life)));
        Ok(())
    });
    outcome.unwrap_or_else(|wrong| panic!("{wrong}"));
    let all = all.get();
    println!("{cases} lives: {all:?}");
    let floor = u64::from(cases);
    let Coverage { batches, acknowledged, failed, in_doubt, retries, duplicates, .. } = all;
    let often = [batches, acknowledged, retries, duplicates];
    assert!(often.iter().all(|&count| count > floor), "too little: {all:?}");
    let Coverage { stored_all_the_same, out_of_order, renumbered, late, lost, .. } = all;
    let rare = [failed, in_doubt, stored_all_the_same, out_of_order, renumbered, late, lost];
    assert!(rare.iter().all(|&count| count * 10 > floor), "too little of something: {all:?}");
    let Coverage { old_epoch, left_behind, found, ids, .. } = all;
    assert!(
        [old_epoch, left_behind, found, ids - floor].iter().all(|&count| count * 100 > floor),
        "too little: {all:?}"
    );
}
