//! The program from outside.
#![cfg(unix)]

mod book;
mod cluster;
mod whole;

use cluster::program;
use terminal::Ran;

const COMMANDS: [&str; 16] = [
    "cluster",
    "controller",
    "serve",
    "create-topic",
    "grow-topic",
    "delete-topic",
    "describe",
    "describe-producers",
    "describe-transaction",
    "elect-leader",
    "list-transactions",
    "reassign",
    "produce",
    "consume",
    "transfer",
    "simulate",
];

#[test]
fn says_how_it_is_used() {
    let program = program();
    let Ran { out, code, .. } = program.run("--help");
    assert_eq!(code, 0);
    assert!(out.contains("Exit codes:") && out.contains("6  no broker can be reached"), "{out}");
    for command in COMMANDS {
        assert!(out.contains(&format!("\n  {command}")), "{out}");
        let Ran { out, code, .. } = program.run(&format!("{command} --help"));
        assert_eq!(code, 0);
        assert!(
            !out.contains("{program}")
                && !out.contains("acks produce")
                && !out.contains("idempotence ")
                && !out.contains("--supervised"),
            "{out}"
        );
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        let variable = match command {
            "simulate" | "transfer" => continue,
            "cluster" | "controller" | "serve" => "TRANSACTIONS_LISTEN",
            _ => "TRANSACTIONS_BROKER",
        };
        assert!(out.contains(variable), "{command}: {out}");
    }
}

#[test]
fn help_names_what_this_stage_adds() {
    let program = program();
    for (command, part) in [
        ("serve", "transaction.state.log.num.partitions=50\n"),
        ("serve", "transaction.version=2\n"),
        ("produce", "--transactional-id"),
        ("consume", "read_uncommitted (all that enough replicas have), or read_committed"),
        ("transfer", "--chaos"),
    ] {
        let Ran { out, .. } = program.run(&format!("{command} --help"));
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn refuses_what_does_not_go_together() {
    let program = program();
    let long = "x".repeat(250);
    for (wrong, rule) in [
        ("produce orders --abort".to_owned(), "--transactional-id <ID>"),
        ("produce orders --transaction-size 3".to_owned(), "--transactional-id <ID>"),
        ("produce orders --transactional-id t --transaction-size 0".to_owned(), "0 is not in 1.."),
        (
            "produce orders --transactional-id t --idempotent false".to_owned(),
            "enable.idempotence is false, and it is true if there is a transactional.id",
        ),
        ("produce orders --transactional-id t --acks 1".to_owned(), "acks is 1, and it is all"),
        (
            "produce orders --transactional-id t --transaction-timeout-ms 0".to_owned(),
            "transaction.timeout.ms is 0, and it is ",
        ),
        (
            format!("produce orders --transactional-id {long}"),
            "transactional.id is 250 bytes long, and it has 1 to 249 bytes",
        ),
        ("consume orders --isolation-level serializable".to_owned(), "read_uncommitted, read_committed"),
        ("cluster --set transaction.version=3".to_owned(), "transaction.version is 3, and it is 1 or 2"),
        ("transfer --accounts 1".to_owned(), "1 is not in 2.."),
    ] {
        let Ran { code, err, .. } = program.run(&wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(err.contains(rule), "`{wrong}`: {err}");
    }
}

#[test]
fn nobody_is_there() {
    let program = program();
    for command in ["list-transactions", "describe-transaction t", "produce orders --transactional-id t"] {
        let Ran { err, code, .. } = program.run(command);
        let hint = "transactions: `transactions cluster` starts brokers, and a controller for them; --broker says where one is\n";
        assert!(code == 6 && err.ends_with(hint), "{code} {err}");
    }
}

#[test]
fn a_simulated_cluster_is_judged() {
    let Ran { out, err, code } = program().run("simulate --seed 7 --seconds 2");
    assert!(code == 0 && err.is_empty() && out.contains("seed 7"), "{out}{err}");
}
