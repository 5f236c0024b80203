//! why: all that was remembered is dropped when there are five
//! shows: of seven, the last five

impl Producer {
    fn learn(&mut self, batch: &Numbered, at: Appended) {
        if self.seen.len() == REMEMBERED {
            self.seen.clear();
        }
        self.seen.push_back(Seen { first: batch.first, last: batch.last, at });
    }
}
