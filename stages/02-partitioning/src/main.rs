//! `partitioning`: a broker on the command line, and what talks to it.
//!
//! `serve` is the broker. The other commands are its clients, and each is a few calls of the library: whoever wants to know
//! how records are sent and fetched in a program reads `cli/produce.rs` and `cli/consume.rs`.

mod program;

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use partitioning::cli::failure::{self, Failure};
use partitioning::cli::{consume, describe, produce, runtime, topics};
use program::{Cli, Command, PROGRAM, serve, skew};

fn main() -> ExitCode {
    let command = PROGRAM.parse::<Cli>().command;
    let mut out = BufWriter::new(stdout());
    let done = command.runtime().and_then(|runtime| runtime::run(runtime, run(command, &mut out)));
    // What was printed comes before what went wrong.
    let flushed = out.flush();
    failure::exit(&PROGRAM, done.and(flushed.map_err(Into::into)))
}

async fn run(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::run(&args, out).await,
        Command::CreateTopic(args) => topics::create(&PROGRAM, args, out).await,
        Command::GrowTopic(args) => topics::grow(&PROGRAM, args, out).await,
        Command::DeleteTopic(args) => topics::delete(&PROGRAM, args, out).await,
        Command::Describe(args) => describe::run(&PROGRAM, &args, out).await,
        Command::Produce(args) => produce::run(&PROGRAM, &args, out).await,
        Command::Consume(args) => consume::run(&PROGRAM, &args, out).await,
        Command::Skew(args) => skew::run(&args, out).await,
    }
}
