//! why: where the epoch begins, and not where it ends
//! shows: 1 from 0, 2 from 3, 4 from 5, log end 8: where does 1 end? Where 2 begins.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        if next == self.entries.len() && self.latest() != Some(asked) {
            return None;
        }
        let _ = log_end;
        let at = next.checked_sub(1).map_or(self.entries[0], |last| self.entries[last]);
        Some(EpochEnd { epoch: at.epoch, end: at.start })
    }
}
