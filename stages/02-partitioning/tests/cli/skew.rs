//! `skew`.

use crate::program::{Program, Ran};

#[test]
fn it_shows_the_same_each_time_and_needs_no_broker() {
    let program = Program::new();
    let first = program.run("skew");
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    insta::assert_snapshot!("skew", first.out);
    assert_eq!(program.run("skew"), first);
    assert_ne!(program.run("skew --seed 2").out, first.out);
    assert_eq!(std::fs::read_dir(program.path(".")).unwrap().count(), 0, "it leaves nothing");
}

#[test]
fn lines_are_no_longer_than_the_terminal() {
    let program = Program::new();
    let Ran { out, .. } = program.run("skew --records 100");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(out.lines().any(|line| line.chars().count() > 70), "{out}");
}

#[test]
fn its_numbers_are_those_that_were_asked_for() {
    let program = Program::new();
    let arguments = "skew --records 1 --keys 10000 --partitions 100 --hot 100 --salts 1";
    let Ran { out, code, .. } = program.run(arguments);
    assert_eq!(code, 0);
    assert!(out.starts_with("1 record, 10000 keys, 100 partitions; about 100 % have the key alice\n"), "{out}");
    assert!(out.contains("alice is salted, with alice#0:\n") && out.contains("Gained: nothing"), "{out}");
    assert!(out.contains("  99  0\n"), "{out}");
    let Ran { out, .. } = program.run("skew --records 500 --partitions 1 --hot 0");
    assert!(out.contains("  0  ░"), "{out}");
}
