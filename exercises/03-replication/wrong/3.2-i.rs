//! why: of an epoch without records nothing is said
//! shows: 4 from 6, 5 from 9, log end 12: where does 2 end? Its records were deleted: it ended at 6, as far as anybody can tell.

impl LeaderEpochs {
    pub fn end_of(&self, asked: i32, log_end: Offset) -> Option<EpochEnd> {
        let at = self.entries.iter().position(|entry| entry.epoch == asked)?;
        let end = self.entries.get(at + 1).map_or(log_end, |later| later.start);
        Some(EpochEnd { epoch: asked, end })
    }
}
