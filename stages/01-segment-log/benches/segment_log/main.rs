//! Stage 01's claims about speed. `cargo bench -p segment-log` takes about a minute, prints the tables, and writes them
//! and their charts to `target/bench`. How it is measured stands in `src/cli/contests/mod.rs`.
//!
//! `cargo bench -p segment-log -- --only append` holds one contest, `-- --help` names them. `cargo test` only looks
//! whether all of it works.

#[path = "../../src/cli/contests/mod.rs"]
mod contests;

use std::path::Path;

use clap::Parser;
use contest::{Outcome, report, save};
use contests::hold;

/// Measure what stage 01 claims about speed
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    args: contests::Args,
    /// Also write the tables and one chart a contest into the book's sources
    #[arg(long)]
    save_figures: bool,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome<()> {
    // `cargo test` runs this program too, with the arguments of a test.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let mut options = if is_bench { Options::parse() } else { Options::parse_from(["segment-log", "--quick"]) };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    options.args.dir.get_or_insert_with(|| scratch.to_owned());
    let findings = hold(&options.args)?;
    if !is_bench {
        return Ok(());
    }
    print!("{}", report::markdown(&findings));
    let target = scratch.parent().ok_or("the scratch folder lies in the target folder")?.join("bench");
    save(&target, &findings, "segment-log")?;
    println!("\nTables and charts: {}", target.display());
    if options.save_figures {
        let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/figures");
        for finding in &findings {
            save(&figures, std::slice::from_ref(finding), &format!("segment-log-{}", finding.name))?;
        }
        println!("The book's: {}", figures.canonicalize()?.display());
    }
    Ok(())
}
