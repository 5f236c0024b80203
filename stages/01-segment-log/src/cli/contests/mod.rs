//! How fast, compared with what.
//!
//! How a contest is held, and why so, stands in the crate [`contest`]. Here is what is compared: a log with plain files, and
//! each of its choices with doing without. Everything goes through the page cache, as it does in a broker, unless the line
//! says that it was flushed.
//!
//! Two programs hold these contests: `segment-log bench`, and `cargo bench -p segment-log`, which keeps the tables and
//! charts.

mod ablation;
mod codecs;
mod speed;
mod workload;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use contest::{Finding, Outcome, Scale, Scratch, touch_memory};

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

type Hold = fn(&Scratch, &Scale) -> Outcome<Finding>;

const CONTESTS: [(&str, Hold); 10] = [
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
    let place = Scratch::below(&args.dir.clone().unwrap_or_else(std::env::temp_dir), "segment-log-bench")?;
    touch_memory(scale.bytes(1 << 30));
    let is_asked = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    CONTESTS.iter().filter(|(name, _)| is_asked(name)).map(|(_, hold)| hold(&place, &scale)).collect()
}
