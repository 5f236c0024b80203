//! why: of an epoch without records the next one is told
//! shows: 1 from 0, 2 from 3, 4 from 5, log end 8: where does 3 end? Nothing is of epoch 3. The latest before it is 2.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let at = self.entries.partition_point(|entry| entry.epoch < asked);
        let found = self.entries.get(at)?;
        let end = self.entries.get(at + 1).map_or(log_end, |later| later.start);
        Some(EpochEnd { epoch: found.epoch, end })
    }
}
