//! `segment-log`: a log on the command line.
//!
//! It works on a data folder that holds one log, `log-0`. Every command is a few calls of the library: whoever wants to
//! know how a log is used in a program reads `cli/append.rs` and `cli/read.rs`.

mod cli;

use std::io::{BufWriter, Write, stdin, stdout};
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command, append, bench, count, dump, failure, read, recover, retain};

fn main() -> ExitCode {
    let mut out = BufWriter::new(stdout().lock());
    let done = match Cli::parse().command {
        Command::Append(args) => append::run(&args, stdin().lock(), &mut out),
        Command::Read(args) => read::run(&args, &mut out),
        Command::Dump(args) => dump::run(&args, &mut out),
        Command::Recover(args) => recover::run(&args, &mut out),
        Command::Retain(args) => retain::run(&args, &mut out),
        Command::Count(args) => count::run(&args, &mut out),
        Command::Bench(args) => bench::run(&args, &mut out),
    };
    // What was printed comes before what went wrong.
    let flushed = out.flush();
    failure::exit(done.and(flushed.map_err(Into::into)))
}
