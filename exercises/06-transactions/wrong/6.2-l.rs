//! why: all markers are let go as soon as anything is committed
//! shows: the marker at 1 is not

impl OpenTransactions {
    pub(super) fn committed(&mut self, high_watermark: Offset) {
        if high_watermark > 0 {
            self.decided.clear();
        }
    }
}
