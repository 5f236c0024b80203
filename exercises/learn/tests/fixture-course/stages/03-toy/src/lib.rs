//! Boxes: frames on a shelf. Has no exercises yet.

use toy_one::shelf::Shelf;

/// Puts each of these things, framed, on a shelf, and says where they are. What finds no place is lost.
pub fn boxes(things: &[&str], places: usize) -> Vec<Option<usize>> {
    let mut shelf = Shelf::new(places);
    let framed = things.iter().map(|thing| format!("{:?}", toy_two::frame(thing.as_bytes())));
    framed.map(|thing| shelf.put(&thing)).collect()
}
