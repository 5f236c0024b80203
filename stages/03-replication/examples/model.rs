//! The model checker as a program: `cargo run --release -p replication --example model -- check`.
//!
//! ```text
//!   check                                        the protocol as it is, for 3 brokers, 2 records, 2 changes of leadership
//!   check --all                                  and within all bounds in which wrong policies break
//!   check --records 3 --epochs 3 --depth-first   further
//!   check --policy to-high-watermark             a wrong one, within bounds in which it breaks; ends with 1
//!   check --scenario to_high_watermark_forks     another way in which it does
//!   scenarios                                    the wrong policies, and the promises that they break
//!   explore --policy isr-unfenced                step by step, in a browser
//! ```
//!
//! The model itself is in `tests/model/protocol`.

#[path = "../tests/model/protocol/mod.rs"]
mod protocol;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Instant;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use protocol::Protocol;
use protocol::bounds::Bounds;
use protocol::policy::Policy;
use protocol::run::{Search, finish, search, shortest, story};
use protocol::scenarios::{SCENARIOS, Scenario};
use stateright::{HasDiscoveries, Model};

/// How often each kind of thing must happen in a look at all bounds.
const ENOUGH: u64 = 100;
/// Where the Explorer listens.
const EXPLORER: &str = "127.0.0.1:3000";

/// Checks the replication protocol: looks at all that can happen within bounds.
#[derive(Debug, Parser)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Searches, and says how much there was, and what is broken.
    Check {
        #[command(flatten)]
        limits: Limits,
        /// Within all bounds in which some wrong policy is found out, one after the other.
        #[arg(long, exclusive = true)]
        all: bool,
        /// Goes on from the last state: needs far less memory, and finds longer ways.
        #[arg(long)]
        depth_first: bool,
    },
    /// Names the scenarios, a line each: the wrong policy in it, and which promise it breaks.
    Scenarios,
    /// Serves the Explorer: choose what happens next, and look at the state.
    Explore {
        #[command(flatten)]
        limits: Limits,
    },
}

/// Where nothing is said, the bounds are those in which the policy is found out.
#[derive(Debug, Args)]
struct Limits {
    /// The protocol as it is, or a wrong one.
    #[arg(long, value_enum)]
    policy: Option<Policy>,
    /// A policy, the bounds in which it is found out, and the promise that it breaks.
    #[arg(long, value_parser = PossibleValuesParser::new(SCENARIOS.map(|scenario| scenario.name)))]
    scenario: Option<String>,
    /// Brokers, each with a copy.
    #[arg(long, value_parser = clap::value_parser!(i32).range(2..=9))]
    replicas: Option<i32>,
    /// Records that clients write.
    #[arg(long, value_parser = clap::value_parser!(u8).range(..=26))]
    records: Option<u8>,
    /// Changes of leadership. As often brokers are taken for dead, and the partition's record changes, if no more is said.
    #[arg(long, value_parser = clap::value_parser!(u8).range(..=99))]
    epochs: Option<u8>,
    /// Changes of the partition's record, leadership included.
    #[arg(long, value_parser = clap::value_parser!(i32).range(0..=999))]
    changes: Option<i32>,
    /// How often a broker is taken for dead.
    #[arg(long)]
    fences: Option<u8>,
    /// Whether it is heard of again at once, before anything else happens.
    #[arg(long)]
    brief: Option<bool>,
    /// Whether a leader learns only by and by who is alive.
    #[arg(long)]
    late_news: Option<bool>,
    /// How often a process dies.
    #[arg(long)]
    crashes: Option<u8>,
    /// Whether it may lose what was not flushed.
    #[arg(long)]
    loses: Option<bool>,
    /// How often replica.lag.time.max.ms goes by.
    #[arg(long)]
    ticks: Option<u8>,
    /// Messages under way at once between brokers.
    #[arg(long)]
    fetches: Option<usize>,
    /// The most records of an answer to a follower.
    #[arg(long)]
    answer_records: Option<usize>,
    /// Messages under way at once between leaders and the controller.
    #[arg(long)]
    wishes: Option<usize>,
    /// min.insync.replicas
    #[arg(long)]
    min_in_sync: Option<usize>,
}

impl Limits {
    /// The scenario that was named, or the first one of the policy.
    fn scenario(&self) -> Option<Scenario> {
        let is_meant = |scenario: &&Scenario| match &self.scenario {
            Some(name) => scenario.name == name,
            None => Some(scenario.policy) == self.policy,
        };
        SCENARIOS.iter().find(is_meant).copied()
    }

    fn policy(&self) -> Policy {
        self.policy.or(self.scenario().map(|scenario| scenario.policy)).unwrap_or(Policy::AsItIs)
    }

