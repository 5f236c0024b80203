//! The program from outside.
#![cfg(unix)]

mod book;
mod cluster;
mod safe;

use cluster::program;
use terminal::Ran;

const COMMANDS: [&str; 12] = [
    "cluster",
    "controller",
    "serve",
    "create-topic",
    "grow-topic",
    "delete-topic",
    "describe",
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
        assert!(!out.contains("{program}") && !out.contains("replication ") && !out.contains("--supervised"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        let variable = match command {
            "simulate" => continue,
            "cluster" | "controller" | "serve" => "ACKS_LISTEN",
            _ => "ACKS_BROKER",
        };
        assert!(out.contains("\nExample:") && out.contains(variable), "{out}");
    }
}

#[test]
fn help_names_what_this_stage_adds() {
    let program = program();
    for (command, parts) in [
        (
            "serve",
            &["replica.fetch.wait.max.ms=500\n", "replica.lag.time.max.ms=30000\n", "retention.ms=604800000\n"][..],
        ),
        ("controller", &["unclean.recovery.strategy=Balanced\n"]),
        (
            "produce",
            &["--acks", "--retries", "--delivery-timeout-ms", "--linger-ms", "--max-in-flight", "--sync", "--report"],
        ),
        ("consume", &["--min-bytes", "--max-wait-ms"]),
    ] {
        let Ran { out, .. } = program.run(&format!("{command} --help"));
        for part in parts {
            assert!(out.contains(part), "{part}: {out}");
        }
    }
}

#[test]
fn refuses_what_it_does_not_understand() {
    let program = program();
    for (wrong, rule) in [
        ("produce orders --acks 2", "acks is 2, and it is 0, 1 or all"),
        ("produce orders --retries=-1", "retries is -1, and it is a number from 0 to 2147483647"),
        (
            "produce orders --max-in-flight 0",
            "max.in.flight.requests.per.connection is 0, and it is a number from 1 to 100",
        ),
        (
            "produce orders --delivery-timeout-ms 1000",
            "delivery.timeout.ms is 1000, and it is at least linger.ms + request.timeout.ms",
        ),
        ("produce orders --report --each", "cannot be used with"),
        (
            "produce orders --timeout-ms 40000",
            "request.timeout.ms is 40000, and it is at most the client's own request.timeout.ms",
        ),
        ("consume orders --min-bytes 0", "fetch.min.bytes is 0, and it is from 1 to 2147483647"),
        ("consume orders --max-wait-ms 0", "fetch.max.wait.ms is 0, and it is from 1 to 2147483647"),
        (
            "serve --id 1 --data data --set replica.fetch.min.bytes=0",
            "replica.fetch.min.bytes is 0, and it is from 1 to ",
        ),
        (
            "serve --id 1 --data data --set replica.fetch.wait.max.ms=5000",
            "replica.fetch.wait.max.ms is 5000, and it is less than request.timeout.ms",
        ),
        (
            "controller --data data --set unclean.recovery.strategy=Aggressive",
            "unclean.recovery.strategy is Aggressive, and it is None or Balanced",
        ),
        ("cluster --set replica.fetch.wait.max.ms=0", "replica.fetch.wait.max.ms is 0, and it is from 1 to "),
        ("simulate --policy none", "it is one of right, "),
    ] {
        let Ran { code, err, .. } = program.run(wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(err.contains(rule), "`{wrong}`: {err}");
        assert!(!program.path("data").exists(), "`{wrong}` made a folder");
    }
}

#[test]
fn nobody_is_there() {
    let program = program();
    for command in ["describe", "produce orders", "consume orders"] {
        let Ran { out, err, code } = program.run(command);
        assert_eq!(
            (code, out.as_str()),
            (6, if command == "produce orders" { "produced nothing\n" } else { "" }),
            "{err}"
        );
        let hint = "acks: `acks cluster` starts brokers, and a controller for them; --broker says where one is\n";
        assert!(err.starts_with("acks: cannot reach 127.0.0.1:1: ") && err.ends_with(hint), "{err}");
    }
}

#[test]
fn a_simulated_cluster_is_judged() {
    let Ran { out, err, code } = program().run("simulate --seed 7 --seconds 2");
    assert!(code == 0 && err.is_empty() && out.contains("seed 7"), "{out}{err}");
}
