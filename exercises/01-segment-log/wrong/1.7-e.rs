//! why: a gap is taken for the end
//! shows: the first that reaches to 3 is at 10

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
            if let Some(place) = segment.locate(from)? {
                let slice = segment.slice(place, max_bytes);
                let bytes = slice.to_bytes()?;
                let holds_it = BatchView::parse(&bytes).is_ok_and(|batch| batch.base_offset() <= from);
                return Ok(if holds_it { slice } else { self.active().empty_slice() });
            }
        }
        Ok(self.active().empty_slice())
    }
}
