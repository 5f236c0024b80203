//! How fast, compared with what.
//!
//! A figure in MB/s says as much about the machine as about the program. So every measurement is a *contest*: the same
//! work done in several ways, by turns, in one process. What counts is the ratio to the first of them, which is the plain
//! file operation where there is one.
//!
//! - Rounds alternate, so that a noisy neighbour meets all entrants. The median counts; lowest and highest are shown.
//! - Only the work itself is timed. Its input is made before, its files are removed after.
//! - Memory is touched before the first round: on a virtual machine the first use of a page costs more than writing it.
//! - CPU time of the process stands beside the clock, since a second core can hide what a program costs.
//! - Everything goes through the page cache, as it does in a broker, unless the line says that it was flushed.
//!
//! Two programs hold these contests: `segment-log bench`, and `cargo bench -p segment-log`, which keeps the tables and
//! charts.

mod ablation;
mod codecs;
mod contest;
mod measure;
pub(crate) mod report;
mod speed;
mod workload;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

pub(crate) use contest::Finding;
use workload::{Place, Scale};

/// What the parts of a measurement return. The reason is only ever shown.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measure this machine: append and read beside plain files, then each choice alone
///
/// Takes about a minute, and writes some hundred MiB into a folder that it removes again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: two of the contests
  segment-log bench --only append --only flush")]
pub(crate) struct Args {
    /// Do next to nothing: it shows that all of it works, and the figures mean nothing
    #[arg(long)]
    pub(crate) quick: bool,
    /// Hold this contest only; may be given more than once
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(CONTESTS.map(|(name, _)| name)))]
    pub(crate) only: Vec<String>,
    /// Where to write, which decides what disk is measured; without it, the system's folder for
    /// temporary files
    #[arg(long, value_name = "FOLDER", verbatim_doc_comment)]
    pub(crate) dir: Option<PathBuf>,
}

type Contest = fn(&Place, &Scale) -> Outcome<Finding>;

const CONTESTS: [(&str, Contest); 10] = [
    ("append", speed::append),
    ("cost", speed::cost),
    ("read", speed::read),
    ("lookup", speed::lookup),
    ("order", ablation::order),
    ("batch", ablation::batch),
    ("flush", ablation::flush),
    ("roll", ablation::roll),
    ("codec", codecs::append),
    ("decode", codecs::read),
];

/// Holds the contests that are asked for.
pub(crate) fn hold(args: &Args) -> Outcome<Vec<Finding>> {
    let scale = if args.quick { Scale::QUICK } else { Scale::FULL };
    let place = Place::below(&args.dir.clone().unwrap_or_else(std::env::temp_dir))?;
    measure::touch_memory(scale.bytes(1 << 30));
    let is_asked = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    CONTESTS.iter().filter(|(name, _)| is_asked(name)).map(|(_, contest)| contest(&place, &scale)).collect()
}
