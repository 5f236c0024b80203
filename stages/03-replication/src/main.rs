//! `replication`: a cluster on the command line, and what talks to it.
//!
//! `controller` and `serve` are the processes of a cluster, and `cluster` starts all of them. The other commands are clients.

mod program;

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use partitioning::cli::failure::{self, Failure};
use partitioning::cli::{consume, produce, runtime};
use program::{Cli, Command, PROGRAM};

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
        Command::Cluster(command) => command.run(&PROGRAM, out).await,
        Command::Produce(args) => produce::run(&PROGRAM, &args, out).await,
        Command::Consume(args) => consume::run(&PROGRAM, &args, out).await,
    }
}
