//! `acks`: a cluster whose producers say how sure they want to be.

use std::io::stdout;
use std::process::ExitCode;

use acks::simulation::command::{Simulate, simulate};
use clap::{Parser, Subcommand};

/// Stage 04: when may the producer believe it?
#[derive(Debug, Parser)]
#[command(name = "acks", disable_help_subcommand = true, max_term_width = 100)]
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
    match simulate(&args, &mut stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("acks simulate: {error}");
            ExitCode::FAILURE
        }
    }
}
