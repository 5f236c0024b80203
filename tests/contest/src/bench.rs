//! The program of a benchmark: its options, its parts one after the other, what is printed and kept.
//!
//! `cargo bench` measures. `cargo test` runs the same program too, and only looks whether all of it works: as small as it can be.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::plot::Plot;
use crate::{Finding, Outcome, Scale, Scratch, report, save, save_plot, touch_memory};

/// What came out of a part.
#[derive(Debug)]
pub enum Found {
    /// Contests that belong into one picture.
    Contests(Vec<Finding>),
    /// What a setting does.
    Plot(Plot),
}

/// What is measured, on a bed of type `B`.
#[derive(Debug)]
pub struct Bench<B: 'static> {
    /// The stage's package: the beginning of the files' names.
    pub package: &'static str,
    /// What it says of itself in its help.
    pub about: &'static str,
    /// `env!("CARGO_TARGET_TMPDIR")`.
    pub scratch: &'static str,
    /// `concat!(env!("CARGO_MANIFEST_DIR"), "/../../book/src/figures")`.
    pub figures: &'static str,
    /// Its parts, by name.
    pub parts: &'static [Part<B>],
}

/// A part of a benchmark.
pub type Part<B> = (&'static str, fn(&B, &Scale) -> Outcome<Found>);

impl<B> Bench<B> {
    /// Runs the program. `open` makes what is measured, in a scratch folder, and `close` puts it away.
    ///
    /// # Errors
    ///
    /// Those of the parts, and of what they are measured on.
    pub fn run(&self, open: impl FnOnce(&Scratch) -> Outcome<B>, close: impl FnOnce(B) -> Outcome<()>) -> Outcome<()> {
        let is_bench = std::env::args().any(|argument| argument == "--bench");
        let options = match is_bench {
            true => self.command().get_matches(),
            // The arguments are a test's.
            false => self.command().get_matches_from([self.package, "--quick"]),
        };
        let scale = if options.get_flag("quick") { Scale::QUICK } else { Scale::FULL };
        let target = Path::new(self.scratch);
        let dir = options.get_one::<PathBuf>("dir").map_or(target, PathBuf::as_path);
        let scratch = Scratch::below(dir, &format!("{}-bench", self.package))?;
        touch_memory(scale.bytes(1 << 30));
        let bed = open(&scratch)?;
        let kept = target.parent().ok_or("the scratch folder lies in the target folder")?.join("bench");
        for (name, part) in self.parts.iter().filter(|(name, _)| is_asked(&options, name)) {
            let (found, name) = (part(&bed, &scale)?, format!("{}-{name}", self.package));
            if is_bench {
                println!("{}", found.markdown());
                found.save(&kept, &name)?;
            }
            if options.get_flag("save_figures") {
                found.save(Path::new(self.figures), &name)?;
            }
        }
        if is_bench {
            println!("Tables and pictures: {}", kept.display());
        }
        close(bed)
    }

    fn command(&self) -> Command {
        let flag = |name: &'static str, help: &'static str| Arg::new(name).action(ArgAction::SetTrue).help(help);
        let names: Vec<_> = self.parts.iter().map(|(name, _)| *name).collect();
        let quick = "Do next to nothing: it shows that all of it works, and the figures mean nothing";
        let dir = "Where to write, which decides what disk is measured; without it, the build's folder for scratch";
        Command::new(self.package)
            .about(self.about)
            .arg(flag("quick", quick).long("quick"))
            .arg(
                Arg::new("only")
                    .long("only")
                    .value_name("PART")
                    .action(ArgAction::Append)
                    .value_parser(names)
                    .help("Do this part only; may be given more than once"),
            )
            .arg(Arg::new("dir").long("dir").value_name("FOLDER").value_parser(clap::value_parser!(PathBuf)).help(dir))
            .arg(flag("save_figures", "Also write tables and pictures into the book's sources").long("save-figures"))
            .arg(flag("bench", "Given by `cargo bench`").long("bench").hide(true))
    }
}

fn is_asked(options: &ArgMatches, name: &str) -> bool {
    let mut only = options.get_many::<String>("only").into_iter().flatten().peekable();
    only.peek().is_none() || only.any(|only| only == name)
}

impl Found {
    fn markdown(&self) -> String {
        match self {
            Found::Contests(findings) => report::markdown(findings),
            Found::Plot(plot) => report::plot_markdown(plot),
        }
    }

    fn save(&self, folder: &Path, name: &str) -> Outcome<()> {
        match self {
            Found::Contests(findings) => save(folder, findings, name),
            Found::Plot(plot) => save_plot(folder, plot, name),
        }
    }
}
