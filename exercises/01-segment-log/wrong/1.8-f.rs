//! why: the recovery point is lowered at last, when what it speaks of is gone
//! shows: the checkpoints come first

impl<F: Fold> Log<F> {
    fn try_truncate(&mut self, offset: Offset) -> Result<()> {
        let kept = self.segments.range(..=offset).next_back();
        let (&kept, _) = kept.expect("the offset is not before the first segment");
        self.snapshots.remove_above(offset)?;
        while self.segments.keys().next_back().is_some_and(|&base_offset| base_offset > offset) {
            let (_, segment) = self.segments.pop_last().expect("the loop saw it");
            segment.discard(&*self.disk)?;
        }
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.unseal_active()?;
        self.active_mut().truncate(offset)?;
        self.end = self.active().next_offset();
        self.checkpoints.lower_recovery_point(&self.name, kept)?;
        self.settle_at_end()
    }
}
