//! The program from outside, and the parts of it that are pure functions.
#![cfg(unix)]

mod book;
mod cables;
mod cluster;
mod cut_off;
mod ending;
mod fixture;
mod folders;
mod live;
mod operators;
mod processes;
mod program;
mod prompt;
mod rest;
mod view;

use program::{Program, Ran};

const COMMANDS: [&str; 11] = [
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
];

#[test]
fn says_how_it_is_used() {
    let program = Program::new();
    let Ran { out, code, .. } = program.run("--help");
    assert_eq!(code, 0);
    assert!(out.contains("Exit codes:") && out.contains("6  no broker can be reached"), "{out}");
    for command in COMMANDS {
        assert!(out.contains(&format!("\n  {command}")), "{out}");
        let Ran { out, code, .. } = program.run(&format!("{command} --help"));
        assert_eq!(code, 0);
        assert!(out.contains("\nExample:") && !out.contains("{program}") && !out.contains("partitioning "), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        assert!(!out.contains("--supervised"), "{out}");
        if !matches!(command, "cluster" | "controller" | "serve") {
            assert!(out.contains("REPLICATION_BROKER") && out.contains("127.0.0.1:9092"), "{out}");
        }
    }
}

#[test]
fn help_names_settings_and_choices() {
    let program = Program::new();
    for (command, parts) in [
        ("cluster", &["broker.session.timeout.ms=2000", "Ctrl", "--listen", "REPLICATION_LISTEN"][..]),
        (
            "controller",
            &[
                "broker.session.timeout.ms=9000\n",
                "unclean.leader.election.enable=false\n",
                "unclean.recovery.strategy=Balanced\n",
                "num.partitions=1\n",
            ],
        ),
        (
            "serve",
            &["min.insync.replicas=1\n", "replica.lag.time.max.ms=30000\n", "retention.ms=604800000\n", "SIGTERM"],
        ),
        ("describe", &["--replicas", "high watermark"]),
        ("elect-leader", &["--preferred", "--unclean", "is lost"]),
        ("reassign", &["--to", "--cancel"]),
    ] {
        let Ran { out, .. } = program.run(&format!("{command} --help"));
        for part in parts {
            assert!(out.contains(part), "{part}: {out}");
        }
    }
}

#[test]
fn refuses_what_it_does_not_understand() {
    let program = Program::new();
    for wrong in [
        "",
        "destroy orders",
        "controller",
        "controller --data data --listen 9093",
        "controller --data data --id=-1",
        "controller --data data --set replica.lag.time.max.ms=1",
        "controller --data data --set num.partitions=1 --set num.partitions=2",
        "serve --data data",
        "serve --id 1",
        "serve --id=-1 --data data",
        "serve --id 1 --data data --controller here",
        "serve --id 1 --data data --set broker.session.timeout.ms=1",
        "serve --id 1 --data data --set min.insync.replicas=0",
        "serve --id 1 --data data --set retention.ms=1 --set retention.ms=2",
        "serve --id 1 --data data --log verbose",
        "cluster --brokers 0",
        "cluster --brokers 10",
        "cluster --set colour=red",
        "cluster --set retention.ms=1 --set retention.ms=2",
        "cluster --listen 9092",
        "cluster --listen 127.0.0.1:65533",
        "describe --replicas --apis",
        "describe --replicas orders --id",
        "elect-leader orders-0",
        "elect-leader --preferred",
        "elect-leader --preferred --unclean orders-0",
        "elect-leader --preferred orders",
        "reassign orders-0",
        "reassign orders-0 --to",
        "reassign orders-0 --to 1,x",
        "reassign orders-0 --to 1 --cancel",
        "reassign orders-00 --to 1",
    ] {
        let Ran { code, err, .. } = program.run(wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(!program.path("data").exists(), "`{wrong}` made a folder");
    }
    let Ran { err, .. } = program.run("serve --id 1 --data data --set replica.lag.time.max.ms=0");
    assert!(err.contains("replica.lag.time.max.ms is 0, and it is from 1 to 4294967295"), "{err}");
    let Ran { err, .. } = program.run("cluster --set a=1");
    assert!(err.contains("there is no setting a; there are num.partitions, "), "{err}");
}

#[test]
fn nobody_is_there() {
    let program = Program::new();
    for command in ["describe", "describe --replicas", "create-topic orders", "elect-leader orders-0 --preferred"] {
        let Ran { out, err, code } = program.run(command);
        assert_eq!((code, out.as_str()), (6, ""), "{command}");
        let hint = "replication: `replication cluster` starts brokers, and a controller for them; --broker says where one is\n";
        assert!(err.starts_with("replication: cannot reach 127.0.0.1:1: ") && err.ends_with(hint), "{err}");
    }
}
