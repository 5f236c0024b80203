//! why: the place does not move forward
//! shows: timed out

impl Shelf {
    fn put(&mut self, thing: &str) -> Option<usize> {
        let place = 0;
        while place < self.places.len() {
            if self.places[place].is_none() {
                self.places[place] = Some(thing.to_owned());
                return Some(place);
            }
        }
        None
    }
}
