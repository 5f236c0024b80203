//! why: it stays in the segment that should have the offset, where the records are gone
//! shows: the first that reaches to 23 is at 50

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        if let Some(segment) = self.segments_from(from).next() {
            if let Some(position) = segment.locate(from)? {
                return segment.slice(position, max_bytes);
            }
        }
        let active = self.active();
        active.slice(active.size(), 0)
    }
}
