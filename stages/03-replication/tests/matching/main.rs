//! Three replicas, an honest controller, and chance.
//!
//! Brokers lead and follow, write and copy. Questions and answers are lost, or come late. Brokers learn late who leads, are held
//! for dead and go on, stop and start, and lose in a power failure what they had not flushed. The controller elects only from
//! those in sync. After each step must hold what replication promises:
//!
//! - What a replica calls committed is what was committed: at each offset below its high watermark it has the record that
//!   everybody has there, for ever.
//! - Whoever is in sync has all that was committed. So whoever is elected has it, too.
//! - A leader's high watermark does not go back while it leads.
//! - A follower knows the epoch of its last record.
//!
//! And when all are left in peace, all logs become the same, and all of it is committed.
//!
//! The lives are the same in every run. `MATCHING_CASES=2000` makes more of them, `MATCHING_SEED=2` others. A life that goes
//! wrong is made shorter before it is printed.

mod acts;
#[path = "../support/broker.rs"]
mod broker;
mod check;
mod cluster;
mod controller;
mod coverage;
#[path = "../support/messages.rs"]
mod messages;
#[path = "../support/scratch.rs"]
mod scratch;
#[path = "../support/soft_disk.rs"]
mod soft_disk;

use std::cell::RefCell;

use acts::{Act, life};
use cluster::Cluster;
use coverage::Coverage;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

#[test]
fn what_is_committed_is_the_same_everywhere_and_stays() {
    let (cases, seed) = (from_env("MATCHING_CASES", 40), from_env("MATCHING_SEED", 1));
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: 20_000,
        ..Config::default()
    };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let coverage = RefCell::new(Coverage::default());
    let outcome = runner.run(&life(), |acts| {
        let covered = live(&acts).map_err(TestCaseError::fail)?;
        coverage.borrow_mut().add(covered);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(wrong, acts)) => {
            let acts: String = acts.iter().map(|act| format!("  {act:?}\n")).collect();
            panic!("{wrong}\nin this life:\n{acts}");
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    let coverage = coverage.into_inner();
    println!("{cases} lives: {coverage:?}");
    coverage.assert_above(cases as usize);
}

/// Lives a life, on a clock that only moves when the life says so.
fn live(acts: &[Act]) -> Result<Coverage, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let mut cluster = Cluster::new();
        for (number, act) in acts.iter().enumerate() {
            let done = cluster.perform(act).await.and_then(|()| cluster.check());
            done.map_err(|wrong| format!("step {number}, {act:?}: {wrong}"))?;
        }
        cluster.settle().map_err(|wrong| format!("left in peace: {wrong}"))?;
        Ok(cluster.coverage)
    })
}
