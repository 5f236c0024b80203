//! why: the segment ends before the bad batch, and the file does not: the rest lies in wait behind the next append
//! shows: what is cut is cut from the file, too

impl Loader<'_> {
    fn recover(&self, base: Offset, recovery_point: Offset, recovery: &mut Recovery) -> Result<Segment> {
        let (segment, rebuilt) = Segment::rebuild(self.disk, self.dir, base, "", self.config, self.now)?;
        recovery.verified += rebuilt.batches;
        if let Some(why) = rebuilt.damage {
            if segment.next_offset() < recovery_point {
                return Err(why);
            }
            let (file, position) = (segment.path().to_owned(), u64::from(segment.size()));
            let bytes = segment.file_len()? - position;
            recovery.cut = Some(Cut { file, position, end: segment.next_offset(), bytes, why });
        }
        segment.sync()?;
        Ok(segment)
    }
}
