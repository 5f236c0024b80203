//! why: the indexes of the segment that stays were trimmed when it was closed, and got no room again
//! shows: its indexes have room

impl<F: Fold> Log<F> {
    fn try_truncate(&mut self, offset: Offset) -> Result<()> {
        let kept = self.segments.range(..=offset).next_back();
        let (&kept, _) = kept.expect("the offset is not before the first segment");
        self.checkpoints.lower_recovery_point(&self.name, kept)?;
        self.snapshots.remove_above(offset)?;
        while self.segments.keys().next_back().is_some_and(|&base_offset| base_offset > offset) {
            let (_, segment) = self.segments.pop_last().expect("the loop saw it");
            segment.discard(&*self.disk)?;
        }
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.active_mut().truncate(offset)?;
        self.end = self.active().next_offset();
        self.settle_at_end()
    }
}
