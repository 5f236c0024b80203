//! why: it cuts wherever the bad batch is: damage in what was flushed would be silently dropped
//! shows: damage in what was flushed is never cut away

impl Loader<'_> {
    fn recover(&self, base: Offset, recovery_point: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let (mut segment, rebuilt) = Segment::rebuild(self.disk, self.dir, base, "", self.config, self.now)?;
        recovery.verified += rebuilt.batches;
        if let Some(why) = rebuilt.damage {
            let (file, position) = (segment.path().to_owned(), u64::from(segment.size()));
            let bytes = segment.file_len()? - position;
            segment.cut(segment.size())?;
            recovery.cut = Some(Cut { file, position, end: segment.next_offset(), bytes, why });
        }
        segment.sync()?;
        Ok(segment)
    }
}
