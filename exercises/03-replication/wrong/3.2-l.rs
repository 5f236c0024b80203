//! why: every epoch ends with the log
//! shows: 1 from 0, 2 from 3, 4 from 5, log end 8: where does 1 end? Where 2 begins.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        if self.latest() < Some(asked) {
            return None;
        }
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        let epoch = next.checked_sub(1).map_or(asked, |last| self.entries[last].epoch);
        Some(EpochEnd { epoch, end: log_end })
    }
}
