//! The command line: which verbs there are and how they are typed.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::bugs::{self, Wanted};
use crate::course::{Course, Id};
use crate::fault::Result;
use crate::verbs;
use crate::verify::{self, Choice, Shard};
use crate::watch;

/// The companion of the course. Without a verb it watches your work: it shows the map, checks each time you save, and has
/// hints. Without a terminal it prints the map and the next step.
#[derive(Debug, Parser)]
#[command(name = "cargo learn", bin_name = "cargo learn")]
#[command(
    after_help = "Exit codes: 0 it is well · 1 a check failed · 2 the command was wrong · 3 something is broken that is not your work"
)]
pub(crate) struct Cli {
    /// Check when a key is pressed instead of at each save (also: FTLU_MANUAL=1). For folders that report no changes.
    #[arg(long)]
    manual: bool,
    /// Do not build and serve the book beside.
    #[arg(long)]
    no_book: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make your copy of an exercise, its functions empty
    Start {
        /// Such as 1.4; without it, the next one
        id: Option<Id>,
    },
    /// Compile your copy and run the tests that judge the exercise
    Check {
        id: Option<Id>,
        /// Everything that the compiler or the test says
        #[arg(long, short)]
        verbose: bool,
    },
    /// A hint; each time it says more
    Hint { id: Option<Id> },
    /// How the course does it: after a pass, or when you give up
    Solution {
        id: Option<Id>,
        /// Show it before a pass
        #[arg(long)]
        give_up: bool,
        /// How yours differs
        #[arg(long)]
        diff: bool,
    },
    /// Empty an exercise again; what you had goes to a backup
    Reset {
        id: Option<Id>,
        /// The whole copy of the stage
        #[arg(long)]
        all: bool,
    },
    /// The map with all exercises
    List,
    /// Run tests in your copy and show all that they print
    Test {
        /// An exercise (1.4) or a stage (1); without it, the stage you are at
        #[arg(value_name = "ID")]
        place: Option<String>,
        /// One test (varint::two_bytes), or a part of names
        name: Option<String>,
    },
    /// Run a stage's program, built from what you have written: cargo learn run 1 -- append demo
    Run {
        /// Such as 1
        stage: u8,
        /// What the program is told
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// See what a stage's program does, step by step
    Demo { stage: Option<u8> },
    /// Open a model checker's Explorer: choose what happens next in a cluster, and look at every log
    Explore {
        /// A wrong policy, in the bounds in which it breaks; without it, the protocol as it is
        #[arg(value_name = "NAME")]
        scenario: Option<String>,
        /// Without it, the first stage that has a model
        #[arg(long)]
        stage: Option<u8>,
    },
    /// Build the book and serve it on this machine
    Book {
        /// Write the pages and end
        #[arg(long)]
        build_only: bool,
        /// The port; without it, a free one
        #[arg(long)]
        port: Option<u16>,
        /// Open it in the browser
        #[arg(long)]
        open: bool,
    },
    /// For those who write the course: prove that every exercise can be solved and judges what it says
    Verify {
        /// Prove instead that a learner can build each stage on their own copies of those below
        #[arg(long)]
        stack: bool,
        /// Only this stage
        #[arg(long)]
        stage: Option<u8>,
        /// Only stages whose verdicts may differ from those at this commit
        #[arg(long, value_name = "BASE")]
        changed: Option<String>,
        /// A part of the stages, such as 2/5; with --changed, a part of the rest
        #[arg(long, value_name = "I/N")]
        shard: Option<Shard>,
    },
    /// Known ways to lose a record, each planted on purpose, and how long it takes until the simulation finds it
    Bugs {
        /// One of them, by name or number, with what it changes
        name: Option<String>,
        /// How many seeds each may take
        #[arg(long, default_value_t = 1_000, value_name = "NUMBER")]
        seeds: u64,
        /// How many seeds run at a time; by default as many as there are processors
        #[arg(long, value_name = "NUMBER")]
        jobs: Option<usize>,
        /// Run this seed alone, and see all that is said of it
        #[arg(long, requires = "name", conflicts_with_all = ["seeds", "jobs"])]
        seed: Option<u64>,
        /// Write down what happened in it
        #[arg(long, requires = "seed", value_name = "FILE")]
        trace: Option<PathBuf>,
        /// Only say which there are
        #[arg(long, conflicts_with_all = ["seeds", "jobs", "seed"])]
        list: bool,
    },
}

/// Does what the command line says. Returns the exit code.
pub(crate) fn run(cli: Cli) -> Result<u8> {
    let course = Course::find()?;
    match cli.verb {
        None if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() => {
            let set = std::env::var_os("FTLU_MANUAL").is_some_and(|value| !value.is_empty() && value != "0");
            let manual = cli.manual || set;
            watch::watch(course, manual, !cli.no_book)
        }
        None => verbs::overview(&course),
        Some(Verb::Start { id }) => verbs::start::start(&course, id),
        Some(Verb::Check { id, verbose }) => verbs::run::check(&course, id, verbose),
        Some(Verb::Hint { id }) => verbs::hint::hint(&course, id),
        Some(Verb::Solution { id, give_up, diff }) => verbs::solution::solution(&course, id, give_up, diff),
        Some(Verb::Reset { id, all }) => verbs::start::reset(&course, id, all),
        Some(Verb::List) => verbs::list(&course),
        Some(Verb::Test { place, name }) => verbs::run::test(&course, place.as_deref(), name.as_deref()),
        Some(Verb::Run { stage, arguments }) => verbs::program::run(&course, stage, &arguments),
        Some(Verb::Demo { stage }) => verbs::demo::demo(&course, stage),
        Some(Verb::Explore { scenario, stage }) => verbs::explore::explore(&course, stage, scenario.as_deref()),
        Some(Verb::Book { build_only, port, open }) => verbs::book::book(&course, build_only, port, open),
        Some(Verb::Verify { stack, stage, changed, shard }) => {
            let choice = Choice { stage, changed, shard };
            if stack { verify::prove(&course, &choice) } else { verify::verify(&course, &choice) }
        }
        Some(Verb::Bugs { name, seeds, jobs, seed, trace, list }) => {
            bugs::bugs(&course, &Wanted { name, seeds, jobs, seed, trace, list })
        }
    }
}
