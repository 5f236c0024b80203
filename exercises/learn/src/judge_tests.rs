use std::time::Duration;

use super::*;
use crate::course::{Id, Kind};

fn test(name: &str) -> TestName {
    name.to_owned().try_into().unwrap()
}

fn exercise(tests: &[&str]) -> Exercise {
    Exercise {
        id: Id { stage: 1, number: 1 },
        title: "Toy".into(),
        difficulty: 1,
        kind: Kind::Fill,
        holes: Vec::new(),
        story: None,
        tests: tests.iter().map(|name| test(name)).collect(),
        hints: Vec::new(),
        learned: None,
        timeout: Duration::from_secs(9),
    }
}

fn failed(outputs: &[(&str, &str)]) -> Report {
    let (mut statuses, mut sections) = (String::new(), String::from("failures:\n"));
    for (name, output) in outputs {
        statuses.push_str(&format!("test {name} ... FAILED\n"));
        sections.push_str(&format!("---- {name} stdout ----\n{output}\n"));
    }
    libtest::parse(&format!("{statuses}\n{sections}\nfailures:\n\ntest result: FAILED. 0 passed\n"))
}

fn decide(exercise: &Exercise, report: Report, cut: Option<End>) -> Verdict {
    let reports = BTreeMap::from([("t", report)]);
    verdict(exercise, &reports, cut.map(|end| ("t", end, String::new())), 0.1)
}

fn reached_at(number: u8, location: &str) -> Reached {
    Reached { id: Id { stage: 1, number }, title: "Toy".into(), location: location.into() }
}

const TODO: &str = "thread 'a' (1) panicked at src/a.rs:3:5:\nnot yet implemented: exercise 1.1: Toy";
const BLOCK: &str = "thread 'b' (1) panicked at tests/t.rs:3:5:\n┌ rule: one\n│ 1 │ 2\n└ look at: src/a.rs, fn f\nnote: run with `RUST_BACKTRACE=1` environment variable";

#[test]
fn a_pass_needs_every_test_to_say_ok() {
    let exercise = exercise(&["t::a", "t::b"]);
    let both = libtest::parse("test a ... ok\ntest b ... ok\ntest result: ok.");
    assert_eq!(decide(&exercise, both, None), Verdict::Passed { tests: 2, seconds: 0.1 });
    let one = libtest::parse("test a ... ok\ntest result: ok.");
    assert_eq!(decide(&exercise, one, None), Verdict::NotRun(vec![test("t::b")]));
    let ignored = libtest::parse("test a ... ok\ntest b ... ignored\ntest result: ok.");
    assert_eq!(decide(&exercise, ignored, None), Verdict::NotRun(vec![test("t::b")]));
    assert_eq!(verdict(&exercise, &BTreeMap::new(), None, 0.1), Verdict::NotRun(exercise.tests.clone()));
}

#[test]
fn a_judgement_is_shown_before_an_empty_function() {
    let exercise = exercise(&["t::a", "t::b"]);
    let Verdict::Judged { failure, block } = decide(&exercise, failed(&[("a", TODO), ("b", BLOCK)]), None) else {
        panic!("no judgement")
    };
    let reached = Some(reached_at(1, "src/a.rs:3"));
    assert_eq!(failure, Failure { test: test("t::b"), failed: 2, of: 2, reached });
    assert_eq!(block, ["┌ rule: one", "│ 1 │ 2", "└ look at: src/a.rs, fn f"]);
}

#[test]
fn an_empty_function_says_where_it_is_even_behind_another_panic() {
    let exercise = exercise(&["t::a"]);
    let output = format!("{TODO}\nthread 'main' (2) panicked at tests/t.rs:9:1:\ncalled `Result::unwrap()`");
    let verdict = decide(&exercise, failed(&[("a", &output)]), None);
    let Verdict::Unwritten { reached, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(reached, reached_at(1, "src/a.rs:3"));
}

#[test]
fn the_empty_function_of_another_exercise_is_told_apart() {
    let exercise = exercise(&["t::a", "t::b"]);
    let other = TODO.replace("1.1", "1.4").replace(":3:", ":7:");
    let verdict = decide(&exercise, failed(&[("a", TODO), ("b", &other)]), None);
    let Verdict::Unwritten { failure, reached } = &verdict else { panic!("{verdict:?}") };
    assert_eq!((reached, failure.reached.as_ref()), (&reached_at(1, "src/a.rs:3"), Some(&reached_at(4, "src/a.rs:7"))));
    assert_eq!(verdict.foreign(exercise.id), Some(&reached_at(4, "src/a.rs:7")));
    let own = decide(&exercise, failed(&[("a", TODO)]), None);
    assert_eq!(own.foreign(exercise.id), None);
    let learners = TODO.replace("exercise 1.1: Toy", "exercise for later");
    let verdict = decide(&exercise, failed(&[("a", &learners)]), None);
    assert!(matches!(verdict, Verdict::Panicked { .. }), "a `todo!` of the learner's own: {verdict:?}");
}

#[test]
fn other_panics_and_returned_errors_are_shown_as_they_are() {
    let exercise = exercise(&["t::a"]);
    let panicked = |output: &str| match decide(&exercise, failed(&[("a", output)]), None) {
        Verdict::Panicked { location, message, .. } => (location, message),
        verdict => panic!("{verdict:?}"),
    };
    let overflow = "thread 'a' (1) panicked at src/a.rs:7:9:\nattempt to add with overflow";
    assert_eq!(panicked(overflow), ("src/a.rs:7".into(), "attempt to add with overflow".into()));
    let snapshot = "-old\n+new\n\nthread 'a' (1) panicked at tests/a.rs:7:9:\nsnapshot assertion for 'a' failed";
    assert_eq!(panicked(snapshot).1, "snapshot assertion for 'a' failed\n\n-old\n+new");
    assert_eq!(panicked("Error: Corrupt(3)"), (String::new(), "Error: Corrupt(3)".into()));
}

#[test]
fn a_program_that_was_cut_off_names_the_tests_that_were_running() {
    let exercise = exercise(&["t::a", "t::b"]);
    let half = || libtest::parse("test a ... ok\n");
    let verdict = decide(&exercise, half(), Some(End::TimedOut));
    assert_eq!(verdict, Verdict::TimedOut { tests: vec![test("t::b")], seconds: 9 });
    let verdict = decide(&exercise, half(), Some(End::Signal(6)));
    let died = Verdict::Died { tests: vec![test("t::b")], end: End::Signal(6), stderr: String::new() };
    assert_eq!(verdict, died);
}

#[test]
fn a_failure_that_can_be_explained_comes_before_a_time_out() {
    let exercise = exercise(&["s::a", "t::b"]);
    let reports = BTreeMap::from([("s", failed(&[("a", BLOCK)])), ("t", Report::default())]);
    let verdict = verdict(&exercise, &reports, Some(("t", End::TimedOut, String::new())), 0.1);
    assert!(matches!(verdict, Verdict::Judged { .. }), "{verdict:?}");
}

#[test]
fn a_block_without_an_end_is_no_block() {
    assert_eq!(block("┌ rule: one\n│ 1"), None);
}
