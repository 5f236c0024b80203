//! `partitioning`: a broker on the command line, and what talks to it.
//!
//! `serve` is the broker. The other commands are its clients, and each is a few calls of the library: whoever wants to know
//! how records are sent and fetched in a program reads `cli/produce.rs` and `cli/consume.rs`.

mod cli;

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command, consume, describe, failure, produce, serve, skew, topics};

fn main() -> ExitCode {
    let mut out = BufWriter::new(stdout());
    let done = cli::run(Cli::parse().command, async |command| match command {
        Command::Serve(args) => serve::run(&args, &mut out).await,
        Command::CreateTopic(args) => topics::create(args, &mut out).await,
        Command::GrowTopic(args) => topics::grow(args, &mut out).await,
        Command::DeleteTopic(args) => topics::delete(args, &mut out).await,
        Command::Describe(args) => describe::run(&args, &mut out).await,
        Command::Produce(args) => produce::run(&args, &mut out).await,
        Command::Consume(args) => consume::run(&args, &mut out).await,
        Command::Skew(args) => skew::run(&args, &mut out).await,
    });
    // What was printed comes before what went wrong.
    let flushed = out.flush();
    failure::exit(done.and(flushed.map_err(Into::into)))
}
