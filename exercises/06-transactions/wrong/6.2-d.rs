//! why: one marker at a time is let go
//! shows: The high watermark has gone from 0 to 6

impl OpenTransactions {
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        if self.decided.front().is_some_and(|decided| decided.marker < high_watermark) {
            self.decided.pop_front();
        }
    }
}
