//! What it costs to be sure, compared with not being sure: `cargo bench -p acks` holds all contests, prints tables, and writes them
//! and their pictures to `target/bench`. How a contest is held stands in the crate `contest`.
//!
//! Controller, three brokers and their clients share one process and its cores, over the loopback network. So these are ratios,
//! and no promise of what a cluster does: on machines of their own, followers would not take the leader's cores, and each answer
//! would take longer.
//!
//! `-- --only throughput` does one part, `-- --help` names them. `cargo test` only looks whether all of it works.

mod bed;
mod contests;
mod latency;
mod slow;

use std::path::{Path, PathBuf};

use bed::Bed;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use contest::plot::Plot;
use contest::{Finding, Outcome, Scale, Scratch, report, save, save_plot, touch_memory};

/// Measure what stage 04 claims about speed
#[derive(Debug, Parser)]
struct Options {
    /// Do next to nothing: it shows that all of it works, and the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Do this part only; may be given more than once
    #[arg(long, value_name = "PART", value_parser = PossibleValuesParser::new(PARTS.map(|(name, _)| name)))]
    only: Vec<String>,
    /// Where to write, which decides what disk is measured; without it, the build's folder for scratch
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
    /// Also write tables and pictures into the book's sources
    #[arg(long)]
    save_figures: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What came out of a part.
enum Found {
    /// Contests that belong into one picture.
    Contests(Vec<Finding>),
    /// What a setting does.
    Plot(Plot),
}

type Part = fn(&Bed, &Scale) -> Outcome<Found>;

const PARTS: [(&str, Part); 4] = [
    ("throughput", |bed, scale| contests::throughput(bed, scale).map(Found::Contests)),
    ("one-by-one", |bed, scale| contests::one_by_one(bed, scale).map(Found::Contests)),
    ("latency", |bed, scale| latency::plot(bed, scale).map(Found::Plot)),
    ("slow-follower", |bed, scale| contests::slow_follower(bed, scale).map(Found::Contests)),
];

fn main() -> Outcome<()> {
    // `cargo test` runs this program too, with the arguments of a test.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let options = if is_bench { Options::parse() } else { Options::parse_from(["acks", "--quick"]) };
    let scale = if options.quick { Scale::QUICK } else { Scale::FULL };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let scratch = Scratch::below(options.dir.as_deref().unwrap_or(target), "acks-bench")?;
    touch_memory(scale.bytes(1 << 30));
    let bed = Bed::new(&scratch)?;
    let kept = target.parent().ok_or("the scratch folder lies in the target folder")?.join("bench");
    let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/figures");
    let is_asked = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    for (name, part) in PARTS.into_iter().filter(|(name, _)| is_asked(name)) {
        let found = part(&bed, &scale)?;
        if is_bench {
            println!("{}", found.markdown());
            found.save(&kept, name)?;
        }
        if options.save_figures {
            found.save(&figures, name)?;
        }
    }
    if is_bench {
        println!("Tables and pictures: {}", kept.display());
    }
    bed.close()
}

impl Found {
    fn markdown(&self) -> String {
        match self {
            Found::Contests(findings) => report::markdown(findings),
            Found::Plot(plot) => report::plot_markdown(plot),
        }
    }

    fn save(&self, folder: &Path, name: &str) -> Outcome<()> {
        let name = format!("acks-{name}");
        match self {
            Found::Contests(findings) => save(folder, findings, &name),
            Found::Plot(plot) => save_plot(folder, plot, &name),
        }
    }
}
