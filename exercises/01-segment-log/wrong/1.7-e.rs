//! why: a gap inside a segment is taken for a missing record
//! shows: the first that reaches to 3 is at 10

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        for segment in self.segments_from(from) {
            if let Some(position) = segment.locate(from)? {
                let slice = segment.slice(position, max_bytes)?;
                let bytes = slice.to_bytes()?;
                if BatchView::parse(&bytes).is_ok_and(|batch| batch.base_offset() <= from) {
                    return Ok(slice);
                }
            }
        }
        let active = self.active();
        active.slice(active.size(), 0)
    }
}
