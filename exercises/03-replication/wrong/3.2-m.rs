//! why: of an epoch before all that is known nothing is said
//! shows: 4 from 6, 5 from 9, log end 12: where does 2 end? Its records were deleted: it ended at 6, as far as anybody can tell.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let next = self.entries.partition_point(|entry| entry.epoch <= asked);
        let end = match self.entries.get(next) {
            Some(later) => later.start,
            None if self.latest() == Some(asked) => log_end,
            None => return None,
        };
        Some(EpochEnd { epoch: self.entries[next.checked_sub(1)?].epoch, end })
    }
}
