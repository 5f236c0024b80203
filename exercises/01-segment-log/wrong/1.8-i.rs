//! why: the segment that stays is cut before the others are gone
//! shows: the folder is flushed before the segment that stays is cut

impl<F: Fold> Log<F> {
    fn try_truncate(&mut self, offset: Offset) -> Result<()> {
        let kept = self.segments.range(..=offset).next_back();
        let (&kept, _) = kept.expect("the offset is not before the first segment");
        self.checkpoints.lower_recovery_point(&self.name, kept)?;
        self.snapshots.remove_above(offset)?;
        self.segments.get_mut(&kept).expect("it is there").truncate(offset)?;
        while self.segments.keys().next_back().is_some_and(|&base_offset| base_offset > offset) {
            let (_, segment) = self.segments.pop_last().expect("the loop saw it");
            segment.discard(&*self.disk)?;
        }
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.unseal_active()?;
        self.end = self.active().next_offset();
        self.settle_at_end()
    }
}
