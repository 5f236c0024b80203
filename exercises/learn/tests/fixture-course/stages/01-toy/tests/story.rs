//! Judges exercise 1.3: a story that loses a thing.

use toy_one::shelf::Shelf;

#[test]
fn the_story_loses_a_thing() {
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/../../exercises/01-toy/1.3.story");
    let path = std::env::var("FTLU_STORY").unwrap_or_else(|_| reference.to_owned());
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
