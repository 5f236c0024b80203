//! why: it is asked whether the records are committed, and not whether the marker is
//! shows: the marker at 1 is not

impl OpenTransactions {
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        while self.decided.front().is_some_and(|decided| decided.first < high_watermark) {
            self.decided.pop_front();
        }
    }
}
