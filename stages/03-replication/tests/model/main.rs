//! The replication protocol, checked: all that can happen within bounds, for the protocol as it is, and for others that break.
//!
//! `cargo run --release -p replication --example model -- check --all` looks further than there is time for here.
//!
//! After a change that is meant: `INSTA_UPDATE=always cargo test -p replication --test model`, then read the difference.

mod protocol;
mod walks;

use std::collections::BTreeMap;

use protocol::bounds::Bounds;
use protocol::policy::Policy;
use protocol::promises::MATCH;
use protocol::run::{Search, search, shortest, story};
use protocol::scenarios::{DEATH, IN_AND_OUT, IN_TURN, LAST, POWER, RESTART, SCENARIOS};

/// Sees to it that no promise is broken. Otherwise a way there is told.
fn keeps_all(policy: Policy, bounds: Bounds) -> Search {
    let found = search(policy, bounds);
    println!("{} in {:?}: {bounds:?}", found.size(), found.time);
    if let Some((promise, way)) = found.broken.into_iter().next() {
        panic!("broken: {promise}\n{}", story(way));
    }
    Search { broken: Vec::new(), ..found }
}

/// Within bounds in which wrong policies break, if they have few states. All together, everything happens that can.
#[test]
fn no_promise_is_broken_where_wrong_policies_break_it() {
    let mut happened: BTreeMap<&str, u64> = BTreeMap::new();
    for bounds in [RESTART, POWER, IN_AND_OUT, DEATH, LAST, IN_TURN] {
        for (kind, count) in keeps_all(Policy::AsItIs, bounds).counts {
            *happened.entry(kind).or_default() += count;
        }
    }
    println!("{happened:?}");
    let never: Vec<_> = happened.iter().filter(|(_, count)| **count < 10).collect();
    assert!(never.is_empty(), "hardly ever or never: {never:?}");
}

/// `check` looks at two changes of leadership.
#[test]
fn three_brokers_keep_two_records_through_a_change_of_leadership() {
    let found = keeps_all(Policy::AsItIs, Bounds::new(3, 2, 1));
    assert!(found.unseen.is_empty(), "never seen: {:?}", found.unseen);
    let happened: BTreeMap<_, _> = found.counts.into_iter().collect();
    for kind in ["produce", "ask", "serve", "copy", "learn", "fence", "cut"] {
        assert!(happened[kind] > 100, "{kind} happened {} times", happened[kind]);
    }
}

/// A broker that keeps its place, and has lost its log, loses what was committed. But where followers are cut by epoch, that is
/// all: no two logs fork for good.
#[test]
fn cut_by_epoch_no_log_forks() {
    let way = shortest(Policy::RestartKeepsPlace, POWER, MATCH);
    assert!(way.is_none(), "{}", way.map(story).unwrap_or_default());
}

macro_rules! found_out {
    ($($name:ident)*) => {
        const FOUND_OUT: &[&str] = &[$(stringify!($name)),*];

        $(#[test]
        fn $name() {
            finds_out(stringify!($name));
        })*
    };
}

found_out! {
    to_high_watermark_loses
    to_high_watermark_forks
    epoch_without_fencing
    isr_unfenced
    wish_not_counted
    epoch_not_noted
    joins_too_early
    any_process_joins
    restart_keeps_place
    epoch_reused
    no_second_row
    disks_believed
    elect_anyone
}

/// The wrong policy breaks the promise, and the shortest way there is the one that is told.
fn finds_out(name: &str) {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == name).expect("a scenario of that name");
    let way = shortest(scenario.policy, scenario.bounds, scenario.promise);
    let way = way.unwrap_or_else(|| panic!("not found out: {scenario:?}"));
    insta::with_settings!({ description => format!("{:?}, broken: {}", scenario.policy, scenario.promise), omit_expression => true }, {
        insta::assert_snapshot!(name, story(way));
    });
}

#[test]
fn each_scenario_is_a_test() {
    let names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names, FOUND_OUT);
}
