//! why: the oldest segment goes first: a crash in between leaves a hole
//! shows: the newest segment goes first

impl<F: Fold> Log<F> {
    fn try_truncate(&mut self, offset: Offset) -> Result<()> {
        let kept = self.segments.range(..=offset).next_back();
        let (&kept, _) = kept.expect("the offset is not before the first segment");
        self.checkpoints.lower_recovery_point(&self.name, kept)?;
        self.snapshots.remove_above(offset)?;
        for (_, segment) in self.segments.split_off(&(offset + 1)) {
            segment.discard(&*self.disk)?;
        }
        self.disk.sync_dir(&self.dir).map_err(Error::io("flush", &self.dir))?;
        self.unseal_active()?;
        self.active_mut().truncate(offset)?;
        self.end = self.active().next_offset();
        self.settle_at_end()
    }
}
