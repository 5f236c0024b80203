//! why: the end counts as outside: then a reader that has read everything gets an error
//! shows: is empty, and no error

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        self.ensure_whole()?;
        if from < self.log_start || from >= self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        for segment in self.segments_from(from) {
            if let Some(place) = segment.locate(from)? {
                return Ok(segment.slice(place, max_bytes));
            }
        }
        Ok(self.active().empty_slice())
    }
}
