//! The program from outside.
#![cfg(unix)]

mod book;
mod cluster;
mod once;

use cluster::program;
use terminal::Ran;

const COMMANDS: [&str; 13] = [
    "cluster",
    "controller",
    "serve",
    "create-topic",
    "grow-topic",
    "delete-topic",
    "describe",
    "describe-producers",
    "elect-leader",
    "reassign",
    "produce",
    "consume",
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
                && !out.contains("acks cluster")
                && !out.contains("--supervised"),
            "{out}"
        );
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        let variable = match command {
            "simulate" => continue,
            "cluster" | "controller" | "serve" => "IDEMPOTENCE_LISTEN",
            _ => "IDEMPOTENCE_BROKER",
        };
        assert!(out.contains(variable), "{command}: {out}");
    }
}

#[test]
fn help_names_what_this_stage_adds() {
    let program = program();
    for (command, part) in [
        ("serve", "producer.id.expiration.ms=86400000\n"),
        ("produce", "--idempotent"),
        ("describe-producers", "producer.id.expiration.ms"),
    ] {
        let Ran { out, .. } = program.run(&format!("{command} --help"));
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn refuses_what_does_not_go_with_numbers() {
    let program = program();
    for (wrong, rule) in [
        ("produce orders --acks 1", "acks is 1, and it is all if enable.idempotence is true"),
        ("produce orders --retries 0", "retries is 0, and it is at least 1 if enable.idempotence is true"),
        (
            "produce orders --max-in-flight 6",
            "max.in.flight.requests.per.connection is 6, and it is at most 5 if enable.idempotence is true",
        ),
        ("produce orders --idempotent perhaps", "invalid value 'perhaps' for '--idempotent <BOOL>'"),
        ("cluster --set producer.id.expiration.ms=0", "producer.id.expiration.ms is 0, and it is "),
    ] {
        let Ran { code, err, .. } = program.run(wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(err.contains(rule), "`{wrong}`: {err}");
    }
}

#[test]
fn nobody_is_there() {
    let program = program();
    for command in ["describe-producers orders", "produce orders"] {
        let Ran { err, code, .. } = program.run(command);
        let hint = "idempotence: `idempotence cluster` starts brokers, and a controller for them; --broker says where one is\n";
        assert!(code == 6 && err.ends_with(hint), "{code} {err}");
    }
}

#[test]
fn a_simulated_cluster_is_judged() {
    let Ran { out, err, code } = program().run("simulate --seed 7 --seconds 2");
    assert!(code == 0 && err.is_empty() && out.contains("seed 7"), "{out}{err}");
}
