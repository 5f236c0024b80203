//! why: it reports every bad batch: then no log opens after a crash
//! shows: it is cut, not reported

impl Loader<'_> {
    fn recover(&self, base: Offset, recovery_point: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let (segment, rebuilt) = Segment::rebuild(self.disk, self.dir, base, "", self.config, self.now)?;
        recovery.verified += rebuilt.batches;
        if let Some(why) = rebuilt.damage {
            return Err(why);
        }
        segment.sync()?;
        Ok(segment)
    }
}
