//! why: the report does not say how many batches were verified
//! shows: recovery.verified goes up by three

impl Loader<'_> {
    fn recover(&self, base: Offset, recovery_point: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let (mut segment, rebuilt) = Segment::rebuild(self.disk, self.dir, base, "", self.config, self.now)?;
        if let Some(why) = rebuilt.damage {
            if segment.next_offset() < recovery_point {
                return Err(why);
            }
            let (file, position) = (segment.path().to_owned(), u64::from(segment.size()));
            let bytes = segment.file_len()? - position;
            segment.cut(segment.size())?;
            recovery.cut = Some(Cut { file, position, end: segment.next_offset(), bytes, why });
        }
        segment.sync()?;
        Ok(segment)
    }
}
