//! why: a marker at the high watermark counts as committed: the high watermark is the first offset that is not
//! shows: the marker at 1 is not

impl OpenTransactions {
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        while self.decided.front().is_some_and(|decided| decided.marker <= high_watermark) {
            self.decided.pop_front();
        }
    }
}
