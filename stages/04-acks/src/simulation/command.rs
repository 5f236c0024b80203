//! The command `simulate`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::plain::{Plain, Plan};
use super::{AcksPrograms, Draw, Options, Policy, Settings, Workload, run};
use crate::api::Acks;

/// Real brokers, a controller and clients on a simulated network, in a storm of faults.
#[derive(Debug, Clone, Args)]
pub struct Simulate {
    /// Run this one seed.
    #[arg(long)]
    pub seed: u64,
    /// For how many simulated seconds there are faults.
    #[arg(long, default_value_t = 40)]
    pub seconds: u64,
    /// Write what happened into this file.
    #[arg(long)]
    pub trace: Option<PathBuf>,
    /// Each message of the network, too.
    #[arg(long, requires = "trace")]
    pub messages: bool,
}

/// Runs it. Gives whether all is clean.
pub fn simulate(args: &Simulate) -> std::io::Result<bool> {
    let options = Options {
        seed: args.seed,
        storm: Duration::from_secs(args.seconds),
        policy: Policy::Right,
        trace: args.trace.clone(),
        messages: args.messages,
    };
    let report = run(&options, Arc::new(AcksPrograms::default()), workloads)?;
    println!("{report}");
    Ok(report.is_clean())
}

fn workloads(settings: &Settings) -> Vec<Arc<dyn Workload>> {
    let mut draw = Draw::new(settings.seed, "workloads");
    let plain = |name: &str, acks, draw: &mut Draw| {
        Arc::new(Plain::new(name, Plan::drawn(draw, settings, acks))) as Arc<dyn Workload>
    };
    vec![plain("safe", Acks::All, &mut draw), plain("loose", Acks::Leader, &mut draw)]
}
