//! The simulation itself, in short: a few seeds are clean, a seed is the same run twice, and wrong rules are found out.
//!
//! Each run is a process of its own. `cargo run --release -p acks -- simulate` runs many, and longer ones.

use std::process::{Command, Output};

fn simulate(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_acks")).arg("simulate").args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_few_seeds_are_clean() {
    let output = simulate(&["--first=25", "--seeds=2", "--seconds=3"]);
    assert!(output.status.success(), "{}", text(&output));
    let text = text(&output);
    assert!(text.contains("2 runs, 0 not clean"), "{text}");
}

#[test]
fn a_seed_is_the_same_run_twice() {
    // In the second one, messages are held back and let go all at once: then somebody has to be the first.
    for (seed, seconds, fault) in [("13", "3", "fault"), ("20", "5", "old connections held")] {
        let folder = tempfile::tempdir().unwrap();
        let traces = ["first", "second"].map(|name| {
            let path = folder.path().join(name);
            let output = simulate(&["--seed", seed, "--seconds", seconds, "--trace", path.to_str().unwrap()]);
            assert!(output.status.success(), "{}", text(&output));
            std::fs::read_to_string(path).unwrap()
        });
        for (number, (first, second)) in traces[0].lines().zip(traces[1].lines()).enumerate() {
            assert_eq!(first, second, "seed {seed}: the traces part at line {}", number + 1);
        }
        assert_eq!(traces[0].len(), traces[1].len());
        assert!(traces[0].contains(fault) && traces[0].contains("decided"), "a trace tells what happened");
        assert!(traces[0].contains(r#"{"process":"safe-"#), "and what clients saw");
    }
}
