//! The log against a model of it: a list of batches in memory.
//!
//! Chance makes up a life: settings, and acts like appending, copying, truncating, deleting, closing, dying. The log and
//! the model go through it side by side. After each act the log must hold what the model holds, whichever way it is
//! asked: batch by batch, from each offset, for each time, by its fold, by what its index files say.
//!
//! The lives are the same in every run. `MODEL_CASES=5000` makes more of them, `MODEL_SEED=2` others. A life that goes
//! wrong is made shorter before it is printed.

#[path = "support/model_acts.rs"]
mod acts;
#[path = "support/model_check.rs"]
mod check;
#[path = "support/crash_scratch.rs"]
mod scratch;
#[path = "support/model_world.rs"]
mod world;

use std::cell::Cell;

use acts::{Act, Life};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use world::World;

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn the_log_lives_as_its_model_does() {
    let (cases, seed) = (from_env("MODEL_CASES", 64), from_env("MODEL_SEED", 1));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let coverage = Cell::new(Coverage::default());
    let outcome = runner.run(&acts::life(), |life| {
        let covered = live(&life).map_err(TestCaseError::fail)?;
        coverage.set(coverage.get().and(covered));
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(wrong, life)) => panic!("{wrong}\nin this life:\n{life}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let coverage = coverage.get();
    println!("{cases} lives: {coverage:?}");
    coverage.assert_above(cases as usize);
}

fn live(life: &Life) -> Result<Coverage, String> {
    let root = scratch::folder();
    let mut world = World::new(root.path(), &life.settings)?;
    let mut coverage = Coverage { lives: 1, ..Coverage::default() };
    for act in &life.acts {
        let segments_before = world.log().segments().count();
        world.perform(act).and_then(|()| world.check()).map_err(|wrong| format!("{act:?}: {wrong}"))?;
        coverage.count(act, segments_before, &world);
    }
    Ok(coverage)
}

/// What the lives were made of: a generator that idles proves nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Coverage {
    lives: usize,
    acts: usize,
    records: usize,
    rolls: usize,
    truncations: usize,
    deletions: usize,
    reopened: usize,
    died: usize,
}

impl Coverage {
    fn count(&mut self, act: &Act, segments_before: usize, world: &World) {
        let segments = world.log().segments().count();
        self.acts += 1;
        match act {
            Act::Append { records, .. } => self.records += records.len(),
            Act::Truncate(_) | Act::Reset(_) => self.truncations += 1,
            Act::DeleteBefore(_) | Act::Retain { .. } => self.deletions += segments_before.saturating_sub(segments),
            Act::Reopen { clean: true, .. } => self.reopened += 1,
            Act::Reopen { clean: false, .. } => self.died += 1,
            _ => {}
        }
        if matches!(act, Act::Append { .. } | Act::Copy { .. }) {
            self.rolls += segments - segments_before;
        }
    }

    fn and(self, other: Coverage) -> Coverage {
        Coverage {
            lives: self.lives + other.lives,
            acts: self.acts + other.acts,
            records: self.records + other.records,
            rolls: self.rolls + other.rolls,
            truncations: self.truncations + other.truncations,
            deletions: self.deletions + other.deletions,
            reopened: self.reopened + other.reopened,
            died: self.died + other.died,
        }
    }

    fn assert_above(&self, cases: usize) {
        let Coverage { acts, records, rolls, truncations, deletions, reopened, died, .. } = *self;
        assert!(acts > 20 * cases && records > 40 * cases && rolls > 3 * cases, "too little happened: {self:?}");
        let each = [truncations, deletions, reopened, died];
        assert!(each.iter().all(|&times| times > cases / 2), "something happened too seldom: {self:?}");
    }
}
