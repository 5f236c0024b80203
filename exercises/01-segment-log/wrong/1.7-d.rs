//! why: the slice begins where the segment does
//! shows: the batch that holds offset 3 comes first

impl<F: Fold> Log<F> {
    pub fn read(&self, from: Offset, max_bytes: usize) -> Result<Slice> {
        if from < self.log_start || from > self.end {
            return Err(Error::OffsetOutOfRange { asked: from, start: self.log_start, end: self.end });
        }
        for segment in self.segments_from(from) {
            if segment.locate(from)?.is_some() {
                return segment.slice(0, max_bytes);
            }
        }
        let active = self.active();
        active.slice(active.size(), 0)
    }
}
