//! The program from outside: what it prints, what it leaves on the disk, and how it ends.
#![cfg(unix)]

mod codes;
mod consume;
mod crash;
mod page;
mod produce;
mod program;
mod serve;
mod skew;
mod topics;

use program::{Program, Ran};

const COMMANDS: [&str; 8] =
    ["serve", "create-topic", "grow-topic", "delete-topic", "describe", "produce", "consume", "skew"];

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
        assert!(out.contains("\nExample:"), "{out}");
        assert!(out.lines().all(|line| line.chars().count() <= 100), "{out}");
        if !matches!(command, "serve" | "skew") {
            assert!(out.contains("PARTITIONING_BROKER") && out.contains("127.0.0.1:9092"), "{out}");
        }
    }
}

#[test]
fn help_names_settings_templates_and_choices() {
    let program = Program::new();
    for (command, parts) in [
        ("serve", &["num.partitions=1\n", "retention.ms=604800000\n", "PARTITIONING_LISTEN", "--log"][..]),
        ("create-topic", &["num.partitions", "retention.ms=60000"]),
        ("grow-topic", &["keys do not", "no way back"]),
        ("produce", &["round-robin", "sticky-by-bytes", "linger.ms", "buffer.memory", "zstd", "Ctrl-D"]),
        ("consume", &["earliest, latest", "@1700000000000", "%h headers", "auto.offset.reset", "Ctrl-C"]),
        ("skew", &["alice#0", "--salts"]),
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
        "serve",
        "serve data --listen 9092",
        "serve data --listen :9092",
        "serve data --listen 127.0.0.1:65536",
        "serve data --advertise here",
        "serve data --id=-1",
        "serve data --set retention.ms",
        "serve data --set retention=1",
        "serve data --set num.partitions=0",
        "serve data --set retention.ms=1 --set retention.ms=2",
        "serve data --log verbose",
        "create-topic",
        "create-topic orders --partitions x",
        "create-topic orders --config retention.ms",
        "create-topic orders --config retention.ms=1 --config retention.ms=2",
        "create-topic orders --broker nowhere",
        "grow-topic orders",
        "delete-topic",
        "describe --id",
        "describe orders --apis",
        "produce",
        "produce orders --partitioner best",
        "produce orders --partition 1 --partitioner key",
        "produce orders --compression brotli",
        "produce orders --timestamp yesterday",
        "produce orders --max-request-size 0",
        "produce orders --buffer-memory 0",
        "consume orders --from=-1",
        "consume orders --from yesterday",
        "consume orders --format json",
        "consume orders --format %x",
        "consume orders --reset never",
        "skew --hot 101",
        "skew --keys 1",
        "skew --records 0",
    ] {
        let Ran { code, err, .. } = program.run(wrong);
        assert_eq!(code, 2, "`{wrong}`: {err}");
        assert!(!program.path("data").exists(), "`{wrong}` made a folder");
    }
    let Ran { err, .. } = program.run("serve data --set num.partitions=0");
    assert!(err.contains("num.partitions is 0, and it is from 1 to 10000"), "{err}");
    let Ran { err, .. } = program.run("create-topic orders --config a=1 --config a=2");
    assert_eq!(err, "partitioning: the setting a is given twice\n");
}
