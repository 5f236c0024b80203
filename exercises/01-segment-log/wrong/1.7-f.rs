//! why: a log that stopped has perhaps no segment, and is asked for its active one
//! shows: a log without segments answers with an error

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        if from < self.log_start || from > self.end {
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
