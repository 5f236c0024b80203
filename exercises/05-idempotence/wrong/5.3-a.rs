//! why: nothing is ever dropped: the memory of each producer grows with each batch
//! shows: of seven, the last five

impl Producer {
    fn learn(&mut self, batch: &Numbered, at: Appended) {
        self.seen.push_back(Seen { first: batch.first, last: batch.last, at });
    }
}
