//! why: it stays in the segment that should have the offset, where the records are gone
//! shows: the first that reaches to 3 is at 9

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        self.ensure_whole()?;
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        if from == self.end {
            return Ok(self.active().empty_slice());
        }
        if let Some(segment) = self.segments_from(from).next()
            && let Some(place) = segment.locate(from)?
        {
            return Ok(segment.slice(place, max_bytes));
        }
        Ok(self.active().empty_slice())
    }
}
