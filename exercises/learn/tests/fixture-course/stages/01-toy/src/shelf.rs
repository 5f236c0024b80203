//! A shelf with a fixed number of places.

use std::fmt;

/// A shelf.
#[derive(Debug, Default)]
pub struct Shelf {
    places: Vec<Option<String>>,
}

impl Shelf {
    /// A shelf with that many empty places.
    pub fn new(places: usize) -> Shelf {
        Shelf { places: vec![None; places] }
    }

    /// Puts a thing on the first empty place and returns its number; `None` if the shelf is full.
    pub fn put(&mut self, thing: &str) -> Option<usize> {
        let mut place = 0;
        while place < self.places.len() {
            if self.places[place].is_none() {
                self.places[place] = Some(thing.to_owned());
                return Some(place);
            }
            place += 1;
        }
        None
    }

    /// Takes a thing away.
    pub fn take(&mut self, place: usize) -> Option<String> {
        self.places.get_mut(place)?.take()
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.places.iter().map(|place| place.as_deref().unwrap_or("-"));
        f.write_str(&names.collect::<Vec<_>>().join(" "))
    }
}
