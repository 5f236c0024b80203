//! `transactions`: a simulation of a cluster with transactions.

use std::process::ExitCode;

use acks::simulation::command::{Simulate, simulated};
use clap::{Parser, Subcommand};
use partitioning::cli::Program;
use replication::topic_config;
use transactions::simulation::TRANSACTIONS;

const PROGRAM: Program = Program {
    name: "transactions",
    broker_variable: "TRANSACTIONS_BROKER",
    listen_variable: "TRANSACTIONS_LISTEN",
    start: "`transactions simulate` simulates a cluster",
    topic_settings: topic_config::SETTINGS,
};

/// Transactions: records of many partitions that count together, or not at all.
#[derive(Debug, Parser)]
#[command(name = "transactions", disable_help_subcommand = true, max_term_width = 100, verbatim_doc_comment)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Simulate(Simulate),
}

fn main() -> ExitCode {
    let Command::Simulate(args) = PROGRAM.parse::<Cli>().command;
    simulated(&PROGRAM, &args, &TRANSACTIONS)
}
