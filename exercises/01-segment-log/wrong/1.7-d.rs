//! why: the slice begins where the segment does
//! shows: the batch that holds offset 3 comes first

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        self.ensure_whole()?;
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        if from == self.end {
            return Ok(self.active().empty_slice());
        }
        for segment in self.segments_from(from) {
            if segment.locate(from)?.is_some()
                && let Some(first) = segment.locate(segment.base_offset())?
            {
                return Ok(segment.slice(first, max_bytes));
            }
        }
        Ok(self.active().empty_slice())
    }
}
