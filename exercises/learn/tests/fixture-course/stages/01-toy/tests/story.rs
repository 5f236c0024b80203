//! Judges exercise 1.3: a story that loses a thing.

use std::path::{Path, PathBuf};

use toy_one::shelf::Shelf;

#[test]
fn the_story_loses_a_thing() {
    let path = std::env::var_os("FTLU_STORY").map_or_else(reference, PathBuf::from);
    let story = std::fs::read_to_string(&path).unwrap();
    let mut shelf = Shelf::new(2);
    let mut lost = 0;
    for line in story.lines().filter(|line| !line.starts_with('#')) {
        if let Some(thing) = line.strip_prefix("put ") {
            lost += usize::from(shelf.put(thing).is_none());
        }
    }
    toy_judge::eq("the story must lose exactly one thing", &1, &lost, "1.3.story");
}

/// The course is found from here upward, since this test also runs in learners' copies.
fn reference() -> PathBuf {
    let is_root = |folder: &&Path| folder.join("stages").is_dir() && folder.join("exercises").is_dir();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find(is_root).unwrap();
    root.join("exercises/01-toy/1.3.story")
}
