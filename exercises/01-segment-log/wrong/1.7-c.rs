//! why: the first segment is taken for the start: the log start can lie inside it
//! shows: so 9 is Error::OffsetOutOfRange

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        self.ensure_whole()?;
        if self.segments().next().is_none_or(|first| from < first.base_offset()) || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        if from == self.end {
            return Ok(self.active().empty_slice());
        }
        for segment in self.segments_from(from) {
            if let Some(place) = segment.locate(from)? {
                return Ok(segment.slice(place, max_bytes));
            }
        }
        Ok(self.active().empty_slice())
    }
}
