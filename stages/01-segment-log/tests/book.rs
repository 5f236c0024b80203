//! The book's commands, typed as printed, give what is printed.
#![cfg(unix)]

use std::path::{Path, PathBuf};

/// A page of the book. A learner's copy of this stage lies elsewhere in the same repository, so the way leads upward.
fn page(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().find(|folder| folder.join("book/src").is_dir());
    root.expect("the repository has a folder book/src").join("book/src").join(name)
}

fn check(name: &str) -> usize {
    story::console::check(page(name), &[("segment-log", Path::new(env!("CARGO_BIN_EXE_segment-log")))])
}

#[test]
fn chapter_1_prints_what_its_commands_print() {
    assert!(check("01-segment-log.md") >= 10);
}

#[test]
fn the_formats_page_shows_bytes_that_the_program_wrote() {
    assert!(check("formats.md") >= 2);
}