    fn bounds(&self) -> Bounds {
        let mut usual = self.scenario().map_or(Bounds::new(3, 2, 2), |scenario| scenario.bounds);
        if let Some(epochs) = self.epochs {
            usual = Bounds { epochs: epochs.into(), changes: epochs.into(), fences: epochs, ..usual };
        }
        Bounds {
            replicas: self.replicas.unwrap_or(usual.replicas),
            records: self.records.unwrap_or(usual.records),
            epochs: usual.epochs,
            changes: self.changes.unwrap_or(usual.changes),
            fences: self.fences.unwrap_or(usual.fences),
            brief: self.brief.unwrap_or(usual.brief),
            late_news: self.late_news.unwrap_or(usual.late_news),
            crashes: self.crashes.unwrap_or(usual.crashes),
            loses: self.loses.unwrap_or(usual.loses),
            ticks: self.ticks.unwrap_or(usual.ticks),
            fetches: self.fetches.unwrap_or(usual.fetches),
            answer_records: self.answer_records.unwrap_or(usual.answer_records),
            wishes: self.wishes.unwrap_or(usual.wishes),
            min_in_sync: self.min_in_sync.unwrap_or(usual.min_in_sync),
        }
    }
}

fn main() -> ExitCode {
    match Program::parse().command {
        Command::Check { all: true, .. } => check_all(),
        Command::Check { limits, depth_first, .. } => check(&limits, depth_first),
        Command::Scenarios => scenarios(),
        Command::Explore { limits } => explore(limits.policy(), limits.bounds()),
    }
}

/// The protocol as it is, within all bounds in which another breaks. Ends with 1 if a promise is broken, or if a kind of thing
/// hardly ever happened.
fn check_all() -> ExitCode {
    let mut looked_at = Vec::new();
    let mut happened: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unseen: BTreeMap<&str, usize> = BTreeMap::new();
    for Scenario { bounds, .. } in SCENARIOS {
        if looked_at.contains(&bounds) {
            continue;
        }
        looked_at.push(bounds);
        let found = search(Policy::AsItIs, bounds);
        println!("{} in {:.1} s: {bounds:?}", found.size(), found.time.as_secs_f64());
        if let Some((promise, way)) = found.broken.into_iter().next() {
            println!("\nbroken: {promise}\n\n{}", story(way));
            return ExitCode::FAILURE;
        }
        found.counts.into_iter().for_each(|(kind, count)| *happened.entry(kind).or_default() += count);
        found.unseen.into_iter().for_each(|sight| *unseen.entry(sight).or_default() += 1);
    }
    println!("happened: {happened:?}");
    let never = unseen.into_iter().filter(|(_, searches)| *searches == looked_at.len()).map(|(sight, _)| sight);
    let rarely = happened.into_iter().filter(|(_, count)| *count < ENOUGH).map(|(kind, _)| kind);
    let missing: Vec<_> = never.chain(rarely).collect();
    if missing.is_empty() {
        println!("no promise is broken");
        return ExitCode::SUCCESS;
    }
    println!("hardly ever or never seen: {missing:?}");
    ExitCode::FAILURE
}

/// Ends with 1 if a promise is broken.
fn check(limits: &Limits, depth_first: bool) -> ExitCode {
    let (policy, bounds) = (limits.policy(), limits.bounds());
    println!("{policy:?} within {bounds:?}");
    let checker = || Protocol::new(policy, bounds).checker().finish_when(HasDiscoveries::AnyFailures);
    let found = if depth_first { finish(Instant::now(), checker().spawn_dfs()) } else { search(policy, bounds) };
    println!("{} in {:.1} s", found.size(), found.time.as_secs_f64());
    let Search { broken, unseen, counts, .. } = found;
    let counts: Vec<_> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    println!("happened: {}", counts.join(", "));
    let is_whole = broken.is_empty();
    unseen.iter().filter(|_| is_whole).for_each(|sight| println!("never seen: {sight}"));
    let mut told = broken;
    // The search ends with the first promise that is broken. The scenario may be about another.
    if let Some(promise) = limits.scenario().map(|scenario| scenario.promise).filter(|_| !is_whole)
        && told.iter().all(|(told, _)| *told != promise)
    {
        told.extend(shortest(policy, bounds, promise).map(|way| (promise, way)));
    }
    for (promise, way) in told {
        println!("\nbroken: {promise}\n\n{}", story(way));
    }
    if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn scenarios() -> ExitCode {
    for Scenario { name, policy, promise, .. } in SCENARIOS {
        println!("{name:<26}{:<24}{promise}", format!("{policy:?}"));
    }
    ExitCode::SUCCESS
}

fn explore(policy: Policy, bounds: Bounds) -> ExitCode {
    if let Err(error) = TcpListener::bind(EXPLORER) {
        eprintln!("the Explorer cannot listen on {EXPLORER}: {error}");
        return ExitCode::FAILURE;
    }
    println!("{policy:?} within {bounds:?}\nhttp://{EXPLORER}/   (Ctrl-C ends)");
    Protocol::new(policy, bounds).checker().serve(EXPLORER);
    ExitCode::SUCCESS
}
