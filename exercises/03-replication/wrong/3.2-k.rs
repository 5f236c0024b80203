//! why: of an epoch that is later than all, it is said that it ends with the log
//! shows: 1 from 0, 2 from 3, 4 from 5, log end 8: where does 5 end? It is later than all that is known here.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        let end = self.entries.get(next).map_or(log_end, |later| later.start);
        let epoch = next.checked_sub(1).map_or(asked, |last| self.entries[last].epoch);
        Some(EpochEnd { epoch, end })
    }
}
