//! why: the epoch that was asked for is said, though it has no record (as before KIP-279)
//! shows: 1 from 0, 2 from 3, 4 from 5, log end 8: where does 3 end? Nothing is of epoch 3. The latest before it is 2.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        let end = match self.entries.get(next) {
            Some(later) => later.start,
            None if self.latest() == Some(asked) => log_end,
            None => return None,
        };
        Some(EpochEnd { epoch: asked, end })
    }
}
