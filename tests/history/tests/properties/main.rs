//! Whatever a broker that is right does, its history is clean; and whatever one thing is changed in it, the judge sees that, and
//! calls it by its name.
//!
//! The runs are the same each time. `HISTORY_CASES=5000` makes more of them, `HISTORY_SEED=2` others. A run that goes wrong is
//! made shorter before it is printed.

mod acts;
mod cycles;
mod mutations;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;

use acts::{Act, acts};
use history::{Coverage, History, Kind, Mistake, Operation, Rules, check};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use world::live;

fn from_env(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn for_each_run(property: impl Fn(&[Act], usize) -> Result<(), String>) -> u32 {
    for_each_run_of(acts(), property)
}

/// Lets chance make up runs, and a number for each.
fn for_each_run_of(
    acts: impl Strategy<Value = Vec<Act>>,
    property: impl Fn(&[Act], usize) -> Result<(), String>,
) -> u32 {
    let (cases, seed) = (from_env("HISTORY_CASES", 48), from_env("HISTORY_SEED", 1));
    let config =
        ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() };
    let seed = [seed.to_be_bytes(); 8].concat();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let run = |(acts, number): (Vec<Act>, usize)| property(&acts, number).map_err(TestCaseError::fail);
    match runner.run(&(acts, 0..100_000usize), run) {
        Ok(()) => cases,
        Err(TestError::Fail(wrong, (acts, number))) => panic!("{wrong}\nin this run, with {number}:\n{acts:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn a_broker_that_is_right_is_clean() {
    let done: RefCell<BTreeMap<&str, usize>> = RefCell::default();
    let cases = for_each_run(|acts, _| {
        let floors = history::Floors { acked: 0, records: 0, ..Default::default() };
        let verdict = check(&live(acts), &Rules::strict().floors(floors));
        let Coverage { read, unknown, fenced, committed, in_doubt, spread, reading, .. } = *verdict.coverage();
        for (what, number) in [
            ("values read", read),
            ("sends in doubt", unknown),
            ("sends fenced", fenced),
            ("transactions committed", committed),
            ("transactions in doubt", in_doubt),
            ("of several partitions", spread),
            ("with reads inside", reading),
        ] {
            *done.borrow_mut().entry(what).or_default() += number;
        }
        if verdict.is_clean() { Ok(()) } else { Err(verdict.to_string()) }
    });
    println!("{cases} runs: {:#?}", done.borrow());
    // In eight runs.
    for (what, floor) in [
        ("values read", 120),
        ("sends in doubt", 40),
        ("sends fenced", 2),
        ("transactions committed", 16),
        ("transactions in doubt", 4),
        ("of several partitions", 4),
        ("with reads inside", 4),
    ] {
        let done = done.borrow()[what];
        assert!(8 * done > floor * cases as usize, "{what}: only {done} in {cases} runs");
    }
}

/// A verdict of a run in a file is that of the run.
#[test]
fn a_file_holds_all_that_matters() {
    for_each_run(|acts, _| {
        let (history, mut file) = (live(acts), Vec::new());
        history.write(&mut file).map_err(|error| error.to_string())?;
        let read = History::read(&file[..]).map_err(|error| error.to_string())?;
        if read == history { Ok(()) } else { Err("it is not what was written".to_owned()) }
    });
}

#[test]
fn one_change_is_called_by_its_name() {
    let applied: RefCell<BTreeMap<&str, u32>> = RefCell::default();
    let cases = for_each_run(|acts, number| {
        let history = live(acts);
        for (name, mutation) in mutations::ALL {
            let Some((operations, expected)) = mutation(history.operations().to_vec(), number) else { continue };
            *applied.borrow_mut().entry(name).or_default() += 1;
            let verdict = check(&operations.into(), &Rules::strict());
            if !expected.holds(&verdict.broken()) {
                return Err(format!("{name}: {expected:?}, and it is\n{verdict}"));
            }
        }
        Ok(())
    });
    println!("{cases} runs: {:#?}", applied.borrow());
    for (name, _) in mutations::ALL {
        let times = applied.borrow().get(name).copied().unwrap_or_default();
        assert!(times > cases / 3, "{name}: only {times} times in {cases} runs");
    }
}

#[test]
fn a_value_that_is_sent_twice_is_a_mistake() {
    for_each_run(|acts, number| {
        let mut operations: Vec<Operation> = live(acts).into();
        let sends = operations.iter().filter(|operation| matches!(operation.kind, Kind::Send { .. }));
        let Some(send) = sends.clone().nth(number % sends.count().max(1)).cloned() else { return Ok(()) };
        let Kind::Send { value, .. } = send.kind else { unreachable!("only sends were kept") };
        operations.push(send);
        let verdict = check(&operations.into(), &Rules::strict());
        match verdict.mistakes() {
            [Mistake::SentTwice { value: told, .. }] if *told == value && verdict.broken().is_empty() => Ok(()),
            _ => Err(verdict.to_string()),
        }
    });
}
