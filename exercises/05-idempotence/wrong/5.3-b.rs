//! why: one too many is remembered: it is looked at before the new one is there
//! shows: of seven, the last five

impl Producer {
    fn learn(&mut self, batch: &Numbered, at: Appended) {
        if self.seen.len() > REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen { first: batch.first, last: batch.last, at });
    }
}
