//! why: the newest is dropped in place of the oldest
//! shows: of seven, the last five

impl Producer {
    fn learn(&mut self, batch: &Numbered, at: Appended) {
        if self.seen.len() == REMEMBERED {
            self.seen.pop_back();
        }
        self.seen.push_back(Seen { first: batch.first, last: batch.last, at });
    }
}
