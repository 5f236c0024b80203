//! `acks`: a cluster whose producers say how sure they want to be.

use std::process::ExitCode;

use acks::simulation::command::{Simulate, simulate};
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Simulate(Simulate),
}

fn main() -> ExitCode {
    let Command::Simulate(args) = Cli::parse().command;
    match simulate(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
