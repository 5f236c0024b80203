//! `transactions`: a cluster with transactions, what talks to it, a demonstration and a simulation of it.

mod program;

use std::io::{BufWriter, Write, stdout};
use std::process::ExitCode;

use acks::simulation::command::simulated;
use idempotence::cli::describe_producers;
use partitioning::cli::failure::{self, Failure};
use partitioning::cli::runtime;
use program::{Cli, Command, PROGRAM};
use transactions::cli::{consume, produce, transactions as known, transfer};
use transactions::simulation::TRANSACTIONS;

fn main() -> ExitCode {
    let command = match PROGRAM.parse::<Cli>().command {
        Command::Simulate(args) => return simulated(&PROGRAM, &args, &TRANSACTIONS),
        command => command,
    };
    let mut out = BufWriter::new(stdout());
    let done = command.runtime().and_then(|runtime| runtime::run(runtime, run(command, &mut out)));
    // What was printed comes before what went wrong.
    let flushed = out.flush();
    failure::exit(&PROGRAM, done.and(flushed.map_err(Into::into)))
}

async fn run(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Cluster(command) => command.run(&PROGRAM, out).await,
        Command::DescribeProducers(args) => describe_producers::run(&PROGRAM, &args, out).await,
        Command::ListTransactions(args) => known::list(&PROGRAM, &args, out).await,
        Command::DescribeTransaction(args) => known::describe(&PROGRAM, &args, out).await,
        Command::Produce(args) => produce::run(&PROGRAM, &args, out).await,
        Command::Consume(args) => consume::run(&PROGRAM, &args, out).await,
        Command::Transfer(args) => transfer::run(&PROGRAM, &args, out).await,
        Command::Simulate(_) => unreachable!("it was done before there was a runtime"),
    }
}
