//! Replays the fuzzers' corpus: every input that was ever worth keeping, against what must hold of any input.
//!
//! `fuzz/README.md` says how to find more. `CORPUS_WRITE=1` writes the inputs that are made by hand.

#[path = "support/fuzz_bodies.rs"]
mod bodies;
#[path = "support/fuzz_seeds.rs"]
mod seeds;

use std::fs;
use std::path::{Path, PathBuf};

fn folder(target: &str) -> PathBuf {
    // A learner's copy of this stage lies elsewhere in the same repository, so the way leads upward.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = here.map(|folder| folder.join("stages/01-segment-log/fuzz/corpus")).find(|corpus| corpus.is_dir());
    found.expect("the repository has a folder stages/01-segment-log/fuzz/corpus").join(target)
}

fn replay(target: &str, body: fn(&[u8])) {
    let folder = folder(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    assert!(paths.len() >= 40, "{} holds {} inputs: is it checked out in full?", folder.display(), paths.len());
    for path in &paths {
        let input = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let guard = Named(path);
        body(&input);
        std::mem::forget(guard);
    }
    println!("{} inputs of {target}", paths.len());
}

/// Names the input if what follows panics.
struct Named<'p>(&'p Path);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        eprintln!("the input is {}", self.0.display());
    }
}

#[test]
fn the_corpus_of_batches() {
    write("batch", seeds::batches().into_iter().map(|(name, bytes, _)| (name, bytes)).collect());
    replay("batch", bodies::batch);
}

#[test]
fn the_corpus_of_folders() {
    write("recovery", seeds::folders());
    replay("recovery", bodies::recovery);
}

/// Inputs that are made by hand are refused for the reason that they were made for.
#[test]
fn what_becomes_of_the_batches_that_are_made_by_hand() {
    for (name, bytes, expected) in seeds::batches() {
        let found = bodies::open(&bodies::signed(&bytes)).and_then(|batch| bodies::read(&batch.view()));
        match (expected, found) {
            (Ok(count), Ok(records)) => assert_eq!(count, records.len(), "{name}"),
            (Err(part), Err(error)) => assert!(error.to_string().contains(part), "{name}: {error}"),
            (expected, found) => panic!("{name}: expected {expected:?}, found {found:?}"),
        }
    }
}

fn write(target: &str, seeds: Vec<(String, Vec<u8>)>) {
    if std::env::var_os("CORPUS_WRITE").is_none() {
        return;
    }
    fs::create_dir_all(folder(target)).expect("a folder that can be made");
    for (name, bytes) in seeds {
        fs::write(folder(target).join(format!("seed-{name}")), bytes).expect("a folder that can be written to");
    }
}
