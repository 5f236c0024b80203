//! Replays the fuzzer's corpus: every input that was ever worth keeping, against what must hold of any input.
//!
//! `fuzz/README.md` says how to find more. `CORPUS_WRITE=1` writes the inputs that are made by hand.

#[path = "support/fuzz_bodies.rs"]
mod bodies;
#[path = "support/fuzz_seeds.rs"]
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    // A learner's copy of this stage lies elsewhere in the same repository, so the way leads upward.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = here.map(|folder| folder.join("stages/02-partitioning/fuzz")).find(|fuzz| fuzz.is_dir());
    found.expect("the repository has a folder stages/02-partitioning/fuzz").join("corpus/frames")
}

#[test]
fn the_corpus_of_frames() {
    if std::env::var_os("CORPUS_WRITE").is_some() {
        fs::create_dir_all(folder()).expect("a folder that can be made");
        for (name, bytes) in seeds::frames() {
            fs::write(folder().join(format!("seed-{name}")), bytes).expect("a folder that can be written to");
        }
    }
    let entries = fs::read_dir(folder()).unwrap_or_else(|error| panic!("{}: {error}", folder().display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    assert!(paths.len() >= 30, "{} holds {} inputs: is it checked out in full?", folder().display(), paths.len());
    for path in &paths {
        let input = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let result = std::panic::catch_unwind(|| bodies::frames(&input));
        assert!(result.is_ok(), "the input is {}", path.display());
    }
    println!("{} inputs", paths.len());
}

/// What is made by hand is in the corpus as it is made.
#[test]
fn the_corpus_holds_the_seeds() {
    for (name, bytes) in seeds::frames() {
        let path = folder().join(format!("seed-{name}"));
        assert_eq!(fs::read(&path).ok(), Some(bytes), "{}: write it with CORPUS_WRITE=1", path.display());
    }
}
