//! The command `simulate`: one seed, or many.
//!
//! The simulator keeps something from one run to the next. So each seed has a process of its own: for many seeds this program
//! starts itself, as many at a time as there are processors, and adds up what they report.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use partitioning::cli::Program;
use partitioning::cli::failure::say;

use super::children::{Child, Lost};
use super::plain::{Plain, Plan, Sends};
use super::settings::{Policy, Settings};
use super::totals::Totals;
use super::{AcksPrograms, Draw, Options, Programs, Report, Workload, run};
use crate::api::Acks;

/// A cluster of real brokers in a storm of faults, judged by what its clients saw
///
/// Network, clocks and disks are simulated, and everything that is left to chance comes from the
/// seed: the same seed is the same run.
#[derive(Debug, Clone, Args)]
#[command(verbatim_doc_comment)]
pub struct Simulate {
    /// How many seeds to run, each in a process of its own
    #[arg(long, default_value_t = 30, value_name = "NUMBER")]
    pub seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    pub first: u64,
    /// Run this one seed, here
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    pub seed: Option<u64>,
    /// For how many simulated seconds there are faults
    #[arg(long, default_value_t = 40, value_name = "NUMBER")]
    pub seconds: u64,
    /// The same in minutes
    #[arg(long, conflicts_with = "seconds", value_name = "NUMBER")]
    pub minutes: Option<u64>,
    /// Put a rule that is known to be wrong in the place of the right one: to-high-watermark,
    /// keeps-place or high-watermark-alone
    #[arg(long, default_value = "right", value_parser = policy, verbatim_doc_comment)]
    pub policy: Policy,
    /// Write down what happened in the run
    #[arg(long, requires = "seed", value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// With each message of the network
    #[arg(long, requires = "trace")]
    pub messages: bool,
    /// How many seeds to run at a time; by default as many as there are processors
    #[arg(long, value_name = "NUMBER")]
    pub jobs: Option<usize>,
    /// End with the first seed that is not clean
    #[arg(long)]
    pub until_caught: bool,
    /// Say what came out in lines of JSON: of one seed its report; of many, those that are not clean, and then how many ran
    #[arg(long, hide = true)]
    pub json: bool,
}

fn policy(name: &str) -> Result<Policy, String> {
    let known = Policy::ALL.into_iter().find(|(known, _)| *known == name);
    known.map(|(_, policy)| policy).ok_or_else(|| {
        let names: Vec<_> = Policy::ALL.into_iter().map(|(name, _)| name).collect();
        format!("it is one of {}", names.join(", "))
    })
}

impl Simulate {
    fn storm(&self) -> Duration {
        Duration::from_secs(self.minutes.map_or(self.seconds, |minutes| minutes.saturating_mul(60)))
    }

    /// The arguments that make the same run of another seed.
    pub(super) fn of_seed(&self, seed: u64) -> Vec<String> {
        let named = Policy::ALL.into_iter().find(|(_, policy)| *policy == self.policy);
        let mut arguments = vec![format!("--seed={seed}"), format!("--seconds={}", self.storm().as_secs())];
        arguments.extend(named.filter(|_| self.policy != Policy::Right).map(|(name, _)| format!("--policy={name}")));
        arguments
    }
}

/// What a stage simulates. A later stage's command is this one, with what it says here.
#[derive(Debug, Clone, Copy)]
pub struct Simulated {
    /// The program, as it is called on a command line.
    pub program: &'static str,
    /// What runs on the machines.
    pub programs: fn(Policy) -> Arc<dyn Programs>,
    /// What clients do.
    pub workloads: fn(&Settings) -> Vec<Arc<dyn Workload>>,
    /// What must have happened in [`ENOUGH`](super::ENOUGH) runs, beside what must have in this stage's: names of the reports'
    /// numbers.
    pub floors: &'static [&'static str],
}

