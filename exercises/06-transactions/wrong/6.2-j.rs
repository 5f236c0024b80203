//! why: what is committed is taken for what is decided
//! shows: the marker of p7 is committed now

impl OpenTransactions {
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        self.decided.retain(|decided| decided.marker >= high_watermark);
        self.first.retain(|_, first| *first >= high_watermark);
        self.in_order.retain(|(first, _)| *first >= high_watermark);
    }
}
