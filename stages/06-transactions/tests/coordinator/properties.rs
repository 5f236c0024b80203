//! Lives that chance makes up: producers begin, die and come back, add partitions, end their transactions, ask late and again; the
//! coordinator's leader changes; time passes. [`World`] looks after each decision for what may never be: a step that the states do not
//! have, an epoch that goes back, an outcome that changes, a log that gives another state than was lived.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use segment_log::control::Outcome;
use transactions::coordinator::{Epochs, Initialized};
use transactions::records::Identity;

use crate::world::World;

const IDS: [&str; 2] = ["pay-1", "pay-2"];
const PARTITIONS: [&str; 4] = ["orders-0", "orders-1", "stock-0", "stock-1"];

#[derive(Debug, Clone)]
enum Act {
    Init { which: usize, says_who: bool },
    Add { which: usize, as_whom: usize, partitions: Vec<usize> },
    End { which: usize, as_whom: usize, commit: bool },
    CarryOut,
    FailOver,
    Pass { millis: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let which = 0..IDS.len();
    // Mostly as the one that was told last, at times as one of those before.
    let whom = || prop_oneof![5 => Just(0usize), 2 => 1..4usize];
    let some = prop::collection::vec(0..PARTITIONS.len(), 1..4);
    let pass = prop::sample::select(vec![1_000, 30_000, 61_000, 8 * 24 * 60 * 60 * 1_000]);
    prop_oneof![
        4 => (which.clone(), any::<bool>()).prop_map(|(which, says_who)| Act::Init { which, says_who }),
        8 => (which.clone(), whom(), some).prop_map(|(which, as_whom, partitions)| Act::Add { which, as_whom, partitions }),
        8 => (which, whom(), any::<bool>()).prop_map(|(which, as_whom, commit)| Act::End { which, as_whom, commit }),
        5 => Just(Act::CarryOut),
        2 => Just(Act::FailOver),
        2 => pass.prop_map(|millis| Act::Pass { millis }),
    ]
}

/// All that somebody was told to be, the last one first.
type Told = BTreeMap<usize, Vec<Identity>>;

fn lives(epochs: Epochs, acts: &[Act], seen: &mut BTreeMap<String, usize>) {
    let mut world = World::new(epochs);
    let mut told = Told::new();
    let whom = |told: &Told, which: usize, back: usize| told.get(&which).and_then(|told| told.get(back)).copied();
    for act in acts {
        let outcome = match act {
            Act::Init { which, says_who } => {
                let expected = whom(&told, *which, 0).filter(|_| *says_who);
                world.init(IDS[*which], expected).map(|initialized| {
                    if let Initialized::As(producer) = initialized {
                        told.entry(*which).or_default().insert(0, producer);
                    }
                    "begins"
                })
            }
            Act::Add { which, as_whom, partitions } => {
                let producer = whom(&told, *which, *as_whom).unwrap_or(Identity { id: 3, epoch: 3 });
                let partitions: Vec<_> = partitions.iter().map(|number| PARTITIONS[*number]).collect();
                world.add(IDS[*which], producer, &partitions).map(|()| "adds")
            }
            Act::End { which, as_whom, commit } => {
                let producer = whom(&told, *which, *as_whom).unwrap_or(Identity { id: 3, epoch: 3 });
                let outcome = if *commit { Outcome::Commit } else { Outcome::Abort };
                world.end(IDS[*which], producer, outcome).map(|producer| {
                    if whom(&told, *which, 0) != Some(producer) {
                        told.entry(*which).or_default().insert(0, producer);
                    }
                    if *commit { "commits" } else { "aborts" }
                })
            }
            Act::CarryOut => {
                world.carry_out();
                Ok("carries out")
            }
            Act::FailOver => {
                world.fail_over();
                Ok("fails over")
            }
            Act::Pass { millis } => {
                world.pass(*millis);
                Ok("waits")
            }
        };
        let what = outcome.map_or_else(|refusal| refusal.code.name().to_owned(), str::to_owned);
        *seen.entry(what).or_default() += 1;
    }
    // Whatever has happened, an id can be used again.
    for id in IDS {
        let producer = world.begin(id);
        world.add(id, producer, &["orders-0"]).unwrap();
        world.end(id, producer, Outcome::Commit).unwrap();
        world.carry_out();
    }
}

#[test]
fn no_life_leads_to_what_may_never_be() {
    for epochs in [Epochs::OfInit, Epochs::OfTransaction] {
        let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[6; 32]));
        let seen = RefCell::new(BTreeMap::new());
        let run = runner.run(&prop::collection::vec(act(), 1..60), |acts| {
            lives(epochs, &acts, &mut seen.borrow_mut());
            Ok(())
        });
        run.unwrap();
        let seen = seen.into_inner();
        for what in [
            "begins",
            "adds",
            "commits",
            "aborts",
            "PRODUCER_FENCED",
            "CONCURRENT_TRANSACTIONS",
            "INVALID_TXN_STATE",
            "INVALID_PRODUCER_ID_MAPPING",
        ] {
            assert!(seen.get(what).is_some_and(|count| *count > 20), "{what} in {seen:?}");
        }
    }
}