/// This stage's.
pub const ACKS: Simulated =
    Simulated { program: "acks", programs: |policy| Arc::new(AcksPrograms::by(policy)), workloads, floors: &[] };

/// The command, in a program. A simulation has a runtime of its own, with a clock that is not the machine's.
pub fn simulated(program: &Program, args: &Simulate, simulated: &Simulated) -> ExitCode {
    match simulate(args, simulated, &mut io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(program, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Runs one seed or many, and says what came out. Gives whether all is clean.
///
/// # Errors
///
/// If `out` or the trace cannot be written, or a process cannot be started.
pub fn simulate(args: &Simulate, simulated: &Simulated, out: &mut dyn Write) -> io::Result<bool> {
    match args.seed {
        Some(seed) => one(args, simulated, seed, out),
        None => many(args, simulated, out),
    }
}

fn one(args: &Simulate, simulated: &Simulated, seed: u64, out: &mut dyn Write) -> io::Result<bool> {
    let Simulate { policy, trace, messages, .. } = args.clone();
    let options = Options { seed, storm: args.storm(), policy, trace, messages };
    let report = run(&options, (simulated.programs)(policy), simulated.workloads)?;
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        false => write!(out, "{report}")?,
    }
    Ok(report.is_clean())
}

/// The clients of a run: some that want to be sure, some that do not.
fn workloads(settings: &Settings) -> Vec<Arc<dyn Workload>> {
    let mut draw = Draw::new(settings.seed, "workloads");
    let loose = draw.one_of(&[Acks::Leader, Acks::Leader, Acks::None]);
    let mut plain = |name: &str, acks| {
        Arc::new(Plain::new(name, Plan::drawn(&mut draw, settings, acks, Sends::ACKED))) as Arc<dyn Workload>
    };
    vec![plain("safe", Acks::All), plain("loose", loose)]
}

fn many(args: &Simulate, simulated: &Simulated, out: &mut dyn Write) -> io::Result<bool> {
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    let jobs = args.jobs.unwrap_or(processors).max(1);
    let mut seeds = args.first..args.first.saturating_add(args.seeds);
    let (mut totals, mut running) = (Totals::with_floors(simulated.floors), Vec::new());
    loop {
        let is_caught = args.until_caught && !totals.failed().is_empty();
        while !is_caught && running.len() < jobs {
            let Some(seed) = seeds.next() else { break };
            running.push(Child::start(args, seed)?);
        }
        if running.is_empty() {
            break;
        }
        let mut place = 0;
        while place < running.len() {
            match running[place].ended()? {
                None => place += 1,
                Some(ended) => {
                    let seed = running.remove(place).seed();
                    tell(args, simulated.program, (seed, ended), &mut totals, out)?;
                }
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    match args.json {
        true => writeln!(out, "{}", serde_json::json!({ "runs": totals.runs() }))?,
        false => write!(out, "{totals}")?,
    }
    Ok(totals.is_clean())
}

/// Adds up, and shows what is not clean.
fn tell(
    args: &Simulate,
    program: &str,
    (seed, ended): (u64, Result<Box<Report>, Lost>),
    totals: &mut Totals,
    out: &mut dyn Write,
) -> io::Result<()> {
    match &ended {
        Ok(report) => totals.add(report),
        Err(_) => totals.add_lost(seed),
    }
    match ended {
        Ok(report) if report.is_clean() => return Ok(()),
        ended if args.json => {
            let wrongs = ended.map_or_else(|lost| vec![lost.to_string()], |report| report.wrongs());
            writeln!(out, "{}", serde_json::json!({ "seed": seed, "wrongs": wrongs }))?;
            return out.flush();
        }
        Ok(report) => write!(out, "{report}")?,
        Err(lost) => writeln!(out, "seed {seed}: {lost}")?,
    }
    writeln!(out, "to see it again: {program} simulate {}\n", args.of_seed(seed).join(" "))?;
    out.flush()
}
